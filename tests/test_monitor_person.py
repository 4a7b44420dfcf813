"""What a registry lists about a person, held against the log: proven where it can be, and said plainly where not."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from registry.core.entry import entry_of
from registry.core.envelope import Envelope, format_statement, sign_statement
from registry.core.errors import DomainError
from registry.core.keys import PublicKey
from registry.watch.monitor import Monitor, Report, format_report
from registry.watch.report import lines, plain
from registry.watch.signed import Keys
from registry.watch.source import NotServed, Unreachable
from registry.watch.state import BadState, StateFolder
from tests.log_files import LOG_SIGNER, LOG_VKEY, Files, entries

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
KEYS = Keys(log=(LOG_VKEY,))
ADA = "0193e1a0-0000-7000-8000-00000000000a"
STUDIO = "0193e1a0-0000-7000-8000-00000000000b"
ADAS_KEY = Ed25519PrivateKey.from_private_bytes(bytes([7]) * 32)
STUDIOS_KEY = Ed25519PrivateKey.from_private_bytes(bytes([8]) * 32)


def statement(number: int, *, issuer: str = ADA, key: Ed25519PrivateKey = ADAS_KEY) -> Envelope:
    payload = format_statement(
        type="consent.revoked",
        id=f"0193e1a0-0000-7000-8000-{number:012x}",
        issued_at=AT,
        issuer=issuer,
        nonce=bytes(16),
        body={"grants": [], "number": number},
    )
    return sign_statement(payload, key)


@dataclass(slots=True, kw_only=True)
class Api:
    """The registry's API, as far as a monitor asks it; a test may make it lie."""

    rows: list[dict[str, Any]] = field(default_factory=list)  # newest first
    envelopes: dict[str, Envelope] = field(default_factory=dict)
    page: int = 3
    name: str = "api"

    def read(self, path: str, *, limit: int) -> bytes:
        if path.startswith("statements/"):
            digest = path.removeprefix("statements/")
            if digest not in self.envelopes:
                raise NotServed(where=path)
            return json.dumps({"digest": digest, "envelope": self.envelopes[digest].format()}).encode()
        assert path.startswith(f"parties/{ADA}/statements?")
        start = int(path.partition("cursor=")[2] or 0)
        more = start + self.page < len(self.rows)
        following = f"http://elsewhere.example/api?limit=200&cursor={start + self.page}" if more else None
        rows = self.rows[start : start + self.page]
        return json.dumps({"results": rows, "next": following, "previous": None}).encode()

    def list(self, envelope: Envelope, index: int | None, *, accepted: datetime = AT) -> None:
        self.envelopes[envelope.digest] = envelope
        self.rows.insert(
            0,
            {
                "digest": envelope.digest,
                "type": "consent.revoked",
                "accepted_at": accepted.isoformat().replace("+00:00", "Z"),
                "index": index,
            },
        )


@dataclass(slots=True, kw_only=True)
class Scene:
    """A log, a registry, and Ada's monitor."""

    log: Files
    api: Api
    state: StateFolder
    said: int = 0

    def say(self, count: int = 1, **fields: Any) -> None:
        """Accept statements about Ada and publish them among those of others."""
        for _ in range(count):
            self.said += 1
            envelope = statement(self.said, **fields)
            self.api.list(envelope, self.log.edge.size)
            self.log.grow([entry_of(envelope), *entries(2, world=str(self.said))])

    def look(self, **changes: Any) -> Report:
        monitor = Monitor(source=self.log, state=self.state, keys=KEYS, party=ADA, api=self.api)
        at = changes.pop("at", AT)
        with self.state.hold():
            return replace(monitor, **changes).look(at=at, progress=lambda walked, size: None)


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    made = Scene(log=Files(), api=Api(), state=StateFolder(top=tmp_path / "state"))
    made.say(4)
    return made


def codes(report: Report) -> list[str]:
    """The findings, each shown in both languages and as JSON on the way."""
    for language in ("en", "fr"):
        assert all(lines(report, language))
    json.dumps(format_report(report))
    return [finding.code for finding in report.findings]


