"""
Passkeys: what an authenticator and its browser say beside a signature (WebAuthn Level 3, section 7.2), offline.

An authenticator signs ``authenticatorData || SHA-256(clientDataJSON)``, never our message itself. The message is in
the client data, as the challenge. Everything needed later stands in the key and in the signature's entry, as received:

1. The client data is JSON of the type `webauthn.get`, and its challenge is the SHA-256 of the message.
2. Its origin is one of the key's. A page inside another's frame (`crossOrigin`, `topOrigin`) signs nothing here:
   whoever reads a consent must see whose page shows it.
3. The authenticator data is for the key's relying party, and says that somebody was present *and* verified.
4. A credential that is backed up says that it may be.
5. The signature verifies (``registry.core.keys``).

Left out: whether a challenge was ours and fresh (of a statement it is the statement itself), and whether the signature
counter went back, which takes memory: ``registry.services.passkeys``.
"""

import base64
import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from registry.core.errors import Malformed
from registry.core.fields import Reader, read_base64url, read_str
from registry.core.jcs import Json, parse_json

MAX_CREDENTIAL_ID_BYTES: Final = 1023  # WebAuthn Level 3, section 4, Credential ID
MIN_CREDENTIAL_ID_BYTES: Final = 16
MAX_ORIGINS: Final = 8  # of one relying party: an address a portal
MAX_RP_ID: Final = 253  # characters of a domain name (RFC 1035)
MAX_AUTHENTICATOR_DATA: Final = 1024  # bytes; without extensions 37
MAX_CLIENT_DATA: Final = 4096  # bytes; browsers write about 200

CREATE: Final = "webauthn.create"  # the ceremonies, as client data names them
GET: Final = "webauthn.get"
PLAIN_BYTES: Final = 37  # RP id hash, flags, counter (section 6.1)
_UP, _UV, _BE, _BS, _AT, _ED = 0x01, 0x04, 0x08, 0x10, 0x40, 0x80

