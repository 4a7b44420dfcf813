"""
Never and not now: what restrictions and suspensions keep a decision from, as they stand.

1. A restriction is the performer's own. A suspension binds what it names: a performer, everybody in a union, a work, an
   asset, a grantee. Both count as they are read; what lifts them counts signed and under the checkpoint.
2. Their windows are read so that they last longest (``registry.core.events``).
3. Lifting takes a part away again: some boxes, some projects, or all of it. Of content, it lifts what it names.
4. A strike spares projects under other agreements than those it names, those that it excepts with all below them, and
   uses that rest on consents which say that they continue.

INVARIANT (signed-by-its-owner): only the performer's own key lifts a restriction.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from consent.core.bar_bodies import RestrictionDeclared, RestrictionLifted, SuspensionDeclared, SuspensionLifted
from consent.core.gathering import agreement_key
from consent.core.obstacles import Code
from consent.core.settled.read import Read, counting
from consent.core.settled.settling import Settling
from consent.core.settled.windows import cut
from registry.core.authority import AuthorityEnded, AuthorityGranted
from registry.core.events import AnyScope, resolve_all
from registry.core.record import Party
from registry.core.scope import FOREVER_S, Scope, overlap, residual
from registry.core.terms import ALL, LABELS
from registry.core.times import to_epoch_s

UNION: Final = "union"
ALWAYS: Final = (-FOREVER_S, FOREVER_S)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    digest: str
    code: Code  # restricted | suspended | holdback
    by: str  # who can lift it
    boxes: tuple[Scope, ...]
    lifted: tuple[Scope, ...] = ()
    spared: frozenset[str] = frozenset()  # projects, with all below them
    agreements: frozenset[str] = frozenset()  # that it is confined to, as `agreement_key` writes them; none is all
    strike: bool = False
    until_s: int = FOREVER_S  # the second from which another bar says what is left of it

    def met(self, wanted: Scope, project: "Placed") -> tuple[Scope, ...]:
        """Return what of a wanted box it bars, whatever is shown where the bar names no label."""
        if not self.spared.isdisjoint(project.row):
            return ()
        if self.agreements and project.agreement not in self.agreements:
            return ()
        parts = [part for box in self.boxes if (part := _part(box, wanted, project)) is not None]
        lifted = [_everywhere(box, wanted, project) for box in self.lifted if _lifts(box, wanted)]
        return tuple(dict.fromkeys(left for part in parts for left in residual(part, lifted)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Where a request's project stands."""

    row: tuple[str, ...]  # the project and the nodes above it; none for a training run
    agreement: str | None  # as `agreement_key` writes it


NOWHERE: Final = Placed(row=(), agreement=None)
Bars = Mapping[tuple[str, str], tuple[Bar, ...]]


def bars_of(settling: Settling) -> Bars:
    """Return every bar by whom or what it binds; a union's stand under each of its members."""
    lifted = _Lifted(settling)
    found: defaultdict[tuple[str, str], list[Bar]] = defaultdict(list)
    for s in settling.statements:
        if isinstance(s.record, RestrictionDeclared):
            found["performer", s.record.performer] += lifted.restriction(s)
        elif isinstance(s.record, SuspensionDeclared):
            found[s.record.on.kind, s.record.on.id] += lifted.suspension(s)
    if any(kind == UNION for kind, _ in found):
        for (member, union), stretch in _memberships(settling.statements).items():
            found["performer", member] += _within(found.get((UNION, union), []), stretch)
    held = {key: tuple(dict.fromkeys(sorted(bars, key=_by_digest))) for key, bars in found.items() if bars}
    return MappingProxyType(held)


