"""
Run every check over one snapshot.

A repeatable-read transaction holds still what is read while servers go on writing; it is rolled back, so that the check
leaves no trace. Which files there are is listed before it. What it misses on disk is asked for again after it, since a
file goes when its row is gone.
"""

from collections.abc import Callable

from django.db import connection, transaction

from web.fsck import log, vault
from web.fsck.births import check_births
from web.fsck.caps import check_caps
from web.fsck.clearances import check_clearances
from web.fsck.data_keys import check_data_keys
from web.fsck.erasures import check_kept, explained
from web.fsck.notes import check_notes
from web.fsck.order import check_order
from web.fsck.own_keys import check_own_keys
from web.fsck.projections import check_projections
from web.fsck.prompts import check_prompts
from web.fsck.references import check_references
from web.fsck.report import Report, nobody
from web.fsck.sheets import check_sheets
from web.fsck.signatures import check_signatures
from web.fsck.statements import check_statements
from web.fsck.takes import check_takes
from web.fsck.unread import check_unread
from web.fsck.withdrawn import check_withdrawn


def run(*, media: bool = True, watch: Callable[[str, int], None] = nobody) -> Report:
    """
    Check log, statements, signatures, keys, files, notes and every projection; return what differs.

    ``media``: open every file of the vault, too; without, only whether it is there is asked. ``watch`` is called with
    what is looked at and how much of it, as it grows.
    """
    report = Report(watch=watch)
    served, stored = log.look(), vault.look()
    held = connection.in_atomic_block
    with transaction.atomic():
        if not held:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        log.check_log(served, report)
        gone = explained()
        said, erased = check_statements(gone, report)
        check_kept(gone, report)
        check_order(said, report)
        check_signatures(said, gone.keys, report)
        check_clearances(said, report)
        check_withdrawn(said, report)
        check_unread(said, report)
        check_prompts(said, report)
        check_caps(said, report)
        check_takes(said, gone.people, report)
        check_own_keys(report)
        files = vault.held_files()
        check_data_keys({one.file for one in files.values() if one.person is None}, report)
        missing = vault.check_vault(stored, files, gone, report, contents=media)
        check_notes(said, gone, report)
        check_births(report)
        check_references(gone, report)
        check_sheets(report)
        check_projections(said, erased, report)
        transaction.set_rollback(True)
    vault.still_missing(missing, report)
    return report
