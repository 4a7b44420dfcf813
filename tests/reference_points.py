"""
Points, and the words that the slow twins share: what each role takes, which labels are sexual, what a box holds.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from registry.core.scope import Scope
from registry.core.terms import ACTS, ASPECTS, LABELS, LANGUAGES, MEDIA, PURPOSES, TERRITORIES

HOUR_S, DAY_S = 3_600, 86_400
FRAME = ("picture", "face body", "")
ALTERED = ("picture", "face body", "alter")
ROLES = {
    "likeness": FRAME,
    "first_frame": FRAME,
    "last_frame": FRAME,
    "keyframe": FRAME,
    "extend": ("picture motion sound", "face body performance voice", ""),
    "inpaint": ALTERED,
    "face_replace": ALTERED,
    "age_change": ALTERED,
    "motion": ("motion", "performance body", ""),
    "pose": ("motion", "performance body", ""),
    "depth": ("motion picture", "performance body", ""),
    "style": ("style", "", ""),
    "voice": ("sound", "voice", ""),
    "guide": ("sound", "voice performance", "alter"),
    "dub": ("sound", "voice performance", "alter"),
    "lipsync": ("sound picture", "voice performance face", "alter"),
    "mask": ("motion", "performance", ""),
}
VOCABULARIES = {
    "acts": ACTS,
    "aspects": ASPECTS,
    "purposes": PURPOSES,
    "media": MEDIA,
    "territories": TERRITORIES,
    "languages": LANGUAGES,
}
SERVED_BY_RECORD = ("condition", "distribute", "store")
SEXUAL = {"sexual_violence", "partial_nudity", "nudity", "simulated_sex", "intimacy"}


class Point(NamedTuple):
    act: str
    aspect: str
    purpose: str
    medium: str
    territory: str
    language: str
    moment: int


@dataclass
class Box:
    """A scope as plain sets of names."""

    sets: dict[str, frozenset[str]]
    projects: frozenset[str]
    window: tuple[int, int]
    depicts: frozenset[str]
    scene: frozenset[str]

    def holds(self, point: Point, project: str, depicts: set[str], scene: set[str]) -> bool:
        return (
            self.window[0] <= point.moment < self.window[1]
            and point.act in self.sets["acts"]
            and point.aspect in self.sets["aspects"]
            and point.purpose in self.sets["purposes"]
            and point.medium in self.sets["media"]
            and point.territory in self.sets["territories"]
            and point.language in self.sets["languages"]
            and ("*" in self.projects or project in self.projects)
            and depicts <= self.depicts
            and scene <= self.scene
        )


@lru_cache(maxsize=4_096)
def box_of(scope: Scope) -> Box:
    """Spell a scope out; kept, since the same grant is looked at for point after point."""
    sets = {name: frozenset(vocabulary.names(getattr(scope, name))) for name, vocabulary in VOCABULARIES.items()}
    content = frozenset(LABELS.names(scope.depicts)), frozenset(LABELS.names(scope.scene))
    return Box(sets, scope.projects, (scope.start_s, scope.end_s), *content)
