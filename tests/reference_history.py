"""
The slow twin of what statements make of each other, part one: who said what, when, and in whose name.

The twin reads the JSON of bodies as ``docs/formats.md`` describes it, and asks everything anew for each moment; it has
no boxes that are cut and no stretches of time. Shares no code with what it checks: a ``Read`` is a plain value.
"""

from calendar import monthrange
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from consent.core.settled.read import Read
from consent.core.vouched import Vouched

NEVER, ALWAYS = 1 << 62, -(1 << 62)  # seconds: after and before every time
DAY_S = 86_400
DISPUTE_S = 180 * DAY_S
DISPUTED_BY = {"title.disputed": "claim", "authority.disputed": "authority", "revocation.disputed": "revocation"}
ATTESTED = {"guardian", "estate"}
ROLES = {"agent", "guardian", "estate", "union", "vendor", "society"}
Body = Any  # parsed JSON


@lru_cache(maxsize=4_096)
def seconds(text: str) -> int:
    return int(datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp())


@lru_cache(maxsize=4_096)
def plus_of(text: str) -> tuple[int, int]:
    """Read P1Y2M3W4D as months and days."""
    found, number = dict.fromkeys("YMWD", 0), ""
    for character in text[1:]:
        if character.isdigit():
            number += character
        else:
            found[character], number = int(number), ""
    return 12 * found["Y"] + found["M"], 7 * found["W"] + found["D"]


