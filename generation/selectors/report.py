"""
Gather the clearance report of a project: its cut, or every released shot where no cut was handed in.

1. Match the cut; each shot stands once, in the order of the cut, with the frames taken.
2. Read the facts of all shots together, and where each stands now.
3. Ask the one decision: about the use as released, from now on without an end, which gives the moment its grounds
   cease; and about the sale that was asked for, which names who is in the way.
4. Name parties and assets; list music by its two sides, weights with what is known of their training.

Reads only, and binds nobody: a sale is cleared by ``POST /shots/{id}/uses``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from consent.core.decision import Decision, decide
from consent.core.facts import Facts
from consent.core.obstacles import Obstacle
from consent.core.request import Request
from generation.core.cut.matching import Matched
from generation.core.report import (
    Blocker,
    ClearanceReport,
    CutLine,
    SaleAsked,
    ShotLine,
    Unmatched,
    Verdict,
    Waits,
    WeightsLine,
    Who,
)
from generation.core.report_lines import area_of, ground_lines, music_of
from generation.core.standing import Standing, ahead, as_released, standing
from generation.models import Cut, Release, Shot, Weights
from generation.selectors.cuts import find_cut, matched
from generation.selectors.standing import cleared_uses, facts_of
from registry import log
from registry.core.scope import FOREVER_S
from registry.core.terms import MEDIA, TERRITORIES
from registry.core.times import format_time, from_epoch_s, to_epoch_s, whole_second
from registry.locks import clock
from registry.models import Asset, Project
from registry.selectors.parties import party_records
from registry.selectors.projects import with_descendants


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """What is asked about: masks, and a second; None leaves what each shot was released for."""

    media: int | None = None
    territories: int | None = None
    until_s: int | None = None


class _Names:
    """Names of parties and assets, read once for the whole report."""

    def __init__(self, parties: Iterable[str], assets: Iterable[str]) -> None:
        self._parties = {id_: record.name for id_, record in party_records(set(parties)).items()}
        self._assets = dict(Asset.objects.filter(id__in=set(assets)).values_list("id", "title"))

    def who(self, id_: str) -> Who:
        return Who(id=id_, name=self._parties.get(id_) or self._assets.get(id_))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Looked:
    """A shot with what was decided about it."""

    shot: Shot
    base: Request  # of its release, kind `use`
    uses: int
    facts: Facts
    at: datetime
    standing: Standing
    onward: Decision
    sale: Decision | None


def clearance_report(project: Project, *, sale: Sale | None, version: int | None = None) -> ClearanceReport:
    """Return the report of a project's newest cut, of one of its versions, or of all that was released."""
    at = whole_second(clock())
    cut = find_cut(project.id, version=version)
    events = [] if cut is None else matched(cut)
    shots = _shots(project, events if cut is not None else None)
    looked = _look(shots, sale)
    names = _Names(_parties(looked, project), _assets(looked))
    released = dict(Release.objects.filter(shot__in=[shot.id for shot in shots]).values_list("shot", "at"))
    frames = _frames(events)
    return ClearanceReport(
        at=format_time(at),
        project=Who(id=project.id, name=project.title),
        producer=names.who(project.producer),
        log=log.origin(),
        tree_size=log.tree_size(),
        cut=None if cut is None else _cut(cut),
        sale=None if sale is None else _asked(sale, at),
        shots=tuple(_line(one, names, frames.get(one.shot.id, ()), released[one.shot.id]) for one in looked),
        unmatched=tuple(_unmatched(event) for event in events if event.gap is not None),
        weights=_weights({shot.weights for shot in shots}, {shot.weights: shot.engine for shot in shots}),
    )


def _shots(project: Project, events: Sequence[Matched] | None) -> list[Shot]:
    rows = Shot.objects.filter(project__in=with_descendants(project.id), release__isnull=False)
    if events is None:
        return list(rows.order_by("shot_code", "take", "id"))
    wanted = list(dict.fromkeys(event.shot for event in events if event.shot is not None))
    known = {shot.id: shot for shot in rows.filter(id__in=wanted)}
    return [known[shot] for shot in wanted]


def _look(shots: Sequence[Shot], sale: Sale | None) -> list[_Looked]:
    uses = cleared_uses(shots)
    return [
        _decided(shot, [Request.parse(use) for use in uses[shot.id]], facts, at, sale)
        for shot, (facts, at) in zip(shots, facts_of(shots), strict=True)
    ]


def _decided(shot: Shot, uses: list[Request], facts: Facts, at: datetime, sale: Sale | None) -> _Looked:
    base, at_s = uses[0], to_epoch_s(at)
    kept = as_released(facts, frozenset(base.rests_on))
    return _Looked(
        shot=shot,
        base=base,
        uses=len(uses) - 1,
        facts=facts,
        at=at,
        standing=standing(uses, facts, at),
        onward=decide(replace(base, start_s=max(at_s, base.start_s), end_s=FOREVER_S), kept, at),
        sale=None if sale is None else decide(_sold(base, sale, at_s), facts, at),
    )


def _sold(base: Request, sale: Sale, at_s: int) -> Request:
    until_s = base.end_s if sale.until_s is None else sale.until_s
    return replace(
        base,
        media=base.media if sale.media is None else sale.media,
        territories=base.territories if sale.territories is None else sale.territories,
        start_s=at_s,
        end_s=max(until_s, at_s + 1),
    )