def test_every_statement_about_a_person_is_reported_once_and_found_in_the_log(scene: Scene) -> None:
    first = scene.look()
    assert (codes(first), first.exit_code) == ([], 2)
    assert first.checked is not None
    assert [one.listed.index for one in first.checked.proven] == [0, 3, 6, 9]
    assert {one.issuer for one in first.checked.proven} == {ADA}
    assert (first.before, first.walked, first.in_log, first.listed) == (None, 12, 4, 4)
    again = scene.look()
    assert (again.exit_code, again.checked and again.checked.proven, again.in_log) == (0, (), 4)
    scene.say()
    third = scene.look()
    assert third.checked is not None
    assert (third.exit_code, [one.listed.index for one in third.checked.proven]) == (2, [12])
    assert third.before == 12


def test_the_report_says_what_is_proven_and_what_is_only_vouched_for(scene: Scene) -> None:
    english, french = (list(lines(scene.look(), language)) for language in ("en", "fr"))
    assert english[0] == "nothing was kept of log.example/proviso before: what it shows now is taken for the beginning"
    assert "proven: 12 of 12 entries were read and hash to the signed root" in english
    assert f"proven: 4 of the 4 statements listed for {ADA} stand in the log under this checkpoint" in english
    assert english[-1].startswith("vouched for by the registry alone: that the list is complete")
    assert french[-1].startswith("sur la seule parole du registre")
    assert any(line.startswith("new: consent.revoked ") and f"issued by {ADA}" in line for line in english)
    alone = list(lines(scene.look(api=None), "en"))
    assert alone[-1].startswith("the registry was not asked about")


def test_a_statement_of_somebody_else_about_the_person_says_who_issued_it(scene: Scene) -> None:
    scene.say(issuer=STUDIO, key=STUDIOS_KEY)
    report = scene.look()
    assert report.checked is not None
    assert report.checked.proven[-1].issuer == STUDIO
    assert report.checked.proven[-1].keyids == (PublicKey.of(STUDIOS_KEY).keyid,)


def test_a_statement_whose_envelope_is_not_shown_is_proven_by_its_digest_and_type(scene: Scene) -> None:
    scene.api.envelopes.clear()
    report = scene.look()
    assert (codes(report), report.exit_code) == ([], 2)
    assert report.checked is not None
    assert {one.issuer for one in report.checked.proven} == {None}


def test_a_statement_in_the_persons_name_by_a_foreign_key_is_an_alarm(scene: Scene) -> None:
    own = {PublicKey.of(ADAS_KEY).keyid: PublicKey.of(ADAS_KEY)}
    report = scene.look(own_keys=own)
    assert report.checked is not None
    assert (codes(report), {one.own for one in report.checked.proven}) == ([], {True})
    scene.say(issuer=STUDIO, key=STUDIOS_KEY)
    assert codes(scene.look(own_keys=own)) == [], "in their own name they sign with their own key"
    scene.say(key=STUDIOS_KEY)
    report = scene.look(own_keys=own)
    assert (codes(report), report.exit_code) == (["foreign_key"], 1)


def test_naming_the_persons_key_beside_a_signature_that_is_not_its_own_convinces_nobody(scene: Scene) -> None:
    forged = statement(99, key=STUDIOS_KEY)
    (signature,) = forged.signatures
    forged = replace(forged, signatures=(replace(signature, keyid=PublicKey.of(ADAS_KEY).keyid),))
    scene.api.list(forged, scene.log.edge.size)
    scene.log.grow([entry_of(forged)])
    own = {PublicKey.of(ADAS_KEY).keyid: PublicKey.of(ADAS_KEY)}
    assert codes(scene.look(own_keys=own)) == ["foreign_key"]


def test_what_was_reported_once_and_is_listed_no_more_has_vanished(scene: Scene) -> None:
    scene.look()
    gone = scene.api.rows.pop(1)
    report = scene.look()
    assert (codes(report), report.exit_code) == (["vanished"], 1)
    assert report.findings[0].facts["digest"] == gone["digest"]
    scene.api.rows.insert(1, gone)
    assert scene.look().exit_code == 0


def row(place: int, **changes: Any) -> Callable[[Scene], None]:
    def lie(scene: Scene) -> None:
        scene.api.rows[place] |= changes

    return lie


def other_envelope(scene: Scene) -> None:
    digest = scene.api.rows[0]["digest"]
    scene.api.envelopes[digest] = sign_statement(scene.api.envelopes[digest].payload, STUDIOS_KEY)


