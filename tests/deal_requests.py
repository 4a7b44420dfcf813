"""
What is asked in a deal, and what the answer must be.

A request is decided on what had been said by its moment (`at`). `expect: cleared` is no obstacle at all; else every
obstacle is listed, `code: subject`, with as much of it as matters: `act`, `missing`, `nearest`, `rule`, `ask`. An
obstacle that is not listed fails, and so does a line that meets none. What is pending is listed whatever else is.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from consent.core.decision import Decision
from consent.core.obstacles import CODES, Obstacle
from registry.core.jcs import Json
from registry.core.limits import UNITS
from registry.core.times import to_epoch_s
from tests.deal_terms import DIMENSIONS, Book, languages, projects, statement, territories, words
from tests.deal_text import Part, UnreadableDeal, as_list, moment, time_text
from tests.deal_words import dialogue
from tests.decisions import GRANTS, Body, World, id_of, reference, shot, shown, training

NOON: Final = "2027-06-01T12:00:00Z"
CLEARED: Final = "cleared"
GROUNDS: Final = ("consent.", "licence.", "authority.")  # types whose statements a deal lists as grounds
RECORDED: Final = "consent.recorded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request, ready to be decided, and what is expected of the answer."""

    where: str
    request: Body
    at: datetime
    vouched: Body
    expected: Part

    def decide(self, book: Book) -> Decision:
        """Decide on what had been said by then."""
        steps = book.by_now(self.at)
        world = World(steps=steps)
        grants = {name: world.digest(name) for name, step in steps.items() if step.type in (*GRANTS, RECORDED)}
        unused = dict.fromkeys(UNITS, 0)
        counts = {digest: unused | self.vouched["used"].get(name, {}) for name, digest in grants.items()}
        world.vouched = {
            "registry": id_of("registry"),
            "no_revocation_of": frozenset(grants.values()),
            "cap_counts": MappingProxyType(counts),
            "asked": MappingProxyType(self.vouched["asked"]),
            "prompt_matches": tuple(self.vouched["prompt"]),
        }
        return world.decide(self.request, self.at)


def read_request(entry: Any, book: Book) -> Asked:
    """Read one request with what is expected."""
    part = Part(entry, book.where)
    part.where = f"{book.where}, {part.take('ask')}"
    expected = {"expect": part.take("expect")}
    expected |= {name: part.take(name) for name in ("pending", "grounds") if part.has(name)}
    if not expected["expect"]:
        raise UnreadableDeal(f"{part.where}: `{CLEARED}` or the obstacles are wanted")
    at = moment(part.take("at", NOON))
    vouched = _vouched(part, book)
    request = _training(part, book) if part.has("trains_on") else _use(part, book, vouched["prompt"], at)
    part.finish()
    return Asked(
        where=part.where, request=request, at=at, vouched=vouched, expected=Part(expected, f"{part.where}, expect")
    )


def _vouched(part: Part, book: Book) -> Body:
    """Read what the registry counts and knows besides: uses so far, approvals asked for, whom the prompt names."""
    asked = {
        f"{statement(name, book)}:{on}": to_epoch_s(moment(at))
        for name, moments in part.part("asked", {}).each()
        for on, at in moments.items()
    }
    used = dict(part.part("used", {}).each())
    for name in used:
        statement(name, book)
    prompt = sorted(book.id(name, "party") for name in part.list("prompt_names"))
    return {"asked": asked, "used": used, "prompt": prompt}


def _training(part: Part, book: Book) -> Body:
    names = part.list("trains_on")
    for name in names:
        book.id(name, "asset")
    return training(
        *names,
        **{"for": book.id(part.take("for", "studio"), "party")},
        territory=part.take("territory", "FR"),
        epochs=part.take("epochs", 1),
    )