def _line(one: _Looked, names: _Names, frames: tuple[tuple[int, int], ...], released_at: datetime) -> ShotLine:
    shot, base, stands = one.shot, one.base, one.standing
    withdrawn = shot.state == "withdrawn"
    return ShotLine(
        shot=shot.id,
        shot_code=shot.shot_code,
        take=shot.take,
        frames_used=frames,
        state=shot.state,
        window="out_of_window" if withdrawn else stands.window,
        must_pull=withdrawn or stands.must_pull,
        released_at=format_time(whole_second(released_at)),
        release=str(shot.release),
        output_sha256=str(shot.output_sha256),
        use_until=_time(base.end_s),
        rights_until=_rights_until(one),
        media=tuple(MEDIA.names(base.media)),
        territories=tuple(TERRITORIES.names(base.territories)),
        other_uses=one.uses,
        performers=tuple(names.who(performer) for performer in shot.performers),
        grounds=ground_lines(base, ahead(one.facts, to_epoch_s(one.at)), stands, names.who, shot.sealed_grounds),
        gaps=_blockers(stands.obstacles, names),
        sale=None if one.sale is None else "blocked" if withdrawn else _verdict(one.sale),
        blockers=() if one.sale is None else _blockers(one.sale.obstacles, names),
        waits=_waits(one, names),
        checks=tuple(sorted(shot.checks.items())),
        reviewed_by=None if shot.reviewed_by is None else names.who(shot.reviewed_by),
        weights=shot.weights,
        cues=tuple(music_of(base, one.facts, names.who)),
    )


def _verdict(decision: Decision) -> Verdict:
    if not decision.cleared:
        return "blocked"
    return "pending" if decision.pending else "covered"


def _rights_until(one: _Looked) -> str | None:
    """Return the first moment that is not covered, from now or from the start of the use."""
    if any(not obstacle.missing for obstacle in one.onward.obstacles):
        return format_time(one.at)  # what has no box stands in the way at any time
    starts = [box.start_s for obstacle in one.onward.obstacles for box in obstacle.missing]
    return None if not starts else _time(min(starts))


def _waits(one: _Looked, names: _Names) -> tuple[Waits, ...]:
    pending = () if one.sale is None else one.sale.pending
    return tuple(
        Waits(
            by=names.who(wait.by), grant=wait.grant, on=wait.on, due=None if wait.due_s is None else _time(wait.due_s)
        )
        for wait in pending
    )


def _blockers(obstacles: Iterable[Obstacle], names: _Names) -> tuple[Blocker, ...]:
    """Say once what stands in the way of several aspects alike."""
    return tuple(dict.fromkeys(_blocker(obstacle, names) for obstacle in obstacles))


def _blocker(obstacle: Obstacle, names: _Names) -> Blocker:
    return Blocker(
        code=obstacle.code,
        subject=names.who(obstacle.subject[1]),
        ask=None if obstacle.remedy is None else names.who(obstacle.remedy.ask),
        nearest=obstacle.nearest,
        areas=tuple(dict.fromkeys(area_of(box) for box in obstacle.missing)),
    )


def _parties(looked: Iterable[_Looked], project: Project) -> set[str]:
    found = {project.producer}
    for one in looked:
        found |= {*one.facts.consents, *one.facts.licences, *one.shot.performers}
        found |= {claim.title.claimant for claims in one.facts.claims.values() for claim in claims}
        for decision in (one.onward, one.sale):
            for obstacle in () if decision is None else decision.obstacles:
                found |= {obstacle.subject[1]} | ({obstacle.remedy.ask} if obstacle.remedy else set())
            found |= {wait.by for wait in (() if decision is None else decision.pending)}
        if one.shot.reviewed_by is not None:
            found.add(one.shot.reviewed_by)
    return found


def _assets(looked: Iterable[_Looked]) -> set[str]:
    return {asset for one in looked for asset in one.facts.assets}


def _frames(events: Iterable[Matched]) -> dict[str, tuple[tuple[int, int], ...]]:
    found: dict[str, tuple[tuple[int, int], ...]] = {}
    for event in events:
        if event.shot is not None and event.frames is not None:
            found[event.shot] = tuple(dict.fromkeys((*found.get(event.shot, ()), event.frames)))
    return found


def _unmatched(one: Matched) -> Unmatched:
    event = one.event
    name = event.shot_code or (event.names[0] if event.names else event.sha256 or "")
    return Unmatched(place=event.place, kind=event.kind, name=name, gap=str(one.gap), shot=one.shot)


def _weights(wanted: set[str], engines: dict[str, str]) -> tuple[WeightsLine, ...]:
    rows = {row.weights: row for row in Weights.objects.filter(weights__in=wanted)}
    return tuple(_one_weights(digest, engines[digest], rows.get(digest)) for digest in sorted(wanted))


def _one_weights(digest: str, engine: str, row: Weights | None) -> WeightsLine:
    return WeightsLine(
        weights=digest,
        engine=engine,
        training="unknown" if row is None else "proven",
        root=None if row is None else row.root,
        statement=None if row is None else row.digest,
        run=None if row is None else row.run,
    )


def _cut(cut: Cut) -> CutLine:
    return CutLine(version=cut.version, name=cut.name, sha256=cut.sha256, at=format_time(whole_second(cut.at)))


def _asked(sale: Sale, at: datetime) -> SaleAsked:
    return SaleAsked(
        media=() if sale.media is None else tuple(MEDIA.names(sale.media)),
        territories=() if sale.territories is None else tuple(TERRITORIES.names(sale.territories)),
        start=format_time(at),
        until="as_released" if sale.until_s is None else _time(sale.until_s) or "forever",
    )


def _time(epoch_s: int) -> str | None:
    return None if epoch_s >= FOREVER_S else format_time(from_epoch_s(epoch_s))
