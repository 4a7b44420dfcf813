"""
A registry in the hands of an operator who is not to be trusted, and everybody who looks at it.

The operator has the rights of the tables' owner, who may lift every rule that PostgreSQL keeps; the files of log and
media; the code, whose pieces serve him as tools; old genuine statements, and parties and keys of his own. He does not
have a performer's key, but for one that was stolen and revoked. Of the registry's and the log's own keys a try says so
where it uses them.

Who looks: the decision, ``manage.py fsck``, the offline verifier and ``manage.py monitor``, each by the way that the
public has.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import call_command
from django.db import connection
from django.test import Client

from generation.core.trust import Trust
from generation.verify.__main__ import main as verify
from registry.core.envelope import Envelope, parse_statement
from registry.core.jcs import Json
from registry.core.times import whole_second
from registry.kinds.kind import Context
from registry.locks import clock
from registry.services.accept import read_body
from registry.statements import insert
from registry.watch.monitor import Monitor
from registry.watch.signed import Keys
from registry.watch.source import Folder
from registry.watch.state import StateFolder
from tests.studio import Studio
from tests.terms import consent
from tests.world import Actor, File, World, scope
from web.statements import KINDS

HOME = ("BE", "DE", "FR")  # where performers let the film be shown


@dataclass(slots=True, kw_only=True)
class Scene:
    """The registry as it is now, in the database and below ``folder``."""

    folder: Path
    studio: Studio
    operator: Actor  # a party of his own, honestly enrolled
    stolen: Ed25519PrivateKey  # was Mia's
    cast: dict[str, tuple[Actor, File]] = field(default_factory=dict)
    pictures: dict[str, File] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)  # of what was said
    bodies: dict[str, dict[str, Json]] = field(default_factory=dict)
    shot: str = ""  # released
    waiting: str = ""  # queued
    erased: Actor | None = None

    @property
    def world(self) -> World:
        return self.studio.world

    @property
    def ada(self) -> Actor:
        return self.studio.ada

    # --- Who looks

    def request(self, name: str) -> dict[str, Any]:
        """Return a request for a shot: of Ada at home, or odd in the way that its name says."""
        if name in self.pictures:
            return self.studio.empty_request(references=[{"asset": self.pictures[name].id, "role": "first_frame"}])
        if name == "named":
            return self.studio.empty_request(prompt=f"{self.cast['agent'][0].name} at dusk")
        who, picture = self.cast.get(name, (self.ada, self.studio.portrait))
        shown = {"depicts": ["nudity"] if name == "minor" else [], "role": "Mara", "replica_use": "employment_based"}
        use = {
            "territories": ["US" if name == "abroad" else "FR"],
            "purposes": ["third_party_advertising" if name == "advert" else "work"],
            "media": ["games" if name == "games" else "svod"],
            "by_performer": {who.id: shown},
        }
        likeness = {"asset": picture.id, "role": "likeness", "performer": who.id}
        references = [likeness, {"asset": self.studio.ridge.id, "role": "first_frame"}]
        return self.studio.request(references=references, use=self.studio.use(**use))

    def codes(self, name: str) -> set[str]:
        """Ask the decision: the codes of its obstacles, or why there is none; an empty set: the use is covered."""
        answer = self.studio.post("/clearances/check", self.request(name))
        if answer.status_code != 200:
            return {answer.json()["code"]}
        return {obstacle["code"] for obstacle in answer.json()["obstacles"]}

    def faults(self, *, media: bool = True) -> dict[str, str]:
        """Run ``manage.py fsck``: what it names, each fault with all it says of it."""
        out = io.StringIO()
        options = ["--json", *(() if media else ("--no-media",))]
        code = _exit_code(lambda: call_command("fsck", *options, stdout=out))
        report = json.loads(out.getvalue())
        assert code == (0 if report["sound"] else 1)
        found: dict[str, str] = {}
        for one in report["findings"]:
            found[one["fault"]] = found.get(one["fault"], "") + f"{one['subject']}: {one['detail']}\n"
        return found

    def monitored(self, trust: str = "watching.json") -> set[str]:
        """Run ``manage.py monitor`` from its last verified checkpoint, with keys and witnesses from elsewhere."""
        out = io.StringIO()
        given = ["--trust", str(self.folder / trust), "--state", str(self.folder / "monitor"), "--json"]
        _exit_code(lambda: call_command("monitor", str(self.folder / "log"), *given, stdout=out))
        return {one["code"] for one in json.loads(out.getvalue())["findings"]}

    def person_monitored(self) -> set[str]:
        """Look as Bea's own monitor does, with her token, from what it saw last."""
        bea = self.cast["revoked"][0]
        trust = Trust.parse(json.loads((self.folder / "alone.json").read_text()))
        monitor = Monitor(
            source=Folder(top=self.folder / "log"),
            state=StateFolder(top=self.folder / "bea"),
            keys=Keys(log=trust.log),
            party=bea.id,
            api=Api(secret=self.world.token(bea, "read")),
        )
        report = monitor.look(at=whole_second(clock()), progress=lambda walked, size: None)
        return {finding.code for finding in report.findings} - {"keys_differ"}

    def verified(self, *arguments: str, trust: str = "trust.json") -> tuple[int, str | None]:
        """Run the offline verifier on files of the folder: its exit code, and the first step that is not proven."""
        out = io.StringIO()
        paths = [str(self.folder / one) if (self.folder / one).exists() else one for one in arguments]
        with redirect_stdout(out):
            code = verify([*paths, "--trust", str(self.folder / trust), "--json"])
        told = json.loads(out.getvalue())
        short = (step["name"] for step in told["steps"] if step["outcome"] == "consistent")
        return code, told["failed"] or next(short, None)

    # --- With what the operator does it

    def sql(self, statement: str, *values: Any, rows: int | None = None) -> None:
        """Change rows as the owner of the tables; it must change some, or exactly so many."""
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            assert cursor.rowcount > 0 if rows is None else cursor.rowcount == rows, (statement, cursor.rowcount)

    def write(self, path: str, change: Callable[[bytes], bytes]) -> None:
        """Change one file."""
        place = self.folder / path
        before = place.read_bytes()
        after = change(before)
        assert after != before, f"nothing was changed in {path}"
        place.write_bytes(after)

    def slip_in(self, submission: Mapping[str, Any], *, at: datetime | None = None) -> str:
        """
        Write a statement past the door, with all that follows from it: its row, projections, threads and leaf.

        What the product would have refused is not asked; what it would have written is written by its own code.
        """
        envelope = Envelope.parse(submission["envelope"])
        statement = parse_statement(envelope.payload)
        kind = KINDS[statement.type]
        record, _ = read_body(statement, kind)
        at = at or clock()
        text, whom = submission["text"], kind.subject(record)
        assert insert(envelope, statement, subject=whom, text=text, private=submission["private"], at=at)
        kind.enact(Context(record=record, statement=statement, at=at))
        self.world.publish()
        return envelope.digest

    def forge(self, type_: str, body: Mapping[str, Json], *keys: Ed25519PrivateKey, by: Actor) -> str:
        """Say something in somebody's name with other keys than theirs, past the door."""
        return self.slip_in(self.world.signed(type_, body, by=by, keys=keys or (self.operator.key,)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """The registry's API, as a person's monitor reads it."""

    secret: str
    name: str = "the registry"

    def read(self, path: str, *, limit: int) -> bytes:
        answer = Client().get(f"/api/v1/{path}", headers={"Authorization": f"Bearer {self.secret}"})
        assert answer.status_code == 200, answer.content
        return answer.content[:limit]


def granting(performer: Actor, grantee: Actor, *, where: tuple[str, ...] = HOME, **fields: Json) -> dict[str, Json]:
    """The body of a consent to be shown in these countries, in whatever is made."""
    aspects, acts = ["body", "face", "name", "performance"], ["alter", "condition", "distribute"]
    return consent(performer, grantee, scopes=[scope(acts=acts, aspects=aspects, territories=[*where])], **fields)


def _exit_code(run: Callable[[], object]) -> int:
    try:
        run()
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0
