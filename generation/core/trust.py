"""
Whom somebody believes: keys of logs, registries and witnesses, and the roots under which files are sealed.

``trust.json`` (``docs/formats.md`` section 8) is what a verifier is given from somewhere else than the evidence. A
bundle and a record name keys too: signatures can be checked with those, and nothing is proven by them.

1. A log may have several keys. Each kind that the trust names for a log (Ed25519, ML-DSA-44) must have signed: whoever
   lists a post-quantum key does not want a receipt that rests on the other alone.
2. ``quorum`` of the ``witnesses`` must have cosigned every checkpoint that something rests on; without it none need.
"""

import base64
from dataclasses import dataclass

from cryptography import x509

from registry.core.checkpoint import Checkpoint, Note, VerifierKey, verify_note
from registry.core.envelope import canonical, sha256_hex
from registry.core.errors import BadKey, BadNote, Malformed
from registry.core.fields import MAX_LONG_TEXT, Reader, read_str
from registry.core.jcs import Json
from registry.core.keys import KINDS, MAX_SPKI_BYTES, PublicKey
from registry.core.quorum import Cosigned, check_witnesses, cosigned

MAX_KEYS = 100  # of each kind in a trust


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """The keys, and how many witnesses are asked for."""

    log: tuple[VerifierKey, ...]
    registry: tuple[PublicKey, ...]
    c2pa: tuple[str, ...]  # PEM, one certificate each
    witnesses: tuple[VerifierKey, ...] = ()
    quorum: int = 0

    def __post_init__(self) -> None:
        if not all(key.kind.by_log for key in self.log):
            raise Malformed("bad_value", field="trust.log", wanted="keys of type 1 or 6, with which logs sign")
        check_witnesses(self.witnesses)
        names = len({key.name for key in self.witnesses})
        if self.quorum > names:
            raise Malformed("bad_value", field="trust.quorum", value=self.quorum, wanted=f"at most {names} witnesses")

    @classmethod
    def parse(cls, obj: object, path: str = "trust") -> "Trust":
        body = Reader(obj, path)
        trust = cls(
            log=body.list_of("log", _vkey, max_items=MAX_KEYS),
            registry=body.list_of("registry", _spki, max_items=MAX_KEYS),
            c2pa=body.list_of("c2pa", _certificate, max_items=MAX_KEYS),
            witnesses=body.opt_list_of("witnesses", _vkey, max_items=MAX_KEYS),
            quorum=body.opt_int("quorum", 0, MAX_KEYS) or 0,
        )
        body.finish()
        return trust

    def format(self) -> dict[str, Json]:
        """Write it; without witnesses as it was before there were any, so that old pins go on holding."""
        plain: dict[str, Json] = {
            "log": [vkey.format() for vkey in self.log],
            "registry": [base64.b64encode(key.spki).decode() for key in self.registry],
            "c2pa": list(self.c2pa),
        }
        if self.witnesses:
            plain |= {"witnesses": [vkey.format() for vkey in self.witnesses], "quorum": self.quorum}
        return plain

    @property
    def sha256(self) -> str:
        """What ``--pin`` is compared with."""
        return sha256_hex(canonical(self.format()))

    def __or__(self, other: "Trust") -> "Trust":
        """Return the keys of both, each once: to check signatures with. What is demanded of witnesses is left out."""
        return Trust(
            log=tuple(dict.fromkeys(self.log + other.log)),
            registry=tuple(dict.fromkeys(self.registry + other.registry)),
            c2pa=tuple(dict.fromkeys(self.c2pa + other.c2pa)),
        )


NO_TRUST = Trust(log=(), registry=(), c2pa=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A checkpoint with the known keys of its log that signed it; whether they are believed is another matter."""

    checkpoint: Checkpoint
    note: Note
    signers: tuple[VerifierKey, ...]

    def lacks(self, trust: Trust) -> list[str]:
        """Say which signatures of the log the trust asks for and the checkpoint has not; nothing where it has all."""
        asked = [key for key in trust.log if key.name == self.checkpoint.origin]
        if not any(key in asked for key in self.signers):
            return [f"the log's key `{key.format()[:90]}`" for key in self.signers] or ["a key of the log"]
        signed = {key.type for key in self.signers if key in asked}
        missing = {key.type: key.kind.algorithm.name for key in asked if key.type not in signed}
        size = self.checkpoint.size
        return [f"the log's {name} signature under {size} entries (`reseal` may mend it)" for name in missing.values()]

    def witnessed(self, trust: Trust) -> tuple[Cosigned, ...]:
        """Return what the trusted witnesses said; raises ``BadNote`` where one of them signed falsely."""
        own = {key.public for key in trust.log}
        return cosigned(self.note, [key for key in trust.witnesses if key.public not in own])


def open_signed(text: str, known: tuple[VerifierKey, ...]) -> Signed:
    """Verify a checkpoint by every known key of its log, one of which must have signed it; raises ``BadNote``."""
    note = Note.parse(text.encode())
    checkpoint = Checkpoint.parse(note.text)
    keys = [key for key in known if key.name == checkpoint.origin]
    if not keys:
        raise BadNote(problem=f"no key of the log `{checkpoint.origin[:80]}` is known")
    signers = verify_note(note, keys)
    if checkpoint.extensions and not any(key.kind.signs_extensions for key in signers):
        raise BadNote(problem="no known key signed the extensions of the checkpoint")
    return Signed(checkpoint=checkpoint, note=note, signers=signers)


def public_key(spki: bytes) -> PublicKey:
    """Return the key of these bytes, whichever kind it is; raises ``BadKey``."""
    for kind in sorted(KINDS):
        try:
            return PublicKey(kind=kind, spki=spki)
        except BadKey:  # of another kind, which comes next
            continue
    raise BadKey(kind=" | ".join(sorted(KINDS)), problem="the bytes are no key of a known kind")


def _vkey(value: object, path: str) -> VerifierKey:
    return VerifierKey.parse(read_str(value, path, max_chars=MAX_SPKI_BYTES))


def _spki(value: object, path: str) -> PublicKey:
    text = read_str(value, path, max_chars=MAX_SPKI_BYTES * 2)
    body = Reader({"spki": text}, path)
    return public_key(body.base64("spki", max_bytes=MAX_SPKI_BYTES))


def _certificate(value: object, path: str) -> str:
    pem = read_str(value, path, max_chars=MAX_LONG_TEXT)
    try:
        found = x509.load_pem_x509_certificates(pem.encode())
    except ValueError as error:
        raise Malformed("bad_value", field=path, wanted="one certificate in PEM") from error
    if len(found) != 1:
        raise Malformed("bad_value", field=path, wanted="one certificate in PEM")
    return pem
