"""
Most-favoured-nation groups: say so when somebody of a group has better pay in a project.

A group is a name that a grantee's grants bear in their private terms. Whenever a release or use rests on a grant of a
group, the grants of that group which the project rests on are compared, both ways. Who has less is told, and so is the
grantee; nobody is told who has more, or how much. Each pair alerts once.

Runs beside the workers; a pass that is repeated changes nothing.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import permutations
from typing import Final

from django.db import transaction
from uuid6 import uuid7

from generation.core.pay import compare
from generation.models import Compared, FavouredAlert, Shot, ShotGround
from generation.selectors.pay import PaidGrant, paid_grants

MAX_LOOKED: Final = 200  # statements of one pass


def look_for_better_pay(*, at: datetime) -> int:
    """Compare what was released since the last pass; return how many statements were looked at."""
    seen = Compared.objects.values("statement")
    rows = ShotGround.objects.exclude(statement__in=seen).order_by("at", "statement")
    fresh = dict(rows.values_list("statement", "shot")[: MAX_LOOKED * 10])
    projects = dict(Shot.objects.filter(id__in=set(fresh.values())).values_list("id", "project"))
    for project in sorted({projects[shot] for shot in fresh.values()}):
        statements = [statement for statement, shot in fresh.items() if projects[shot] == project]
        with transaction.atomic(durable=True):
            FavouredAlert.objects.bulk_create(_alerts(project, at), ignore_conflicts=True)
            Compared.objects.bulk_create(
                (Compared(statement=statement, at=at) for statement in statements), ignore_conflicts=True
            )
    return len(fresh)


def _alerts(project: str, at: datetime) -> Iterator[FavouredAlert]:
    shots = Shot.objects.filter(project=project, release__isnull=False).values("id")
    grounds = ShotGround.objects.filter(shot__in=shots).values_list("grant", flat=True).distinct()
    paid = {grant.digest: grant for grant in paid_grants(grounds).values()}
    for own, other in permutations(_in_groups(paid.values()), 2):
        if not _same_group(own, other) or own.terms is None or other.terms is None:
            continue
        if favour := compare(own.terms, other.terms):
            for party in sorted({own.grantor, own.grantee}):
                yield FavouredAlert(
                    id=str(uuid7()),
                    party=party,
                    project=project,
                    grant=own.digest,
                    other=other.digest,
                    kind=favour,
                    at=at,
                )


def _in_groups(grants: Iterable[PaidGrant]) -> list[PaidGrant]:
    return [grant for grant in grants if grant.terms is not None and grant.terms.mfn is not None]


def _same_group(own: PaidGrant, other: PaidGrant) -> bool:
    assert own.terms is not None
    assert other.terms is not None
    same = (own.grantee, own.terms.mfn) == (other.grantee, other.terms.mfn)
    return same and own.grantor != other.grantor
