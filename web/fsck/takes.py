"""
Compare shots and their uses with what was logged about them.

A shot's row is the registry's own: the queue, and what the papers are made from. What is in force of it was signed when
it was cleared, released or closed: request, what was vouched for and which statements were read stand there by their
hashes. So the row has to hash to what was logged, and the rest of it has to follow from that: what was asked for, where
the shot stands, which bytes left, who reviewed them. Its trail of events says the same.

Of people who were erased the words are gone from request and spec, which no longer hash to anything. Left out: notes of
work in progress (``web.fsck.unproven``).
"""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Final

from consent.core.cleared import ClearanceIssued
from consent.core.facts import facts_digest
from consent.core.vouched import Vouched
from generation.core.after_release import ShotWithdrawn, UseCleared
from generation.core.record import ShotReleased
from generation.core.shot import ShotSpec, parse_use, to_request
from generation.core.states import OPEN, STATE_OF, STATES
from generation.core.using import use_request
from generation.kinds.shots import ShotClosed
from generation.models import Shot, ShotEvent, ShotUse
from generation.models.after_release import CLEARED
from registry.core.errors import DomainError
from registry.core.jcs import Json, canonical, sha256_hex
from registry.selectors.assets import performers_in
from web.fsck.report import Report
from web.fsck.statements import Said

_ENDS: Final[Mapping[str, str]] = {str(outcome): state for outcome, state in STATE_OF.items()}
_CLEARED: Final[dict[str, Json]] = {"cleared": True, "obstacles": [], "pending": []}


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """What the statements say of shots, each by the id of the shot or use."""

    cleared: Mapping[str, tuple[str, ClearanceIssued]]  # with the digest, the last of a shot
    released: Mapping[str, tuple[str, ShotReleased]]
    closed: Mapping[str, tuple[str, ShotClosed]]
    withdrawn: Mapping[str, str]
    used: Mapping[str, tuple[str, UseCleared]]

    @classmethod
    def of(cls, said: Sequence[Said]) -> "Logged":
        def by_shot(kind: type[Any]) -> dict[str, tuple[str, Any]]:
            own = (one for one in said if isinstance(one.record, kind) and one.record.shot is not None)
            return {one.record.shot: (one.statement.digest, one.record) for one in own}

        uses = (one for one in said if isinstance(one.record, UseCleared))
        return cls(
            cleared=by_shot(ClearanceIssued),
            released=by_shot(ShotReleased),
            closed=by_shot(ShotClosed),
            withdrawn={shot: digest for shot, (digest, _) in by_shot(ShotWithdrawn).items()},
            used={one.record.use: (one.statement.digest, one.record) for one in uses},
        )

    def states(self, shot: str) -> AbstractSet[str]:
        """Return where a shot may stand."""
        if shot in self.withdrawn:
            return {"withdrawn"}
        if shot in self.released:
            return {"released"}
        if shot in self.closed:
            return {_ENDS[self.closed[shot][1].outcome]}
        return OPEN if shot in self.cleared else {"refused"}


def check_takes(said: Sequence[Said], people: AbstractSet[str], report: Report) -> None:
    """Compare rows and statements; findings go into the report. ``people``: those who were erased."""
    logged = Logged.of(said)
    known = set(Shot.objects.values_list("id", flat=True))
    for shot in sorted(logged.cleared.keys() - known):
        report.add("shot_missing", f"generation_shot {shot}", "it was cleared, and is not there")
    for row in Shot.objects.order_by("id").iterator():
        report.count("shots", 1)
        for problem in _problems(row, logged, people):
            report.add("shot_differs", f"generation_shot {row.id}", problem)
        _check_events(row, logged, report)
    _check_uses(logged, people, report)


