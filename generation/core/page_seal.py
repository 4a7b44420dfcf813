"""
The registry's seal over the page of a record: what a person sees is what the registry set, byte for byte.

The seal is an attachment inside the file that it seals. What is hashed is the whole file with the seal's own bytes
blanked, so that nothing in it (page, letters, other attachments, where they stand) can change without the seal failing.
It is a DSSE signature over JCS, with a payload type of its own, so that it can never pass for a statement:

    {"digest":"<statement>","file_sha256":"<blanked file>","language":"fr","v":1}

What it proves is who set the page, not that the page is right: the signed text stands in an attachment of its own.
"""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from registry.core.envelope import Signature, pae
from registry.core.fields import Reader
from registry.core.jcs import Json, canonical, parse_canonical, sha256_hex
from registry.core.keys import PublicKey

SEAL_TYPE: Final = "application/vnd.proviso.record-page.v1+json"
MAX_SEAL_BYTES: Final = 16 * 1024  # a post-quantum signature takes 3,300 in base64
_BLANK: Final = b" "

Sign = Callable[[bytes], Signature]  # message -> the registry's signature


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    digest: str  # of the statement
    file_sha256: str
    language: str
    signature: Signature

    @classmethod
    def parse(cls, data: bytes) -> "Seal":
        """Read a seal in its one spelling."""
        outer = Reader(parse_canonical(data, max_bytes=MAX_SEAL_BYTES))
        outer.choice("payloadType", {SEAL_TYPE})
        payload = outer.base64("payload", max_bytes=MAX_SEAL_BYTES)
        (signature,) = outer.list_of("signatures", Signature.parse, min_items=1, max_items=1)
        outer.finish()
        body = Reader(parse_canonical(payload), "payload")
        body.int("v", 1, 1)
        seal = cls(
            digest=body.digest("digest"),
            file_sha256=body.digest("file_sha256"),
            language=body.str("language"),
            signature=signature,
        )
        body.finish()
        return seal

    @property
    def payload(self) -> bytes:
        return _payload(self.digest, self.file_sha256, self.language)

    def fault(self, key: PublicKey) -> str | None:
        """Say why this is not the seal of ``key``, or None where it is."""
        return self.signature.fault(key, pae(SEAL_TYPE, self.payload))


def write_seal(*, digest: str, file_sha256: str, language: str, sign: Sign) -> bytes:
    """Return the seal's bytes; as many for any hash, so that room can be left for them before there is one."""
    payload = _payload(digest, file_sha256, language)
    outer: dict[str, Json] = {
        "payload": base64.b64encode(payload).decode(),
        "payloadType": SEAL_TYPE,
        "signatures": [sign(pae(SEAL_TYPE, payload)).format()],
    }
    return canonical(outer)


def blanked_sha256(data: bytes, start: int, length: int) -> str:
    """Hash a file with the seal's bytes blanked."""
    return sha256_hex(data[:start] + _BLANK * length + data[start + length :])


def _payload(digest: str, file_sha256: str, language: str) -> bytes:
    return canonical({"digest": digest, "file_sha256": file_sha256, "language": language, "v": 1})
