"""
Who may sign: the rules that tie signatures to parties.

INVARIANT (signed-by-its-owner): a statement counts only with a valid signature, over the exact bytes received, by a
standing key of the party that issues it. A new key signs beside it in proof of possession; a party's first key signs
alone, which needs a single-use enrolment token for that party, or a digest pinned with the library.

Somebody else issues it where its kind says for whom it is, and one authority of theirs stands, has the power and
reaches the acts. It then carries the keys of as many of its agents as the authority asks; the person spoken for may
sign beside them. So comes a new key for who lost theirs (``registry.core.recovery``): it is green for a week, and
neither the registry's party nor the operator's counts among the agents who bring it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from registry.core import recovery
from registry.core.envelope import Envelope, PublicKey, Statement, verify_signatures
from registry.core.passkey import Passkey
from registry.core.times import format_time
from registry.errors import (
    EnrolmentNeeded,
    KeyContested,
    KeyGreen,
    KeyRevoked,
    NotTheIssuer,
    OwnKeyNeeded,
    UnauthorisedSigner,
    WrongKey,
)
from registry.kinds.kind import ANY_PARTY, Kind, Look, Under, Voice
from registry.locks import Head, KeyState, party_head
from registry.models import Key
from registry.selectors.authorities import Standing, authority_ids, contested, standing
from registry.selectors.parties import ever_had_a_key, keys_by_id
from registry.selectors.policies import is_registry
from registry.services.tokens import Principal, consume


@dataclass(frozen=True, slots=True, kw_only=True)
class Spokesman:
    """Somebody who issues a statement for somebody else, and the authorities that may let them."""

    issuer: str
    voice: Voice
    authorities: tuple[str, ...]

    @property
    def heads(self) -> set[Head]:
        """What has to be locked before it is seen which of them stands."""
        principals = {party_head(principal) for principal in self.voice.principals}
        return principals | {Head("authority", authority) for authority in self.authorities}


def verify(envelope: Envelope, brought: PublicKey | None, known: Mapping[str, PublicKey] | None = None) -> None:
    """
    Check every signature, over the bytes received, with the key that the statement brings and enrolled ones: those that
    the caller has read, else all that signed.
    """
    if known is None:
        rows = keys_by_id(signature.keyid for signature in envelope.signatures)
        known = {keyid: public_key(row) for keyid, row in rows.items()}
    keys = dict(known)
    if brought is not None:
        keys[brought.keyid] = brought
    verify_signatures(envelope, keys)


def public_key(row: Key) -> PublicKey:
    passkey = None if row.credential is None else Passkey.parse(row.credential)
    return PublicKey(kind=row.kind, spki=bytes(row.spki), passkey=passkey)


def require_issuer(kind: Kind, record: object, issuer: str) -> Spokesman | None:
    """Refuse an issuer that may not say this, for itself or for anybody; the registry's own come by another way."""
    look = Look(issuer=issuer)
    allowed = frozenset() if kind.effect == "records" else frozenset(kind.issuers(record, look))
    if allowed == ANY_PARTY or issuer in allowed:
        return None
    voice = kind.speaks(record, look)
    authorities = () if voice is None else tuple(authority_ids(agent=issuer, principals=voice.principals))
    if voice is None or not authorities:
        raise NotTheIssuer(type=kind.type, issuer=issuer)
    if voice.power is None:
        raise OwnKeyNeeded(party=min(voice.principals), what=f"`{kind.type}`")
    return Spokesman(issuer=issuer, voice=voice, authorities=authorities)


def require_signers(
    envelope: Envelope,
    statement: Statement,
    brought: PublicKey | None,
    *,
    keys: Mapping[str, KeyState],
    by: Principal | None,
    pinned: bool,
    at: datetime,
) -> None:
    """Refuse keys that may not sign this for its issuer. ``keys`` were read under the locks of all that signed."""
    others = _beside(envelope, brought)
    _owners(others, {statement.issuer}, statement, keys=keys, at=at)
    if brought is None:
        return
    first = not ever_had_a_key(statement.issuer)
    if first and others:
        raise WrongKey(keyid=min(others), problem="signs beside a first key, which signs alone")
    if first and not pinned:
        _require_enrolment(statement, by=by, at=at)
    if not first and not others:
        raise WrongKey(keyid=brought.keyid, problem="is new and needs the signature of a key that stands")


