"""
Grants in one shape, whether licence or consent, and what other statements did to them.

A ``Grant`` is what ``decide`` compares with a demand. ``settle_grants`` applies, in this order: acceptance (an offer is
no grant), revocation, denial and termination, confirmation, and replacement (`supersedes`: at commit the old grant
shrinks to what both allow; once the new one is under a checkpoint it takes the old one's place).
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from consent.core.record import Consent, ConsentRevoked, Dialogue, GrantAccepted
from consent.core.vouched import Vouched
from registry.core.jcs import Json, canonical
from registry.core.rights import Licence, LicenceConfirmed, LicenceDenied, LicenceTerminated, Subject
from registry.core.scope import Scope, overlap
from registry.core.times import to_epoch_s

AT_ONCE = 0  # a withdrawal that took effect when it was committed: before any time that is asked
HOUR_S = 3_600
NOT_LOGGED = 1 << 62  # the place of what is not in the log: after everything that is
NO_TAIL: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One statement as facts see it."""

    digest: str
    type: str
    issuer: str
    issued_at: datetime
    body: Mapping[str, Json]
    record: Any  # the value of the body, by type
    index: int | None
    tree_size: int
    authorised: bool  # signed by a key of its issuer that stood then

    @property
    def logged(self) -> bool:
        """Whether it is under the checkpoint that the decision reads."""
        return self.index is not None and self.index < self.tree_size

    @property
    def order(self) -> tuple[int, datetime]:
        """Its place: by the log, then by its own clock."""
        return (NOT_LOGGED if self.index is None else self.index, self.issued_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    digest: str
    kind: str  # consent | licence
    grantor: str
    grantee: str
    scopes: tuple[Scope, ...]
    assurance: str  # signed | confirmed | recorded
    logged: bool
    authorised: bool
    identity_stands: bool  # of a performer, vouched for by someone independent; licences need none
    withdrawn_from_s: int | None  # seconds since 1970 from which it no longer counts
    cap_shots: int | None
    tail: Mapping[str, str] = field(default_factory=lambda: NO_TAIL)
    subjects: tuple[Subject, ...] = ()
    reaches_assets_before: int | None = None  # index: a licence of a work without new assets; None is all
    role: str | None = None
    scenes: frozenset[str] | None = None
    dialogue: Dialogue | None = None
    replica_use: frozenset[str] = frozenset()
    # Nothing about the grant itself can fail. Derived; kept because decide asks it of every grant.
    sound: bool = field(init=False, repr=False)

    def __post_init__(self) -> None:
        stands = self.logged and self.authorised and self.identity_stands and self.assurance != "recorded"
        object.__setattr__(self, "sound", stands and self.withdrawn_from_s is None and self.cap_shots is None)


def settle_grants(
    statements: list[Read],
    vouched: Vouched,
    *,
    identity_stands: Callable[[str, str], bool],
) -> list[Grant]:
    """Return every grant that is one, as it stands after all the other statements."""
    withdrawals = _Withdrawals(statements, vouched)
    accepted = _accepted(statements)
    confirmed = _confirmed(statements)
    grants: dict[str, Grant] = {}
    for s in statements:
        if isinstance(s.record, Consent):
            offer = _consent(s, withdrawals, accepted.get((s.digest, s.record.grantee)), identity_stands)
            if offer is not None:
                grants[s.digest] = offer
        elif isinstance(s.record, Licence):
            grants[s.digest] = _licence(s, withdrawals, confirmed)
    return list(_replaced(grants, statements).values())


class _Withdrawals:
    """When each grant was withdrawn; what nobody vouches to stand is withdrawn."""

    def __init__(self, statements: list[Read], vouched: Vouched) -> None:
        self._vouched = vouched
        self._by_digest: defaultdict[str, list[Read]] = defaultdict(list)
        self._by_grantee: defaultdict[tuple[str, str], list[Read]] = defaultdict(list)
        for s in statements:
            if isinstance(s.record, ConsentRevoked):
                for digest in s.record.grants or ():
                    self._by_digest[digest].append(s)
                if s.record.grantee is not None and s.issuer == s.record.performer:
                    self._by_grantee[s.record.performer, s.record.grantee].append(s)
            elif isinstance(s.record, LicenceDenied | LicenceTerminated):
                self._by_digest[s.record.licence].append(s)

    def from_s(self, grant: Read, *, grantor: str, grantee: str, notice_hours: int | None) -> int | None:
        acts = [s for s in self._by_digest[grant.digest] if s.issuer == grantor]
        acts += [s for s in self._by_grantee[grantor, grantee] if _ends(s, grant)]
        if not acts:
            return None if grant.digest in self._vouched.no_revocation_of else AT_ONCE
        if notice_hours is None:
            return AT_ONCE
        return min(to_epoch_s(s.issued_at) for s in acts) + notice_hours * HOUR_S


def _ends(everything: Read, grant: Read) -> bool:
    """A withdrawal of everything ends what was issued before it, and what was in the log before it."""
    return everything.issued_at >= grant.issued_at or everything.order > grant.order


def _consent(
    s: Read,
    withdrawals: _Withdrawals,
    accepted: bool | None,  # whether the acceptance is logged; None: there is none
    identity_stands: Callable[[str, str], bool],
) -> Grant | None:
    consent: Consent = s.record
    if consent.basis == "contract" and accepted is None:
        return None
    return Grant(
        digest=s.digest,
        kind="consent",
        grantor=consent.performer,
        grantee=consent.grantee,
        scopes=consent.scopes,
        assurance="signed",
        logged=s.logged and (consent.basis == "consent" or accepted is True),
        authorised=s.authorised and s.issuer == consent.performer,
        identity_stands=identity_stands(consent.performer, consent.grantee),
        withdrawn_from_s=withdrawals.from_s(
            s, grantor=consent.performer, grantee=consent.grantee, notice_hours=consent.notice_hours
        ),
        cap_shots=consent.cap_shots,
        tail=consent.tail,
        role=consent.role,
        scenes=consent.scenes,
        dialogue=consent.dialogue,
        replica_use=consent.replica_use,
    )


def _licence(s: Read, withdrawals: _Withdrawals, confirmed: set[tuple[str, str]]) -> Grant:
    licence: Licence = s.record
    recorded = s.type == "licence.recorded"
    assurance = "signed" if not recorded else "recorded"
    if recorded and (s.digest, licence.licensor) in confirmed:
        assurance = "confirmed"
    return Grant(
        digest=s.digest,
        kind="licence",
        grantor=licence.licensor,
        grantee=licence.licensee,
        scopes=licence.scopes,
        assurance=assurance,
        logged=s.logged,
        authorised=s.authorised and s.issuer == (licence.licensee if recorded else licence.licensor),
        identity_stands=True,
        withdrawn_from_s=withdrawals.from_s(s, grantor=licence.licensor, grantee=licence.licensee, notice_hours=None),
        cap_shots=licence.cap_shots,
        subjects=licence.subjects,
        reaches_assets_before=None if licence.new_assets else (NOT_LOGGED if s.index is None else s.index),
    )


def _accepted(statements: list[Read]) -> dict[tuple[str, str], bool]:
    """Map (grant, who accepted it) to whether that is logged."""
    found: dict[tuple[str, str], bool] = {}
    for s in statements:
        if isinstance(s.record, GrantAccepted) and s.authorised:
            key = (s.record.grant, s.issuer)
            found[key] = found.get(key, False) or s.logged
    return found


def _confirmed(statements: list[Read]) -> set[tuple[str, str]]:
    """Return (licence, who confirmed it); confirming widens, so it must be logged."""
    return {
        (s.record.licence, s.issuer)
        for s in statements
        if isinstance(s.record, LicenceConfirmed) and s.authorised and s.logged
    }


def _replaced(grants: dict[str, Grant], statements: list[Read]) -> dict[str, Grant]:
    """Shrink or drop each grant that a later one of the same people names."""
    left = dict(grants)
    for s in statements:
        new = grants.get(s.digest)
        if new is None or not isinstance(s.record, Consent):
            continue
        for digest in s.record.supersedes:
            old = left.get(digest)
            if old is None or (old.grantor, old.grantee) != (new.grantor, new.grantee):
                continue
            met = None if new.logged and new.authorised else _both(old, new)
            if met is None:
                del left[digest]
            else:
                left[digest] = met
    return left


def _both(old: Grant, new: Grant) -> Grant | None:
    """Return the old grant shrunk to what both allow, or None where that is nothing."""
    pairs = (overlap(a, b) for a in old.scopes for b in new.scopes)
    scopes = tuple(sorted({box for box in pairs if box is not None}, key=lambda box: canonical(box.format())))
    scenes = new.scenes if old.scenes is None else old.scenes if new.scenes is None else old.scenes & new.scenes
    replica_use = old.replica_use & new.replica_use
    roles = {role for role in (old.role, new.role) if role is not None}
    if not scopes or not replica_use or len(roles) > 1 or scenes == frozenset():
        return None
    return replace(
        old,
        scopes=scopes,
        withdrawn_from_s=_least(old.withdrawn_from_s, new.withdrawn_from_s),
        cap_shots=_least(old.cap_shots, new.cap_shots),
        tail={act: word for act, word in old.tail.items() if new.tail.get(act) == word},
        role=roles.pop() if roles else None,
        scenes=scenes,
        dialogue=_stricter(old.dialogue, new.dialogue),
        replica_use=replica_use,
    )


def _least(one: int | None, other: int | None) -> int | None:
    given = [number for number in (one, other) if number is not None]
    return min(given, default=None)


def _stricter(one: Dialogue | None, other: Dialogue | None) -> Dialogue | None:
    """Return the words that both allow; two different scripts share none."""
    if one is None or one.kind == "any":
        return other
    if other is None or other.kind == "any" or one.script_sha256 == other.script_sha256:
        return one
    return Dialogue(kind="none", script_sha256=None)