def _use(part: Part, book: Book, prompt: list[str], at: datetime) -> Body:
    takes = part.part("takes", {})
    references = [_reference(name, role, book) for name, role in takes.each()]
    window = [time_text(part.take("from", "2027-09-01")), time_text(part.take("until", "2029-01-01"))]
    people = {*_people_in((one["asset"] for one in references), book, at), *prompt}
    return shot(
        **{"for": book.id(part.take("for", "studio"), "party")},
        kind=part.take("kind", "shot"),
        project=book.id(part.take("project", "film"), "project"),
        shot=id_of(part.take("shot", "the shot")),
        references=references,
        purposes=words(part.take("purposes", ["work"]), book),
        media=words(part.take("media", ["svod"]), book),
        territories=territories(part.take("territories", ["FR"])),
        languages=languages(part.take("languages", ["fr-FR"])),
        window=window,
        scene=words(part.take("scene", []), book),
        scenes=words(part.take("scenes", []), book),
        by_performer=_by_performer(part.part("shows", {}), people, book),
        rests_on=sorted(statement(name, book) for name in part.list("rests_on")),
        product_categories=words(part.take("product_categories", []), book),
        seconds=part.take("seconds", 4),
    )


def _reference(name: str, taken: Any, book: Book) -> Body:
    """Read a role, `likeness of ada`, or `{role, performer, frames, depicted_age}`."""
    book.id(name, "asset")
    if isinstance(taken, str):
        role, _, performer = taken.partition(" of ")
        taken = {"role": role, "performer": performer or None}
    part = Part(taken, f"{book.where}, takes {name}")
    performer = part.take("performer", None)
    found = reference(
        name,
        part.take("role"),
        performer=None if performer is None else book.id(performer, "party"),
        source=part.take("frames", None),
        depicted_age=part.take("depicted_age", None),
    )
    part.finish()
    return found


def _people_in(assets: Iterable[str], book: Book, at: datetime) -> Iterator[str]:
    """Yield everybody recorded in these assets and in what they are made of."""
    said = [step for step in book.by_now(at).values() if step.type in ("appearance.recorded", "component.recorded")]
    left, seen = list(assets), set()
    while left:
        asset = left.pop()
        seen.add(asset)
        for step in said:
            if step.body["asset"] == asset and step.type == "appearance.recorded":
                yield step.body["performer"]
            elif step.body["asset"] == asset and step.body["component"] not in seen:
                left.append(step.body["component"])


def _by_performer(part: Part, people: set[str], book: Book) -> Body:
    """Everybody in the material is shown as no role in particular, doing nothing in particular, unless it is said."""
    found = {person: shown(role=None) for person in people}
    for name, fields in part.each():
        held = Part(fields, f"{part.where}, {name}")
        found[book.id(name, "party")] = {
            "depicts": words(held.take("depicts", []), book),
            "role": held.take("role", None),
            "replica_use": held.take("replica_use", "employment_based"),
            "dialogue": dialogue(held.take("dialogue"), book) if held.has("dialogue") else None,
        }
        held.finish()
    return found


def check(asked: Asked, decision: Decision, book: Book) -> None:
    """Hold a decision against what is expected; raises ``AssertionError`` where they differ."""
    expected = Part(asked.expected.told(), asked.expected.where)
    wanted = expected.take("expect")
    lines = [] if wanted == CLEARED else [_Line(one, book, expected.where) for one in as_list(wanted)]
    told = [_told(obstacle, book) for obstacle in decision.obstacles]
    left = [_told(one, book) for one in decision.obstacles if not sum(line.meets(one) for line in lines)]
    assert not left, f"{asked.where}: not expected are {left}"
    for line in lines:
        assert line.met, f"{asked.where}: nothing met `{line.code}: {line.subject}`; there were {told}"
        line.check(f"{asked.where}: {line.code}", book)
    _check_pending(expected.list("pending", []), decision, book, asked.where)
    if expected.has("grounds"):
        names = {book.name_of(digest) or "?" for digest, _ in decision.grounds}
        grants = {name for name in names if book.world.steps[name].type.startswith(GROUNDS)}
        assert grants == {*expected.list("grounds")}, f"{asked.where}: it rests on {sorted(grants)}"
    expected.finish()


