"""
Append a leaf, as part of the transaction that says what it stands for.

The leaf gets no number here. ``seq`` is drawn at the insert, after the caller's locks, so that of two statements that
touch the same head the later one has the higher ``seq``; the publisher numbers by it once it is committed. Nothing is
locked that all services share, so appends run side by side.
"""

from django.db import connection

from registry.core.entry import entry_bytes

_INSERT = """
    WITH leaf AS (INSERT INTO registry_leaf (digest, entry) VALUES (%s, %s) RETURNING seq)
    INSERT INTO registry_unnumbered (leaf_id) SELECT seq FROM leaf
"""


def append(digest: str, envelope_sha256: str, type: str) -> None:  # noqa: A002 - the entry's own word
    """
    Append one statement. Joins the caller's transaction; if that rolls back, nothing was appended.

    Raises ``IntegrityError`` where the digest is in the log already: there is one envelope a digest.
    """
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [digest, entry_bytes(digest=digest, envelope_sha256=envelope_sha256, type=type)])
