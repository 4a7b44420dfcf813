"""
The words of a deal turned into the JSON of statements: names into ids, days into times, a few lines into a box.

``Book`` knows every name that a deal has introduced, so that a misspelt one is an error and not a stranger.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from registry.core.envelope import canonical
from registry.core.terms import ACTS, ASPECTS, LABELS, MEDIA, PURPOSES, expand_languages, expand_territories
from tests.deal_text import Part, UnreadableDeal, as_list, time_text
from tests.decisions import Body, Step, World, id_of

SET_UP: Final = datetime(2026, 1, 1, tzinfo=UTC)
EVENTS_OF: Final = ("work", "project", "party")
OF_PERSONS: Final = ("body", "face", "name", "performance", "voice")
OF_ASSETS: Final = ("motion", "picture", "sound", "style", "text")
DIMENSIONS: Final = {"acts": ACTS, "aspects": ASPECTS, "purposes": PURPOSES, "media": MEDIA}


@dataclass
class Book:
    """The statements of a deal so far, and what each name in it is the name of."""

    where: str
    world: World = field(default_factory=lambda: World(steps={}))
    kinds: dict[str, str] = field(default_factory=dict)  # name -> party | project | work | asset | …
    told: dict[str, dict[str, Any]] = field(default_factory=dict)  # statement -> its words, for what changes it later

    def introduce(self, name: str, kind: str) -> None:
        if name in self.kinds:
            raise UnreadableDeal(f"{self.where}: `{name}` is the name of two things")
        self.kinds[name] = kind

    def id(self, name: Any, *kinds: str) -> str:
        """Return the id of a name that was introduced as one of these kinds."""
        if self.kinds.get(name) not in kinds:
            raise UnreadableDeal(f"{self.where}: there is no {' or '.join(kinds)} called `{name}`")
        return id_of(name)

    def digest(self, name: Any) -> str:
        if name not in self.world.steps:
            raise UnreadableDeal(f"{self.where}: there is no statement called `{name}`")
        return self.world.digest(name)

    def add(self, name: str, type_: str, issuer: str, body: Body, **options: Any) -> None:
        if name in self.world.steps:
            raise UnreadableDeal(f"{self.where}: two statements are called `{name}`")
        self.world.add(name, type_, issuer, body, **options)

    def by_now(self, at: datetime) -> dict[str, Step]:
        """Return the statements that had been made at a moment."""
        return {name: step for name, step in self.world.steps.items() if step.issued_at <= at}

    def name_of(self, digest: str | None) -> str | None:
        return next((name for name in self.world.steps if self.world.digest(name) == digest), None)


Read = Callable[[Any, Book], Any]


def party(value: Any, book: Book) -> str:
    return book.id(value, "party")


def parties(value: Any, book: Book) -> list[str]:
    return sorted(party(one, book) for one in as_list(value))


def project(value: Any, book: Book) -> str:
    return book.id(value, "project")


def projects(value: Any, book: Book) -> list[str]:
    return sorted(project(one, book) for one in as_list(value))


def asset(value: Any, book: Book) -> str:
    return book.id(value, "asset")


def statement(value: Any, book: Book) -> str:
    return book.digest(value)


def statements(value: Any, book: Book) -> list[str]:
    return sorted(book.digest(one) for one in as_list(value))


def plain(value: Any, book: Book) -> Any:
    return value


def words(value: Any, book: Book) -> list[Any]:
    return sorted(as_list(value))


def time(value: Any, book: Book) -> str:
    return time_text(value)


def paper(value: Any, book: Book) -> str:
    """Return the hash of a document, which a deal only names."""
    return hashlib.sha256(f"document {value}".encode()).hexdigest()


def script(value: Any, book: Book) -> str:
    return hashlib.sha256(f"script {value}".encode()).hexdigest()


def optional(read: Read) -> Read:
    return lambda value, book: None if value is None else read(value, book)


def edge(value: Any, book: Book) -> Any:
    """Read one end of a window: a day, or `{after: event, of: work, territory: FR, plus: P17M}`."""
    if not isinstance(value, dict):
        return time_text(value)
    part = Part(value, f"{book.where}, window")
    following = {"event": part.take("after"), **about(part.take("of"), book), "territory": part.take("territory", None)}
    plus = part.take("plus", "P0D")
    part.finish()
    return following | ({} if plus is None else {"plus": plus})


def about(name: Any, book: Book) -> Body:
    """Return whom or what an event is of."""
    return {book.kinds.get(name, "party"): book.id(name, *EVENTS_OF)}


def usual_box(aspects: Iterable[str]) -> Body:
    """Return a box with what a deal leaves unsaid: see `tests/deals/README.md`."""
    return {
        "acts": ["condition", "distribute"],
        "aspects": sorted(aspects),
        "purposes": ["work"],
        "media": ["svod"],
        "territories": ["FR"],
        "languages": ["*"],
        "projects": ["*"],
        "window": ["2027-01-01T00:00:00Z", "2030-01-01T00:00:00Z"],
        "content": {"depicts": [], "scene": []},
    }


def whole_box(aspects: Iterable[str]) -> Body:
    """Return a box of everything, for ever."""
    every = {name: vocabulary.names(vocabulary.all) for name, vocabulary in DIMENSIONS.items()}
    return {
        **every,
        "aspects": sorted(aspects),
        "territories": territories(["world"]),
        "languages": ["*"],
        "projects": ["*"],
        "window": ["2020-01-01T00:00:00Z", None],
        "content": {"depicts": LABELS.names(LABELS.all), "scene": LABELS.names(LABELS.all)},
    }


def territories(names: Any) -> list[str]:
    return sorted(expand_territories("001" if name == "world" else name for name in as_list(names)))


def languages(names: Any) -> list[str]:
    return ["*"] if as_list(names) == ["any"] else sorted(expand_languages(as_list(names)))


def _projects(names: Any, book: Book) -> list[str]:
    return ["*"] if as_list(names) == ["any"] else projects(names, book)


def read_box(value: Any, book: Book, usual: Body) -> Body:
    """Read one box; what it does not name is as in ``usual``."""
    part = Part(value, f"{book.where}, box")
    box = {**usual, "content": dict(usual["content"]), "window": list(usual["window"])}
    for name in DIMENSIONS:
        if part.has(name):
            box[name] = words(part.take(name), book)
    if part.has("territories"):
        box["territories"] = territories(part.take("territories"))
    if part.has("languages"):
        box["languages"] = languages(part.take("languages"))
    if part.has("projects"):
        box["projects"] = _projects(part.take("projects"), book)
    for name in ("depicts", "scene"):
        box["content"][name] = words(part.take(name, box["content"][name]), book)
    box["window"] = [
        edge(part.take("from"), book) if part.has("from") else box["window"][0],
        optional(edge)(part.take("until"), book) if part.has("until") else box["window"][1],
    ]
    part.finish()
    return box


def boxes(aspects: Iterable[str], *, whole: bool = False, content: bool = True) -> Read:
    """Return a reader of boxes: `everything`, one or several; ``whole``: what is unsaid is everything."""
    usual = whole_box(aspects) if whole else usual_box(aspects)
    if not content:
        usual = {**usual, "content": {"depicts": [], "scene": []}}

    def read(value: Any, book: Book) -> list[Body]:
        if value == "everything":
            every = whole_box(aspects)
            return [every if content else {**every, "content": {"depicts": [], "scene": []}}]
        return sorted((read_box(one, book, usual) for one in as_list(value)), key=canonical)

    return read


def exercise(value: Any, book: Book) -> list[str]:
    first, last = as_list(value)
    return [time_text(first), time_text(last)]
