"""
Signed notes after C2SP signed-note 1.0: a text that people can read, and lines of signatures below it.

1. Bytes are UTF-8 without control characters but line feeds; text and signatures part at the last empty line.
2. A signature line names its key by name and four bytes of key id.
3. A signature by a key that we do not know is ignored; one by a key that we do know must verify, or the whole note is
   refused; and a note that no known key signed is no note.

What a signature of each type covers is ``registry.core.cosignature``'s; a type that is not there is unknown too.
"""

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from registry.core.algorithms import name_of
from registry.core.cosignature import ED25519, TYPES, SignatureType, type_for, unpack_time
from registry.core.errors import BadNote
from registry.core.lines import at, decode_base64, encode_base64

MAX_NOTE_BYTES: Final = 128 * 1024  # the format asks for 16 signatures at least, "up to nearly 5kB" each: 110,000
MAX_SIGNATURES: Final = 100
KEYID_BYTES: Final = 4

NotePrivateKey: TypeAlias = Ed25519PrivateKey | MLDSA44PrivateKey

_DASH: Final = "\u2014"
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f]")
_NAME: Final = re.compile(r"[^\s+\ud800-\udfff]+")  # no Unicode space, no plus, no lone surrogate


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifierKey:
    """The name, signature type and public key of a signer of notes."""

    name: str
    public: bytes  # as the type's algorithm encodes it: 32 bytes for Ed25519, 1,312 for ML-DSA-44
    type: int = ED25519

    def __post_init__(self) -> None:
        _check_name(self.name)
        if self.type not in TYPES:
            raise BadNote(problem=f"verifier key of `{self.name[:80]}` is of type `{self.type}`, which is not known")
        algorithm = TYPES[self.type].algorithm
        if len(self.public) != algorithm.public_bytes:
            raise BadNote(problem=f"verifier key of `{self.name[:80]}` has not `{algorithm.public_bytes}` bytes")
        if problem := algorithm.check(self.public):
            raise BadNote(problem=f"verifier key of `{self.name[:80]}`: {problem}")

    @classmethod
    def parse(cls, text: str) -> "VerifierKey":
        """Read ``<name>+<8 hex digits>+<base64 of type and key>``."""
        parts = text.split("+", 2)
        if len(parts) != 3:
            raise BadNote(problem=f"`{text[:80]}` is not a verifier key")
        name, keyid, encoded = parts
        blob = decode_base64(encoded)
        if not blob:
            raise BadNote(problem=f"verifier key of `{name[:80]}` is empty")
        key = cls(name=name, public=blob[1:], type=blob[0])
        if key.keyid.hex() != keyid:
            raise BadNote(problem=f"verifier key of `{name[:80]}` has another key id than `{keyid[:16]}`")
        return key

    @classmethod
    def of(cls, name: str, private_key: NotePrivateKey, *, witness: bool = False) -> "VerifierKey":
        """Return the public half of a log's signer, Ed25519 of type 1, ML-DSA-44 of type 6; of a witness's, 4 and 6."""
        number = type_for(name_of(private_key), witness=witness)
        return cls(name=name, public=private_key.public_key().public_bytes_raw(), type=number)

    def format(self) -> str:
        return f"{self.name}+{self.keyid.hex()}+{encode_base64(bytes([self.type]) + self.public)}"

    @property
    def keyid(self) -> bytes:
        """The first four bytes of SHA-256(name, line feed, type, key)."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.type]) + self.public).digest()[:KEYID_BYTES]

    @property
    def kind(self) -> SignatureType:
        return TYPES[self.type]

    def verifies(self, text: str, blob: bytes) -> bool:
        """Say whether ``blob``, a signature without its key id, is this key's over the text of a note."""
        return self.kind.verifies(self.name, self.public, text, blob)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteSigner:
    """Whoever signs notes: the verifier key, and the one operation on the private key, wherever that is kept."""

    key: VerifierKey
    sign: Callable[[bytes], bytes]  # message -> signature of the key's algorithm, without key id and time

    @classmethod
    def of(cls, name: str, private_key: NotePrivateKey) -> "NoteSigner":
        """Return a log's signer."""
        return cls(key=VerifierKey.of(name, private_key), sign=private_key.sign)

    @classmethod
    def witness(cls, name: str, private_key: NotePrivateKey) -> "NoteSigner":
        """Return a cosigner."""
        return cls(key=VerifierKey.of(name, private_key, witness=True), sign=private_key.sign)

    @property
    def name(self) -> str:
        return self.key.name

    @property
    def type(self) -> int:
        return self.key.type

    @property
    def public(self) -> bytes:
        return self.key.public

    def signature(self, text: str, *, time_s: int = 0) -> "NoteSignature":
        """Sign the text of a note; ``time_s`` (seconds since 1970) stands in signatures of the types that carry one."""
        blob = self.key.kind.blob(time_s, self.sign(self.key.kind.message(self.key.name, text, time_s)))
        return NoteSignature(name=self.key.name, keyid=self.key.keyid, sig=blob)


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
        return f"{_DASH} {self.name} {encode_base64(self.keyid + self.sig)}"

    def is_of(self, key: VerifierKey) -> bool:
        return (self.name, self.keyid) == (key.name, key.keyid)

    @property
    def time_s(self) -> int:
        """The time in a signature of a type that carries one; meaningless otherwise."""
        return unpack_time(self.sig)[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A text and its signatures; nothing is verified yet."""

    text: str  # ends with a line feed; these bytes are signed
    signatures: tuple[NoteSignature, ...]

    @classmethod
    def parse(cls, data: bytes) -> "Note":
        if len(data) > MAX_NOTE_BYTES:
            raise BadNote(problem=f"the note has more than `{MAX_NOTE_BYTES}` bytes")
        whole = _decode(data)
        head, gap, tail = whole.rpartition("\n\n")
        if not gap:
            raise BadNote(problem="not a signed note: no empty line parts text from signatures", line=1)
        if not tail.endswith("\n"):
            last = whole.count("\n") + 1
            raise BadNote(problem="the note does not end with a signature line and its line feed", line=last)
        return cls(text=head + "\n", signatures=_parse_signatures(tail, head.count("\n") + 3))

    def format(self) -> bytes:
        return f"{self.text}\n{format_signatures(self.signatures)}".encode()

    def line_of(self, place: int) -> int:
        """Return the line in which signature number ``place`` stands."""
        return self.text.count("\n") + 2 + place

    def signed_also(self, signatures: Iterable[NoteSignature]) -> "Note":
        """Return the note with more signatures below; a key that signed it already keeps its first one."""
        known = {(signature.name, signature.keyid): signature for signature in self.signatures}
        for signature in signatures:
            known.setdefault((signature.name, signature.keyid), signature)
        return replace(self, signatures=tuple(known.values()))


def parse_signatures(text: str) -> tuple[NoteSignature, ...]:
    """Read signature lines alone, as a witness answers them."""
    if not text.endswith("\n"):
        raise BadNote(problem="signature lines end with a line feed", line=text.count("\n") + 1)
    return _parse_signatures(text, 1)


def format_signatures(signatures: Iterable[NoteSignature]) -> str:
    return "".join(signature.format() + "\n" for signature in signatures)


def sign_note(text: str, *signers: NoteSigner, time_s: int = 0) -> Note:
    """Sign a text that ends with a line feed."""
    if not text.endswith("\n") or _CONTROL.search(text):
        raise BadNote(problem="the text of a note ends with a line feed and has no other control character")
    return Note(text=text, signatures=tuple(signer.signature(text, time_s=time_s) for signer in signers))


def verify_note(note: Note, keys: Iterable[VerifierKey]) -> tuple[VerifierKey, ...]:
    """Return the known keys that signed, one at least; raises ``BadNote``."""
    known = _by_id(keys)
    signers: dict[VerifierKey, None] = {}
    for place, signature in enumerate(note.signatures):
        signer = known.get((signature.name, signature.keyid))
        if signer is None:
            continue
        if not signer.verifies(note.text, signature.sig):
            problem = f"the signature of `{signature.name[:80]}` does not verify"
            raise BadNote(problem=problem, line=note.line_of(place))
        signers[signer] = None
    if not signers:
        raise BadNote(problem="no known key signed the note")
    return tuple(signers)


def _by_id(keys: Iterable[VerifierKey]) -> dict[tuple[str, bytes], VerifierKey]:
    known: dict[tuple[str, bytes], VerifierKey] = {}
    for key in keys:
        if known.setdefault((key.name, key.keyid), key) != key:
            raise BadNote(problem=f"two keys of `{key.name}` share the key id `{key.keyid.hex()}`")
    return known


def _parse_signatures(tail: str, first: int) -> tuple[NoteSignature, ...]:
    lines = tail[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise BadNote(problem=f"the note has more than `{MAX_SIGNATURES}` signatures", line=first + MAX_SIGNATURES)
    signatures = []
    for place, line in enumerate(lines):
        with at(first + place):
            signatures.append(NoteSignature.parse(line))
    return tuple(signatures)


def _decode(data: bytes) -> str:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BadNote(problem="the note is not UTF-8", line=line) from error
    if found := _CONTROL.search(text):
        problem = "the note has a control character that is not a line feed"
        raise BadNote(problem=problem, line=text.count("\n", 0, found.start()) + 1)
    return text


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name) or _CONTROL.search(name):
        raise BadNote(problem=f"`{name[:80]}` cannot name a key")