def require_authority(
    envelope: Envelope,
    statement: Statement,
    spokesman: Spokesman,
    brought: PublicKey | None,
    *,
    keys: Mapping[str, KeyState],
    at: datetime,
) -> tuple[Under, frozenset[str]]:
    """
    Return the authority under which this was signed, and the parties that signed. Runs under the locks of the
    authorities and of all keys that signed; ``keys`` were read under them. Raises ``UnauthorisedSigner``.
    """
    keyids = _beside(envelope, brought)
    stand = standing(spokesman.authorities, moments=(statement.issued_at, at), at=at)
    if not stand:
        raise UnauthorisedSigner(issuer=spokesman.issuer, problem="no authority of theirs stands")
    reaching = [one for one in stand if _reaches(one, spokesman.voice)]
    if not reaching:
        wanted = f"the power `{spokesman.voice.power}` for what is said here"
        raise UnauthorisedSigner(issuer=spokesman.issuer, problem=f"their authority does not give {wanted}")
    held = frozenset().union(*({one.principal} | one.agents for one in reaching))
    signers = _owners(keyids, held, statement, keys=keys, at=at)
    if spokesman.issuer not in signers:
        named = min(keyids) if keyids else envelope.signatures[0].keyid
        raise WrongKey(keyid=named, problem=f"is not a key of party `{spokesman.issuer}`")
    counted = signers if spokesman.voice.power != recovery.POWER else signers - _the_house(signers)
    for one in reaching:
        if len(counted & one.agents) >= one.required and signers <= one.agents | {one.principal}:
            return Under(authority=one.id, principal=one.principal, role=one.role, agents=one.agents), signers
    least = min(one.required for one in reaching)
    raise UnauthorisedSigner(issuer=spokesman.issuer, problem=f"at least `{least}` of one authority sign together")


def _beside(envelope: Envelope, brought: PublicKey | None) -> frozenset[str]:
    """Return the keys that signed beside a new one, which signs in any case."""
    signers = frozenset(signature.keyid for signature in envelope.signatures)
    if brought is None:
        return signers
    if brought.keyid not in signers:
        raise WrongKey(keyid=brought.keyid, problem="is new and has to sign, in proof of possession")
    return signers - {brought.keyid}


def _the_house(parties: Collection[str]) -> frozenset[str]:
    """Return those among these who run the registry: nobody's key hangs on their word."""
    return frozenset(party for party in parties if party == settings.OPERATOR_PARTY or is_registry(party))


def _reaches(one: Standing, voice: Voice) -> bool:
    role = voice.roles is None or one.role in voice.roles
    return role and voice.power in one.powers and not voice.acts & ~one.acts


def _owners(
    keyids: Collection[str],
    parties: Collection[str],
    statement: Statement,
    *,
    keys: Mapping[str, KeyState],
    at: datetime,
) -> frozenset[str]:
    """Return whose keys these are; refuses one that does not stand or belongs to none of these parties."""
    for keyid in sorted(keyids):
        row = keys.get(keyid)
        if row is None or row.party not in parties:
            raise WrongKey(keyid=keyid, problem=f"is not a key of {_one_of(parties)}")
        if row.revoked is not None:
            raise KeyRevoked(keyid=keyid, problem="was revoked")
        if statement.type not in recovery.WHILE_GREEN:
            require_ripe(row, issued_at=statement.issued_at, at=at)
    return frozenset(keys[keyid].party for keyid in keyids)


def require_ripe(row: Key | KeyState, *, issued_at: datetime, at: datetime) -> None:
    """Refuse a key that agents brought lately, or under an authority that was disputed while the key was green."""
    if row.ripe_at is None:
        return
    if issued_at < row.ripe_at:
        raise KeyGreen(keyid=row.keyid, problem=f"was recovered, and counts from `{format_time(row.ripe_at)}` on")
    assert row.recovered_by is not None  # who brings a key that has to ripen is written with it
    if contested(principal=row.party, agent=row.recovered_by, power=recovery.POWER, before=row.ripe_at, at=at):
        raise KeyContested(keyid=row.keyid, problem="was recovered under an authority that is disputed")


def _one_of(parties: Collection[str]) -> str:
    """Name the party, where it is one; whom an authority has is no business of whoever guesses."""
    return f"party `{min(parties)}`" if len(parties) == 1 else "those who may sign this together"


def _require_enrolment(statement: Statement, *, by: Principal | None, at: datetime) -> None:
    bound = by is not None and "enrol" in by.scopes and by.party == statement.issuer
    if by is None or not bound or not consume(by, digest=statement.digest, at=at):
        raise EnrolmentNeeded(party=statement.issuer)
