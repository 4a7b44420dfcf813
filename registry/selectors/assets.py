"""Assets and what they are made of."""

from collections.abc import Iterable
from typing import Final

from django.db import connection

from registry.errors import Unknown
from registry.models import Appearance, Asset

_PARTS: Final = """
    WITH RECURSIVE inside (id) AS (
        SELECT unnest(%s::uuid[]) UNION
        SELECT c.component FROM registry_component c JOIN inside i ON c.asset = i.id
    ) SELECT id::text FROM inside
"""


def require_asset(asset: str, *, field: str | None = None) -> Asset:
    row = Asset.objects.filter(id=asset).first()
    if row is None:
        raise Unknown(kind="asset", id=asset, field=field)
    return row


def is_part_of(part: str, whole: str) -> bool:
    """Say whether one asset is the other, or a component of it at any depth."""
    return part in with_parts([whole])


def with_parts(assets: Iterable[str]) -> frozenset[str]:
    """Return assets with their components at any depth."""
    with connection.cursor() as cursor:
        cursor.execute(_PARTS, [list(assets)])
        return frozenset(asset for (asset,) in cursor.fetchall())


def performers_in(assets: Iterable[str]) -> frozenset[str]:
    """Return who is recorded in assets or in parts of them."""
    rows = Appearance.objects.filter(asset__in=with_parts(assets))
    return frozenset(rows.values_list("performer", flat=True))
