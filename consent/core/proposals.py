"""
What an asker proposes to a performer: the missing boxes of a refusal, made into the consent that would cure them.

1. Take the remedies of the obstacles that name this performer, and nothing else of them.
2. A demand to generate lasts as long as one clearance; nobody wants a consent for a quarter of an hour, so every act
   but release runs from now until the day that the asker names. Every other dimension stays exactly as it is missing.
3. Unite what then meets.

A proposal is closed and bounded, and has no room for words beyond a description: it is no channel for secrets. The
terms that the asker does not choose are the ones that protect the performer most.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from consent.core.record import REPLICA_USES, Dialogue, read_dialogue
from registry.core.errors import Malformed
from registry.core.fields import Reader, read_str, require_sorted
from registry.core.jcs import Json, canonical, sha256_hex
from registry.core.scope import Scope, merge
from registry.core.terms import ACTS, PERFORMER_ASPECTS
from registry.core.times import format_time, to_epoch_s, whole_second

MAX_DESCRIPTION: Final = 500  # characters: what is to be made, not a letter
MAX_OBSTACLES: Final = 1_000
MAX_BOXES: Final = 64  # of one consent
MAX_SCENES: Final = 100
LONGEST: Final = timedelta(days=3_650)  # of what may be asked for
LASTS_DAYS: Final = (1, 90)  # how long a request may wait for its answer
LASTS_UNLESS_SAID: Final = 14
_ONLY_RELEASE: Final = ACTS.mask(("distribute",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A request for consent, as the performer is asked."""

    id: str
    asker: str
    performer: str
    project: str
    description: str
    role: str | None
    scenes: tuple[str, ...] | None  # None: any
    dialogue: Dialogue
    replica_use: tuple[str, ...]
    replaces_in_person_work: bool
    basis: str
    scopes: tuple[Scope, ...]
    lasts_days: int

    @property
    def digest(self) -> str:
        """What a consent names in ``answers``."""
        return sha256_hex(canonical(self.format()))

    def format(self) -> dict[str, Json]:
        return {
            "id": self.id,
            "asker": self.asker,
            "performer": self.performer,
            "project": self.project,
            "description": self.description,
            "role": self.role,
            "scenes": "any" if self.scenes is None else list(self.scenes),
            "dialogue": {"kind": self.dialogue.kind, "script_sha256": self.dialogue.script_sha256},
            "replica_use": list(self.replica_use),
            "replaces_in_person_work": self.replaces_in_person_work,
            "basis": self.basis,
            "scopes": [scope.format() for scope in self.scopes],
            "lasts_days": self.lasts_days,
        }

    def draft(self) -> dict[str, Json]:
        """Return the body of the `consent.granted` that gives what is asked and no more."""
        asked = self.format()
        kept = ("performer", "description", "role", "scenes", "dialogue", "replica_use", "replaces_in_person_work",
                "basis", "scopes")  # fmt: skip
        return {name: asked[name] for name in kept} | {
            "grantee": self.asker,
            "represented": False,
            "revocation": {"kind": "at_will", "notice_hours": None},
            "approvals": [],
            "caps": {},
            "survives_death": False,
            "tail": {},
            "minor": False,
            "strike": "suspends",
            "assignable": False,
            "future_projects": [],
            "retention_until": None,
            "cooling_off_until": None,
            "supersedes": [],
            "answers": self.digest,
        }


def read_proposal(body: Reader, *, id: str, asker: str, at: datetime) -> Proposal:  # noqa: A002 - what it is
    """Read what an asker sends; raises ``Malformed``."""
    performer, project = body.uuid("performer"), body.uuid("project")
    until = _until(body, at)
    scopes = _asked(_obstacles(body), performer, at=at, until=until)
    if not scopes:
        raise Malformed("bad_value", field="obstacles", wanted="an obstacle with a remedy that asks this performer")
    _require_one_project(scopes, project)
    proposal = Proposal(
        id=id,
        asker=asker,
        performer=performer,
        project=project,
        description=body.str("description", max_chars=MAX_DESCRIPTION),
        role=body.opt_str("role", max_chars=200),
        scenes=_scenes(body),
        dialogue=read_dialogue(body.object("dialogue")),
        replica_use=_replica_use(body),
        replaces_in_person_work=body.bool("replaces_in_person_work"),
        basis=body.opt_choice("basis", ("consent", "contract")) or "consent",
        scopes=scopes,
        lasts_days=body.opt_int("lasts_days", *LASTS_DAYS) or LASTS_UNLESS_SAID,
    )
    body.finish()
    return proposal