class _Lifted:
    """What was lifted of each bar, by those who may."""

    def __init__(self, settling: Settling) -> None:
        self._settling = settling
        self._of: defaultdict[str, list[Read]] = defaultdict(list)
        for s in settling.statements:
            if isinstance(s.record, RestrictionLifted) and s.authorised and s.logged:
                self._of[s.record.restriction].append(s)
            elif isinstance(s.record, SuspensionLifted) and s.authorised and s.logged:
                self._of[s.record.suspension].append(s)

    def restriction(self, s: Read) -> list[Bar]:
        record: RestrictionDeclared = s.record
        if any(lifting.issuer == record.performer for lifting in self._of.get(record.restriction, ())):
            return []
        boxes = self._boxes(s, record.scopes)
        return [Bar(digest=s.digest, code="restricted", by=record.performer, boxes=boxes)]

    def suspension(self, s: Read) -> list[Bar]:
        """Return what is left of a suspension, stretch by stretch where a lifting counts later."""
        said = [(lifting, self._lifts_s(lifting, s)) for lifting in self._of.get(s.record.suspension, ())]
        stretches = {FOREVER_S, *(from_s for _, from_s in said if from_s)}
        bars = (
            self._left(s, [lifting for lifting, from_s in said if from_s is not None and from_s < until_s], until_s)
            for until_s in sorted(stretches)
        )
        return [bar for bar in bars if bar is not None]

    def _left(self, s: Read, said: Sequence[Read], until_s: int) -> Bar | None:
        """Return what is left of a suspension after what was said until a second, if anything."""
        record: SuspensionDeclared = s.record
        if any(lifting.record.scopes is None and lifting.record.projects is None for lifting in said):
            return None
        boxes = [box for lifting in said for box in self._lifted_boxes(lifting)]
        freed = (lifting.record.projects for lifting in said if lifting.record.scopes is None)
        return Bar(
            digest=s.digest,
            code="holdback" if record.kind == "holdback" else "suspended",
            by=s.record.on.id if record.kind == "personal" else s.issuer,
            boxes=self._boxes(s, record.scopes),
            lifted=tuple(boxes),
            spared=record.excepted_projects.union(*(projects or () for projects in freed)),
            agreements=frozenset(map(agreement_key, record.agreements)),
            strike=record.kind == "strike",
            until_s=until_s,
        )

    def _lifts_s(self, lifting: Read, s: Read) -> int | None:
        """
        Return from when a lifting counts, None where it never does: of who declared it, or of the person whose own "not
        now" it is, or of who may grant for them unless their authority is disputed; of a court's of any officer.
        """
        if s.record.kind == "court":
            may = lifting.issuer == s.issuer or self._settling.disputes.is_officer(lifting.issuer)
            return 0 if may else None
        person = s.record.on.id if s.record.kind == "personal" else s.issuer
        word = self._settling.authorities.word(lifting, person, power="grant")
        return None if word is None else word.contested_until_s

    def _boxes(self, s: Read, scopes: tuple[AnyScope, ...]) -> tuple[Scope, ...]:
        happened = self._settling.happenings.of_grant(s.issuer)
        return resolve_all(scopes, happened, to_epoch_s(s.issued_at), "bars")

    def _lifted_boxes(self, lifting: Read) -> tuple[Scope, ...]:
        """Return the boxes that are lifted, for the projects that it names if it names any."""
        happened = self._settling.happenings.of_grant(lifting.issuer)
        boxes = resolve_all(lifting.record.scopes or (), happened, to_epoch_s(lifting.issued_at))
        projects = lifting.record.projects
        return boxes if projects is None else tuple(replace(box, projects=projects) for box in boxes)


def _memberships(statements: Sequence[Read]) -> Mapping[tuple[str, str], tuple[int, int]]:
    """
    Return who is in which union and from when until when, by their registration or by an authority.

    Believed as it is read, since it can only refuse; so that leaving counts signed and under the checkpoint.
    """
    found: dict[tuple[str, str], tuple[int, int]] = {}
    left = {(s.record.authority, s.issuer) for s in counting(statements, AuthorityEnded)}
    for s in statements:
        if isinstance(s.record, Party):
            found |= {(s.record.party, union): ALWAYS for union in s.record.unions}
        elif isinstance(s.record, AuthorityGranted) and s.record.role == UNION:
            granted: AuthorityGranted = s.record
            if left.isdisjoint((granted.authority, party) for party in (granted.principal, *granted.agents)):
                for union in granted.agents:
                    found[granted.principal, union] = _hull(found.get((granted.principal, union)), granted)
    return found


def _hull(known: tuple[int, int] | None, granted: AuthorityGranted) -> tuple[int, int]:
    start_s, end_s = to_epoch_s(granted.start), FOREVER_S if granted.end is None else to_epoch_s(granted.end)
    return (start_s, end_s) if known is None else (min(known[0], start_s), max(known[1], end_s))


def _within(bars: Iterable[Bar], stretch: tuple[int, int]) -> list[Bar]:
    """Return bars as they bind somebody who is in the union for a time."""
    return [bar if stretch == ALWAYS else replace(bar, boxes=cut(bar.boxes, stretch)) for bar in bars]


def _lifts(box: Scope, wanted: Scope) -> bool:
    """What is lifted without labels is lifted whatever is shown; with labels, where nothing else is shown."""
    if not (box.depicts or box.scene):
        return True
    return not (wanted.depicts & ~box.depicts or wanted.scene & ~box.scene)


def _part(box: Scope, wanted: Scope, project: Placed) -> Scope | None:
    """Return the part of a wanted box that a bar meets."""
    if not _near(box, wanted):  # most bars lie elsewhere, and that is soon seen
        return None
    labelled = box.depicts or box.scene
    if labelled and not (box.depicts & wanted.depicts or box.scene & wanted.scene):
        return None
    met = overlap(_everywhere(box, wanted, project), wanted)
    return None if met is None else replace(met, depicts=wanted.depicts, scene=wanted.scene, projects=wanted.projects)


def _near(box: Scope, wanted: Scope) -> bool:
    """Say whether two boxes share time and terms, whatever is shown and for whatever project."""
    return bool(
        box.territories & wanted.territories
        and box.media & wanted.media
        and box.acts & wanted.acts
        and box.aspects & wanted.aspects
        and box.purposes & wanted.purposes
        and box.languages & wanted.languages
        and box.start_s < wanted.end_s
        and wanted.start_s < box.end_s
    )


def _everywhere(box: Scope, wanted: Scope, project: Placed) -> Scope:
    """Return a box for whatever is shown, and for a project where it names one above it."""
    projects = wanted.projects if ALL in box.projects or not box.projects.isdisjoint(project.row) else box.projects
    return replace(box, depicts=LABELS.all, scene=LABELS.all, projects=projects)


def _by_digest(bar: Bar) -> str:
    return bar.digest