def _problems(row: Shot, logged: Logged, people: AbstractSet[str]) -> Iterator[str]:
    if row.state not in logged.states(row.id):
        yield f"it is `{row.state}`, and the statements say {' or '.join(sorted(logged.states(row.id)))}"
    if row.state not in OPEN and (row.todo, row.lease_until, row.leased_by) != (None, None, None):
        yield "it is over, and somebody is to work on it"
    yield from _as_asked(row, people)
    clearance, issued = logged.cleared.get(row.id, (None, None))
    if row.clearance != clearance:
        yield "it rests on another clearance than the last that was issued for it"
    if issued is not None:
        yield from _papers(row, "clearance", issued, worded=people.isdisjoint(row.performers))
        if row.clearance_grounds != [list(ground) for ground in issued.grounds]:
            yield "it was cleared on other grounds"
    release, record = logged.released.get(row.id, (None, None))
    if row.release != release:
        yield "another release than was logged, or none, is noted"
    if record is not None:
        yield from _as_released(row, record, worded=people.isdisjoint(row.performers))
    outcome = logged.closed[row.id][1].outcome if row.id in logged.closed else None
    if row.outcome != outcome:
        yield "it ended otherwise than was logged"


def _as_asked(row: Shot, people: AbstractSet[str]) -> Iterator[str]:
    """Whatever stands in columns of its own stands in the request, too, where nobody's words were taken out."""
    request, worded = row.clearance_request, people.isdisjoint(row.performers)
    try:
        spec = ShotSpec.parse(row.spec)
        sha256s = {one["asset"]: one["sha256"] for one in request["references"]}
        again = to_request(spec, shot=row.id, weights=row.weights, sha256s=sha256s, salt=request["salt"])
    except (DomainError, LookupError, TypeError) as error:
        yield f"what was asked for cannot be read: {error}"
        return
    if worded and again != request:
        yield f"its `spec` asks for another `{_first_difference(again, request)}` than its request"
    columns = {
        "project": spec.project, "for_party": spec.for_, "requested_party": spec.for_, "shot_code": spec.shot_code,
        "take": spec.take, "engine": spec.engine,
    } | ({"prompt": spec.prompt} if worded else {})  # fmt: skip
    for name, value in columns.items():
        if getattr(row, name) != value:
            yield f"its column `{name}` is not what was asked for"
    yield from _cast(row, spec, people)


def _cast(row: Shot, spec: ShotSpec, people: AbstractSet[str]) -> Iterator[str]:
    matches = set((row.clearance_vouched or {}).get("prompt_matches", row.performers))
    named = spec.performers | (matches if row.clearance_vouched else set())
    shown = performers_in(reference.asset for reference in spec.references)
    if not named <= set(row.performers) or not set(row.performers) <= named | shown | matches | people:
        yield "other people are noted than are named or shown"
    if row.performers != sorted(set(row.performers)):
        yield "somebody is noted twice, or out of order"
    if row.performers and not row.may_show_person:
        yield "it shows somebody, and is taken for empty"


def _first_difference(one: Mapping[str, Json], other: Mapping[str, Json]) -> str:
    return next((name for name in sorted({*one, *other}) if one.get(name) != other.get(name)), "field")


def _papers(row: Shot, of: str, record: ClearanceIssued | ShotReleased, *, worded: bool) -> Iterator[str]:
    request, vouched = getattr(row, f"{of}_request"), getattr(row, f"{of}_vouched")
    yield from _hashes(request if worded else None, vouched, getattr(row, f"{of}_digests"), record)


def _hashes(request: Json, vouched: Json, digests: Any, record: Any) -> Iterator[str]:
    """``request``: None where words of it were taken out."""
    try:
        if request is not None and sha256_hex(canonical(request)) != record.request_sha256:
            yield "its request is not the one that was decided"
        if facts_digest(digests, Vouched.parse(vouched)) != record.facts_digest:
            yield "what it was decided on is not what was logged"
    except (DomainError, TypeError, ValueError) as error:
        yield f"its papers cannot be read: {error}"


