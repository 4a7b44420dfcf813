"""
Ask whether what was accepted was accepted in the order of the log, and before the checkpoint that covers it was signed.

When a statement was accepted nobody signed: an operator who writes a time of his own makes an old word of a new one.
The log's order is signed, and so are the times of its checkpoints. Numbers are drawn after the clock is read, so that
neighbours may stand the other way round by as long as a transaction takes.
"""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from registry.models import Checkpoint, Entry
from web.fsck.report import Report
from web.fsck.statements import Said

APART: Final = timedelta(minutes=5)  # of clocks, when a database moves to another machine, and of transactions


def check_order(said: Sequence[Said], report: Report) -> None:
    """Compare times along the log; findings go into the report. ``said`` is in the order of the log."""
    places = dict(Entry.objects.values_list("leaf__digest", "index"))
    signed = list(Checkpoint.objects.order_by("size").values_list("size", "published_at"))
    newest: datetime | None = None
    for one in said:
        digest = one.statement.digest
        if newest is not None and one.at < newest - APART:
            report.add("order_differs", digest, "its row says that it was accepted before what stands ahead of it")
        if (by := _covered_by(places.get(digest), signed)) is not None and one.at > by + APART:
            report.add("order_differs", digest, "its row says that it was accepted after its checkpoint was signed")
        newest = one.at if newest is None else max(newest, one.at)


def _covered_by(place: int | None, signed: Sequence[tuple[int, datetime]]) -> datetime | None:
    """Return when the first checkpoint that covers a place was signed; None where none does yet."""
    if place is None:
        return None
    first = bisect_right(signed, place, key=lambda one: one[0])
    return signed[first][1] if first < len(signed) else None
