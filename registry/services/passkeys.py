"""
Passkeys at the door: how a new one is made, what it is allowed to be, and how far its counter has come.

Making one (WebAuthn Level 3, section 7.1):

1. ``offer`` makes a challenge for a party: random, for one use, for five minutes.
2. The browser answers with what the authenticator made. ``made`` uses the challenge up, whatever comes of the rest.
3. Client data and authenticator data are held to what a signature's are (``registry.core.passkey``).
4. ``fido2`` reads the CBOR; the key must be of an algorithm that was offered. What an authenticator attests about its
   make is not asked for and not read: the new key proves itself by signing the statement that brings it.
5. The key object goes back for the body of `party.registered` or `key.added`. Nothing is enrolled here: only a signed
   statement does that.

Signing needs no challenge of ours: it is the SHA-256 of what is signed, and a statement is accepted once.
"""

import secrets
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa
from django.conf import settings
from fido2 import cbor
from fido2.webauthn import AttestedCredentialData, AuthenticatorData

from registry.core.algorithms import Public, spki_of
from registry.core.envelope import PAYLOAD_TYPE, PublicKey, Signature, pae, parse_statement
from registry.core.errors import DomainError
from registry.core.fields import Reader, read_base64url
from registry.core.jcs import Json, parse_json
from registry.core.passkey import CREATE, MAX_CLIENT_DATA, Passkey, authenticator_fault, base64url, challenge_of
from registry.core.passkey import client_fault as fault_of_client
from registry.errors import Conflict, CounterWentBack, Inadmissible
from registry.models import Key, PasskeyChallenge, PasskeyCounter
from registry.selectors.parties import party_records

RP_NAME: Final = "Proviso"
CHALLENGE_BYTES: Final = 32
CHALLENGE_LASTS: Final = timedelta(minutes=5)
MAX_OPEN: Final = 20  # challenges of one party at once; a device asks for one
TIMEOUT_MS: Final = 300_000  # WebAuthn Level 3, section 15.1
MAX_ATTESTATION: Final = 64 * 1024  # bytes; certificates that nobody asked for come with some
_KTY, _ALG, _FIRST, _X, _Y = 1, 3, -1, -2, -3  # labels of a COSE key
# What ``fido2`` raises at bytes that are not what they should be.
_UNREADABLE: Final = (ValueError, LookupError, TypeError, AttributeError, struct.error, RecursionError, AssertionError)


class PasskeyRefused(DomainError):
    """What a browser or an authenticator said about a new passkey does not hold."""

    code = "passkey_refused"

    def __init__(self, *, problem: str) -> None:
        super().__init__(f"the new passkey is refused: {problem}", field="credential")


class ChallengeSpent(DomainError):
    """A new passkey that answers no challenge of ours that is still open for this party."""

    code = "passkey_challenge"
    status = 409

    def __init__(self) -> None:
        super().__init__("the challenge was not made for this party, was answered already, or has expired")


def offer(*, party: str, name: str | None, at: datetime) -> dict[str, Json]:
    """Make a challenge, and return the `PublicKeyCredentialCreationOptionsJSON` that ask for a new passkey."""
    challenge = secrets.token_bytes(CHALLENGE_BYTES)
    PasskeyChallenge.objects.filter(ends_at__lte=at).delete()  # an unknown challenge is refused as an expired one is
    if PasskeyChallenge.objects.filter(party=party).count() >= MAX_OPEN:
        raise Conflict(f"`{MAX_OPEN}` challenges of this party have not ended yet", code="too_many_challenges")
    PasskeyChallenge.objects.create(challenge=challenge.hex(), party=party, made_at=at, ends_at=at + CHALLENGE_LASTS)
    record = party_records([party]).get(party)
    shown = record.name if record is not None else name or party
    parameters: list[Json] = [{"type": "public-key", "alg": alg} for alg in ALGORITHMS]
    return {
        "rp": {"id": settings.PASSKEY_RP_ID, "name": RP_NAME},
        "user": {"id": base64url(party.encode()), "name": shown, "displayName": shown},
        "challenge": base64url(challenge),
        "pubKeyCredParams": parameters,
        "timeout": TIMEOUT_MS,
        "excludeCredentials": [_named(passkey) for passkey in _passkeys(party)],
        "authenticatorSelection": {"residentKey": "preferred", "userVerification": "required"},
        "attestation": "none",
    }


def asked(payload: bytes, *, party: str) -> dict[str, Json]:
    """
    Return the `PublicKeyCredentialRequestOptionsJSON` by which a passkey of the party, or the one that the payload
    brings, signs this payload.
    """
    body = parse_statement(payload).body
    key = body.get("key")
    brought = PublicKey.parse(key, "body.key").passkey if key is not None else None
    allowed = [_named(passkey) for passkey in ([brought] if brought is not None else []) + [*_passkeys(party)]]
    if not allowed:
        raise Inadmissible("the party has no passkey that stands", code="no_passkey", field="payload")
    return {
        "challenge": base64url(challenge_of(pae(PAYLOAD_TYPE, payload))),
        "rpId": settings.PASSKEY_RP_ID,
        "allowCredentials": allowed,
        "userVerification": "required",
        "timeout": TIMEOUT_MS,
    }


