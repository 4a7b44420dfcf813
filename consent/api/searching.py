"""
Read the query of `GET /availability`: comma-separated words, times, and which answers are wanted.

Groups of territories and bare languages are expanded, as for a shot request. Every dimension of the use has to be said:
what is not asked for is not answered.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, cast, get_args

from consent.core.available import Mode, Question
from consent.core.record import REPLICA_USES
from consent.selectors.visible import KINDS, Kind
from consent.services.availability import Search
from registry.core.errors import EmptyDimension, Malformed
from registry.core.fields import read_str, read_uuid
from registry.core.scope import FOREVER_S
from registry.core.stretches import Window
from registry.core.terms import (
    ACTS,
    ASPECTS,
    LABELS,
    LANGUAGES,
    MEDIA,
    PURPOSES,
    TERRITORIES,
    Vocabulary,
    expand_languages,
    expand_territories,
)
from registry.core.times import parse_time, to_epoch_s

MODES: Final = get_args(Mode)
DAY_S: Final = 86_400
MAX_DAYS: Final = 36_525  # a century
USUAL_ACTS: Final = "condition,distribute"  # what a shot asks


class Query:
    """The parameters of one call; each is taken once, and what nobody took is refused."""

    def __init__(self, parameters: Mapping[str, Any]) -> None:
        self._left = {name: str(value) for name, value in parameters.items()}

    def search(self, *, viewer: str) -> Search:
        """Return what is searched for; raises ``DomainError`` with the parameter at fault."""
        return Search(
            question=self._question(viewer),
            window=self._window(),
            mode=cast(Mode, self._choice("mode", MODES, MODES[0])),
            min_s=self._days() * DAY_S,
            kinds=self._kinds(),
            with_gaps=self._choice("gaps", ("false", "true"), "false") == "true",
            brief=self._choice("detail", ("full", "brief"), "full") == "brief",
        )

    def take(self, name: str, usual: str | None = None) -> str | None:
        return self._left.pop(name, usual)

    def number(self, name: str, usual: int, *, most: int, least: int = 1) -> int:
        text = self.take(name)
        if text is None:
            return usual
        if not text.isdecimal() or not least <= int(text) <= most:
            raise Malformed("integer_out_of_range", field=name, value=text[:20], wanted=f"{least} to {most}")
        return int(text)

    def finish(self) -> None:
        for name in sorted(self._left):
            raise Malformed("unknown_field", field=name)

    def _question(self, viewer: str) -> Question:
        project, role = self.take("project"), self.take("role")
        return Question(
            for_=read_uuid(self.take("for", viewer), "for"),
            project=None if project is None else read_uuid(project, "project"),
            acts=self._mask("acts", ACTS, USUAL_ACTS),
            aspects=ASPECTS.mask(self._words("aspects"), "aspects"),
            purposes=self._mask("purposes", PURPOSES),
            media=self._mask("media", MEDIA),
            territories=TERRITORIES.mask(expand_territories(self._some("territories"), field="territories")),
            languages=LANGUAGES.mask(expand_languages(self._some("languages"), field="languages")),
            depicts=LABELS.mask(self._words("depicts"), "depicts"),
            scene=LABELS.mask(self._words("scene"), "scene"),
            role=None if role is None else read_str(role, "role", max_chars=200),
            replica_use=self._choice("replica_use", REPLICA_USES, "independently_created"),
            product_categories=frozenset(self._words("product_categories")),
        )

    def _words(self, name: str) -> list[str]:
        return [word for word in (self.take(name) or "").split(",") if word]

    def _some(self, name: str, usual: str | None = None) -> list[str]:
        words = self._words(name) or (usual or "").split(",")
        if words == [""]:
            raise EmptyDimension(dimension=name, field=name)
        return words

    def _mask(self, name: str, vocabulary: Vocabulary, usual: str | None = None) -> int:
        return vocabulary.mask(self._some(name, usual), name)

    def _choice(self, name: str, allowed: tuple[str, ...], usual: str) -> str:
        word = self.take(name) or usual
        if word not in allowed:
            raise Malformed("bad_value", field=name, value=word[:40], wanted=" | ".join(allowed))
        return word

    def _window(self) -> Window:
        """Read ``start`` and ``end``; without an end, for ever."""
        start_s = to_epoch_s(self._time("start"))
        end_s = FOREVER_S if "end" not in self._left else to_epoch_s(self._time("end"))
        if end_s <= start_s:
            raise Malformed("bad_value", field="end", wanted="an end after the start")
        return start_s, end_s

    def _time(self, name: str) -> datetime:
        text = self.take(name)
        if text is None:
            raise Malformed("missing_field", field=name)
        return parse_time(text, field=name)

    def _days(self) -> int:
        return self.number("min_days", 0, most=MAX_DAYS, least=0)

    def _kinds(self) -> tuple[Kind, ...]:
        words = self._words("kinds") or list(KINDS)
        for word in words:
            if word not in KINDS:
                raise Malformed("bad_value", field="kinds", value=word[:40], wanted=" | ".join(KINDS))
        return tuple(kind for kind in KINDS if kind in words)
