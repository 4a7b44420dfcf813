"""
Ask whether what a note names is there.

What nothing else proves of a note, at least names things that exist: who reads that somebody opened a paper, or that a
shot was withdrawn, reads of that paper and that shot. A column that is a party of their own choosing, or that may name
what was erased since, is not asked.
"""

from typing import Final

from django.db.models import Model

from consent.models import Alert
from generation.models import ClearedUse, Compared, Cut, FavouredAlert, Release, Shot, ShotEvent, Told
from registry.models import (
    Document,
    DocumentReading,
    Notice,
    NoticeRead,
    Party,
    Project,
    StatementRow,
    Token,
)
from web.fsck.erasures import Explained
from web.fsck.report import Report

Columns = tuple[str, ...]
# (the note, its columns, what they name there). A row none of whose columns is null has to be found.
NAMED: Final[tuple[tuple[type[Model], Columns, type[Model], Columns], ...]] = (
    (Alert, ("party",), Party, ("id",)),
    (Alert, ("about",), StatementRow, ("digest",)),
    (Cut, ("project",), Project, ("id",)),
    (FavouredAlert, ("party",), Party, ("id",)),
    (FavouredAlert, ("project",), Project, ("id",)),
    (FavouredAlert, ("grant",), StatementRow, ("digest",)),
    (FavouredAlert, ("other",), StatementRow, ("digest",)),
    (NoticeRead, ("party", "digest"), Notice, ("party", "digest")),
    (ShotEvent, ("shot",), Shot, ("id",)),
    (Told, ("shot", "party", "project"), Shot, ("id", "for_party", "project")),
    (Told, ("grant",), StatementRow, ("digest",)),
    (Told, ("cause",), StatementRow, ("digest",)),
    (Token, ("used_for",), StatementRow, ("digest",)),
)


def check_references(gone: Explained, report: Report) -> None:
    """Look up what notes name; findings go into the report."""
    for model, columns, target, keys in NAMED:
        there = set(target._default_manager.values_list(*keys))
        rows = model._default_manager.exclude(**{columns[0]: None}).values_list("pk", *columns)
        for key, *named in rows.iterator():
            if tuple(named) not in there:
                report.add("note_dangles", f"{model._meta.db_table} {key}", f"`{columns[0]}` names what is not there")
    _check_compared(report)
    _check_readings(gone, report)
    _check_cuts(report)


def _check_compared(report: Report) -> None:
    there = {*Release.objects.values_list("digest", flat=True), *ClearedUse.objects.values_list("digest", flat=True)}
    for digest in sorted(set(Compared.objects.values_list("statement", flat=True)) - there):
        report.add("note_dangles", f"generation_compared {digest}", "`statement` names what is not there")


def _check_readings(gone: Explained, report: Report) -> None:
    """A paper that was read is there, or an erasure says that its bytes are gone."""
    there = set(Document.objects.values_list("id", "sha256"))
    for key, document, sha256 in DocumentReading.objects.values_list("pk", "document", "sha256").iterator():
        if (document, sha256) not in there and sha256 not in gone.bytes:
            report.add("note_dangles", f"registry_document_reading {key}", "`document` names what is not there")


def _check_cuts(report: Report) -> None:
    """Versions of a project's cut are dense: one that is missing was taken out."""
    due: dict[str, int] = {}
    for key, project, version in Cut.objects.order_by("project", "version").values_list("pk", "project", "version"):
        due[project] = due.get(project, 0) + 1
        if version != due[project]:
            report.add("note_dangles", f"generation_cut {key}", f"version {version} stands where {due[project]} is due")
