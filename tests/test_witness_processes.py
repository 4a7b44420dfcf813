"""The witness as a real process: without a database, killed again and again, two of them over one directory."""

from __future__ import annotations

import os
import random
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from registry.core.checkpoint import Checkpoint, VerifierKey
from registry.core.note import parse_signatures
from registry.core.quorum import cosigned
from registry.watch.witness_state import States
from tests.witness_scene import ListLog, post

PROJECT = Path(__file__).resolve().parents[1]
KILLS = 12


@dataclass(kw_only=True)
class Running:
    process: subprocess.Popen[str]
    keys: tuple[VerifierKey, ...]
    url: str


@dataclass(kw_only=True)
class Place:
    """Where a witness is set up."""

    origins: Path
    state: Path
    log: ListLog = field(default_factory=ListLog)

    @contextmanager
    def running(self, *extra: str) -> Iterator[Running]:
        command = [sys.executable, "manage.py", "witness", "--origins", str(self.origins), "--state", str(self.state)]
        # A machine without any of our settings: whatever asked for the database or a key would fail.
        environment = {"PATH": os.environ["PATH"], "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}
        process = subprocess.Popen(
            [*command, "--listen", "127.0.0.1:0", *extra],
            cwd=PROJECT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            assert process.stdout is not None
            first, second, listening = (process.stdout.readline().strip() for _ in range(3))
            keys = VerifierKey.parse(first), VerifierKey.parse(second)
            yield Running(process=process, keys=keys, url="http://" + listening.removeprefix("listening on "))
        finally:
            process.kill()
            process.communicate()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    found = Place(origins=tmp_path / "origins", state=tmp_path / "state")
    found.origins.write_text("# logs\n\n" + "".join(key.format() + "\n" for key in found.log.keys))
    return found


def test_it_needs_no_database_and_keeps_name_and_keys_for_itself_alone(place: Place) -> None:
    with place.running("--name", "w.example/1") as first:
        status, _, body = post(first.url, place.log.submission(0, 5))
        assert status == 200
        note = place.log.note(5).signed_also(parse_signatures(body.decode()))
        assert [one.key.name for one in cosigned(note, first.keys)] == ["w.example/1"]
        first.process.send_signal(signal.SIGTERM)
        assert first.process.wait(timeout=10) == 0
    with place.running() as again:
        assert again.keys == first.keys
        assert post(again.url, place.log.submission(5, 6))[0] == 200
    assert stat.S_IMODE(place.state.stat().st_mode) == 0o700
    assert {stat.S_IMODE((place.state / name).stat().st_mode) for name in ("key", "key_pq", "name")} == {0o600}


def test_killed_at_any_moment_it_forgets_nothing_that_it_said(place: Place) -> None:
    chance, said = random.Random(5), 0
    place.log.grow(2_000)
    states = States(folder=place.state)
    for _ in range(KILLS):
        with place.running() as witness:
            killer = threading.Timer(chance.uniform(0.01, 0.12), witness.process.kill)
            killer.start()
            with suppress(OSError, HTTPException):
                while witness.process.poll() is None:
                    said = _one_step(witness.url, place.log, said)
            killer.join()
        kept = states.read(place.log.origin)
        assert said == 0 or kept is not None
        # It may have kept one more than it could say before it died, never less.
        assert kept is None or said <= Checkpoint.parse(kept.text).size <= said + 1
    assert said  # on a busy machine it may die before its first word, again and again
    with place.running() as witness:
        status, _, body = post(witness.url, place.log.submission(0, said + 10))
        assert status == 409
        assert said <= int(body) <= said + 1
        assert post(witness.url, place.log.submission(int(body), said + 10))[0] == 200


def _one_step(url: str, log: ListLog, said: int) -> int:
    """Have the next entry cosigned, as a log does it; return the size that is."""
    old = said
    status, _, body = post(url, log.submission(old, said + 1))
    if status == 409:  # it was killed after it remembered and before it answered
        old = int(body)
        assert old == said + 1
        status, _, _ = post(url, log.submission(old, said + 1))
    assert status == 200
    return said + 1


def test_two_of_them_over_one_directory_are_one_witness(place: Place) -> None:
    place.log.grow(60)
    old = 0
    with place.running() as one, place.running() as two:
        assert one.keys == two.keys
        for _ in range(15):
            bodies = [place.log.submission(old, old + lead) for lead in (1, 2, 3)]
            answers = _at_once([(url, body) for body in bodies for url in (one.url, two.url)])
            assert sorted(status for status, _ in answers) == [200] + [409] * 5
            (old,) = {int(body) for status, body in answers if status == 409}


def _at_once(requests: list[tuple[str, bytes]]) -> list[tuple[int, bytes]]:
    answers: list[tuple[int, bytes]] = []
    threads = [threading.Thread(target=lambda one=one: answers.append(post(*one)[::2])) for one in requests]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.mark.parametrize(
    ("origins", "options", "wanted"),
    [
        ("", {}, "names no log"),
        ("prose\n", {}, "line 1: "),
        ("# a comment\n\nlog.example+00000000+AQ==\n", {}, "line 3: "),
        (None, {}, "cannot be read"),
        ("ok", {"listen": "nowhere"}, "HOST:PORT"),
        ("ok", {"listen": "127.0.0.1:99999"}, "HOST:PORT"),
        ("ok", {"name": "two words"}, "cannot name a key"),
        ("witness", {}, "line 1: "),
    ],
)
def test_what_it_cannot_be_set_up_with_is_said_in_a_sentence(
    origins: str | None, options: dict[str, str], wanted: str, place: Place, tmp_path: Path
) -> None:
    if origins is None:
        place.origins.unlink()
    elif origins == "witness":
        from_witness = VerifierKey(name="w.example", public=place.log.keys[0].public, type=4)
        place.origins.write_text(from_witness.format() + "\n")
    elif origins != "ok":
        place.origins.write_text(origins)
    with pytest.raises(CommandError, match=wanted):
        call_command("witness", origins=place.origins, state=place.state, **{"listen": "127.0.0.1:0"} | options)


def test_a_directory_of_another_witness_is_refused(place: Place) -> None:
    with place.running("--name", "w.example/1"):
        pass  # it has made its name and keys
    with pytest.raises(CommandError, match=r"is the state of `w\.example/1`"):
        call_command("witness", origins=place.origins, state=place.state, listen="127.0.0.1:0", name="w.example/2")
