"""
Compare the clearances that the vault believes with the statements that issued them.

A clearance's row is not a projection: the epochs it rests on are written by the services, and move on when a decision
is made again. What its statement says of it is compared: which bytes, what for, until when; and who ended it.
"""

from collections.abc import Iterator, Sequence

from consent.core.cleared import ClearanceIssued
from registry.core.times import whole_second
from registry.models import ClearanceRow, StatementRow
from web.fsck.report import Report
from web.fsck.statements import Said


def check_clearances(said: Sequence[Said], report: Report) -> None:
    """Compare rows and statements both ways; findings go into the report."""
    issued = {one.statement.digest: one.record for one in said if isinstance(one.record, ClearanceIssued)}
    replaced = {record.replaces: digest for digest, record in issued.items() if record.replaces is not None}
    rows = {row.digest: row for row in ClearanceRow.objects.iterator()}
    report.count("clearances", len(rows))
    for digest in sorted(rows.keys() - issued.keys()):
        report.add("clearance_stray", digest, "the vault would believe it and no statement issued it")
    for digest in sorted(issued.keys() - rows.keys()):
        report.add("clearance_missing", digest, "it was issued and the vault does not know it")
    for digest in sorted(issued.keys() & rows.keys()):
        for problem in _problems(rows[digest], issued[digest], replaced.get(digest)):
            report.add("clearance_differs", digest, problem)


def _problems(row: ClearanceRow, record: ClearanceIssued, replaced_by: str | None) -> Iterator[str]:
    if row.kind != record.kind or row.shot != record.shot:
        yield "it is for something else than its statement says"
    if sorted(map(tuple, row.assets)) != sorted(record.assets):
        yield "it names other bytes than its statement"
    if whole_second(row.expires_at) != record.expires_at:
        yield "it ends at another time than its statement says"
    if row.replaced_by != replaced_by:
        yield "it was replaced by another clearance than the statements say"
    if (row.closed_at is None) != (row.closed_by is None):
        yield "it was closed by nothing"
    if row.closed_by is not None and not StatementRow.objects.filter(digest=row.closed_by).exists():
        yield "it was closed by a statement that is not there"
