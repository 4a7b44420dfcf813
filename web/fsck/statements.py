"""
Open every statement and compare it with its row, its leaf and its private part.

Returns what was said, in the order of the log, for the checks that replay it. A statement that cannot be opened is
named and left out, so that what rests on it differs too; one that an erasure explains is left out and returned apart:
of that only what the log and the erasure say is compared.

When a statement was accepted nobody signed. What the registry itself recorded says so to the second; of others it lies
within the time for which they are taken in, and projections that hold it are compared to the microsecond.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

from django.conf import settings

from registry import vault
from registry.core.envelope import Envelope, Statement
from registry.core.errors import DomainError
from registry.core.jcs import canonical, sha256_hex
from registry.core.times import whole_second
from registry.kinds.kind import Kind
from registry.models import Leaf, PrivateRow, StatementRow
from registry.services.accept import NEWEST, OLDEST, read_body
from registry.statements import Opened, open_private, open_statements, owner_of
from web.fsck.erasures import Erased, Explained
from web.fsck.report import Report
from web.statements import KINDS

BATCH: Final = 500  # statements opened at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One statement, read again from its bytes."""

    envelope: Envelope
    statement: Statement
    kind: Kind
    record: Any
    subject: str | None  # whom its row is about
    at: datetime  # when it was accepted


def check_statements(gone: Explained, report: Report) -> tuple[list[Said], list[Erased]]:
    """Compare rows, leaves and contents; return what could be read, by the order of the log, and what was erased."""
    digests = list(StatementRow.objects.order_by("seq").values_list("digest", flat=True))
    for digest in sorted(set(PrivateRow.objects.values_list("digest", flat=True)) - set(digests)):
        report.add("private_stray", f"registry_private {digest}", "a private part stands without its statement")
    report.count("statements", len(digests))
    said: list[Said] = []
    erased: list[Erased] = []
    for start in range(0, len(digests), BATCH):
        said += _check_batch(digests[start : start + BATCH], gone, erased, report)
    report.count("erased", len(erased))
    return said, erased


def _check_batch(digests: list[str], gone: Explained, erased: list[Erased], report: Report) -> Iterator[Said]:
    rows = StatementRow.objects.in_bulk(digests)
    entries = dict(Leaf.objects.filter(digest__in=digests).values_list("digest", "entry"))
    privates = PrivateRow.objects.in_bulk(digests)
    opened = _open(rows, digests, gone, report)
    for digest in digests:
        if gone.explains(rows[digest]):
            if digest in opened:
                report.add("erased_readable", digest, "an erasure says that it is gone, and it opens")
            for fault, detail in _logged_otherwise(rows[digest], bytes(entries[digest])):
                report.add(fault, digest, detail)
            erased.append(_erased(rows[digest]))
        elif digest in opened:
            for fault, detail in _differences(rows[digest], bytes(entries[digest]), opened[digest]):
                report.add(fault, digest, detail)
            one = _read(rows[digest], opened[digest], privates.get(digest), report)
            if one is not None:
                yield one


def _erased(row: StatementRow) -> Erased:
    assert row.subject is not None  # else no erasure explains it
    return Erased(digest=row.digest, type=row.type, subject=row.subject, at=row.accepted_at)


def _open(rows: Mapping[str, StatementRow], digests: list[str], gone: Explained, report: Report) -> dict[str, Opened]:
    """Open many at once; where one of them does not open, one by one, so that the fault is named."""
    try:
        opened = open_statements(digests)
    except DomainError as error:
        if len(digests) == 1:
            report.add("statement_unreadable", digests[0], str(error))
            return {}
        return {digest: one for each in digests for digest, one in _open(rows, [each], gone, report).items()}
    for digest in digests:
        if digest not in opened and not gone.explains(rows[digest]):
            owner = owner_of(rows[digest].subject)
            problem = f"the data key that it was stored under is gone: registry_datakey `{owner}`"
            report.add("statement_unreadable", digest, problem)
    return opened


def _differences(row: StatementRow, entry: bytes, opened: Opened) -> Iterator[tuple[str, str]]:
    envelope, statement = opened.envelope, opened.statement
    if envelope.digest != row.digest:
        yield "digest_differs", f"the payload hashes to {envelope.digest}"
    if envelope.envelope_sha256 != row.envelope_sha256:
        yield "envelope_differs", "the stored envelope is not the one that was accepted"
    yield from _logged_otherwise(row, entry)
    for name in ("type", "issuer", "issued_at"):
        if getattr(row, name) != getattr(statement, name):
            yield "column_differs", f"its column `{name}` is not what the statement says"


def _logged_otherwise(row: StatementRow, entry: bytes) -> Iterator[tuple[str, str]]:
    if entry != canonical({"digest": row.digest, "envelope": row.envelope_sha256, "type": row.type, "v": 1}):
        yield "leaf_differs", "the log commits to another envelope or type"


def _read(row: StatementRow, opened: Opened, private: PrivateRow | None, report: Report) -> Said | None:
    statement, digest = opened.statement, row.digest
    kind = KINDS.get(statement.type)
    if kind is None:
        report.add("type_unknown", digest, f"no kind reads {statement.type}")
        return None
    try:
        record, shown = read_body(statement, kind)
    except DomainError as error:
        report.add("statement_unreadable", digest, str(error))
        return None
    if not opened.whole:
        report.count("texts_without_names", 1)
    elif (None if opened.text is None else sha256_hex(opened.text.encode())) != (shown.text_sha256 if shown else None):
        report.add("text_differs", digest, "the stored text is not the one that was signed")
    if problem := _private_problem(opened, private, shown.private_sha256 if shown else None, digest):
        report.add("private_differs", digest, problem)
    if not _is_timely(statement, kind, opened.accepted_at):
        report.add("column_differs", digest, "its column `accepted_at` is a time at which it was not taken in")
    return Said(
        envelope=opened.envelope,
        statement=statement,
        kind=kind,
        record=record,
        subject=row.subject,
        at=opened.accepted_at,
    )


def _is_timely(statement: Statement, kind: Kind, at: datetime) -> bool:
    """Say whether it may have been accepted then; the sample library, which was signed long ago, at any later time."""
    if kind.effect == "records":
        return whole_second(at) == statement.issued_at
    return statement.issued_at - NEWEST <= at and (at <= statement.issued_at + OLDEST or statement.digest in pinned())


@cache
def pinned() -> frozenset[str]:
    path = settings.BASE_DIR / "library" / "pins.json"
    return frozenset(json.loads(path.read_text("utf-8"))["digests"]) if path.exists() else frozenset()


def _private_problem(opened: Opened, private: PrivateRow | None, signed: str | None, digest: str) -> str | None:
    if private is None and signed is None:
        return None
    if private is None or signed is None or private.sha256 != signed:
        return "the private part is not the one that was signed, or is gone"
    try:
        plain = canonical(open_private(digest, opened.subject))
    except vault.TextDamaged as error:
        return str(error)
    return None if sha256_hex(plain) == signed else "the private part is not the one that was signed"
