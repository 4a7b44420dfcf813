"""What rights are in, and the papers behind them, in words: lines that several texts share."""

from collections.abc import Iterable
from datetime import date
from typing import Final

from registry.core.subjects import Subject
from registry.texts.layout import Line, Names, Pair, days

SUBJECTS: Final[dict[str, Pair]] = {
    "asset": ("File", "Fichier"),
    "catalogue": ("Catalogue", "Catalogue"),
    "work": ("Work", "Œuvre"),
}


def subject_lines(subjects: Iterable[Subject], names: Names) -> list[Pair]:
    """Name each of them, and what it is."""
    lines = []
    for subject in subjects:
        label, named = SUBJECTS[subject.kind], names(subject.id)
        lines.append((f"{label[0]}: {named}", f"{label[1]} : {named}"))
    return lines


def document_line(sha256: str | None, label: Pair = ("the document", "du document")) -> Pair | None:
    """Give the hash of a paper, if there is one; ``label`` says which paper, as it follows `SHA-256 of`."""
    if sha256 is None:
        return None
    return f"SHA-256 of {label[0]}: {sha256}", f"SHA-256 {label[1]} : {sha256}"


def signed_line(signed_on: date | None) -> Pair | None:
    if signed_on is None:
        return None
    english, french = days(signed_on)
    return f"Document signed on {english}", f"Document signé le {french}"


def indented(lines: Iterable[Line]) -> list[Line]:
    """Set lines under the one before them."""
    return [f"  {line}" if isinstance(line, str) else (f"  {line[0]}", f"  {line[1]}") for line in lines]
