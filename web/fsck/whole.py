"""
Run every check over one snapshot.

A repeatable-read transaction holds still what is read while servers go on writing; it is rolled back, so that the check
leaves no trace. Files are read as they are: the publisher may be ahead of the snapshot, never behind it.
"""

from django.db import connection, transaction

from web.fsck.clearances import check_clearances
from web.fsck.data_keys import check_data_keys
from web.fsck.erasures import check_kept, explained
from web.fsck.log import check_log
from web.fsck.order import check_order
from web.fsck.projections import check_projections
from web.fsck.report import Report
from web.fsck.sheets import check_sheets
from web.fsck.signatures import check_signatures
from web.fsck.statements import check_statements


def run() -> Report:
    """Check the log, the statements, their signatures, clearances and every projection; return what differs."""
    report = Report()
    held = connection.in_atomic_block
    with transaction.atomic():
        if not held:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        check_log(report)
        gone = explained()
        said, erased = check_statements(gone, report)
        check_kept(gone, report)
        check_order(said, report)
        check_signatures(said, gone.keys, report)
        check_clearances(said, report)
        check_data_keys(report)
        check_sheets(report)
        check_projections(said, erased, report)
        transaction.set_rollback(True)
    return report
