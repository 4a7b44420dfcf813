"""What rights are in, and what a statement lists of them: works, assets and catalogues, boxes, product categories."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from registry.core.envelope import canonical
from registry.core.fields import Reader, read_str, read_uuid, require_sorted
from registry.core.scope import Scope

MAX_SCOPES: Final = 64  # boxes of one grant
MAX_SUBJECTS: Final = 1_000  # works, assets and catalogues of one licence; members of one catalogue statement
MAX_CATEGORIES: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Subject:
    kind: str  # asset | catalogue | work
    id: str


def read_subject(value: object, path: str, kinds: Collection[str]) -> Subject:
    """Read `{"kind","id"}`."""
    held = Reader(value, path)
    subject = Subject(kind=held.choice("kind", kinds), id=read_uuid(held.raw("id"), held.at("id")))
    held.finish()
    return subject


def read_subjects(body: Reader, name: str, kinds: Collection[str]) -> tuple[Subject, ...]:
    """Take 1 to 1,000 subjects, sorted by kind and id, none twice."""
    subjects = body.list_of(
        name, lambda value, path: read_subject(value, path, kinds), min_items=1, max_items=MAX_SUBJECTS
    )
    require_sorted([f"{subject.kind} {subject.id}" for subject in subjects], body.at(name))
    return subjects


def read_scopes(body: Reader) -> tuple[Scope, ...]:
    """Take ``scopes`` of plain windows: 1 to 64 boxes, sorted by their canonical bytes, none twice."""
    scopes = body.list_of("scopes", Scope.parse, min_items=1, max_items=MAX_SCOPES)
    require_sorted([canonical(scope.format()).decode() for scope in scopes], body.at("scopes"))
    return scopes


def read_categories(body: Reader) -> tuple[str, ...]:
    """Take ``product_categories``: sorted names, none twice; empty stands for every category."""
    names = body.list_of(
        "product_categories", lambda value, path: read_str(value, path, max_chars=80), max_items=MAX_CATEGORIES
    )
    require_sorted(names, body.at("product_categories"))
    return names
