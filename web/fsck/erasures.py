"""
What an erasure explains, and what it does not.

A statement that does not open is taken for erased only where an `erasure.done` in the log names its digest and the
person that its row is about. Whatever such a record says is gone and opens all the same is named; and so is anything
that was to be kept and is not, and anything that is kept and was not to be. Whether its seals hold, the vault says;
what they close does not leave it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from registry.core.erasure import Erasure, Kept, parse_erasure
from registry.core.errors import DomainError
from registry.core.fields import Reader
from registry.custody import CustodyError
from registry.models import KeptKey, KeptRow, StatementRow
from registry.statements import open_statement
from registry.vault import kept
from web.fsck.report import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """A statement of which only its row is left."""

    digest: str
    type: str
    subject: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """What the records of erasures say."""

    subjects: Mapping[str, str] = field(default_factory=dict)  # digest of what does not open -> whom it was about
    keys: frozenset[str] = frozenset()  # ids of keys that no statement shows any more
    people: frozenset[str] = frozenset()
    kept: Mapping[str, tuple[str, Kept]] = field(default_factory=dict)  # of what is still kept -> about whom, and why
    bytes: frozenset[str] = frozenset()  # SHA-256 of files that are gone, and digests beside them

    def explains(self, row: StatementRow) -> bool:
        return row.subject is not None and self.subjects.get(row.digest) == row.subject


def explained() -> Explained:
    """Read every `erasure.done`; one that cannot be read explains nothing, and is named with the statements."""
    records = [*_records()]
    asked = [(record, str(record.subject)) for record in records if record.cause == "asked"]
    lapsed = {digest for record in records if record.cause == "lapsed" for digest in record.destroyed}
    return Explained(
        subjects={digest: subject for record, subject in asked for digest in record.statements},
        keys=frozenset(keyid for record, _ in asked for keyid in record.keys),
        people=frozenset(subject for _, subject in asked),
        kept={
            one.digest: (subject, one) for record, subject in asked for one in record.kept if one.digest not in lapsed
        },
        bytes=frozenset(digest for record in records if record.cause != "lapsed" for digest in record.destroyed),
    )


def check_kept(found: Explained, report: Report) -> None:
    """Compare what is kept with what was to be, and try its seals; findings go into the report."""
    rows = {row.digest: row for row in KeptRow.objects.defer("sealed")}
    report.count("kept", len(rows))
    for digest in sorted(found.kept.keys() - rows.keys()):
        report.add("kept_missing", digest, "an erasure kept it, and it is not there")
    for digest in sorted(rows.keys() - found.kept.keys()):
        report.add("kept_stray", digest, "it is kept, and no erasure says why")
    for digest in sorted(rows.keys() & found.kept.keys()):
        subject, said = found.kept[digest]
        if (rows[digest].subject, rows[digest].reason, rows[digest].until) != (subject, said.reason, said.until):
            report.add("kept_differs", digest, "the erasure says otherwise of whom, why and until when")
    people, keys = {row.subject for row in rows.values()}, set(KeptKey.objects.values_list("subject", flat=True))
    for subject in sorted(people ^ keys):
        report.add(
            "kept_key_differs", f"registry_kept_key {subject}", "what is kept has no key, or a key is left of nothing"
        )
    for subject in sorted(people & keys):
        _try_seals(subject, report)


def _try_seals(subject: str, report: Report) -> None:
    """Where others hold the key, as behind a KMS they may, nothing is tried, and the count says so."""
    try:
        broken = kept.broken_seals(subject)
    except CustodyError:
        report.count("kept of people whose key is not ours", 1)
        return
    for digest, problem in broken.items():
        report.add("kept_unreadable", digest, f"what is kept of {subject}: {problem}")


def _records() -> Iterable[Erasure]:
    for digest in (
        StatementRow.objects.filter(type="erasure.done").order_by("accepted_at").values_list("digest", flat=True)
    ):
        try:
            opened = open_statement(digest)
            if opened is not None:
                yield parse_erasure(Reader(opened.statement.body, "body"))
        except DomainError:
            continue
