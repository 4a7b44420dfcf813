"""Assets and what they are made of."""

from django.db import connection

from registry.errors import Unknown
from registry.models import Asset


def require_asset(asset: str, *, field: str | None = None) -> Asset:
    row = Asset.objects.filter(id=asset).first()
    if row is None:
        raise Unknown(kind="asset", id=asset, field=field)
    return row


def is_part_of(part: str, whole: str) -> bool:
    """Say whether one asset is the other, or a component of it at any depth."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE inside (id) AS (SELECT %s::uuid UNION "
            "SELECT c.component FROM registry_component c JOIN inside i ON c.asset = i.id) "
            "SELECT EXISTS (SELECT 1 FROM inside WHERE id = %s::uuid)",
            [whole, part],
        )
        return bool(cursor.fetchone()[0])
