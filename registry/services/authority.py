"""
Who may sign: the rules that tie signatures to parties.

INVARIANT (signed-by-its-owner): a statement counts only with a valid signature, over the exact bytes received, by a
standing key of the party that issues it. A new key signs beside it in proof of possession; a party's first key signs
alone, which needs a single-use enrolment token for that party, or a digest pinned with the library.
"""

from datetime import datetime

from registry.core.envelope import Envelope, PublicKey, Statement, verify_signatures
from registry.errors import EnrolmentNeeded, KeyRevoked, NotTheIssuer, WrongKey
from registry.kinds.kind import ANY_PARTY, Kind, Look
from registry.selectors.parties import ever_had_a_key, keys_by_id
from registry.services.tokens import Principal, consume


def verify(envelope: Envelope, brought: PublicKey | None) -> None:
    """Check every signature, over the bytes received, with enrolled keys and the key that the statement brings."""
    known = keys_by_id(signature.keyid for signature in envelope.signatures)
    keys = {keyid: PublicKey(kind=row.kind, spki=bytes(row.spki)) for keyid, row in known.items()}
    if brought is not None:
        keys[brought.keyid] = brought
    verify_signatures(envelope, keys)


def require_issuer(kind: Kind, record: object, issuer: str) -> None:
    """Refuse an issuer that may not say this; the registry's own statements come by another way."""
    allowed = frozenset() if kind.effect == "records" else frozenset(kind.issuers(record, Look(issuer=issuer)))
    if allowed != ANY_PARTY and issuer not in allowed:
        raise NotTheIssuer(type=kind.type, issuer=issuer)


def require_signers(
    envelope: Envelope,
    statement: Statement,
    brought: PublicKey | None,
    *,
    by: Principal | None,
    pinned: bool,
    at: datetime,
) -> None:
    """Refuse keys that may not sign this. Runs under the locks of all keys that signed."""
    signers = {signature.keyid for signature in envelope.signatures}
    if brought is not None and brought.keyid not in signers:
        raise WrongKey(keyid=brought.keyid, problem="is new and has to sign, in proof of possession")
    others = signers - {brought.keyid} if brought is not None else signers
    _require_standing(others, statement.issuer)
    if brought is None:
        return
    first = not ever_had_a_key(statement.issuer)
    if first and others:
        raise WrongKey(keyid=min(others), problem="signs beside a first key, which signs alone")
    if first and not pinned:
        _require_enrolment(statement, by=by, at=at)
    if not first and not others:
        raise WrongKey(keyid=brought.keyid, problem="is new and needs the signature of a key that stands")


def _require_standing(keyids: set[str], issuer: str) -> None:
    rows = keys_by_id(keyids)
    for keyid in sorted(keyids):
        row = rows.get(keyid)
        if row is None or row.party != issuer:
            raise WrongKey(keyid=keyid, problem=f"is not a key of party `{issuer}`")
        if row.revoked is not None:
            raise KeyRevoked(keyid=keyid, problem="was revoked")


def _require_enrolment(statement: Statement, *, by: Principal | None, at: datetime) -> None:
    bound = by is not None and "enrol" in by.scopes and by.party == statement.issuer
    if by is None or not bound or not consume(by, digest=statement.digest, at=at):
        raise EnrolmentNeeded(party=statement.issuer)