class _Line:
    """One expected obstacle, and those that met it."""

    def __init__(self, entry: Any, book: Book, where: str) -> None:
        part = Part(entry, where)
        self.code, self.subject = part.one_of(CODES)
        self.act = part.take("act", None)
        self.rule = part.take("rule", None)
        self.said = {
            name: part.take(name) for name in ("missing", "nearest", "ask", "aspects", "fact") if part.has(name)
        }
        self.met: list[Obstacle] = []
        part.finish()
        known = book.kinds.get(self.subject) is not None or self.subject in ("the shot", "starter")
        if not known and self.code != "unknown_subject":
            raise UnreadableDeal(f"{where}: there is nothing called `{self.subject}`")

    def meets(self, obstacle: Obstacle) -> bool:
        named = self.subject == "starter" or obstacle.subject[1] == id_of(self.subject)
        meets = (
            obstacle.code == self.code
            and named
            and self.act in (None, obstacle.act)
            and self.rule in (None, obstacle.rule)
        )
        if meets:
            self.met.append(obstacle)
        return meets

    def check(self, where: str, book: Book) -> None:
        """Compare what the line says of the obstacles that met it."""
        said = dict(self.said)
        if "missing" in said:
            for name, wanted, found in _missing(Part(said.pop("missing"), where), self.met, book):
                assert found == wanted, f"{where}: missing {name} is {found}, not {wanted}"
        if "aspects" in said:
            aspects = sorted({obstacle.aspect for obstacle in self.met})
            assert aspects == sorted(as_list(said.pop("aspects"))), f"{where}: aspects are {aspects}"
        if "nearest" in said:
            assert {o.nearest for o in self.met} == {statement(said["nearest"], book)}, f"{where}: nearest is another"
            del said["nearest"]
        if "ask" in said:
            assert {o.remedy and o.remedy.ask for o in self.met} == {book.id(said.pop("ask"), "party")}, f"{where}: ask"
        if "fact" in said:
            assert {o.fact for o in self.met} == {*as_list(said.pop("fact"))}, f"{where}: facts"
        assert not said


def _missing(part: Part, met: list[Obstacle], book: Book) -> Iterator[tuple[str, Any, Any]]:
    """Yield each dimension that a deal states, as it states it and as the obstacles have it."""
    pieces: list[Any] = [piece.format() for obstacle in met for piece in obstacle.missing]
    readers = {"territories": territories, "languages": languages, "projects": lambda names: projects(names, book)}
    for name, value in part.each():
        if name == "from":
            yield name, time_text(value), min(piece["window"][0] for piece in pieces)
        elif name == "until":
            ends = [piece["window"][1] for piece in pieces]
            yield name, None if value is None else time_text(value), None if None in ends else max(ends)
        elif name in readers or name in DIMENSIONS:
            wanted = readers.get(name, lambda names: sorted(as_list(names)))(value)
            yield name, wanted, sorted({term for piece in pieces for term in piece[name]})
        else:
            raise UnreadableDeal(f"{part.where}: nothing can be missing in `{name}`")


def _check_pending(wanted: list[Any], decision: Decision, book: Book, where: str) -> None:
    found = sorted((_pending(one.format(), book) for one in decision.pending), key=str)
    listed = sorted(({"due": None} | one for one in wanted), key=str)
    listed = [one | {"due": None if one["due"] is None else time_text(one["due"])} for one in listed]
    assert sorted(map(_in_order, found)) == sorted(map(_in_order, listed)), f"{where}: pending is {found}"


def _pending(one: dict[str, Json], book: Book) -> dict[str, Any]:
    by = next(name for name in book.kinds if id_of(name) == one["by"])
    return {"for": book.name_of(str(one["grant"])), "by": by, "on": one["on"], "due": one["due"]}


def _in_order(one: dict[str, Any]) -> list[tuple[str, str]]:
    return sorted((name, str(value)) for name, value in one.items())


def _told(obstacle: Obstacle, book: Book) -> str:
    names = {id_of(name): name for name in (*book.kinds, "the shot")}
    subject = names.get(obstacle.subject[1], obstacle.subject[1])
    parts = [obstacle.act, obstacle.aspect, obstacle.rule, obstacle.fact, book.name_of(obstacle.nearest)]
    return f"{obstacle.code}: {subject} ({', '.join(part for part in parts if part)})"