_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_ORIGIN: Final = re.compile(rf"(?P<scheme>https?)://(?P<host>{_LABEL}(?:\.{_LABEL})*)(?::(?P<port>[1-9][0-9]{{0,4}}))?")
_DEFAULT_PORT: Final = {"http": "80", "https": "443"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Passkey:
    """A credential of a relying party: what it is called, and from which pages it may sign."""

    credential_id: bytes
    origins: tuple[str, ...]
    rp_id: str

    @classmethod
    def parse(cls, obj: object, path: str = "credential") -> "Passkey":
        """Read ``{"id", "origins", "rp_id"}``; ``fault`` says whether they make sense."""
        reader = Reader(obj, path)
        passkey = cls(
            credential_id=read_base64url(reader.raw("id"), reader.at("id"), max_bytes=MAX_CREDENTIAL_ID_BYTES),
            origins=reader.list_of("origins", read_str, min_items=1, max_items=MAX_ORIGINS),
            rp_id=reader.str("rp_id", max_chars=MAX_RP_ID),
        )
        reader.finish()
        return passkey

    def format(self) -> dict[str, Json]:
        return {"id": base64url(self.credential_id), "origins": list(self.origins), "rp_id": self.rp_id}

    def fault(self) -> str | None:
        """Say what is wrong with the credential, if anything; every origin belongs to the relying party."""
        if not MIN_CREDENTIAL_ID_BYTES <= len(self.credential_id) <= MAX_CREDENTIAL_ID_BYTES:
            return f"the credential id has `{MIN_CREDENTIAL_ID_BYTES}` to `{MAX_CREDENTIAL_ID_BYTES}` bytes"
        if not _DOMAIN.fullmatch(self.rp_id) or len(self.rp_id) > MAX_RP_ID:
            return "the relying party is not a domain name in lower case"
        if not 1 <= len(self.origins) <= MAX_ORIGINS or list(self.origins) != sorted(set(self.origins)):
            return f"the origins are not `1` to `{MAX_ORIGINS}`, ascending, each once"
        foreign = (origin for origin in self.origins if not belongs(origin, self.rp_id))
        return next((f"`{origin[:80]}` is no origin of the relying party" for origin in foreign), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assertion:
    """What came with a signature: the bytes as received, which alone verify."""

    authenticator_data: bytes
    client_data_json: bytes

    @classmethod
    def take(cls, reader: Reader) -> "Assertion":
        """Take `authenticatorData` and `clientDataJSON` from a signature's entry."""
        data, client = reader.raw("authenticatorData"), reader.raw("clientDataJSON")
        return cls(
            authenticator_data=read_base64url(
                data, reader.at("authenticatorData"), min_bytes=1, max_bytes=MAX_AUTHENTICATOR_DATA
            ),
            client_data_json=read_base64url(
                client, reader.at("clientDataJSON"), min_bytes=1, max_bytes=MAX_CLIENT_DATA
            ),
        )

    def format(self) -> dict[str, Json]:
        return {
            "authenticatorData": base64url(self.authenticator_data),
            "clientDataJSON": base64url(self.client_data_json),
        }

    @property
    def signed(self) -> bytes:
        """The bytes that an authenticator signs."""
        return self.authenticator_data + hashlib.sha256(self.client_data_json).digest()

    @property
    def counter(self) -> int:
        """The signature counter; an authenticator that keeps none says 0. Of data that ``fault`` passed."""
        return int.from_bytes(self.authenticator_data[33:37], "big")

    def fault(self, passkey: Passkey, challenge: bytes) -> str | None:
        """Say why these are not what ``passkey`` says when it answers ``challenge``, if they are not."""
        said = client_fault(self.client_data_json, ceremony=GET, challenge=challenge, origins=passkey.origins)
        return said or authenticator_fault(self.authenticator_data, rp_id=passkey.rp_id, attested=False)


def client_fault(client_data_json: bytes, *, ceremony: str, challenge: bytes, origins: Collection[str]) -> str | None:
    """Say what is wrong with what a browser said (WebAuthn Level 3, section 5.8.1), if anything."""
    try:
        said = parse_json(client_data_json, max_bytes=MAX_CLIENT_DATA)
    except Malformed:
        said = None
    if not isinstance(said, dict):
        return "the client data cannot be read"
    if said.get("type") != ceremony:
        return f"the client data is not of the type `{ceremony}`"
    if said.get("challenge") != base64url(challenge):
        return "the challenge is another"
    if said.get("origin") not in origins:
        return "the origin is foreign"
    if said.get("crossOrigin", False) is not False or "topOrigin" in said:
        return "the page stood in a frame of another origin"
    return None


def authenticator_fault(data: bytes, *, rp_id: str, attested: bool) -> str | None:
    """Say what is wrong with what an authenticator said (section 6.1), if anything; ``attested``: it made a key."""
    if len(data) < PLAIN_BYTES:
        return "the authenticator data is too short"
    flags = data[32]
    more = bool(flags & _ED) or attested
    if bool(flags & _AT) is not attested or (len(data) > PLAIN_BYTES) is not more:
        return "the authenticator data holds what its flags do not say"
    if data[:32] != hashlib.sha256(rp_id.encode()).digest():
        return "the relying party is foreign"
    if not flags & _UP:
        return "nobody was present"
    if not flags & _UV:
        return "the person was not verified"
    if flags & _BS and not flags & _BE:
        return "the credential is backed up and says that it cannot be"
    return None


def challenge_of(message: bytes) -> bytes:
    """Return the challenge that stands for a message: its SHA-256."""
    return hashlib.sha256(message).digest()


def base64url(data: bytes) -> str:
    """Write bytes as browsers do: RFC 4648 section 5, without padding."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def belongs(origin: str, rp_id: str) -> bool:
    """Say whether a page of this origin may ask for the relying party (section 5.1.3, step 8), over HTTPS or here."""
    found = _ORIGIN.fullmatch(origin)
    if found is None or found["port"] == _DEFAULT_PORT[found["scheme"]] or int(found["port"] or 0) > 65_535:
        return False
    if found["scheme"] == "http" and found["host"] != "localhost":
        return False
    return found["host"] == rp_id or found["host"].endswith("." + rp_id)
