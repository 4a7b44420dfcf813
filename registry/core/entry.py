"""The entry of the log: what gets hashed into the tree (``docs/formats.md`` section 7)."""

from registry.core.envelope import Envelope, parse_statement
from registry.core.jcs import canonical


def entry_bytes(*, digest: str, envelope_sha256: str, type: str) -> bytes:  # noqa: A002 - the entry's own word
    """Write an entry: it commits to the payload and, by the envelope's hash, to the signatures."""
    return canonical({"digest": digest, "envelope": envelope_sha256, "type": type, "v": 1})


def entry_of(envelope: Envelope) -> bytes:
    """Return the entry of a statement."""
    type_ = parse_statement(envelope.payload).type
    return entry_bytes(digest=envelope.digest, envelope_sha256=envelope.envelope_sha256, type=type_)
