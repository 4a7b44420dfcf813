"""
The first chapter, beat by beat. Every line is something that happened, with the digest that proves it.

``web.demo.story_rights`` tells the second.

1. The cast enrols; a notary vouches for the performer's identity.
2. An archive registers a plate and a portrait, and licenses them; the performer consents for France.
3. A shot for France and Belgium is refused, with what is missing and whom to ask; a second consent, signed with a
   passkey, closes the gap. Its papers are taken home and checked (``web.demo.story_papers``).
4. The shot is rendered, looked at by a named reviewer, released; its papers are checked offline, a tampered copy fails.
5. The next take is in flight when the performer withdraws: it is aborted, and the same request is refused.
6. A stock clip with undeclared people is refused. The whole log is walked.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from uuid6 import uuid7

from generation import media
from web.demo import bodies
from web.demo.cast import Member, Said, enrol, person_acting
from web.demo.desk import STEPS, Desk, codes_of, unchecked
from web.demo.files import Files
from web.demo.narrator import Narrator, no, short, yes
from web.demo.phone import Phone, origin_of
from web.demo.story_papers import new_passkey, papers

UNDER_WAY = 4  # steps; the withdrawal comes in the middle of a take
LONG_STEPS = 80  # of the take that is withdrawn under way; long enough to see it running


@dataclass(slots=True, kw_only=True)
class Story:
    """The cast and what they have done so far; the later fields are filled by the first beats."""

    tell: Narrator
    base: str
    folder: Path
    files: Files
    at: datetime
    archive: Member = field(init=False)
    producer: Member = field(init=False)
    notary: Member = field(init=False)
    performer: Member = field(init=False)
    desk: Desk = field(init=False)
    film: str = field(init=False)
    plate: dict[str, Any] = field(init=False)
    portrait: dict[str, Any] = field(init=False)

    def play(self) -> None:
        """Tell the whole of it; raises CommandError where anything happens that should not."""
        self._enrol()
        self._register()
        first = self._consent(["FR"])
        self._refused(first)
        self._second_consent()
        shot = self._released()
        self._verified(shot)
        self._withdrawn()
        self._stock()

    def _enrol(self) -> None:
        make: Callable[..., Member] = lambda name, kind, **more: enrol(  # noqa: E731 - four calls, one shape
            name, kind, base=self.base, keys=self.folder / "keys", at=self.at, **more
        )
        self.archive = make("Vale Archive", "organisation")
        self.producer = make("Northlight", "organisation")
        self.notary = make("Okafor Notaries", "organisation")
        self.performer = make("Ada Marsh", "person", born="1990-04-01")
        self.desk = Desk(
            asking=person_acting(self.producer, "Tom Reyes", scopes=["produce", "read"], at=self.at),
            reviewer=person_acting(self.producer, "Lena Brandt", scopes=["read", "review"], at=self.at),
        )
        vouch = {"party": self.performer.party, "level": "document", "checked_on": self.at.date().isoformat()}
        said = self.notary.say("identity.vouched", vouch | {"method": "passport seen in person"})
        self.film = str(uuid7())
        self.producer.say("project.registered", bodies.project(self.film, self.producer.party))
        self.tell.beat("Okafor Notaries", "vouches that Ada Marsh is Ada Marsh", short(said.digest))

    def _register(self) -> None:
        tell, archive = self.tell, self.archive
        self.plate = self._asset(self.files.plate, "Ridge at dusk, plate", bodies.NOBODY)
        self.portrait = self._asset(self.files.portrait, "Ada Marsh, full figure", bodies.SOMEBODY)
        archive.say("appearance.recorded", bodies.appearance(self.portrait["asset"], self.performer.party))
        tell.beat("Vale Archive", "registers a plate, by its bytes", short(self.plate["sha256"]))
        tell.more("and a portrait of Ada Marsh", short(self.portrait["sha256"]))
        assets = [self.plate["asset"], self.portrait["asset"]]
        licence = archive.say(
            "licence.granted", bodies.licence(archive.party, self.producer.party, assets, self.film, self.at)
        )
        tell.beat("Vale Archive", "licenses both to Northlight, worldwide", short(licence.digest))

    def _asset(
        self, file: tuple[str, bytes], title: str, inventory: dict[str, str], *, kind: str = "still"
    ) -> dict[str, Any]:
        """Keep a file, sign its registration, claim the picture rights in it."""
        kept: dict[str, Any] = self.archive.api.upload(
            "/api/v1/assets",
            name=file[0],
            content=file[1],
            metadata={"title": title, "kind": kind, "inventory": inventory},
        )
        self.archive.sign(kept["draft"])
        self.archive.say("title.claimed", bodies.title(self.archive.party, kept["asset"], self.at))
        return kept

    def _second_consent(self) -> None:
        """With a passkey this time; then she takes home what proves it."""
        held = new_passkey(self.tell, self.performer, Phone(origin=origin_of(self.base)))
        said = self._consent(["BE", "FR"], by=held)
        papers(self.tell, self.performer, said, base=self.base, folder=self.folder, receipt="consent-be-fr")

    def _consent(self, territories: list[str], *, by: Member | None = None) -> Said:
        body = bodies.consent(self.performer.party, self.producer.party, territories, self.film, self.at)
        said = (by or self.performer).say("consent.granted", body)
        name = f"consent-{'-'.join(territories).lower()}"
        (self.folder / f"{name}.txt").write_text(said.text, encoding="utf-8")
        receipt = self.performer.receipt(said)
        (self.folder / f"{name}.tlog-proof").write_bytes(receipt)
        place = receipt.split(b"\n")[1].decode().removeprefix("index ")
        where = " and ".join(territories)
        how = " by passkey" if by else ""
        self.tell.beat("Ada Marsh", f"consents for {where}{how}, entry {place} of the log", short(said.digest))
        return said

    def references(self) -> list[dict[str, Any]]:
        """The plate to begin with, and whom to show."""
        plate: dict[str, Any] = {"asset": self.plate["asset"], "role": "first_frame"}
        if self.plate["media"]["frames"] not in (None, 1):
            plate["source"] = {"in": 0, "out": 1}
        return [plate, {"asset": self.portrait["asset"], "role": "likeness", "performer": self.performer.party}]

    def _request(self, take: int, steps: int) -> dict[str, Any]:
        return bodies.shot(
            producer=self.producer.party,
            film=self.film,
            references=self.references(),
            performer=self.performer.party,
            territories=["BE", "FR"],
            at=self.at,
            take=take,
            steps=steps,
        )

    def _refused(self, first: Said) -> None:
        obstacles = self.desk.refusal(self._request(1, STEPS))
        (self.folder / "refusal.json").write_text(json.dumps(obstacles, indent=2), encoding="utf-8")
        missing = obstacles[0]["missing"][0]
        codes = codes_of(obstacles)
        self.tell.beat("Northlight", f"asks for shot 12A in BE and FR: {no('refused')}, {codes}")
        acts = ", ".join(sorted({o["act"] for o in obstacles}))
        aspects = ", ".join(sorted({o["aspect"] for o in obstacles}))
        self.tell.more(f"missing: {', '.join(missing['territories'])} for {acts} of {aspects}")
        nearest = obstacles[0]["nearest"] == first.digest
        asked = "Ada Marsh" if obstacles[0]["remedy"]["ask"] == self.performer.party else "?"
        self.tell.more(
            f"ask {asked}; nearest is {'her consent' if nearest else 'grant'}", short(obstacles[0]["nearest"])
        )

    def _released(self) -> dict[str, Any]:
        asked = self.desk.ask(self._request(1, STEPS))
        grounds = len(asked["decision"]["grounds"])
        self.tell.beat(
            "Northlight",
            f"asks again: {yes('cleared')} on {grounds} grounds, queued",
            short(asked["clearance"]),
        )
        with self.tell.progress("rendering", STEPS) as bar:
            shot = self.desk.until(asked["id"], {"awaiting_approval", "released"}, bar)
        (self.folder / "preview.mp4").write_bytes(self.desk.preview(shot["id"]))
        self.desk.passes(shot["id"], "as boarded")
        self.tell.beat("Lena Brandt", f"watches the preview ({unchecked(shot)} unchecked) and passes it")
        shot = self.desk.until(shot["id"], {"released"})
        self._keep(shot)
        self.tell.beat("Proviso", f"{yes('released')}: shot-12A.mp4", short(shot["output_sha256"]))
        return shot

    def _keep(self, shot: dict[str, Any]) -> None:
        """Leave the file and its papers where the caller can look at them."""
        film = self.desk.media(shot["id"])
        (self.folder / "shot-12A.mp4").write_bytes(film)
        (self.folder / "contact-sheet.png").write_bytes(
            media.contact_sheet(
                media.decode(film),
                fps=(12, 1),
                title="12A  take 1",
                subtitle="The Ridge",
                digest=shot["output_sha256"],
                note=f"clearance {shot['clearance'][:24]}…",
            )
        )
        bundle = self.desk.bundle(shot["id"])
        (self.folder / "bundle.json").write_bytes(bundle)
        trust = json.loads(bundle)["trust"]
        (self.folder / "trust.json").write_text(json.dumps(trust, indent=2), encoding="utf-8")
        for name in ("clearance", "release"):
            receipt = self.desk.asking.download(f"/api/v1/statements/{shot[name]}/proof?wait=1")
            (self.folder / f"{name}.tlog-proof").write_bytes(receipt)

    def _verified(self, shot: dict[str, Any]) -> None:
        good = self._verify(self.folder / "shot-12A.mp4")
        if good.returncode:
            raise CommandError(f"the papers do not verify:\n{good.stdout}{good.stderr}")
        (self.folder / "verification.txt").write_text(good.stdout, encoding="utf-8")
        steps = json.loads(self._verify(self.folder / "shot-12A.mp4", "--json").stdout)["steps"]
        proven, vouched = (sum(s["outcome"] == outcome for s in steps) for outcome in ("proven", "vouched"))
        self.tell.beat(
            "Anybody",
            f"checks the papers offline: {yes(f'{proven} steps proven')}, {vouched} only vouched for  (exit 0)",
        )
        copy = bytearray((self.folder / "shot-12A.mp4").read_bytes())
        copy[copy.index(b"mdat") + 2_000] ^= 1
        tampered = self.folder / "shot-12A-tampered.mp4"
        tampered.write_bytes(copy)
        bad = self._verify(tampered)
        if bad.returncode != 1:
            raise CommandError("a tampered copy was not found out")
        self.tell.beat("Anybody", f"checks a copy with one bit flipped: {no('refused')}  (exit 1)")

    def _verify(self, file: Path, *more: str) -> subprocess.CompletedProcess[str]:
        trust = ["--trust", str(self.folder / "trust.json")]
        command = [sys.executable, "-m", "generation.verify", str(self.folder / "bundle.json"), str(file)]
        return subprocess.run([*command, *trust, *more], capture_output=True, text=True, check=False)

    def _withdrawn(self) -> None:
        asked = self.desk.ask(self._request(2, LONG_STEPS))
        with self.tell.progress("take 2", LONG_STEPS) as bar:
            self.desk.until(asked["id"], {"running"}, bar, also=lambda shot: shot["progress"]["step"] >= UNDER_WAY)
            body = {"performer": self.performer.party, "grants": None, "grantee": self.producer.party}
            said = self.performer.say("consent.revoked", body)
            shot = self.desk.until(asked["id"], {"aborted", "released", "awaiting_approval"}, bar)
        if shot["state"] != "aborted":
            raise CommandError(f"a take in flight ended as {shot['state']} after the withdrawal")
        self.tell.beat("Ada Marsh", "withdraws everything from Northlight", short(said.digest))
        step = shot["progress"]["step"]
        self.tell.beat(
            "Proviso", f"take 2 was in flight: {no('aborted')} at step {step} of {LONG_STEPS}, frames discarded"
        )
        obstacles = self.desk.refusal(self._request(1, STEPS))
        codes = codes_of(obstacles)
        self.tell.beat("Northlight", f"asks for shot 12A once more: {no('refused')}, {codes}")

    def _stock(self) -> None:
        clip = self._asset(self.files.stock, "Ridge, passer-by, stock clip", bodies.UNDECLARED, kind="footage")
        body = bodies.licence(self.archive.party, self.producer.party, [clip["asset"]], self.film, self.at)
        said = self.archive.say("licence.granted", body)
        self.archive.receipt(said)
        request = self._request(1, STEPS)
        request["references"] = [{"asset": clip["asset"], "role": "first_frame", "source": {"in": 0, "out": 1}}]
        request["controls"]["trajectories"], request["use"]["by_performer"] = [], {}
        codes = codes_of(self.desk.refusal(request))
        self.tell.beat("Northlight", f"asks with a licensed clip, people undeclared: {no('refused')}, {codes}")
