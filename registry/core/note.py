"""
Signed notes after C2SP signed-note 1.0: a text that people can read, and lines of signatures below it.

1. Bytes are UTF-8 without control characters but line feeds; text and signatures part at the last empty line.
2. A signature line names its key by name and four bytes of key id.
3. A signature by a key that we do not know is ignored; one by a key that we do know must verify, or the whole note is
   refused; and a note that no known key signed is no note.

Ed25519 alone (type 0x01); cosignatures of witnesses come later and are, till then, unknown keys.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from registry.core.errors import BadNote
from registry.core.keys import check_ed25519_point

MAX_NOTE_BYTES: Final = 64 * 1024
MAX_SIGNATURES: Final = 100  # the format asks for 16 at least
ED25519_TYPE: Final = b"\x01"
KEYID_BYTES: Final = 4

_DASH: Final = "\u2014"
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f]")
_NAME: Final = re.compile(r"[^\s+\ud800-\udfff]+")  # no Unicode space, no plus, no lone surrogate


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifierKey:
    """The name and public key of a signer of notes."""

    name: str
    public: bytes  # 32 bytes, Ed25519

    def __post_init__(self) -> None:
        _check_name(self.name)
        if len(self.public) != 32:
            raise BadNote(problem="a verifier key has not 32 bytes")
        if problem := check_ed25519_point(self.public):
            raise BadNote(problem=f"verifier key of `{self.name}`: {problem}")

    @classmethod
    def parse(cls, text: str) -> "VerifierKey":
        """Read ``<name>+<8 hex digits>+<base64 of type and key>``."""
        parts = text.split("+", 2)
        if len(parts) != 3:
            raise BadNote(problem=f"`{text[:80]}` is not a verifier key")
        name, keyid, encoded = parts
        blob = decode_base64(encoded)
        if blob[:1] != ED25519_TYPE:
            raise BadNote(problem=f"verifier key of `{name[:80]}` is not of type 1, Ed25519")
        key = cls(name=name, public=blob[1:])
        if key.keyid.hex() != keyid:
            raise BadNote(problem=f"verifier key of `{name[:80]}` has another key id than `{keyid[:16]}`")
        return key

    @classmethod
    def of(cls, name: str, private_key: Ed25519PrivateKey) -> "VerifierKey":
        """Return the public half of a signer."""
        return cls(name=name, public=private_key.public_key().public_bytes_raw())

    def format(self) -> str:
        return f"{self.name}+{self.keyid.hex()}+{base64.b64encode(ED25519_TYPE + self.public).decode()}"

    @property
    def keyid(self) -> bytes:
        """The first four bytes of SHA-256(name, line feed, type, key)."""
        return hashlib.sha256(self.name.encode() + b"\n" + ED25519_TYPE + self.public).digest()[:KEYID_BYTES]

    def verifies(self, message: bytes, sig: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(sig, message)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteSignature:
    name: str
    keyid: bytes
    sig: bytes

    @classmethod
    def parse(cls, line: str) -> "NoteSignature":
        parts = line.split(" ")
        if len(parts) != 3 or parts[0] != _DASH:
            raise BadNote(problem=f"`{line[:80]}` is not a signature line")
        _check_name(parts[1])
        blob = decode_base64(parts[2])
        if len(blob) <= KEYID_BYTES:
            raise BadNote(problem=f"the signature of `{parts[1][:80]}` is cut off")
        return cls(name=parts[1], keyid=blob[:KEYID_BYTES], sig=blob[KEYID_BYTES:])

    def format(self) -> str:
        return f"{_DASH} {self.name} {base64.b64encode(self.keyid + self.sig).decode()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A text and its signatures; nothing is verified yet."""

    text: str  # ends with a line feed; these bytes are signed
    signatures: tuple[NoteSignature, ...]

    @classmethod
    def parse(cls, data: bytes) -> "Note":
        if len(data) > MAX_NOTE_BYTES:
            raise BadNote(problem=f"the note has more than `{MAX_NOTE_BYTES}` bytes")
        try:
            whole = data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise BadNote(problem="the note is not UTF-8") from error
        head, gap, tail = whole.rpartition("\n\n")
        if not gap or not tail.endswith("\n") or _CONTROL.search(whole):
            raise BadNote(problem="not a signed note: text, an empty line, signature lines")
        lines = tail[:-1].split("\n")
        if len(lines) > MAX_SIGNATURES:
            raise BadNote(problem=f"the note has more than `{MAX_SIGNATURES}` signatures")
        return cls(text=head + "\n", signatures=tuple(map(NoteSignature.parse, lines)))

    def format(self) -> bytes:
        lines = "".join(signature.format() + "\n" for signature in self.signatures)
        return f"{self.text}\n{lines}".encode()


def sign_note(text: str, name: str, private_key: Ed25519PrivateKey) -> Note:
    """Sign a text that ends with a line feed."""
    if not text.endswith("\n") or _CONTROL.search(text):
        raise BadNote(problem="the text of a note ends with a line feed and has no other control character")
    key = VerifierKey.of(name, private_key)
    signature = NoteSignature(name=name, keyid=key.keyid, sig=private_key.sign(text.encode()))
    return Note(text=text, signatures=(signature,))


def verify_note(note: Note, keys: Iterable[VerifierKey]) -> tuple[VerifierKey, ...]:
    """Return the known keys that signed, one at least; raises ``BadNote``."""
    known: dict[tuple[str, bytes], VerifierKey] = {}
    for key in keys:
        if known.setdefault((key.name, key.keyid), key) != key:
            raise BadNote(problem=f"two keys of `{key.name}` share the key id `{key.keyid.hex()}`")
    message = note.text.encode()
    signers: dict[VerifierKey, None] = {}
    for signature in note.signatures:
        signer = known.get((signature.name, signature.keyid))
        if signer is None:
            continue
        if not signer.verifies(message, signature.sig):
            raise BadNote(problem=f"the signature of `{signature.name}` does not verify")
        signers[signer] = None
    if not signers:
        raise BadNote(problem="no known key signed the note")
    return tuple(signers)


def decode_base64(text: str) -> bytes:
    """Decode standard base64 in its one canonical spelling."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadNote(problem=f"`{text[:80]}` is not base64") from error
    if base64.b64encode(data).decode() != text:
        raise BadNote(problem=f"`{text[:80]}` is not canonical base64")
    return data


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name) or _CONTROL.search(name):
        raise BadNote(problem=f"`{name[:80]}` cannot name a key")
