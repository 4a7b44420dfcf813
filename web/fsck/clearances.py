"""
Compare the clearances that the vault believes with the statements that issued them.

A clearance's row is not a projection: the heads it rests on are written by the services, and move on when a decision is
made again. What statements say of it is compared: which bytes, what for, until when; who ended it, and when. Of its
heads: that every asset it names is among them, and that none is ahead of where the head stands now, since such a one
would let a withdrawal pass unseen. One that is behind only makes whoever asks decide again.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from consent.core.cleared import ClearanceIssued
from generation.core.record import ShotReleased, WeightsTrained
from generation.kinds.shots import ShotClosed
from registry.core.times import whole_second
from registry.models import ClearanceRow, Head
from web.fsck.report import Report
from web.fsck.statements import Said


def check_clearances(said: Sequence[Said], report: Report) -> None:
    """Compare rows and statements both ways; findings go into the report."""
    issued = {one.statement.digest: one.record for one in said if isinstance(one.record, ClearanceIssued)}
    replaced = {record.replaces: digest for digest, record in issued.items() if record.replaces is not None}
    ends = _ends(said)
    epochs = {(kind, ident): epoch for kind, ident, epoch in Head.objects.values_list("kind", "ident", "epoch")}
    rows = {row.digest: row for row in ClearanceRow.objects.iterator()}
    report.count("clearances", len(rows))
    for digest in sorted(rows.keys() - issued.keys()):
        report.add("clearance_stray", digest, "the vault would believe it and no statement issued it")
    for digest in sorted(issued.keys() - rows.keys()):
        report.add("clearance_missing", digest, "it was issued and the vault does not know it")
    for digest in sorted(issued.keys() & rows.keys()):
        for problem in _problems(rows[digest], issued[digest], replaced.get(digest)):
            report.add("clearance_differs", digest, problem)
        if (rows[digest].closed_by, rows[digest].closed_at) != ends.get(digest, (None, None)):
            report.add("clearance_differs", digest, "it was closed by another statement, or at another time")
        for problem in _heads(rows[digest], epochs):
            report.add("clearance_differs", digest, problem)


def _ends(said: Sequence[Said]) -> Mapping[str, tuple[str, datetime]]:
    """Return what ended each clearance, and when: the first that did."""
    found: dict[str, tuple[str, datetime]] = {}
    for one in said:
        ended = one.record.replaces if isinstance(one.record, ClearanceIssued) else None
        if isinstance(one.record, ShotClosed | ShotReleased | WeightsTrained):
            ended = one.record.clearance
        if ended is not None:
            found.setdefault(ended, (one.statement.digest, one.at))
    return found


def _problems(row: ClearanceRow, record: ClearanceIssued, replaced_by: str | None) -> Iterator[str]:
    if row.kind != record.kind or row.shot != record.shot:
        yield "it is for something else than its statement says"
    if sorted(map(tuple, row.assets)) != sorted(record.assets):
        yield "it names other bytes than its statement"
    if whole_second(row.expires_at) != record.expires_at:
        yield "it ends at another time than its statement says"
    if row.replaced_by != replaced_by:
        yield "it was replaced by another clearance than the statements say"


def _heads(row: ClearanceRow, epochs: Mapping[tuple[str, str], int]) -> Iterator[str]:
    heads = {(kind, ident): epoch for kind, ident, epoch in row.heads}
    for kind, ident in sorted(heads.keys() - epochs.keys()):
        yield f"it rests on a head that is not there: {kind} {ident}"
    for head in sorted(heads.keys() & epochs.keys()):
        if heads[head] > epochs[head]:
            yield f"it rests on {' '.join(head)} as it never was"
    for asset, _ in row.assets:
        if ("asset", asset) not in heads:
            yield f"it opens asset {asset} and would not notice a withdrawal"
