"""
Settle consents: acceptance (an offer is no grant), withdrawal, and replacement.

`supersedes`: at commit the old consent shrinks to what both allow; once the new one is under a checkpoint it takes the
old one's place.
"""

from collections.abc import Sequence
from dataclasses import replace

from consent.core.grants import Grant
from consent.core.read import Read
from consent.core.record import Consent, Dialogue, GrantAccepted
from consent.core.settling import Settling
from consent.core.withdrawals import Withdrawals
from registry.core.jcs import canonical
from registry.core.limits import UNITS, Caps
from registry.core.scope import overlap


def settle_consents(settling: Settling, withdrawals: Withdrawals) -> list[Grant]:
    """Return every consent that is one, as it stands after all the other statements."""
    accepted = _accepted(settling.statements)
    grants: dict[str, Grant] = {}
    for s in settling.statements:
        if isinstance(s.record, Consent):
            offer = _consent(s, settling, withdrawals, accepted.get((s.digest, s.record.grantee)))
            if offer is not None:
                grants[s.digest] = offer
    return list(_replaced(grants, settling.statements).values())


def _consent(
    s: Read,
    settling: Settling,
    withdrawals: Withdrawals,
    accepted: bool | None,  # whether the acceptance is logged; None: there is none
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
        identity_stands=settling.identity_stands(consent.performer, consent.grantee),
        withdrawn=withdrawals.of(
            s, grantor=consent.performer, grantee=consent.grantee, notice_hours=consent.notice_hours
        ),
        caps=consent.caps,
        tail=consent.tail,
        role=consent.role,
        scenes=consent.scenes,
        dialogue=consent.dialogue,
        replica_use=consent.replica_use,
        terms=consent,
    )


def _accepted(statements: Sequence[Read]) -> dict[tuple[str, str], bool]:
    """Map (grant, who accepted it) to whether that is logged."""
    found: dict[tuple[str, str], bool] = {}
    for s in statements:
        if isinstance(s.record, GrantAccepted) and s.authorised:
            key = (s.record.grant, s.issuer)
            found[key] = found.get(key, False) or s.logged
    return found


def _replaced(grants: dict[str, Grant], statements: Sequence[Read]) -> dict[str, Grant]:
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
        withdrawn=old.withdrawn + new.withdrawn,
        caps=Caps(**{unit: _least(getattr(old.caps, unit), getattr(new.caps, unit)) for unit in UNITS}),
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
