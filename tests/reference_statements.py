"""
The slow twin of a whole decision: from statements and a request to what is allowed, at every single point.

It knows one asset at a time: what is inside what is for the twin of ``tests/reference_decision.py``, which starts from
facts. Left out too: the order of codes, and rules.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import product
from typing import Any

from consent.core.settled.read import Read
from consent.core.vouched import Vouched
from tests.reference_answers import Answers, Verdict
from tests.reference_consents import Bars, Consents
from tests.reference_history import (
    NEVER,
    Body,
    History,
    counts,
    eighteen,
    midnight,
    place,
    seconds,
)
from tests.reference_licences import RANKS, Licences, Use
from tests.reference_points import DAY_S, HOUR_S, ROLES, SEXUAL, Point
from tests.reference_title import Asking, Ground, Title
from tests.reference_turns import turns

LEAST = {"condition": 0, "distribute": 0, "store": 0}
PERFORMER_ASPECTS = {"face", "body", "voice", "performance", "name"}
Subject = tuple[str, str]


def verdict(request: Body, reads: Iterable[Read], vouched: Vouched, at: int) -> Verdict:
    """Decide again, from statements, the slow way."""
    twin = _Twin(request, History(reads, vouched), at)
    twin.look()
    return twin.found


class _Twin:
    def __init__(self, request: Body, history: History, at: int) -> None:
        self.request, self.history, self.at = request, history, at
        self.found = Verdict()
        self.trains = request["kind"] == "train"
        self.making = False
        self.project = "*" if self.trains else request["project"]
        self.asking = self._asking()
        self.licences = Licences(history)
        self.consents = Consents(history, self.asking, request)
        self.bars = Bars(history, at)
        self.turns = turns(history)
        self.answers = Answers(history, request, at, self.found)

    def _asking(self) -> Asking:
        request = self.request
        standing = list(self._vendors(request["for"]))
        serving: dict[str, list[tuple[str, list[str]]]] = {}
        for a, start, end in standing:
            if start <= self.at < end:
                serving.setdefault(a.body["principal"], []).append((a.digest, a.body["acts"]))
        draws = {"training_epochs": request.get("epochs", 1)} if self.trains else None
        return Asking(
            requester=request["for"],
            kind=request["kind"],
            at=self.at,
            rests_on=request.get("rests_on", []),
            least=self._least(),
            draws=draws or {"shots": 1, "draft_takes": 1, "seconds": request.get("seconds", 0)},
            serving=serving,
            principals={a.body["principal"] for a, _, _ in standing},
        )

    def _vendors(self, agent: str) -> Iterator[tuple[Read, int, int]]:
        for principal in {a.body["principal"] for a in self.history.of("authority.granted")}:
            for a in self.history.authorities(principal):
                contested, upheld = self.history.dispute(a.body["authority"], self.history.concerned(a).__contains__)
                fits = a.body["role"] == "vendor" and agent in a.body["agents"] and a.body["required"] == 1
                if fits and not upheld and not self.history.endings(a):
                    start, end = a.body["window"]
                    yield a, max(seconds(start), contested), NEVER if end is None else seconds(end)

    def _least(self) -> dict[str, int]:
        """Return the least assurance by act: the usual one, or what the requester or the producer asks."""
        parties = {self.request["for"]}
        if self.project in self.history.projects:
            parties.add(self.history.projects[self.project]["producer"])
        least = dict(LEAST)
        for party in parties:
            said = [s for s in self.history.about("policy.set", "party", party) if s.issuer == party]
            counted = [number for number, s in enumerate(said) if counts(s)]
            for s in said[counted[-1] if counted else 0 :]:
                for act, assurance in s.body["assurance"].items():
                    least[act] = max(least.get(act, 1), RANKS.index(assurance))
        return least

    # --- everything that is asked

    def look(self) -> None:
        request, history = self.request, self.history
        if request["for"] not in history.parties:
            self.refuse("unknown_subject", "party", request["for"])
        if not self.trains:
            self._look_at_request()
        wanted: dict[tuple[str, str, str], set[str]] = {}
        people: set[str] = set()
        for asset, aspects, of_people, acts, frames in self._taken():
            people |= self._look_at_contents(asset, aspects, of_people, acts, frames, wanted)
        for performer in () if self.trains else history.vouched.prompt_matches:
            for act in ("condition", "distribute") if request["kind"] == "shot" else ("distribute",):
                wanted.setdefault(("performer", performer, act), set()).update({"name", "face"})
        if not self.trains:
            self._look_for_children(people)
        for (kind, id_, act), aspects in wanted.items():
            uses = list(self._uses(kind, id_, act, aspects))
            self._ask_asset(id_, act, uses) if kind == "asset" else self._ask_performer(id_, uses)
        if request["kind"] == "release":
            self._look_at_making()

    def refuse(self, code: str, kind: str, id_: str) -> None:
        self.found.refusals.add((code, (kind, id_)))

    def _look_at_request(self) -> None:
        request, history = self.request, self.history
        if request["project"] not in history.projects:
            self.refuse("unknown_subject", "project", request["project"])
        trained = [s for s in history.about("weights.trained", "weights", request["weights"]) if s.authorised]
        if not trained:
            self.refuse("engine_unlicensed", "engine", request["engine"])
        if request["kind"] != "release":
            return
        for digest in request["rests_on"]:
            if digest not in history.by_digest:
                self.refuse("unknown_subject", "request", request["shot"])
        for s in self.consents.given:
            if s.digest in request["rests_on"]:
                narrower = self.consents.narrower(s)
                every = [s, *(self.consents.after(s) if narrower is None else narrower)]
                parts = [part for one in every for part in self.consents.withdrawn(one)]
                ended = any("condition" in acts and since <= self.at for acts, since in parts)
                finishing = all(one.body["tail"].get("condition") == "finish" for one in every)
                if ended and not finishing:
                    self.refuse("revoked", "performer", s.body["performer"])
        for s in self.licences.roots:
            ended = bool(self.licences.endings(s)) or s.digest not in history.vouched.no_revocation_of
            moments = [min(self.turns) - 1, *self.turns]
            if ended and any(self.licences.terms(s, at).said.digest in request["rests_on"] for at in moments):
                self.refuse("revoked", "party", s.body["licensor"])

    def _taken(self) -> Iterator[tuple[Read, set[str], set[str], list[str], Any]]:
        """Yield each asset that is taken from: its aspects, those of people in it, the acts, the frames."""
        for reference in self.request["assets" if self.trains else "references"]:
            registered = [
                s for s in self.history.about("asset.registered", "asset", reference["asset"]) if s.authorised
            ]
            if not registered:
                self.refuse("unknown_subject", "asset", reference["asset"])
            elif registered[0].body["sha256"] != reference["sha256"]:
                self.refuse("bytes_mismatch", "asset", reference["asset"])
            elif not counts(registered[0]):
                self.refuse("not_yet_logged", "asset", reference["asset"])
            if not registered:
                continue
            asset, own = registered[0], {*registered[0].body["media"]["aspects"]}
            if self.trains:
                taken, of_people, acts, frames = own, PERFORMER_ASPECTS, ["train"], None
            else:
                takes, persons, extra = ROLES[reference["role"]]
                taken, of_people = {*takes.split()}, {*persons.split()}
                frames = reference["source"]
                self._look_for_named(reference, of_people)
                if reference["role"] == "extend" and "sound" not in own:
                    taken, of_people = taken - {"sound"}, of_people - {"voice"}
                shooting = self.request["kind"] == "shot" or self.making
                acts = ["condition", "distribute", *extra.split()] if shooting else ["distribute"]
            if asset.body["sha256"] == reference["sha256"] and counts(asset):
                yield asset, taken, of_people, acts, frames

    def _look_for_named(self, reference: Body, of_people: set[str]) -> None:
        if reference["performer"] is not None:
            shown = self._appearances("appearance.recorded", reference["asset"], reference["source"])
            if not any(
                s.body["performer"] == reference["performer"] and of_people & {*s.body["aspects"]} for s in shown
            ):
                self.refuse("unknown_subject", "performer", reference["performer"])

    def _appearances(self, type_: str, asset: str, frames: Any) -> list[Read]:
        def meets(spans: Any) -> bool:
            return spans is None or frames is None or any(a < frames[1] and frames[0] < b for a, b in spans)

        return [s for s in self.history.about(type_, "asset", asset) if meets(s.body["spans"])]

    def _look_at_contents(
        self,
        asset: Read,
        aspects: set[str],
        of_people: set[str],
        acts: list[str],
        frames: Any,
        wanted: dict[tuple[str, str, str], set[str]],
    ) -> set[str]:
        id_, permitted = asset.body["asset"], self._appearances("appearance.recorded", asset.body["asset"], None)
        declared = [
            s for s in self.history.about("inventory.declared", "asset", id_) if counts(s) and s.issuer == asset.issuer
        ]
        inventory = (declared or [asset])[-1].body["inventory"]
        settling = [s for s in permitted if counts(s) and s.issuer in (asset.issuer, s.body["performer"])]
        asked = {"people"} if aspects & {"picture", "motion", "sound"} else set()
        asked |= {"artworks", "marks", "locations"} if "picture" in aspects else set()
        asked |= {"music"} if "sound" in aspects else set()
        for content in asked:
            listed = inventory[content] == "listed" and content == "people" and bool(settling)
            if inventory[content] != "none" and not listed:
                self.refuse("inventory_unknown", "asset", id_)
        for claim in self._appearances("appearance.claimed", id_, frames):
            performer = claim.body["performer"]
            settled = [s for s in settling if s.body["performer"] == performer and place(s) > place(claim)]
            if not settled and {*claim.body["aspects"]} & of_people:
                self.refuse("appearance_claimed", "performer", performer)
        people = set()
        for act in acts:
            wanted.setdefault(("asset", id_, act), set()).update(aspects)
            for s in self._appearances("appearance.recorded", id_, frames):
                people.add(s.body["performer"])
                shared = {*s.body["aspects"]} & of_people
                if shared:
                    wanted.setdefault(("performer", s.body["performer"], act), set()).update(shared)
        return people

    def _look_for_children(self, people: set[str]) -> None:
        request = self.request
        labels = {*request["scene"]}.union(*(one["depicts"] for one in request["by_performer"].values()))
        if not labels & SEXUAL:
            return
        named = {reference["performer"] for reference in request["references"]} - {None}
        for person in people | named | {*request["by_performer"]} | {*self.history.vouched.prompt_matches}:
            born = self.history.born(person)
            if born is None or eighteen(born) > midnight(datetime.fromtimestamp(self.at, UTC).date()):
                self.refuse("never_allowed", "performer", person)
        ages = [reference["depicted_age"] for reference in request["references"]]
        unsaid = any(r["role"] == "age_change" and r["depicted_age"] is None for r in request["references"])
        unsaid = unsaid or ("age_changed" in labels and not any(age is not None for age in ages))
        if unsaid or any(age is not None and age < 18 for age in ages):
            self.refuse("never_allowed", "request", request["shot"])

    def _uses(self, kind: str, id_: str, act: str, aspects: set[str]) -> Iterator[Use]:
        request = self.request
        if self.trains:
            sets = [["work"], ["internal"], [request["territory"]], ["zxx"]]
            window = (self.at, self.at + 14 * DAY_S)
            shown: tuple[set[str], set[str]] = (set(), set())
        else:
            sets = [request[name] for name in ("purposes", "media", "territories", "languages")]
            start, end = request["window"]
            asked = (seconds(start), NEVER if end is None else seconds(end))
            window = asked if act == "distribute" else (self.at, self.at + HOUR_S)
            people = request["by_performer"]
            depicted = [people[id_]] if kind == "performer" and id_ in people else people.values()
            depicts = set().union(
                *(one["depicts"] for one in ([] if kind == "performer" and id_ not in people else depicted))
            )
            shown = (depicts, {*request["scene"]})
        moments = {window[0], *(turn for turn in self.turns if window[0] < turn < window[1])}
        for point in product([act], sorted(aspects), *sets, sorted(moments)):
            yield Use(Point(*point), self.project, shown, request.get("product_categories", []))

    # --- who is asked

    def _ask_performer(self, performer: str, uses: list[Use]) -> None:
        subject = ("performer", performer)
        if not self.trains and performer not in self.request["by_performer"]:
            self.refuse("description_mismatch", "performer", performer)
            return
        held = self.consents.of(performer)
        grantees = {self.request["for"]}
        for use in uses:
            grounds = [ground for s in held if (ground := self.consents.serves(s, use)) is not None]
            if grounds:
                self._rest_on(grounds[0], use, subject)
                grantees |= {grounds[0].grantee or self.request["for"]}
            else:
                self.found.missing.add((subject, use.point))
        for use in uses:
            bound = [subject, *(("grantee", grantee) for grantee in grantees)]
            for bar in self.bars.on(bound, use):
                serving = [ground for s in held if (ground := self.consents.serves(s, use)) is not None]
                strike = bar.type == "suspension.declared" and bar.body["kind"] == "strike"
                if not (strike and any(ground.continues for ground in serving)):
                    self.found.barred.add((bar.digest, subject, use.point))

    def _ask_asset(self, id_: str, act: str, uses: list[Use]) -> None:
        asset = next(s for s in self.history.about("asset.registered", "asset", id_) if s.authorised)
        title, subject = self._title(id_), ("asset", id_)
        grantees = {self.request["for"]}
        if act == "alter":
            self.answers.ask_authors(title, uses, subject)
        for use in uses:
            for right in self._rights(asset, use.point.aspect):
                state, holders = title.holders(right, use)
                grounds = [title.ground(holder, use) for holder in holders]
                if state != "held" or None in grounds:
                    self.found.missing.add((subject, use.point))
                for ground in grounds if state == "held" else []:
                    if ground is not None:
                        self._rest_on(ground, use, subject)
                        grantees |= {ground.grantee or self.request["for"]}
        for use in uses:
            for bar in self.bars.on([*title.subjects, *(("grantee", grantee) for grantee in grantees)], use):
                self.found.barred.add((bar.digest, subject, use.point))

    def _title(self, id_: str) -> Title:
        asset = next(s for s in self.history.about("asset.registered", "asset", id_) if s.authorised)
        return Title(self.history, self.licences, self.asking, asset)

    def _rights(self, asset: Read, aspect: str) -> list[str]:
        declared = [
            s
            for s in self.history.about("inventory.declared", "asset", asset.body["asset"])
            if counts(s) and s.issuer == asset.issuer
        ]
        music = (declared or [asset])[-1].body["inventory"]["music"]
        if aspect == "sound":
            silent = music == "none" and asset.body["kind"] != "music"
            return ["master"] if silent else ["master", "composition"]
        return ["artwork"] if asset.body["kind"] == "artwork" else ["picture"]

    def _rest_on(self, ground: Ground, use: Use, subject: Subject) -> None:
        self.found.grounds |= ground.digests
        for digest, grantor, terms in ground.asked:
            for term in terms:
                if use.point.act in term["acts"]:
                    self.answers.ask(digest, grantor, term, subject)

    # --- who is asked for a yes

    def _look_at_making(self) -> None:
        """Look at what the shot did: its release waits for the yes that this needed too."""
        self.making = True
        wanted: dict[tuple[str, str, str], set[str]] = {}
        for asset, aspects, of_people, acts, frames in self._taken():
            self._look_at_contents(asset, aspects, of_people, acts, frames, wanted)
        for performer in self.history.vouched.prompt_matches:
            wanted.setdefault(("performer", performer, "condition"), set())
        for (kind, id_, act), aspects in wanted.items():
            if act == "distribute":
                continue
            for digest, grantor, terms in self._of_performer(id_) if kind == "performer" else self._of_asset(id_):
                for term in terms if digest in self.request["rests_on"] else ():
                    if act in term["acts"]:
                        self.answers.ask(digest, grantor, term, (kind, id_))
            if act == "alter" and kind == "asset":
                self.answers.ask_authors(self._title(id_), list(self._uses(kind, id_, act, aspects)), (kind, id_))

    def _of_performer(self, performer: str) -> Iterator[tuple[str, str, list[Body]]]:
        for s in self.consents.of(performer):
            every = [s, *(self.consents.narrower(s) or [])]
            yield s.digest, performer, [term for one in every for term in one.body["approvals"]]

    def _of_asset(self, id_: str) -> Iterator[tuple[str, str, list[Body]]]:
        title = self._title(id_)
        for root, moment in product(self.licences.roots, [min(self.turns, default=self.at) - 1, *self.turns]):
            for chain in title.chains(root, moment):
                for link in chain if all(title.reaches(one) for one in chain) else ():
                    terms = [term for body in link.bodies for term in body["approvals"]]
                    yield link.said.digest, link.root.body["licensor"], terms
