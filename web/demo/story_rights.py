"""
The second chapter: what was promised, what a union says, and a word kept back. The same cast, and a few more.

1. An archive gives a broadcaster a plate exclusively; what another is offered and overlaps is refused, the rest lands.
2. A producer's film is under California's law: a consent that replaces in-person work, described in two words and
   signed without counsel, is refused by a rule; the same consent with a description is not.
3. The performer's union strikes: one statement, and no member is used under its agreement, until an interim agreement
   frees the film.
4. The shot is made and waits for the performer's own yes; then it is released.
5. The film's cut is handed in, and what a buyer and an insurer ask for is printed (``web.demo.story_report``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from io import StringIO
from typing import Any

from django.core.management import call_command
from django.core.management.base import CommandError
from uuid6 import uuid7

from consent.core.rules import explain
from registry.core.times import parse_time
from registry.texts.words import MEDIA
from web.demo import bodies, bodies_rights
from web.demo.cast import Member, Said, enrol, person_acting
from web.demo.client import Problem
from web.demo.desk import STEPS, Desk, codes_of, unchecked
from web.demo.narrator import no, short, yes
from web.demo.story import Story

RULE = "us-ca/ab-2602"


@dataclass(slots=True, kw_only=True)
class Rights:
    """The first chapter's cast and who joins them; the later fields are filled by the first beats."""

    first: Story
    broadcaster: Member = field(init=False)
    other: Member = field(init=False)
    producer: Member = field(init=False)
    union: Member = field(init=False)
    desk: Desk = field(init=False)
    film: str = field(init=False)

    def play(self) -> dict[str, Any]:
        """Tell it all; return the released shot. Raises CommandError where anything happens that should not."""
        self._enrol()
        self._promised()
        self._begun()
        vague = self._vague()
        consent = self._described(vague)
        self._struck()
        shot = self._made()
        return self._approved(shot, consent)

    def _enrol(self) -> None:
        make: Callable[[str], Member] = lambda name: enrol(  # noqa: E731 - four calls, one shape
            name, "organisation", base=self.first.base, keys=self.first.folder / "keys", at=self.first.at
        )
        self.broadcaster, self.other = make("Harbour One"), make("Lantern TV")
        self.producer, self.union = make("Fenwick Pictures"), make("Players' Guild")
        self.desk = Desk(
            asking=person_acting(self.producer, "Iris Holm", scopes=["produce", "read"], at=self.first.at),
            reviewer=person_acting(self.producer, "Jonas Weil", scopes=["read", "review"], at=self.first.at),
        )

    def _promised(self) -> None:
        tell, archive = self.first.tell, self.first.archive
        held = archive.settle("licence.granted", self._exclusive(self.broadcaster, ["BE", "FR"]))
        tell.beat("Vale Archive", "gives Harbour One the plate for BE and FR, exclusively", short(held.digest))
        tell.more(f"{_media(bodies_rights.BROADCAST)}, for a year")
        deal = self._conflict(self._exclusive(self.other, ["BE", "NL"]))
        if deal["licence"] != held.digest:
            raise CommandError("the conflict names another deal than the one in the way")
        tell.beat("Vale Archive", f"offers Lantern TV BE and NL: {no('refused')}, exclusive_conflict")
        box = deal["overlap"][0]
        tell.more("in the way: Harbour One's licence", short(deal["licence"]))
        tell.more(f"both would hold {', '.join(box['territories'])} until {_day(box['window'][1])}:")
        tell.more(_media(box["media"]))
        rest = archive.say("licence.granted", self._exclusive(self.other, ["NL"]))
        tell.beat("Vale Archive", f"gives Lantern TV NL alone: {yes('taken')}", short(rest.digest))

    def _exclusive(self, licensee: Member, territories: list[str]) -> dict[str, Any]:
        archive, plate = self.first.archive, self.first.plate
        return bodies_rights.exclusive(archive.party, licensee.party, plate["asset"], territories, self.first.at)

    def _conflict(self, body: dict[str, Any]) -> dict[str, Any]:
        """Sign what must be refused, and return the deal that stands in the way."""
        try:
            self.first.archive.say("licence.granted", body)
        except Problem as problem:
            if problem.body.get("code") != "exclusive_conflict":
                raise
            deal: dict[str, Any] = problem.body["deals"][0]
            return deal
        raise CommandError("two hold the same exclusively")

    def _begun(self) -> None:
        first, self.film = self.first, str(uuid7())
        said = self.producer.say("project.registered", bodies_rights.film(self.film, self.producer.party))
        first.tell.beat("Fenwick Pictures", "registers a film, The Way Back, law of California", short(said.digest))
        assets = [first.plate["asset"], first.portrait["asset"]]
        body = bodies.licence(first.archive.party, self.producer.party, assets, self.film, first.at)
        said = first.archive.settle("licence.granted", body)
        first.tell.beat("Vale Archive", "licenses plate and portrait to it for streaming", short(said.digest))

    def _vague(self) -> tuple[dict[str, Any], Said]:
        tell, ada = self.first.tell, self.first.performer
        body = bodies_rights.vague_consent(ada.party, self.producer.party, self.film, self.first.at)
        said = ada.settle("consent.granted", body, private=_fee())
        tell.beat("Ada Marsh", f'lets a replica stand in for her, "{body["description"]}"', short(said.digest))
        tell.more("two words, and no counsel at her side")
        obstacles = self.desk.refusal(self._request())
        self._require(obstacles, {"rule_refused"})
        rule = explain(obstacles[0]["rule"])
        tell.beat("Fenwick Pictures", f"asks for shot 31: {no('refused')}, rule_refused by {rule.id}")
        tell.quote(rule.title)
        tell.quote(f"source: {rule.source}; verified by {rule.verified_by}")
        self._explain(rule.id)
        return body, said

    def _explain(self, rule: str) -> None:
        """Leave what the rule says, as `manage.py rulepacks explain` prints it."""
        printed = StringIO()
        call_command("rulepacks", "explain", rule, stdout=printed)
        lines = [line.rstrip() for line in printed.getvalue().splitlines()]
        (self.first.folder / "rule.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
        self.first.tell.more("the rule, its facts and its cases: rule.txt")

    def _described(self, vague: tuple[dict[str, Any], Said]) -> Said:
        tell, ada = self.first.tell, self.first.performer
        body = bodies_rights.described(vague[0], vague[1].digest)
        draft = {"type": "consent.granted", "issuer": ada.party, "body": body}
        told = ada.api.post("/api/v1/clearances/check", {"requests": [self._request()], "suppose": [draft]})
        if not told["decisions"][0]["cleared"]:
            raise CommandError(f"a description does not help: {codes_of(told['decisions'][0]['obstacles'])}")
        tell.beat("Ada Marsh", f"asks, before she signs, what a description would do: {yes('cleared')}")
        said = ada.settle("consent.granted", body, private=_fee())
        (self.first.folder / "consent-described.txt").write_text(said.text, encoding="utf-8")
        tell.beat("Ada Marsh", "signs the same consent anew, with a description", short(said.digest))
        tell.quote(f'"{body["description"]}"')
        return said

    def _struck(self) -> None:
        tell, ada, union = self.first.tell, self.first.performer, self.union
        body = bodies_rights.membership(str(uuid7()), ada.party, union.party, self.first.at)
        said = ada.settle("authority.granted", body)
        tell.beat("Ada Marsh", "names the Players' Guild as her union", short(said.digest))
        suspension = str(uuid7())
        said = union.say("suspension.declared", bodies_rights.strike(suspension, union.party, self.first.at))
        tell.beat("Players' Guild", "strikes: one statement, for all its members, at once", short(said.digest))
        obstacles = self.desk.refusal(self._request())
        self._require(obstacles, {"suspended"})
        asked = "the Guild" if obstacles[0]["remedy"]["ask"] == union.party else "?"
        tell.beat("Fenwick Pictures", f"asks for shot 31: {no('refused')}, suspended")
        tell.more(f"made under the Guild's agreement; ask {asked}")
        said = union.settle("suspension.lifted", bodies_rights.interim_agreement(suspension, self.film))
        tell.beat("Players' Guild", "signs an interim agreement: this film goes on", short(said.digest))

    def _made(self) -> dict[str, Any]:
        tell, desk = self.first.tell, self.desk
        asked = desk.ask(self._request())
        tell.beat("Fenwick Pictures", f"asks again: {yes('cleared')}, queued", short(asked["clearance"]))
        with tell.progress("rendering", STEPS) as bar:
            shot = desk.until(asked["id"], {"awaiting_approval"}, bar)
        desk.passes(shot["id"], "as boarded")
        tell.beat("Jonas Weil", f"watches the preview ({unchecked(shot)} unchecked) and passes it")
        return shot

    def _approved(self, shot: dict[str, Any], consent: Said) -> dict[str, Any]:
        tell, ada = self.first.tell, self.first.performer
        pending = self._waiting(shot["id"])
        if (pending["by"], pending["grant"], pending["on"]) != (ada.party, consent.digest, "result"):
            raise CommandError(f"the shot waits for something else: {pending}")
        tell.beat("Proviso", "does not release it: it waits for the yes of Ada Marsh", short(pending["grant"]))
        tell.more(f"silence until {_day(pending['due'])} would have been a no, and the end of the shot")
        preview = ada.api.download(f"/api/v1/shots/{shot['id']}/preview")
        (self.first.folder / "preview-31.mp4").write_bytes(preview)
        said = ada.say("approval.given", bodies_rights.yes(shot["id"], pending["grant"]))
        tell.beat("Ada Marsh", f"watches the preview too, and says {yes('yes')} with her key", short(said.digest))
        shot = self.desk.until(shot["id"], {"released"})
        (self.first.folder / "shot-31.mp4").write_bytes(self.desk.media(shot["id"]))
        tell.beat("Proviso", f"{yes('released')}: shot-31.mp4", short(shot["output_sha256"]))
        return shot

    def _waiting(self, shot: str) -> dict[str, Any]:
        """Return what she is told that the shot waits for, once the hours of its approval run."""
        running: Callable[[dict[str, Any]], bool] = lambda now: any(  # noqa: E731 - one use
            pending["due"] is not None for pending in now["decision"]["pending"]
        )
        self.desk.until(shot, {"awaiting_approval"}, also=running)
        (row,) = self.first.performer.api.get("/api/v1/approvals")["results"]
        if row["shot"] != shot:
            raise CommandError("another shot waits for her")
        (pending,) = row["asked"]
        found: dict[str, Any] = pending
        return found

    def _request(self) -> dict[str, Any]:
        return bodies_rights.shot(
            producer=self.producer.party,
            project=self.film,
            references=self.first.references(),
            performer=self.first.performer.party,
            at=self.first.at,
            steps=STEPS,
        )

    def _require(self, obstacles: list[dict[str, Any]], codes: set[str]) -> None:
        if {obstacle["code"] for obstacle in obstacles} != codes:
            raise CommandError(f"refused for {codes_of(obstacles)}, not for {', '.join(sorted(codes))}")


def _fee() -> dict[str, Any]:
    return {"pay": [bodies_rights.FEE], "mfn": None}


def _media(names: Iterable[str]) -> str:
    return " and ".join(MEDIA[name][0] for name in names)


def _day(moment: str) -> str:
    """Write a moment's day; the last of a window that ends at midnight is the day before."""
    return (parse_time(moment) - timedelta(seconds=1)).date().isoformat()
