"""
Who and what a deal is about: parties, projects, works and material, registered before it begins.

`registry`, `notary` and the engine's weights are there in every deal. A performer's identity is vouched for by the
notary; material belongs to whoever registered it; each of these unless the deal says otherwise.
"""

from datetime import datetime
from typing import Any, Final

from tests.deal_terms import SET_UP, Book, optional, party, project, words
from tests.deal_text import Part, UnreadableDeal
from tests.deal_words import CONTENTS
from tests.decisions import WEIGHTS, appearance, asset, claim, component, id_of, public, vouch
from tests.decisions import party as a_party

PROJECT, WORK, MATERIAL = "project.registered", "work.registered", "asset.registered"
ORGANISATIONS: Final = ("company", "union", "society")
PERSONS: Final = ("performer", "person", "court officer")
ASPECTS: Final = {
    "footage": ["motion", "picture", "style"],
    "motion": ["motion"],
    "music": ["sound"],
    "voice": ["sound"],
}
APPEARS: Final = {"footage": ["body", "face", "performance"], "motion": ["performance"], "voice": ["voice"]}
RIGHTS: Final = {"music": ["master", "composition"], "voice": ["master"], "artwork": ["artwork"]}


def add_setting(part: Part, book: Book) -> None:
    """Register everything that a deal says is there."""
    _add_party("registry", {"is": "company"}, book)
    _add_party("notary", {"is": "person"}, book)
    book.add("weights", "weights.trained", "registry", {"weights": WEIGHTS}, shown=False, issued_at=SET_UP)
    officers = [name for name, who in part.part("who").each() if _add_party(name, who, book) == "court officer"]
    if officers:
        body = {"party": id_of("registry"), "assurance": {}, "attested_engines": False}
        officers_named = {"court_officers": sorted(map(id_of, officers))}
        book.add("courts", "policy.set", "registry", body | officers_named, issued_at=SET_UP)
    for section, add in (("projects", add_project), ("works", add_work), ("material", add_material)):
        for name, fields in part.part(section, {}).each():
            add(name, fields, book, SET_UP)


def _add_party(name: str, fields: Any, book: Book) -> str:
    part = Part({"is": fields} if isinstance(fields, str) else fields, f"{book.where}, who, {name}")
    kind: str = part.take("is")
    if kind not in (*ORGANISATIONS, *PERSONS):
        raise UnreadableDeal(f"{part.where}: nobody knows what a `{kind}` is")
    book.introduce(name, "party")
    person = kind in PERSONS
    body = a_party(
        name,
        kind="person" if person else "organisation",
        born=part.take("born", "1990-04-01" if person else None),
        domicile=part.take("domicile", "FR"),
        unions=sorted(id_of(union) for union in part.list("unions", [])),
        identifiers=part.take("identifiers", {}),
        affiliates=sorted(book.id(one, "party") for one in part.list("affiliates", [])),
        key=public(name),
    )
    vouched = part.take("vouched", kind == "performer")
    part.take("note", None)
    part.finish()
    book.add(name, "party.registered", name, body, issued_at=SET_UP)
    if vouched:
        book.add(f"{name} vouched", "identity.vouched", "notary", vouch(name), issued_at=SET_UP)
    return kind


def add_project(name: str, fields: Any, book: Book, at: datetime) -> None:
    part = Part({"kind": fields} if isinstance(fields, str) else fields, f"{book.where}, project {name}")
    book.introduce(name, "project")
    producer = part.take("by", "studio")
    body = {
        "project": id_of(name),
        "title": name.title(),
        "kind": part.take("kind"),
        "producer": party(producer, book),
        "agreement": part.take("agreement", None),
        "signatory": part.take("signatory", None),
        "governing_law": part.take("governing_law", None),
        "parent": optional(project)(part.take("part_of", None), book),
    }
    part.finish()
    book.add(name, PROJECT, producer, body, issued_at=at)


def add_work(name: str, fields: Any, book: Book, at: datetime) -> None:
    part = Part(fields, f"{book.where}, work {name}")
    book.introduce(name, "work")
    body = {"work": id_of(name), "title": name.title(), "kind": part.take("kind"), "identifiers": {}}
    book.add(name, WORK, part.take("by"), body, issued_at=at)
    part.finish()


def add_material(name: str, fields: Any, book: Book, at: datetime) -> None:
    """Register an asset, who is in it, what it is made of, and whose it is."""
    part = Part(fields, f"{book.where}, material {name}")
    book.introduce(name, "asset")
    kind, registrant = part.take("kind"), part.take("by")
    aspects = words(part.take("aspects", ASPECTS.get(kind, ["picture", "style"])), book)
    work = part.take("work", None)
    shows, contains = part.part("shows", {}), part.part("contains", {})
    people = [*shows.each()]
    parts = [*contains.each()]
    held = part.part("holds", {})
    contents = {content: held.take(content, "none") for content in CONTENTS}
    held.finish()
    if people and contents["people"] == "none":
        contents["people"] = "listed"
    body = asset(name, kind=kind, aspects=aspects, work=None if work is None else book.id(work, "work"), **contents)
    body["media"]["frames"] = part.take("frames", 1)
    owner = part.take("owner", registrant)
    rights = part.list("rights", RIGHTS.get(kind, ["picture", "master"] if "sound" in aspects else ["picture"]))
    part.finish()
    book.add(name, MATERIAL, registrant, body, issued_at=at)
    for person, where in people:
        add_appearance(name, person, where, kind, registrant, book, at)
    for inner, where in parts:
        add_component(name, inner, where, registrant, book, at)
    for right in rights if owner != "nobody" else []:
        book.id(owner, "party")
        book.add(f"{right} of {name}", "title.claimed", owner, claim(owner, name, right=right), issued_at=at)


def add_appearance(name: str, person: str, where: Any, kind: str, registrant: str, book: Book, at: datetime) -> None:
    part = Part(where or {}, f"{book.where}, {person} in {name}")
    book.id(person, "party")
    body = appearance(
        name,
        person,
        aspects=words(part.take("aspects", APPEARS.get(kind, ["body", "face"])), book),
        spans=part.take("frames", None),
    )
    part.finish()
    book.add(f"{person} in {name}", "appearance.recorded", registrant, body, issued_at=at)


def add_component(name: str, inner: str, where: Any, registrant: str, book: Book, at: datetime) -> None:
    part = Part(where or {}, f"{book.where}, {inner} in {name}")
    book.id(inner, "asset")
    aspects = words(part.take("aspects", ["picture"]), book)
    body = component(name, inner, aspects=aspects, spans=part.take("frames", None))
    part.finish()
    book.add(f"{inner} in {name}", "component.recorded", registrant, body, issued_at=at)
