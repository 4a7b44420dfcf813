"""
Ask whether every decision that was logged had read whatever narrowed what it read.

A decision follows threads from what it reads (``consent.selectors.closure``), under locks that every narrowing act
takes alone, so that it has read each one that stands before it in the log under anything it met. What it read is
signed, by a hash in clearance, release and cleared use; the rows that keep the list are held to it (``takes``). Who
takes the rows of a withdrawal, a "never" or a dispute away while a shot is asked for, and puts them back, is found out
here. Left out: what a licence bars others from, to which no thread leads.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from generation.models import Shot, ShotUse
from registry.models.threads import FOUND, LEADS, Thread
from registry.threads import Ref
from web.fsck.report import Report
from web.fsck.statements import Said

_FETCHED: Final = ("digest", "kind", "ident")


@dataclass(frozen=True, slots=True, kw_only=True)
class Threads:
    """Where statements stand in the log, to what each leads, and under what each narrowing one is found."""

    places: dict[str, int]
    leads: defaultdict[str, set[Ref]] = field(default_factory=lambda: defaultdict(set))
    narrowing: defaultdict[Ref, set[str]] = field(default_factory=lambda: defaultdict(set))

    @classmethod
    def of(cls, said: Sequence[Said]) -> "Threads":
        found = cls(places={one.statement.digest: place for place, one in enumerate(said)})
        for digest, kind, ident in Thread.objects.filter(way=LEADS).values_list(*_FETCHED).iterator():
            found.leads[digest].add(Ref(kind, ident))
        narrow = {one.statement.digest for one in said if one.kind.effect == "narrows"}
        for digest, kind, ident in Thread.objects.filter(way=FOUND).values_list(*_FETCHED).iterator():
            if digest in narrow:
                found.narrowing[Ref(kind, ident)].add(digest)
        return found

    def unread(self, read: Sequence[str], place: int) -> list[str]:
        """Return what narrows, was met by a decision that read these, stands before it, and was not read."""
        met = {ref for digest in read for ref in self.leads.get(digest, ())}
        due = {digest for ref in met for digest in self.narrowing.get(ref, ()) if self.places[digest] < place}
        return sorted(due - set(read))


def check_unread(said: Sequence[Said], report: Report) -> None:
    """Compare what decisions read with what there was; findings go into the report."""
    threads = Threads.of(said)
    for digest, read in _decided():
        if digest in threads.places:
            for missing in threads.unread(read, threads.places[digest]):
                report.add("statement_unread", digest, f"it was decided without {missing}, which was in force")


def _decided() -> Iterator[tuple[str, list[str]]]:
    """Yield statements that log a decision, each with the digests that it read."""
    for row in Shot.objects.order_by("id").iterator():
        for digest, read in ((row.clearance, row.clearance_digests), (row.release, row.release_digests)):
            if digest is not None:
                yield digest, list(read or ())
    for use in ShotUse.objects.exclude(statement=None).order_by("id").iterator():
        assert use.statement is not None  # as the query says
        yield use.statement, list(use.digests)
