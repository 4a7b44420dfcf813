"""
Append a statement to the log, as part of the transaction of whoever accepts it.

Its row is its leaf, and waits for its number in the publisher's queue: one command writes both. ``seq`` is drawn at the
insert, after the caller's locks, so that of two statements that touch the same head the later one has the higher
``seq``; the publisher numbers by it once it is committed. Nothing is locked that all services share, so appends run
side by side.
"""

from dataclasses import dataclass
from datetime import datetime

from registry.prepared import run

# The loser of two calls with one envelope waits here until the winner commits, and then inserts nothing.
_INSERT = """
    WITH leaf AS (
        INSERT INTO registry_statement
            (issued_at, accepted_at, issuer, subject, digest, envelope_sha256, type, envelope, text)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (digest) DO NOTHING RETURNING seq
    )
    INSERT INTO registry_unnumbered (leaf_id) SELECT seq FROM leaf
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What is stored of a statement; envelope and text are ciphertext."""

    digest: str
    envelope_sha256: str
    type: str
    issuer: str
    issued_at: datetime
    accepted_at: datetime
    subject: str | None
    envelope: bytes
    text: bytes | None


def append(row: Row) -> bool:
    """
    Append one statement; False where its digest is in the log already: there is one envelope a digest.

    Joins the caller's transaction; if that rolls back, nothing was appended.
    """
    return bool(
        run(
            _INSERT,
            [row.issued_at, row.accepted_at, row.issuer, row.subject, bytes.fromhex(row.digest),
             bytes.fromhex(row.envelope_sha256), row.type, row.envelope, row.text],
        ).rowcount
    )  # fmt: skip
