"""What works and catalogues hold: the assets that a grant of them reaches."""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection

from registry.core.subjects import Subject
from registry.models import CatalogueMember, LicenceSubject

# What a set of works, assets and catalogues holds: members of the catalogues, and assets of the works, among both only
# those said before a moment, where one is given.
_HELD = """
    WITH named (id) AS (SELECT unnest(%(ids)s::uuid[])),
    held (id) AS (
        SELECT id FROM named UNION
        SELECT m.member_id FROM registry_catalogue_member m JOIN named n ON m.catalogue = n.id
        WHERE %(before)s::timestamptz IS NULL OR m.accepted_at < %(before)s
    )
    SELECT id::text FROM held UNION
    SELECT a.id::text FROM registry_asset a JOIN held h ON a.work = h.id
    WHERE %(before)s::timestamptz IS NULL
       OR EXISTS (
           SELECT 1 FROM registry_statement s WHERE s.digest = decode(a.digest, 'hex') AND s.accepted_at < %(before)s
       )
"""


def held_by(subjects: Iterable[str], *, before: datetime | None) -> frozenset[str]:
    """Return these ids and those of all that they hold; with ``before`` only of what was said until then."""
    with connection.cursor() as cursor:
        cursor.execute(_HELD, {"ids": sorted(set(subjects)), "before": before})
        return frozenset(id_ for (id_,) in cursor.fetchall())


def reach_of(subjects: Iterable[Subject], *, new_assets: bool, said_at: datetime) -> frozenset[str]:
    """Return the ids of everything that a grant of these reaches."""
    return held_by((subject.id for subject in subjects), before=None if new_assets else said_at)


def catalogues_with(member: str) -> list[str]:
    """Return the catalogues that hold a work or asset."""
    rows = CatalogueMember.objects.filter(member_id=member).values_list("catalogue", flat=True)
    return sorted(str(catalogue) for catalogue in rows)


def licences_of(subjects: Iterable[str]) -> list[str]:
    """Return the licences whose terms name one of these."""
    rows = LicenceSubject.objects.filter(subject_id__in=list(subjects)).values_list("licence", flat=True)
    return sorted(set(rows))