def _as_released(row: Shot, record: ShotReleased, *, worded: bool) -> Iterator[str]:
    yield from _papers(row, "release", record, worded=worded)
    columns: dict[str, Json] = {
        "output_sha256": record.output_sha256,
        "checks": dict(record.checks),
        "reviewed_by": record.reviewed_by,
        "verdict": None if record.reviewed_by is None else "pass",
        "weights": record.weights,
        "sealed_grounds": [list(ground) for ground in record.grounds],
        "frames": None,
        "preview": None,
        "decision": _decision(record),
    }
    for name, value in columns.items():
        if getattr(row, name) != value:
            yield f"its column `{name}` is not what was released"
    said = (row.release_vouched or {}).get("asked", {})
    if any(row.asked.get(key) != at for key, at in said.items()):
        yield "approvals were asked for at other times than was vouched for"


def _decision(record: ShotReleased | UseCleared) -> dict[str, Json]:
    """A use that goes ahead leaves nothing to say but on what it rests."""
    grounds: list[Json] = [{"digest": digest, "assurance": assurance} for digest, assurance in record.grounds]
    return _CLEARED | {"grounds": grounds, "tree_size": record.tree_size, "facts_digest": record.facts_digest}


def _check_events(row: Shot, logged: Logged, report: Report) -> None:
    """The newest state that the trail tells is the row's, and what ended the shot is named there."""
    trail = list(ShotEvent.objects.filter(shot=row.id, event__in=STATES).order_by("seq"))
    if not trail or trail[-1].event != row.state:
        report.add("event_differs", f"generation_shotevent {row.id}", f"its trail does not end with `{row.state}`")
    if not trail or trail[0].event not in ("queued", "refused") or trail[0].at != row.created_at:
        report.add("event_differs", f"generation_shotevent {row.id}", "its trail does not begin when it was asked for")
    ends = {event.data["statement"] for event in trail if "statement" in event.data}
    own = {found[0] for found in (logged.released.get(row.id), logged.closed.get(row.id)) if found is not None}
    own |= {logged.withdrawn[row.id]} if row.id in logged.withdrawn else set()
    if ends != own:
        report.add("event_differs", f"generation_shotevent {row.id}", "its trail tells of other statements")


def _check_uses(logged: Logged, people: AbstractSet[str], report: Report) -> None:
    rows = {row.id: row for row in ShotUse.objects.order_by("id").iterator()}
    shots = {row.id: row for row in Shot.objects.filter(id__in={row.shot for row in rows.values()})}
    for use in sorted(logged.used.keys() - rows.keys()):
        report.add("use_missing", f"generation_shotuse {use}", "it was cleared, and is not there")
    for row in rows.values():
        report.count("uses", 1)
        for problem in _use_problems(row, shots.get(row.shot), logged.used.get(row.id), people):
            report.add("use_differs", f"generation_shotuse {row.id}", problem)


def _use_problems(
    row: ShotUse, shot: Shot | None, logged: tuple[str, UseCleared] | None, people: AbstractSet[str]
) -> Iterator[str]:
    if shot is None or shot.release is None:
        yield "it is of a shot that was not released"
        return
    worded = people.isdisjoint(shot.performers)
    if row.requested_party != shot.for_party:
        yield "it was asked for by somebody else than the shot"
    if (row.state == CLEARED) != (logged is not None) or row.statement != (None if logged is None else logged[0]):
        yield "whether it was cleared is not what was logged"
    if worded:
        yield from _use_as_asked(row, shot)
    if logged is not None:
        yield from _hashes(row.request if worded else None, row.vouched, row.digests, logged[1])
        if row.shot != logged[1].shot or row.decision != _decision(logged[1]):
            yield "it was decided otherwise, or of another shot"


def _use_as_asked(row: ShotUse, shot: Shot) -> Iterator[str]:
    try:
        use = parse_use(row.use)
        again = use_request(
            shot.release_request, use, rests_on=[digest for digest, _ in shot.sealed_grounds], salt=row.request["salt"]
        )
    except (DomainError, LookupError, TypeError) as error:
        yield f"what was asked for cannot be read: {error}"
        return
    if again != row.request:
        yield "its `use` asks for something else than its request"
