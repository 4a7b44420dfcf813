"""
The slow twin of what statements make of each other, part two: licences at one point.

Whether a licence allows a point is asked afresh at each moment: which terms held then, who held the licence then, what
its boxes say then, and what every licence above it says. Nothing is cut, merged or subtracted.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import NamedTuple

from consent.core.settled.read import Read
from tests.reference_history import ALWAYS, DAY_S, NEVER, OWN, Body, History, Turn, Word, counts, place, seconds
from tests.reference_points import Point

ADVERTISING = ("third_party_advertising", "merchandise")
RANKS = ("recorded", "confirmed", "signed")
CONDITIONS = ("licensor", "licensee", "parent")


def holds(box: Body, point: Point, projects: list[str]) -> bool:
    """Say whether a box names a point; its window and what is shown are asked apart."""
    return (
        point.act in box["acts"]
        and point.aspect in box["aspects"]
        and point.purpose in box["purposes"]
        and point.medium in box["media"]
        and point.territory in box["territories"]
        and (box["languages"] == ["*"] or point.language in box["languages"])
        and (box["projects"] == ["*"] or not {*projects}.isdisjoint(box["projects"]))
    )


def shows_within(box: Body, shown: tuple[set[str], set[str]]) -> bool:
    """A grant allows what shows its labels and no others."""
    return shown[0] <= {*box["content"]["depicts"]} and shown[1] <= {*box["content"]["scene"]}


def shows_any(box: Body, shown: tuple[set[str], set[str]]) -> bool:
    """A bar without labels is against whatever is shown, one with labels against what shows one of them."""
    depicts, scene = {*box["content"]["depicts"]}, {*box["content"]["scene"]}
    return not (depicts or scene) or bool(depicts & shown[0] or scene & shown[1])


class Use(NamedTuple):
    """What is asked: a point of it, in a project, showing something, of products."""

    point: Point
    project: str
    shown: tuple[set[str], set[str]]
    categories: list[str]


@dataclass(frozen=True)
class Terms:
    """The terms of a licence at one moment, with all that narrows them already; and who holds it then."""

    root: Read
    said: Read  # the statement whose terms they are
    body: Body
    narrower: tuple[Read, ...]  # amendments that do not count yet: nothing beyond them either
    order: int
    holder: str
    sure: bool  # whoever holds it does so by assignments that count
    stretch: tuple[int, int]  # in which terms and holder stay the same
    since: int  # from when the holder has it: given or assigned

    @cached_property
    def bodies(self) -> list[Body]:
        return [self.body, *(s.body["terms"] for s in self.narrower)]

    @property
    def dated(self) -> list[tuple[Body, int]]:
        """Each body of terms, with when it was issued."""
        saids = [self.said, *self.narrower]
        return [(body, int(s.issued_at.timestamp())) for body, s in zip(self.bodies, saids, strict=True)]


class Licences:
    """The licences among the statements, each asked for one moment or one use."""

    def __init__(self, history: History) -> None:
        self.history = history
        self.roots = history.of("licence.granted", "licence.recorded")
        self._terms: dict[tuple[str, int], Terms] = {}
        self._mandates: dict[str, dict[str, Word]] = {}
        self._exercised: dict[str, set[str]] = {}

    # --- what one licence says at a moment

    def terms(self, root: Read, at: int) -> Terms:
        known = self._terms.get((root.digest, at))
        if known is None:
            known = self._terms[root.digest, at] = self._terms_at(root, at, self.row(root))
        return known

    def _terms_at(self, root: Read, at: int, row: list[Turn]) -> Terms:
        said, body, order = root, root.body, place(root)[0]
        for s in self._amendments(root):
            if counts(s) and seconds(s.body["effective_from"]) <= at:
                order = place(s)[0] if self._gives_more(s.body["terms"], body) else order
                said, body = s, s.body["terms"]
        narrower = [s for s in self._amendments(root) if not counts(s) and seconds(s.body["effective_from"]) <= at]
        held = [turn for turn in row if turn.since <= at][-1]
        turns = [seconds(s.body["effective_from"]) for s in self._amendments(root)] + [turn.since for turn in row]
        stretch = max([turn for turn in turns if turn <= at]), min([NEVER, *(turn for turn in turns if turn > at)])
        since = max(_given(root), held.since)
        return Terms(root, said, body, tuple(narrower), order, held.party, held.sure, stretch, since)

    def row(self, root: Read) -> list[Turn]:
        return self.history.holders(root.digest, root.body["licensee"], lambda s: self._is_assignable(root, s))

    def _is_assignable(self, root: Read, s: Read) -> bool:
        nobody = [Turn(ALWAYS, "", True, None)]
        terms = self._terms_at(root, seconds(s.body["effective_from"]), nobody)
        return all(body.get("assignable", False) for body in terms.bodies)

    def _amendments(self, root: Read) -> list[Read]:
        """Return what the licensor, or an agent, said of new terms, by when they begin and then by the log."""
        found = [
            s
            for s in self.history.about("licence.amended", "licence", root.digest)
            if (s.issuer == root.body["licensor"] or self.word_on_terms(root, s) is not None)
            and all(s.body["terms"][name] == root.body[name] for name in CONDITIONS)
            and seconds(s.body["effective_from"]) >= _given(root)
        ]
        return sorted(found, key=lambda s: (seconds(s.body["effective_from"]), place(s), s.digest))

    def _gives_more(self, new: Body, old: Body) -> bool:
        """Say whether an amendment gives anything that the terms before it did not; then it comes later."""
        ranks = ("none", "sole", "exclusive")
        more = ranks.index(new["exclusivity"]) > ranks.index(old["exclusivity"])
        more = more or any(subject not in old["subjects"] for subject in new["subjects"])
        more = more or (new["new_assets"] and not old["new_assets"])
        categories = old["product_categories"]
        more = more or bool(categories and not {*(new["product_categories"] or ["any"])} <= {*categories})
        more = more or any(holdback not in old["holdbacks"] for holdback in new["holdbacks"])
        return bool(more or not all(_within(box, old["scopes"]) for box in new["scopes"]))

    def windows(self, terms: Terms, body: Body, issued: int, reading: str) -> list[tuple[Body, int, int]]:
        """Return the boxes of terms, options that were exercised included, each with its window as read."""
        grantor, holders = terms.root.body["licensor"], self.parties(terms.root)
        boxes = [*body["scopes"]]
        for option in body["options"]:
            boxes += option["scopes"] if option["option"] in self.exercised(terms.root) else []
        found = []
        for box in boxes:
            window = self.history.window(box, issued, reading, grantor, holders)
            if window is not None:
                found.append((box, *window))
        return found

    def exercised(self, root: Read) -> set[str]:
        """Return the options that whoever held the licence exercised in time."""
        if root.digest not in self._exercised:
            self._exercised[root.digest] = {
                s.body["option"]
                for s in self.history.about("option.exercised", "licence", root.digest)
                if counts(s) and self._in_time(root, s)
            }
        return self._exercised[root.digest]

    def _in_time(self, root: Read, s: Read) -> bool:
        at = int(s.issued_at.timestamp())
        terms = self.terms(root, at)
        named = [option for option in terms.body["options"] if option["option"] == s.body["option"]]
        in_time = any(seconds(o["exercise"][0]) <= at < seconds(o["exercise"][1]) for o in named)
        return in_time and terms.sure and terms.holder == s.issuer

    def lapses(self, terms: Terms, body: Body, *, sure: bool = False) -> int:
        """Return when a licence ends because something did not happen by a day; ``sure`` hears only what counts."""
        ends = body["ends_unless"]
        if ends is None:
            return NEVER
        grantor, holders = terms.root.body["licensor"], self.parties(terms.root)
        said, known = self.history.happened(ends["event"], "P0D", grantor, holders, sure=sure)
        in_time = known and (min(said) if sure else max(said)) <= seconds(ends["by"])
        return NEVER if in_time else seconds(ends["by"])

    def control(self, terms: Terms, *, sure: bool = False) -> int:
        """Return when a licence ends because control of whoever holds it changed."""
        bodies = [terms.body] if sure else terms.bodies
        if all(body.get("change_of_control", "ends") == "continues" for body in bodies):
            return NEVER
        return self.history.control_changed(terms.holder, terms.root.body["licensor"], sure, terms.since)

    def parties(self, root: Read) -> tuple[str, ...]:
        """Return everybody who holds a licence, one after another."""
        row = self.row(root)
        real = [
            turn for turn, after in zip(row, [*row[1:], None], strict=True) if after is None or turn.since < after.since
        ]
        return tuple(sorted({turn.party for turn in real}))

    # --- how it ended

    def endings(self, root: Read) -> list[Read]:
        licensor = root.body["licensor"]
        said = [s for s in self.history.of("licence.denied", "licence.terminated") if s.body["licence"] == root.digest]
        powers = {"licence.denied": "grant", "licence.terminated": "revoke"}
        return [s for s in said if s.issuer == licensor or self.history.word(s, licensor, powers[s.type]) is not None]

    def sold_off_until(self, terms: Terms) -> int:
        """Return until when what was released may be sold off after a termination."""
        ended = self.endings(terms.root)
        if any(s.type == "licence.denied" for s in ended):
            return ALWAYS
        period = min(body.get("sell_off_days", 0) for body in terms.bodies) * DAY_S
        moments = [int(s.issued_at.timestamp()) for s in ended]
        untils = [
            moment + period if s.body["sell_off_until"] is None else seconds(s.body["sell_off_until"])
            for s, moment in zip(ended, moments, strict=True)
        ]
        return min(untils) if min(untils) > min(moments) else ALWAYS

    # --- whose word it is

    def word(self, root: Read) -> Word | None:
        if root.type == "licence.recorded":
            return OWN if root.authorised and root.issuer == root.body["licensee"] else None
        return self.history.word(root, root.body["licensor"], "grant", _acts(root.body))

    def word_on_terms(self, root: Read, amendment: Read) -> Word | None:
        return self.history.word(amendment, root.body["licensor"], "grant", _acts(amendment.body["terms"]))

    def words(self, terms: Terms) -> list[Word | None]:
        """Return whose word the terms are, and whose the licence itself is."""
        amended = [] if terms.said is terms.root else [self.word_on_terms(terms.root, terms.said)]
        return [*amended, self.word(terms.root)]

    def confirmation(self, root: Read) -> Read | None:
        said = [s for s in self.history.about("licence.confirmed", "licence", root.digest) if counts(s)]
        return next(
            (s for s in said if self.history.word(s, root.body["licensor"], "grant", _acts(root.body)) is not None),
            None,
        )

    def assurance(self, root: Read) -> str:
        if root.type == "licence.granted":
            return "signed"
        return "recorded" if self.confirmation(root) is None else "confirmed"

    def mandates(self, root: Read) -> dict[str, Word]:
        """Return those whose rights the licensor administers, with the word by which it does."""
        known = self._mandates.get(root.digest)
        if known is None:
            said = self.confirmation(root) if root.type == "licence.recorded" else root
            known = self._mandates[root.digest] = {}
            if said is not None and said.issuer == root.body["licensor"]:
                principals = {a.body["principal"] for a in self.history.of("authority.granted")} - {said.issuer}
                for principal in principals:
                    word = self.history.word(said, principal, "grant", _acts(root.body), roles=("agent", "society"))
                    if word is not None:
                        known[principal] = word
        return known

    # --- whether it allows a use

    def allows(self, terms: Terms, use: Use) -> set[bool]:
        """Return the ways in which a licence allows a use by itself: as it is (False), or selling off (True)."""
        at, (first, last) = use.point.moment, terms.stretch
        found = set()
        ended = self.endings(terms.root)
        sold_until = self.sold_off_until(terms) if ended else ALWAYS
        vouched = terms.root.digest in self.history.vouched.no_revocation_of
        period = min(body.get("sell_off_days", 0) for body in terms.bodies) * DAY_S
        for start, end in self._stretches(terms, use):
            start, end = max(start, first), min(end, last, self.control(terms))
            if start < end and start <= at < end:
                found.add(False)
            if use.point.act != "distribute" or start >= end:
                continue
            sold = start <= at < sold_until if ended else vouched and end < last and end <= at < end + period
            found |= {True} if sold else set()
        return found

    def _stretches(self, terms: Terms, use: Use) -> list[tuple[int, int]]:
        """Return when the boxes of all terms together name what is used."""
        found = [(ALWAYS, NEVER)]
        for body, issued in terms.dated:
            lapses = self.lapses(terms, body)
            boxes = [
                (start, min(end, lapses))
                for box, start, end in self.windows(terms, body, issued, "grants")
                if holds(box, use.point, [use.project]) and shows_within(box, use.shown)
            ]
            found = [(max(a, start), min(b, end)) for a, b in found for start, end in boxes]
        return found


def _given(root: Read) -> int:
    """Return when a licence was issued, or its paper signed."""
    if root.type == "licence.recorded":
        return seconds(f"{root.body['signed_on']}T00:00:00Z")
    return int(root.issued_at.timestamp())


def _acts(terms: Body) -> set[str]:
    """Return every act of which terms speak, those of options and holdbacks included."""
    parts = [terms, *terms["options"], *terms["holdbacks"]]
    return {act for part in parts for box in part["scopes"] for act in box["acts"]}


def _within(box: Body, others: list[Body]) -> bool:
    """Say whether other boxes name every point of one; a box that follows an event is within itself alone."""
    plain = [other for other in others if not any(isinstance(edge, dict) for edge in other["window"])]
    if box in others or any(isinstance(edge, dict) for edge in box["window"]):
        return box in others
    edges = {edge: ALWAYS if edge is None else seconds(edge) for one in (box, *plain) for edge in one["window"]}
    start, end = seconds(box["window"][0]), edges[box["window"][1]] if box["window"][1] else NEVER
    moments = [start, *(moment for moment in edges.values() if start < moment < end)]
    names = ("acts", "aspects", "purposes", "media", "territories", "languages", "projects")
    fitting = [one for one in plain if all({*box["content"][n]} <= {*one["content"][n]} for n in ("depicts", "scene"))]
    return all(
        any(
            all(term in one[name] or one[name] == ["*"] for name, term in zip(names, terms, strict=True))
            and seconds(one["window"][0]) <= moment < (edges[one["window"][1]] if one["window"][1] else NEVER)
            for one in fitting
        )
        for moment in moments
        for terms in product(*(box[name] for name in names))
    )