def other_payload(scene: Scene) -> None:
    scene.api.envelopes[scene.api.rows[0]["digest"]] = statement(77)


@pytest.mark.parametrize(
    ("lie", "code"),
    [
        (row(0, index=8), "entry_differs"),
        (row(0, type="consent.granted"), "entry_differs"),
        (row(0, digest="0" * 64), "entry_differs"),
        (other_envelope, "envelope_differs"),
        (other_payload, "envelope_differs"),
    ],
)
def test_a_list_that_does_not_fit_the_log_is_an_alarm(scene: Scene, lie: Callable[[Scene], None], code: str) -> None:
    lie(scene)
    report = scene.look()
    assert code in codes(report)
    assert report.exit_code == 1
    assert report.in_log == 3, "what fits is proven all the same"


@pytest.mark.parametrize("change", [{"index": 8}, {"index": None}, {"type": "consent.granted"}])
def test_a_statement_that_moved_after_it_was_reported_is_an_alarm(scene: Scene, change: dict[str, Any]) -> None:
    scene.look()
    scene.api.rows[0] |= change
    assert "moved" in codes(scene.look())


def test_an_accepted_statement_may_wait_for_an_hour_and_not_longer(scene: Scene) -> None:
    scene.api.list(statement(50), None)
    scene.api.list(statement(51), 12)  # under a checkpoint that the monitor has not seen
    report = scene.look(at=AT + timedelta(minutes=59))
    assert report.checked is not None
    assert (codes(report), len(report.checked.waiting)) == ([], 2)
    assert codes(scene.look(at=AT + timedelta(minutes=61))) == ["never_logged", "never_logged"]
    scene.log.grow([entry_of(statement(51)), entry_of(statement(50))])
    scene.api.rows[1]["index"] = 13
    report = scene.look(at=AT + timedelta(minutes=61))
    assert (codes(report), report.exit_code, report.in_log) == ([], 2, 6)


def test_a_waiting_statement_that_is_dropped_from_the_list_has_vanished_too(scene: Scene) -> None:
    scene.api.list(statement(50), None)
    scene.look()
    scene.api.rows.pop(0)
    assert codes(scene.look()) == ["vanished"]


def test_a_second_entry_of_a_persons_statement_is_found_by_the_walk(scene: Scene) -> None:
    scene.log.grow([entry_of(statement(2))])
    report = scene.look()
    assert (codes(report), report.exit_code) == (["second_entry"], 1)
    assert scene.look(walks=False).exit_code == 0, "it was read"


@pytest.mark.parametrize("answer", [b"", b"[]", b'{"results":[{}],"next":null}', b'{"results":1,"next":null}'])
def test_a_list_that_cannot_be_read_is_no_empty_list(scene: Scene, answer: bytes) -> None:
    scene.look()

    class Broken(Api):
        def read(self, path: str, *, limit: int) -> bytes:
            return answer

    report = scene.look(api=Broken())
    assert (codes(report), report.exit_code) == (["list_unreadable"], 3)
    assert scene.look().exit_code == 0


