"""
The one door from stored bytes to an engine or a trainer.

1. The clearance's statement is in the log's leaves, and its row says the same as the value in hand.
2. It is neither closed, replaced nor past its end by the database's clock.
3. It names the asset.
4. The bytes decrypt, and their SHA-256 is that of the clearance and of the asset's registration.
5. Every head on which it rests has the epoch that its decision saw, still now that the bytes are in memory.

INVARIANT (closed-conditioning): each failure raises, and nothing is returned before the last check.
"""

from django.db import connection
from django.db.models import DateTimeField, Func

from registry.core.clearance import Clearance
from registry.core.errors import DomainError
from registry.core.jcs import sha256_hex
from registry.models import Asset, ClearanceRow, Leaf
from registry.vault.files import read


class NotCleared(DomainError):
    """No logged clearance names this asset with these bytes."""

    code = "not_cleared"
    status = 403

    def __init__(self, *, asset: str, clearance: str) -> None:
        super().__init__(f"clearance `{clearance}` does not open asset `{asset}`")


class ClearanceExpired(DomainError):
    """Its time is over."""

    code = "clearance_expired"
    status = 403

    def __init__(self, *, clearance: str) -> None:
        super().__init__(f"clearance `{clearance}` has expired")


class ClearanceClosed(DomainError):
    """The shot was closed or released, or a later decision took the clearance's place."""

    code = "clearance_closed"
    status = 403

    def __init__(self, *, clearance: str) -> None:
        super().__init__(f"clearance `{clearance}` is closed")


class ClearanceStale(DomainError):
    """Something that the decision read was narrowed since: decide again."""

    code = "clearance_stale"
    status = 409

    def __init__(self, *, clearance: str, head: str) -> None:
        super().__init__(f"clearance `{clearance}` rests on `{head}`, which has changed since")


class BytesMismatch(DomainError):
    """The stored bytes are not those that were registered and cleared."""

    code = "bytes_mismatch"
    status = 409

    def __init__(self, *, asset: str) -> None:
        super().__init__(f"the stored bytes of asset `{asset}` are not those that were registered and cleared")


def open(clearance: Clearance, asset: str) -> bytes:  # noqa: A001 - the vault's own word: `vault.open`
    """Decrypt to memory what a live clearance names; every other case raises."""
    row = _live_row(clearance, asset)
    sha256 = clearance.sha256_of(asset)
    if sha256 is None or [asset, sha256] not in row.assets:
        raise NotCleared(asset=asset, clearance=clearance.digest)
    plain = read(asset)
    registered = Asset.objects.filter(id=asset).values_list("sha256", flat=True).first()
    if not sha256_hex(plain) == sha256 == registered:
        raise BytesMismatch(asset=asset)
    _check_epochs(row)
    return plain


def _live_row(clearance: Clearance, asset: str) -> ClearanceRow:
    """Return the clearance as the database has it: logged, of the same kind, open."""
    digest = clearance.digest
    row = ClearanceRow.objects.annotate(now=_CLOCK).filter(digest=digest, kind=clearance.kind).first()
    if row is None or not Leaf.objects.filter(digest=digest).exists():
        raise NotCleared(asset=asset, clearance=digest)
    if row.closed_at is not None or row.closed_by is not None or row.replaced_by is not None:
        raise ClearanceClosed(clearance=digest)
    if row.now >= row.expires_at:
        raise ClearanceExpired(clearance=digest)
    return row


def _check_epochs(row: ClearanceRow) -> None:
    """Compare every head that the decision read; one that has no row any more is a changed one."""
    kinds, idents, epochs = zip(*row.heads, strict=True) if row.heads else ((), (), ())
    with connection.cursor() as cursor:
        cursor.execute(_CHANGED, [list(kinds), list(idents), list(epochs)])
        changed = cursor.fetchone()
    if changed is not None:
        raise ClearanceStale(clearance=row.digest, head=":".join(changed))


_CLOCK = Func(function="clock_timestamp", output_field=DateTimeField())  # not the start of a transaction
_CHANGED = """
    SELECT seen.kind, seen.id FROM unnest(%s::text[], %s::text[], %s::bigint[]) AS seen (kind, id, epoch)
    LEFT JOIN registry_head AS head ON head.kind = seen.kind AND head.id = seen.id
    WHERE head.epoch IS DISTINCT FROM seen.epoch LIMIT 1
"""