def made(credential: object, *, party: str, at: datetime) -> PublicKey:
    """Read a browser's `RegistrationResponseJSON`; raises ``ChallengeSpent``, ``PasskeyRefused``, ``Malformed``."""
    reader = Reader(credential, "credential")
    reader.choice("type", {"public-key"})
    response = reader.object("response")
    client = read_base64url(response.raw("clientDataJSON"), response.at("clientDataJSON"), max_bytes=MAX_CLIENT_DATA)
    attested = read_base64url(
        response.raw("attestationObject"), response.at("attestationObject"), max_bytes=MAX_ATTESTATION
    )
    _hold(fault_of_client(client, ceremony=CREATE, challenge=_answered(client, party, at), origins=_origins()))
    data, authenticator_data = _attested(attested)
    _hold(authenticator_fault(authenticator_data, rp_id=settings.PASSKEY_RP_ID, attested=True))
    if reader.str("id", max_chars=2_000) != base64url(data.credential_id):
        raise PasskeyRefused(problem="the browser and the authenticator name different credentials")
    passkey = Passkey(credential_id=bytes(data.credential_id), origins=_origins(), rp_id=settings.PASSKEY_RP_ID)
    return PublicKey(kind="webauthn", spki=_spki(data.public_key), passkey=passkey)


def require_offered(key: PublicKey) -> None:
    """Refuse a new passkey of another relying party, or of pages that are not ours."""
    passkey = key.passkey
    if passkey is None:
        return
    if passkey.rp_id != settings.PASSKEY_RP_ID or not set(passkey.origins) <= set(settings.PASSKEY_ORIGINS):
        raise Inadmissible(
            f"a passkey here is of `{settings.PASSKEY_RP_ID}` and signs on {' '.join(_origins())} alone",
            code="foreign_passkey",
            field="body.key.credential",
        )


def advance(signatures: Iterable[Signature], *, at: datetime) -> None:
    """
    Move the counter of every passkey that signed; raises ``CounterWentBack`` (WebAuthn Level 3, section 6.1.1).

    Joins the caller's transaction, which holds the heads of these keys alone.
    """
    for signature in signatures:
        if signature.assertion is None:
            continue
        row = PasskeyCounter.objects.filter(keyid=signature.keyid).first()
        before, now = 0 if row is None else row.counter, signature.assertion.counter
        if before == now == 0:
            continue  # it keeps none, as passkeys do that are copied between somebody's devices
        if now <= before:
            problem = f"counts `{now}` after `{before}`: somebody may have a copy of it"
            raise CounterWentBack(keyid=signature.keyid, problem=problem)
        PasskeyCounter.objects.update_or_create(keyid=signature.keyid, defaults={"counter": now, "seen_at": at})


def _answered(client: bytes, party: str, at: datetime) -> bytes:
    """Use up the challenge that client data answers, and return it."""
    said = parse_json(client, max_bytes=MAX_CLIENT_DATA)
    claimed = said.get("challenge") if isinstance(said, dict) else None
    challenge = read_base64url(claimed, "credential.response.clientDataJSON.challenge", max_bytes=CHALLENGE_BYTES)
    still_open = PasskeyChallenge.objects.filter(challenge=challenge.hex(), party=party, used_at=None, ends_at__gt=at)
    if still_open.update(used_at=at) != 1:
        raise ChallengeSpent
    return challenge


def _attested(attestation_object: bytes) -> tuple[AttestedCredentialData, bytes]:
    """Return what an authenticator made, and the authenticator data that hold it."""
    try:
        said = cbor.decode(attestation_object)
        data = said["authData"] if isinstance(said, dict) else None
        if not isinstance(data, bytes):  # of a number the library would make as many bytes, and there are large ones
            raise TypeError
        made = AuthenticatorData(data).credential_data
    except _UNREADABLE as error:
        raise PasskeyRefused(problem="what the authenticator said cannot be read") from error
    if made is None:
        raise PasskeyRefused(problem="the authenticator made no key")
    return made, data


def _spki(cose: Mapping[int, Any]) -> bytes:
    """Return a COSE key as SubjectPublicKeyInfo."""
    try:
        read = ALGORITHMS.get(cose.get(_ALG, 0))
        public = None if read is None else read(cose)
    except _UNREADABLE as error:
        raise PasskeyRefused(problem="the key is broken") from error
    if public is None:
        raise PasskeyRefused(problem="its algorithm was not offered")
    return spki_of(public)


def _mldsa44(cose: Mapping[int, Any]) -> mldsa.MLDSA44PublicKey | None:
    return mldsa.MLDSA44PublicKey.from_public_bytes(cose[_FIRST]) if cose[_KTY] == 7 else None


def _ed25519(cose: Mapping[int, Any]) -> ed25519.Ed25519PublicKey | None:
    return ed25519.Ed25519PublicKey.from_public_bytes(cose[_X]) if (cose[_KTY], cose[_FIRST]) == (1, 6) else None


def _es256(cose: Mapping[int, Any]) -> ec.EllipticCurvePublicKey | None:
    if (cose[_KTY], cose[_FIRST]) != (2, 1):
        return None
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), b"\x04" + cose[_X] + cose[_Y])


# COSE algorithm -> how its key is read (RFC 9053, RFC 9864; AKP of draft-ietf-cose-dilithium), best first: an
# authenticator takes the first that it knows.
ALGORITHMS: Final[Mapping[int, Callable[[Mapping[int, Any]], Public | None]]] = MappingProxyType(
    {-48: _mldsa44, -8: _ed25519, -7: _es256}
)


def _passkeys(party: str) -> Iterator[Passkey]:
    """Yield the credentials of a party's standing passkeys, oldest first."""
    rows = Key.objects.filter(party=party, revoked=None).exclude(credential=None).order_by("added", "keyid")
    for credential in rows.values_list("credential", flat=True):
        yield Passkey.parse(credential)


def _named(passkey: Passkey) -> Json:
    return {"type": "public-key", "id": base64url(passkey.credential_id)}


def _origins() -> tuple[str, ...]:
    return tuple(sorted(settings.PASSKEY_ORIGINS))


def _hold(problem: str | None) -> None:
    if problem is not None:
        raise PasskeyRefused(problem=problem)
