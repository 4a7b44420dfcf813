"""
Every key is rotated by its command while processes submit, publish, read, decide and seal.

The processes started before the rotations and are not told of them. No request fails, what was signed, wrapped and
sealed before verifies after, and the whole log is sound.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as the_settings

from generation.selectors.bundle import trust
from generation.verify.__main__ import main
from registry import log
from registry.core.checkpoint import Note, Proof, VerifierKey
from registry.custody import custody
from registry.models import Checkpoint, DataKey, Key, Leaf
from tests.custody_keys import places
from tests.sealed_papers import fetched
from tests.studio import Studio
from web import fsck

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

ROLES = ("registry", "log", "credential", "kek", "log_pq")
DRIVERS = 2
PATIENCE_S = 60
ROUNDS_BETWEEN = 2  # of each driver, after each rotation


def test_all_keys_are_rotated_under_load_and_no_request_fails(
    settings: Any, tmp_path: Path, child_environment: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    settings.KEY_PLACES = places(tmp_path / "keys")
    settings.CREDENTIAL_DIR = tmp_path / "keys"
    studio = Studio.open(tmp_path, settings)
    shot = studio.released()
    studio.world.publish()
    papers = fetched(studio, shot, tmp_path)
    old_keys = tuple(VerifierKey.parse(key) for key in log.vkeys())
    receipts = {digest: log.proof(digest) for digest in Leaf.objects.values_list("digest", flat=True)}

    load = Load(tmp_path, child_environment, studio)
    try:
        load.wait_for_rounds()
        for role in ROLES:
            load.rotate(role)
            load.wait_for_rounds()
    finally:
        counts = load.stop()

    for count in counts:
        assert min(count[what] for what in ("submitted", "read", "decided", "cleared", "closed", "sealed")) >= 6
    studio.world.publish()
    assert fsck.run().findings == []
    for role in ROLES:
        assert [version.state for version in custody().versions(role)] == ["old", "current"]
    assert Key.objects.filter(party=studio.world.registry, revoked=None).count() == 1
    assert {bytes(wrapped)[:4] for wrapped in DataKey.objects.values_list("wrapped", flat=True)} == {b"\0\0\0\2"}

    assert main(papers) == 0, capsys.readouterr().out  # the old papers, with the trust of then
    for digest, receipt in receipts.items():
        assert receipt is not None
        entry = bytes(Leaf.objects.get(digest=digest).entry)
        for key in old_keys:
            Proof.parse(receipt.encode()).verify(entry, key)
    assert is_bridged(old_keys[0])
    answer = studio.get(f"/shots/{shot}/bundle")
    (tmp_path / "bundle.json").write_bytes(answer.content)
    (tmp_path / "trust.json").write_text(json.dumps(trust()))
    assert main(papers) == 0, capsys.readouterr().out  # the same shot's papers, receipted anew


def is_bridged(old: VerifierKey) -> bool:
    """Say whether each checkpoint shares a key of this kind with the one before it, and the last ones lack the old."""
    notes = [Note.parse(note.encode()) for note in Checkpoint.objects.order_by("size").values_list("note", flat=True)]
    new = VerifierKey.parse(log.vkey())
    pairs = [(any(s.is_of(old) for s in note.signatures), any(s.is_of(new) for s in note.signatures)) for note in notes]
    assert pairs == sorted(pairs, key=lambda pair: (not pair[0], pair[1]))
    return pairs.count((True, True)) == 1 and pairs[-1] == (False, True)


class Load:
    """The processes of a busy registry."""

    def __init__(self, folder: Path, environment: dict[str, str], studio: Studio) -> None:
        self.stop_file = folder / "stop"
        self.environment = environment | {
            "KEYS_DIR": str(folder / "keys"),
            "CREDENTIAL_DIR": str(folder / "keys"),
            "LOG_DIR": str(the_settings.LOG_DIR),
            "MEDIA_URL": str(the_settings.MEDIA_DIR),
            "STARTER_WEIGHTS": str(the_settings.STARTER_WEIGHTS),
            "ALLOWED_HOSTS": "testserver",
        }
        scene = {
            "secret": studio.secret,
            "ada": studio.world.token(studio.ada),
            "consent": studio.consent,
            "request": studio.request(),
        }
        (folder / "scene.json").write_text(json.dumps(scene))
        driver = ("-m", "tests.rotation_driver", str(folder / "scene.json"), str(self.stop_file))
        self.drivers = [self._start(*driver, str(number)) for number in range(DRIVERS)]
        self.publisher = self._start("manage.py", "publish")

    def wait_for_rounds(self) -> None:
        """Wait until each driver has gone round a few times more."""
        wanted = [self._rounds(number) + ROUNDS_BETWEEN for number in range(DRIVERS)]
        until = time.monotonic() + PATIENCE_S
        while any(self._rounds(number) < wanted[number] for number in range(DRIVERS)):
            for process in (*self.drivers, self.publisher):
                assert process.poll() is None, process.communicate()
            assert time.monotonic() < until
            time.sleep(0.05)

    def rotate(self, role: str) -> None:
        command = [sys.executable, "manage.py", "keys", "rotate", role]
        done = subprocess.run(
            command, env=self.environment, cwd=the_settings.BASE_DIR, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr

    def stop(self) -> list[dict[str, int]]:
        self.stop_file.touch()
        self.publisher.terminate()
        counts = []
        for process in (*self.drivers, self.publisher):
            out, error = process.communicate(timeout=PATIENCE_S)
            assert process.returncode == 0, error
            if process is not self.publisher:
                counts.append(json.loads(out.splitlines()[-1]))
        return counts

    def _rounds(self, number: int) -> int:
        file = self.stop_file.with_name(f"stop.{number}")
        try:
            return int(file.read_text() or 0)
        except FileNotFoundError:
            return 0

    def _start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, *arguments],
            cwd=the_settings.BASE_DIR,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
