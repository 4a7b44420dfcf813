"""
The statements of a deal, in the order in which they were made: each an entry `type: name` with its fields.

`by` says who issues it and, where not the issuer alone signs, `signed` whose keys do; `dated` is the day it was issued,
that of the statement before where it is left out; `logged: false` says that it is not under a checkpoint yet. The
fields of most types are in ``tests.deal_shapes``; what people, projects and material are is in ``tests.deal_setting``.
"""

from datetime import datetime
from typing import Any, Final

from tests.deal_setting import MATERIAL, PROJECT, WORK, add_material, add_project, add_work
from tests.deal_shapes import BARS_ASSETS, BARS_BOTH, BARS_PERSONS, ISSUER, ITSELF, LICENCE, SHAPES, WANTED, Shape, Word
from tests.deal_terms import SET_UP, Book, about, optional, paper, projects, statement, time, words
from tests.deal_text import Part, UnreadableDeal, moment
from tests.decisions import SIGNED, Body, id_of

LATER: Final = {PROJECT: add_project, WORK: add_work, MATERIAL: add_material}
AMENDED: Final = "licence.amended"
SUSPENDED: Final = "suspension.declared"
HAPPENED: Final = "event.recorded"
TYPES: Final = frozenset({*SHAPES, *LATER, AMENDED, SUSPENDED, HAPPENED})
ON_PERSONS: Final = ("performer", "union")


def add_statements(entries: list[Any], book: Book) -> None:
    """Add every statement of a deal to its log."""
    dated = None
    for entry in entries:
        dated = _add(entry, book, dated)


def _add(entry: Any, book: Book, before: datetime | None) -> datetime:
    part = Part(entry, book.where)
    type_, name = part.one_of(TYPES)
    part.where = f"{book.where}, {name}"
    dated = moment(part.take("dated")) if part.has("dated") else before or SIGNED
    if dated < (before or SET_UP):
        raise UnreadableDeal(f"{part.where}: it is dated before the statement above it")
    if type_ in LATER:
        LATER[type_](name, part.rest(), book, dated)
        return dated
    issuer = part.take("by")
    book.id(issuer, "party")
    signers = tuple(part.list("signed", []))
    for signer in signers:
        book.id(signer, "party")
    logged = part.take("logged", True)
    book.told[name] = part.told()
    body = _body(type_, name, part, issuer, book)
    part.finish()
    book.add(name, type_, issuer, body, signers=signers, logged=logged, issued_at=dated)
    return dated


def _body(type_: str, name: str, part: Part, issuer: str, book: Book) -> Body:
    if type_ == AMENDED:
        return _amended(part, issuer, book)
    if type_ == SUSPENDED:
        book.introduce(name, "suspension")
        return {"suspension": id_of(name)} | _suspended(part, issuer, book)
    if type_ == HAPPENED:
        return _happened(part, book)
    shape = SHAPES[type_]
    if shape.introduces and not part.has(shape.introduces):
        book.introduce(name, shape.introduces)
    return _shaped(shape, name, part, issuer, book)


def _shaped(shape: Shape, name: str, part: Part, issuer: str, book: Book) -> Body:
    body = dict(shape.fixed)
    if shape.introduces:
        body[shape.introduces] = id_of(name)
    for word, held in shape.words.items():
        body[held.into or word] = _value(part, word, held, name, issuer, book)
    return body


def _value(part: Part, word: str, held: Word, name: str, issuer: str, book: Book) -> Any:
    usual = {ISSUER: issuer, ITSELF: name}.get(held.usual) if held.usual in (ISSUER, ITSELF) else held.usual
    return held.read(part.take(word) if held.usual is WANTED else part.take(word, usual), book)


def _amended(part: Part, issuer: str, book: Book) -> Body:
    """An amendment states the terms that change; the others are those of the licence, or of the `like` amendment."""
    name = part.take("licence")
    licence = statement(name, book)
    like = part.take("like", name)
    changed = part.take("terms")
    told = {**book.told[like], **changed}
    book.told[part.where.rsplit(", ", 1)[1]] = told
    terms = Part({word: value for word, value in told.items() if word in LICENCE}, f"{part.where}, terms")
    unknown = set(changed) - set(LICENCE)
    if unknown:
        raise UnreadableDeal(f"{part.where}: a licence has no {sorted(unknown)}")
    return {
        "licence": licence,
        "effective_from": time(part.take("effective_from"), book),
        "terms": _shaped(Shape(LICENCE), name, terms, issuer, book),
        "document_sha256": None,
    }


def _suspended(part: Part, issuer: str, book: Book) -> Body:
    ((on, name),) = part.take("on").items()
    persons = {**dict.fromkeys(ON_PERSONS, BARS_PERSONS), "grantee": BARS_BOTH}
    return {
        "kind": part.take("kind"),
        "by": id_of(issuer),
        "on": {"kind": on, "id": book.id(name, "party", "work", "asset")},
        "scopes": persons.get(on, BARS_ASSETS)(part.take("bars", "everything"), book),
        "agreements": words(part.take("agreements", []), book),
        "excepted_projects": projects(part.take("excepted_projects", []), book),
        "document_sha256": optional(paper)(part.take("document", None), book),
    }


def _happened(part: Part, book: Book) -> Body:
    return {
        "event": part.take("event"),
        **about(part.take("of"), book),
        "territory": part.take("territory", None),
        "on": part.take("day"),
        "utc_offset": part.take("utc_offset", 0),
        "document_sha256": optional(paper)(part.take("document", None), book),
    }
