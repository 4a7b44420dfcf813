"""
Verify every signature again, with keys as they stood.

The keys are gathered from the statements alone, in the order of the log: whoever writes a key into the database that no
statement brought, signs nothing that counts here. INVARIANT (signed-by-its-owner). Left out: enrolment tokens, which
are spent, and the freshness of what was accepted.

Of keys whose owner was erased no statement is left to say whose they were: what they signed about others is counted as
`unverifiable`, and the rest of its signatures is verified.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass, field, replace

from registry.core.envelope import PublicKey, verify_signatures
from registry.core.errors import BadSignature, UnknownKey
from registry.core.record import KeyRevoked, Party
from registry.custody import custody
from web.fsck.company import Company, is_recovery
from web.fsck.report import Report
from web.fsck.statements import Said


@dataclass(slots=True, kw_only=True)
class Ring:
    """Who has which key, at one place of the log."""

    keys: dict[str, PublicKey] = field(default_factory=dict)
    party: dict[str, str] = field(default_factory=dict)  # key id -> party
    revoked: set[str] = field(default_factory=set)
    company: Company = field(default_factory=Company)
    registry: str | None = None  # the party that the statements say our own key is of
    erased: Set[str] = frozenset()  # keys of people of whom nothing is left

    def had_a_key(self, party: str) -> bool:
        return party in self.party.values()

    def add(self, key: PublicKey, party: str) -> None:
        self.keys[key.keyid] = key
        self.party[key.keyid] = party


def check_signatures(said: Sequence[Said], erased: Set[str], report: Report) -> None:
    """Replay keys and signatures; findings go into the report. ``erased``: keys whose owner was erased."""
    ring = Ring(registry=_registry(said), erased=erased)
    for one in said:
        report.count("signatures", len(one.envelope.signatures))
        brought = one.kind.brings(one.record)
        left = _verifiable(one, ring)
        still = 0 if left is None else len(left.envelope.signatures)
        report.count("unverifiable", len(one.envelope.signatures) - still)
        if left is None:
            continue
        problem = _problem(left, brought, ring)
        if problem is not None:
            report.add(problem[0], one.statement.digest, problem[1])
            continue
        if brought is not None:
            ring.add(brought, one.record.party)
        if isinstance(one.record, KeyRevoked):
            ring.revoked.add(one.record.keyid)
        ring.company.hear(one)


def _registry(said: Sequence[Said]) -> str | None:
    own = custody().signer("registry").public.keyid
    brought = ((one.kind.brings(one.record), one.statement.issuer) for one in said)
    return next((issuer for key, issuer in brought if key is not None and key.keyid == own), None)


def _verifiable(one: Said, ring: Ring) -> Said | None:
    """Return the statement with those of its signatures whose keys are still known; None where none is."""
    gone = {signature.keyid for signature in one.envelope.signatures} & ring.erased - ring.keys.keys()
    if not gone:
        return one
    left = tuple(signature for signature in one.envelope.signatures if signature.keyid not in gone)
    return replace(one, envelope=replace(one.envelope, signatures=left)) if left else None


def _problem(one: Said, brought: PublicKey | None, ring: Ring) -> tuple[str, str] | None:
    known = ring.keys | ({} if brought is None else {brought.keyid: brought})
    try:
        signers = set(verify_signatures(one.envelope, known))
    except UnknownKey as error:
        return "key_unknown", f"key {error.keyid} was brought by no statement before it"
    except BadSignature as error:
        return "signature_bad", f"the signature by key {error.keyid} does not verify"
    others = signers - ({brought.keyid} if brought is not None else set())
    if others and not ring.company.may_sign(one, {ring.party[keyid] for keyid in others}):
        foreign = min((k for k in others if ring.party[k] != one.statement.issuer), default=min(others))
        return "key_foreign", f"key {foreign} is not the issuer's"
    for keyid in sorted(others):
        if keyid in ring.revoked:
            return "key_revoked", f"key {keyid} had been revoked"
        if ring.company.is_green(keyid, one):
            return "key_green", f"key {keyid} had been recovered and did not count yet"
    return _of_new_key(one, brought, others, signers, ring) or _of_the_registry(one, signers, ring)


def _of_new_key(
    one: Said, brought: PublicKey | None, others: set[str], signers: set[str], ring: Ring
) -> tuple[str, str] | None:
    if brought is None:
        return None
    if brought.keyid not in signers:
        return "key_unproven", f"the new key {brought.keyid} did not sign"
    if isinstance(one.record, Party) and one.record.party != one.statement.issuer:
        return "key_foreign", "a party's first key came with another party's statement"
    if not others and (is_recovery(one) or ring.had_a_key(one.statement.issuer)):
        return "key_unproven", "a further key came without the signature of one that stands"
    return None


def _of_the_registry(one: Said, signers: set[str], ring: Ring) -> tuple[str, str] | None:
    """What only the registry records must bear a key of the registry's own party, whichever it was then."""
    owners = [ring.party.get(keyid) for keyid in signers]
    if one.kind.effect == "records" and (ring.registry is None or owners != [ring.registry]):
        return "key_foreign", "the registry's own statement bears another key"
    return None