@lru_cache(maxsize=4_096)
def later(day: date, plus: tuple[int, int]) -> date:
    """Count months, to the last day of a shorter one, and then days."""
    months = day.year * 12 + day.month - 1 + plus[0]
    last = monthrange(months // 12, months % 12 + 1)[1]
    return date(months // 12, months % 12 + 1, min(day.day, last)) + timedelta(days=plus[1])


def midnight(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def eighteen(born: date) -> int:
    """The second at which somebody comes of age."""
    try:
        return midnight(born.replace(year=born.year + 18))
    except ValueError:
        return midnight(date(born.year + 18, 3, 1))


class Word(NamedTuple):
    """In whose name a statement was signed: under which authority, in which role, disputed until when."""

    contested_until: int
    authority: str | None
    role: str | None


UNIQUE = ("alias", "hand", "isni")  # what one party alone goes by
OWN = Word(0, None, None)


class Turn(NamedTuple):
    """From when somebody holds a thing, and by which assignment; sure if all assignments up to it count."""

    since: int
    party: str
    sure: bool
    by: Read | None


def place(s: Read) -> tuple[int, datetime]:
    return (NEVER if s.index is None else s.index, s.issued_at)


def counts(s: Read) -> bool:
    """Say whether something that permits counts: signed, and under the checkpoint."""
    return s.authorised and s.index is not None and s.index < s.tree_size and not s.suspect


class History:
    """Everything that was said, by type, in the order of the log."""

    def __init__(self, reads: Iterable[Read], vouched: Vouched) -> None:
        self.vouched = vouched
        reads = [*reads]
        reads += [one for s in reads if s.type == "erasure.done" for one in _still_there(s)]
        self.said = sorted(reads, key=lambda s: (place(s), s.digest))
        self.by_type: dict[str, list[Read]] = {}
        for s in self.said:
            self.by_type.setdefault(s.type, []).append(s)
        self.by_digest = {s.digest: s for s in self.said}
        self.parties = self.first("party.registered", "party")
        self.projects = self.first("project.registered", "project")
        self.officers = self._officers()
        self._apart: dict[tuple[str, str, str, bool], bool] = {}

    def of(self, *types: str) -> list[Read]:
        return [s for type_ in types for s in self.by_type.get(type_, ())]

    def about(self, type_: str, name: str, value: object) -> list[Read]:
        return [s for s in self.of(type_) if s.body[name] == value]

    def first(self, type_: str, name: str) -> dict[str, Body]:
        """Map ids to the body that registered them first."""
        return {s.body[name]: s.body for s in reversed(self.of(type_)) if counts(s)}

    def row(self, project: str) -> list[str]:
        """Return a project and all that it is part of."""
        found: list[str] = []
        node: str | None = project
        while node is not None and node not in found:
            found.append(node)
            node = self.projects[node]["parent"] if node in self.projects else None
        return found

    def born(self, person: str) -> date | None:
        text = self.parties.get(person, {}).get("born")
        return None if text is None else date.fromisoformat(text)

    def affiliates(self, party: str, sure: bool) -> set[str]:
        """Return whom a party's registrations name as its affiliates."""
        registered = [s for s in self.about("party.registered", "party", party) if counts(s) or not sure]
        return {affiliate for s in registered for affiliate in s.body["affiliates"]}

    def acts_for(self, agent: str, principal: str, sure: bool) -> bool:
        """Say whether somebody acts for somebody under an authority that nobody surely ended."""
        for a in self.about("authority.granted", "principal", principal):
            ended = self.about("authority.ended", "authority", a.body["authority"])
            over = any(counts(s) and s.issuer in (principal, *a.body["agents"]) for s in ended)
            if agent in a.body["agents"] and not over and (counts(a) or not sure):
                return True
        return False

    def independent(self, attestor: str, person: str, grantee: str, *, sure: bool = False) -> bool:
        """Say whether somebody stands apart from a grantee; ``sure`` hears only of ties that count."""
        key = (attestor, person, grantee, sure)
        if key not in self._apart:
            self._apart[key] = self._is_apart(attestor, person, grantee, sure)
        return self._apart[key]

    def _is_apart(self, attestor: str, person: str, grantee: str, sure: bool) -> bool:
        if not {attestor, grantee} <= {*self.parties} or attestor in (person, grantee):
            return False
        return not self._is_tied(attestor, grantee, sure)

    def _is_tied(self, attestor: str, grantee: str, sure: bool) -> bool:
        theirs = self.affiliates(grantee, sure)
        if attestor in theirs or grantee in self.affiliates(attestor, sure):
            return True
        return any(self.acts_for(attestor, party, sure) for party in (grantee, *theirs))

    def vouched_for(self, person: str, grantee: str) -> bool:
        return any(
            counts(s) and s.body["level"] != "email" and self.independent(s.issuer, person, grantee)
            for s in self.about("identity.vouched", "party", person)
        )

    def contested(self, person: str, grantee: str) -> bool:
        """Say whether somebody else goes by an identifier of this person's, and nothing says whose it is."""
        return any(not self._owns(person, one, grantee) for one in self._goes_by(person))

    def _goes_by(self, person: str) -> set[tuple[str, str]]:
        """Return what a party says it is known by, and did not give up afterwards."""
        found = {}
        for s in self.of("party.registered", "alias.declared"):
            if s.body["party"] == person:
                said = {"alias": s.body.get("alias"), **s.body.get("identifiers", {})}
                found |= {_spelt(scheme, text): s for scheme, text in said.items() if text and scheme in UNIQUE}
        given_up = {
            _spelt(one["scheme"], one["value"]): s
            for s in self.of("alias.declared")
            for one in s.body.get("disclaims") or []
            if counts(s) and s.issuer == s.body["party"] == person
        }
        return {one for one, s in found.items() if one not in given_up or place(s) >= place(given_up[one])}

    def _owns(self, person: str, identifier: tuple[str, str], grantee: str) -> bool:
        others = {s.body["party"] for s in self.of("party.registered", "alias.declared")} - {person}
        rivals = {other for other in others if identifier in self._goes_by(other)}
        if not rivals:
            return True
        mine, theirs = [], []
        for s in self.of("identity.vouched"):
            about, checked = s.body["party"], [_spelt(c["scheme"], c["value"]) for c in s.body.get("confirms") or []]
            if identifier not in checked or not s.authorised:
                continue
            if about == person and counts(s) and self.independent(s.issuer, person, grantee):
                mine.append(s.issuer)
            elif about in rivals and s.issuer not in (about, grantee) and not self._is_tied(s.issuer, grantee, True):
                theirs.append(s.issuer)
        if {*self.officers} & {*mine, *theirs}:
            return not {*self.officers} & {*theirs}
        return bool(mine) and not theirs

    def _officers(self) -> list[str]:
        policies = [s for s in self.of("policy.set") if counts(s) and s.issuer == self.vouched.registry]
        return policies[-1].body["court_officers"] if policies else []

    # --- events

    def happened(
        self, event: Body, plus: str, grantor: str, grantees: tuple[str, ...], *, sure: bool = False
    ) -> tuple[list[int], bool]:
        """Return every moment that is said of an event by those who may, and whether any of it counts."""
        moments, known = [], False
        for s in self.about("event.recorded", "event", event["event"]):
            same = all(s.body.get(name) == event.get(name) for name in ("work", "project", "party", "territory"))
            if same and (counts(s) or not sure) and self._may_say(s, grantor, grantees, sure=not sure):
                moments.append(_moment(s, plus))
                known = known or (counts(s) and self._may_say(s, grantor, grantees, sure=False))
        return moments, known

    def _may_say(self, s: Read, grantor: str, grantees: tuple[str, ...], *, sure: bool) -> bool:
        """Say whether somebody may say that an event happened; ``sure``: who is surely tied to a grantee may not."""
        for kind in ("work", "project"):
            if s.body.get(kind) is not None:
                registered = [r for r in self.about(f"{kind}.registered", kind, s.body[kind]) if counts(r)]
                return s.issuer == grantor or (bool(registered) and s.issuer == registered[0].issuer)
        party = s.body["party"]
        if s.issuer == grantor or (s.body["event"] == "change_of_control" and s.issuer in (party, *grantees)):
            return True
        if s.issuer in grantees:
            return False
        apart = bool(grantees) and all(self.independent(s.issuer, party, one, sure=sure) for one in grantees)
        return s.issuer == party or apart

    def window(
        self, box: Body, issued: int, reading: str, grantor: str, grantees: tuple[str, ...] = ()
    ) -> tuple[int, int] | None:
        """Return the window of a box as known now; None where it has not started."""
        start, end = box["window"]
        if isinstance(start, dict):
            said, known = self.happened(start, start["plus"], grantor, grantees)
            if not known and reading == "grants":
                return None
            first = 0 if not known else max(said) if reading == "grants" else min(said)
        else:
            first = seconds(start)
        if not isinstance(end, dict):
            return first, NEVER if end is None else seconds(end)
        said, known = self.happened(end, end["plus"], grantor, grantees)
        if reading == "bars":
            return first, max(said) if known else NEVER
        strictest = midnight(later(datetime.fromtimestamp(issued, UTC).date(), plus_of(end["plus"]))) + issued % DAY_S
        return first, min(said if known else [*said, strictest])

    def control_changed(self, party: str, grantor: str, sure: bool, since: int) -> int:
        """Return when control of a grantee first changed since, by anybody's word who may say so; or for sure."""
        said = [s for s in self.about("event.recorded", "event", "change_of_control") if s.body.get("party") == party]
        told = [s for s in said if self._may_say(s, grantor, (party,), sure=not sure) and (counts(s) or not sure)]
        return min([moment for s in told if (moment := _moment(s, "P0D")) >= since], default=NEVER)

    def deaths(self, person: str, grantee: str, *, sure: bool) -> list[int]:
        """Return when a person died, by the word of somebody independent of a grantee; or for sure."""
        said = [s for s in self.about("event.recorded", "event", "death") if s.body.get("party") == person]
        told = [s for s in said if s.issuer != person and self._may_say(s, person, (grantee,), sure=not sure)]
        return [_moment(s, "P0D") for s in told if counts(s) or not sure]

    # --- in whose name

    def word(
        self,
        s: Read,
        principal: str,
        power: str,
        acts: Iterable[str] = (),
        grantee: str | None = None,
        roles: Collection[str] = ROLES,
    ) -> Word | None:
        """Return whose word a statement is for a principal; of several the one that is disputed least."""
        if not s.authorised:
            return None
        if s.issuer == principal:
            return OWN
        words = []
        for a in self.authorities(principal):
            signed = s.signers & {*a.body["agents"]}
            fits = power in a.body["powers"] and {*acts} <= {*a.body["acts"]} and a.body["role"] in roles
            if fits and s.issuer in signed and len(signed) >= a.body["required"] and self.in_force(a, s, grantee):
                words.append(self.word_of(a))
        return min(words, key=lambda word: word.contested_until, default=None)

    def guardians(self, s: Read, person: str, acts: Iterable[str], grantee: str, every: bool) -> Word | None:
        words = []
        for a in self.authorities(person):
            signed = s.signers & {*a.body["agents"]}
            enough = len(a.body["agents"]) if every else a.body["required"]
            fits = a.body["role"] == "guardian" and "grant" in a.body["powers"] and {*acts} <= {*a.body["acts"]}
            if fits and s.authorised and len(signed) >= enough and self.in_force(a, s, grantee):
                words.append(self.word_of(a))
        return min(words, key=lambda word: word.contested_until, default=None)

    def authorities(self, principal: str) -> list[Read]:
        """Return the authorities of a principal that were rightly given."""
        found = []
        for a in self.about("authority.granted", "principal", principal):
            outsider = a.issuer not in (principal, *a.body["agents"])
            if counts(a) and (outsider if a.body["role"] in ATTESTED else a.issuer == principal):
                found.append(a)
        return found

    def concerned(self, a: Read) -> set[str]:
        return {a.body["principal"], a.issuer, *a.body["agents"]}

    def endings(self, a: Read) -> list[Read]:
        ended = self.about("authority.ended", "authority", a.body["authority"])
        return [s for s in ended if s.issuer in self.concerned(a)]

    def in_force(self, a: Read, s: Read, grantee: str | None) -> bool:
        """Say whether an authority stood when a statement was signed under it."""
        start, end = a.body["window"]
        if not place(a) < place(s) or not seconds(start) <= s.issued_at.timestamp():
            return False
        if end is not None and s.issued_at.timestamp() >= seconds(end):
            return False
        if any(place(ended) <= place(s) for ended in self.endings(a)):
            return False
        attested = a.body["role"] in ATTESTED and grantee is not None
        if attested and not self.independent(a.issuer, a.body["principal"], str(grantee)):
            return False
        return not self.dispute(a.body["authority"], self.concerned(a).__contains__)[1]

    def word_of(self, a: Read) -> Word:
        contested, _ = self.dispute(a.body["authority"], self.concerned(a).__contains__)
        return Word(contested, a.digest, a.body["role"])

    # --- disputes

    def dispute(self, target: str, other_side: Callable[[str], bool]) -> tuple[int, bool]:
        """Return until when a thing is disputed, and whether a dispute of it was upheld."""
        until, upheld = 0, False
        for type_, name in DISPUTED_BY.items():
            for s in self.about(type_, name, target):
                outcome = self._outcome(s, other_side)
                upheld = upheld or outcome == "upheld"
                if outcome is None:
                    until = max(until, int(s.issued_at.timestamp()) + DISPUTE_S)
        return until, upheld

    def _outcome(self, dispute: Read, other_side: Callable[[str], bool]) -> str | None:
        by_parties: list[str] = []
        by_court: list[str] = []
        for s in self.about("title.resolved", "dispute", dispute.digest):
            outcome = s.body["outcome"]
            if not counts(s):
                continue
            if s.issuer in self.officers:
                by_court += [outcome] if outcome in ("dismissed", "upheld", "settled") else []
            elif s.issuer == dispute.issuer:
                by_parties += [outcome] if outcome in ("withdrawn", "settled") else []
            elif other_side(s.issuer):
                by_parties += [outcome] if outcome == "upheld" else []
        return (by_parties + by_court)[-1] if by_parties or by_court else None

    # --- who stands in whose place

    def holders(self, digest: str, first: str, may: Callable[[Read], bool]) -> list[Turn]:
        """Return who holds a thing in turn; an assignment that does not count yet ends the earlier turn already."""
        row = [Turn(ALWAYS, first, True, None)]
        for s in self.about("grant.assigned", "grant", digest):
            last, start = row[-1], seconds(s.body["effective_from"])
            if s.issuer == last.party and start >= last.since and may(s):
                row.append(Turn(start, s.body["to"], last.sure and counts(s), s))
        return row


def _still_there(erasure: Read) -> list[Read]:
    """Whoever was erased appears where they did, and says nothing by it."""
    body: Body = erasure.body
    shown = [{**one, "performer": body["subject"]} for one in body["appearances"] if body["subject"] is not None]
    return [replace(erasure, type="appearance.recorded", body=one, index=None, authorised=False) for one in shown]


def _spelt(scheme: str, text: str) -> tuple[str, str]:
    """Spell an identifier as others are: numbers without what sets digits apart."""
    if scheme == "alias":
        return scheme, " ".join(text.casefold().split())
    number = text.casefold().removeprefix("https://isni.org/isni/").removeprefix("https://doi.org/")
    return scheme, "".join(c for c in number if c.isalnum())


def _moment(s: Read, plus: str) -> int:
    """Return midnight of an event's day, so much later, where it happened."""
    return midnight(later(date.fromisoformat(s.body["on"]), plus_of(plus))) - 60 * s.body["utc_offset"]