def test_a_list_whose_pages_go_round_for_ever_ends(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registry.watch.listing.MAX_PAGES", 50)

    class Round(Api):
        def read(self, path: str, *, limit: int) -> bytes:
            data = json.loads(Api.read(scene.api, f"parties/{ADA}/statements?", limit=limit))
            return json.dumps(data | {"next": "http://x/?cursor=1"}).encode()

    assert codes(scene.look(api=Round())) == ["list_unreadable"]


def test_nobody_writes_a_line_of_the_report_but_the_monitor(scene: Scene) -> None:
    """A registry that names a type so would else say of itself, in our words, that all is well."""
    forged = "consent.granted\nproven: all is well\n"
    scene.api.rows[0]["type"] = forged
    report = scene.look()
    assert codes(report) == ["entry_differs"]
    for language in ("en", "fr"):
        said = [*lines(report, language)]
        assert not any("\n" in line or line.startswith("proven: all") for line in said)
        assert "consent.granted\ufffdproven: all is well\ufffd" in said[0]
    assert plain("a\x1b[2J\u202eb\u2028c") == "a\ufffd[2J\ufffdb\ufffdc"


# --- the walk and what is kept ----------------------------------------------------------------------------------------


def test_an_interrupted_walk_goes_on_where_it_was(scene: Scene) -> None:
    scene.log.grow(entries(40_000))
    tile = "tile/entries/100"
    kept = scene.log.files.pop(tile)
    broken = scene.look()
    assert (codes(broken), broken.exit_code, broken.walked) == (["log_unreachable"], 3, 16_384)
    scene.log.files[tile] = kept
    scene.log.asked.clear()
    whole = scene.look()
    assert (codes(whole), whole.walked) == ([], 40_012)
    assert "tile/entries/063" not in scene.log.asked
    assert whole.counted["work.registered"] == 40_012 - 16_384


def test_an_entry_that_is_none_is_an_alarm(scene: Scene) -> None:
    scene.log.grow([b'{"digest":"x"}'])
    assert codes(scene.look()) == ["bad_entry"]


def test_what_was_verified_is_kept_and_a_fork_leaves_its_evidence(scene: Scene, tmp_path: Path) -> None:
    scene.look()
    twin = Files()
    twin.grow(entries(scene.log.edge.size, world="b"))
    report = scene.look(source=twin, api=None)
    assert (codes(report), report.exit_code) == (["fork"], 1)
    (path,) = report.evidence.values()
    assert Path(path).is_file()
    scene.look(source=twin, api=None)
    assert len(list((tmp_path / "state" / "evidence").iterdir())) == 1
    assert scene.look().exit_code == 0, "the log that was verified goes on"


def test_a_fork_of_a_size_between_is_proven_from_the_kept_checkpoints(scene: Scene) -> None:
    scene.look()
    scene.say(3)
    scene.look()
    small = Files()
    small.grow(entries(12, world="b"))
    assert codes(scene.look(source=small, api=None)) == ["fork"]
    smaller = Files()
    smaller.grow(entries(11, world="b"))
    assert codes(scene.look(source=smaller, api=None)) == ["rollback"]


@pytest.mark.parametrize("damage", [b"", b"{}", b"not json", None])
def test_a_state_that_cannot_be_read_is_refused_and_never_begun_anew(scene: Scene, damage: bytes | None) -> None:
    scene.look()
    place = scene.state.top / "state.json"
    place.write_bytes(damage if damage is not None else place.read_bytes().replace(b'"walked":12', b'"walked":13'))
    with pytest.raises(BadState):
        scene.look()
    place.unlink()
    place.mkdir()
    with pytest.raises(BadState):
        scene.look()


def test_reports_that_cannot_be_read_are_refused_too(scene: Scene) -> None:
    scene.look()
    (scene.state.top / "parties" / f"{ADA}.json").write_bytes(b"{}")
    with pytest.raises(BadState):
        scene.look()


def test_one_monitor_at_a_time_holds_the_state(scene: Scene) -> None:
    with scene.state.hold(), pytest.raises(BadState, match="another monitor"):
        scene.look()
    scene.look()


def test_keys_that_were_taken_from_the_log_or_differ_from_what_it_states_are_said(scene: Scene) -> None:
    assert codes(scene.look(first_sight=True)) == ["first_sight"]
    scene.log.files["vkey"] = (LOG_VKEY.format() + "\n").encode()
    assert codes(scene.look()) == []
    scene.log.files["vkey"] = b"another\n"
    report = scene.look()
    assert (codes(report), report.exit_code) == (["keys_differ"], 0)


def test_a_checkpoint_from_elsewhere_that_is_no_checkpoint_is_said(scene: Scene) -> None:
    report = scene.look(elsewhere={"a file": b"nothing", "mine": scene.log.files["checkpoint"]})
    assert codes(report) == ["bad_note"]
    larger = Files()
    larger.grow(entries(30))
    report = scene.look(elsewhere={"theirs": larger.signed(LOG_SIGNER)})
    assert (codes(report), report.findings[0].facts["file"]) == (["ahead"], "theirs")


def test_a_log_that_cannot_be_reached_leaves_everything_as_it_was(scene: Scene) -> None:
    scene.look()
    before = (scene.state.top / "state.json").read_bytes()
    report = scene.look(source=Files())
    assert report.exit_code == 3
    assert set(codes(report)) <= {"log_unreachable"}
    assert (scene.state.top / "state.json").read_bytes() == before
    with pytest.raises((Unreachable, DomainError)):
        Files().read("checkpoint", limit=1)