def parse_proposal(obj: object) -> Proposal:
    """Read back what ``Proposal.format`` wrote."""
    body = Reader(obj, "proposal")
    return Proposal(
        id=body.uuid("id"),
        asker=body.uuid("asker"),
        performer=body.uuid("performer"),
        project=body.uuid("project"),
        description=body.str("description", max_chars=MAX_DESCRIPTION),
        role=body.opt_str("role", max_chars=200),
        scenes=_scenes(body),
        dialogue=read_dialogue(body.object("dialogue")),
        replica_use=_replica_use(body),
        replaces_in_person_work=body.bool("replaces_in_person_work"),
        basis=body.str("basis"),
        scopes=body.list_of("scopes", Scope.parse, min_items=1, max_items=MAX_BOXES),
        lasts_days=body.int("lasts_days", *LASTS_DAYS),
    )


def _obstacles(body: Reader) -> list[Reader]:
    """Take `obstacles`, or the `decision` that holds them: the answer to a check or a refusal, as it came."""
    decision = body.opt_object("decision")
    if (decision is None) == (not body.has("obstacles")):
        raise Malformed("bad_value", field="obstacles", wanted="either `obstacles` or `decision`")
    body.opt_raw("obstacles")
    held = body if decision is None else decision
    return list(held.list_of("obstacles", Reader, max_items=MAX_OBSTACLES))


def _asked(obstacles: Iterable[Reader], performer: str, *, at: datetime, until: datetime) -> tuple[Scope, ...]:
    boxes: list[Scope] = []
    for obstacle in obstacles:
        remedy = obstacle.opt_object("remedy")
        if remedy is None or remedy.raw("ask") != performer:
            continue
        boxes += remedy.list_of("for", Scope.parse)
    of_people = [box for box in boxes if not box.aspects & ~PERFORMER_ASPECTS]
    merged = merge(_lasting(box, at=at, until=until) for box in of_people)
    if len(merged) > MAX_BOXES:
        raise Malformed("bad_value", field="obstacles", wanted=f"no more than {MAX_BOXES} separate permissions")
    return tuple(sorted(merged, key=lambda box: canonical(box.format()).decode()))


def _lasting(box: Scope, *, at: datetime, until: datetime) -> Scope:
    """Give every act but release the time that the asker names."""
    if box.acts == _ONLY_RELEASE:
        return box
    start_s, end_s = to_epoch_s(whole_second(at)), to_epoch_s(until)
    return replace(box, start_s=min(start_s, box.start_s), end_s=max(end_s, box.end_s))


def _until(body: Reader, at: datetime) -> datetime:
    until = body.time("until")
    if not at < until <= at + LONGEST:
        wanted = f"a time after {format_time(whole_second(at))} and within {LONGEST.days} days of it"
        raise Malformed("bad_value", field=body.at("until"), wanted=wanted)
    return until


def _require_one_project(scopes: Iterable[Scope], project: str) -> None:
    for scope in scopes:
        if not scope.all_projects and scope.projects != {project}:
            raise Malformed("bad_value", field="project", wanted="the project that the obstacles speak of")


def _scenes(body: Reader) -> tuple[str, ...] | None:
    if body.raw("scenes") == "any":
        return None
    scenes = body.list_of("scenes", read_str, min_items=1, max_items=MAX_SCENES)
    require_sorted(scenes, body.at("scenes"))
    return scenes


def _replica_use(body: Reader) -> tuple[str, ...]:
    uses = body.list_of("replica_use", read_str, min_items=1)
    require_sorted(uses, body.at("replica_use"))
    for use in uses:
        if use not in REPLICA_USES:
            raise Malformed("bad_value", field=body.at("replica_use"), value=use, wanted=" | ".join(REPLICA_USES))
    return uses
