"""
Pick up what fell: rings that nobody heard, leases of workers that died, keys of calls long answered.

Runs beside the workers every few seconds, in as many places as there are workers; each pass only rings and forgets, so
that several at once do no harm.
"""

from datetime import datetime, timedelta

from django.db.models import Q

from generation.models import IdempotencyKey, Shot
from generation.services.bell import ring

SWEEP_S = 5  # between two passes
OVERDUE_S = 2  # a ring that led to anything has by then
KEYS_KEPT = timedelta(days=7)
MAX_RINGS = 1_000  # of one pass


def sweep(*, at: datetime) -> int:
    """Ring for every shot that waits for a worker and has none; return how many."""
    free = Q(lease_until=None) | Q(lease_until__lt=at)
    due = Q(not_before=None) | Q(not_before__lte=at)
    late = Q(updated_at__lte=at - timedelta(seconds=OVERDUE_S))
    waiting = list(
        Shot.objects.filter(free, due, late, todo__isnull=False).order_by("id").values_list("id", flat=True)[:MAX_RINGS]
    )
    for shot in waiting:
        ring(shot)
    IdempotencyKey.objects.filter(created_at__lt=at - KEYS_KEPT).delete()
    return len(waiting)
