"""The log as a client of witnesses: enough of them, or nothing is published and nothing is lost."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.conf import settings as the_settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command

from registry import log
from registry.core.checkpoint import Checkpoint as Head
from registry.core.checkpoint import Note, NoteSigner, Proof, open_checkpoint
from registry.core.errors import BadNote
from registry.core.quorum import check_quorum
from registry.log import publisher, witnessing
from registry.log.identity import origin, verifiers
from registry.log.witnesses import MAX_KEYS, parse_witnesses
from registry.log.witnesses import Witness as Whom
from registry.log.witnessing import WitnessesMissing, gather
from registry.models import Checkpoint, Entry, Unnumbered
from tests.asked import KEY, Asked, cosignature, newest, publish, said
from tests.log_walk import append, digest, entry_of, walk
from tests.witness_scene import ListLog, ed, new_witness, raw, served, serving


@pytest.fixture(autouse=True)
def log_dir(settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    settings.LOG_DIR = tmp_path / "log"
    monkeypatch.setattr(publisher, "_cosigned_sizes", {})
    monkeypatch.setattr(witnessing, "TIMEOUT_S", 5.0)
    return settings.LOG_DIR


@pytest.fixture
def scene(settings, tmp_path: Path) -> Iterator[Asked]:
    with ExitStack() as stack:
        yield Asked(settings, tmp_path, stack)


# --- enough of them ---------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_checkpoint_carries_the_quorum_and_so_does_every_receipt(scene: Asked) -> None:
    keys = [signer.key for number in range(3) for signer in scene.honest(number).signers]
    scene.ask(2)
    total = 0
    for more in (1, 4, 300, 1):
        append(*range(total, total + more))
        total += more
        added = publish()
        assert added is not None
        assert added.size == total
        assert len(check_quorum(newest(), keys, 2)) >= 2
    text = log.proof(digest(3))
    assert text is not None
    receipt = Proof.parse(text.encode())
    assert receipt.verify(entry_of(3), *verifiers()).size == total
    assert len(check_quorum(Note.parse(receipt.checkpoint_text.encode()), keys, 2)) >= 2
    walk(total)


@pytest.mark.django_db
def test_nobody_is_asked_where_nobody_is_demanded(scene: Asked) -> None:
    asked: list[bytes] = []
    scene.fake(lambda body: asked.append(body) or raw(500, b""))
    scene.ask(0)
    append(0)
    assert publish() is not None
    assert asked == []
    assert [signature.name for signature in newest().signatures] == [origin()] * 2


@pytest.mark.django_db
def test_a_witness_that_knows_more_or_less_than_we_thought_is_caught_up_with(scene: Asked) -> None:
    scene.honest(0)
    scene.ask(1)
    append(0, 1, 2)
    assert publish() is not None
    for wrong in ({}, {scene.lines[0].split()[1]: 1}, {scene.lines[0].split()[1]: 900}):
        publisher._cosigned_sizes.clear()
        publisher._cosigned_sizes.update(wrong)
        append(100 + len(Entry.objects.all()))
        assert publish() is not None


@pytest.mark.django_db
def test_a_crash_after_the_witnesses_and_before_the_row_is_mended_by_the_next_pass(
    scene: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    witness = scene.honest(0)
    scene.ask(1)
    append(0, 1)
    with monkeypatch.context() as patch:
        patch.setattr(publisher, "_add", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            publish()
    assert not Checkpoint.objects.exists()
    kept = witness.states.read(origin())
    assert kept is not None
    assert Head.parse(kept.text).size == 2
    publisher._cosigned_sizes.clear()  # another process
    append(2)
    assert publish() is not None
    walk(3)


# --- the command ------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_once_says_what_each_witness_said(scene: Asked) -> None:
    scene.fake(lambda body: raw(403, b"who are you?\n"))
    scene.ask(1)
    append(0)
    with pytest.raises(CommandError) as refused:
        call_command("publish", once=True)
    assert "`0` of `1` witnesses" in str(refused.value)
    assert f"\n  {KEY.name}: witness_key_unknown status 403: 'who are you?" in str(refused.value)


@pytest.mark.django_db(transaction=True)
def test_the_publisher_goes_on_by_itself_when_witnesses_come_back(
    scene: Asked, log_dir: Path, child_environment: dict[str, str], tmp_path: Path
) -> None:
    willing: list[bool] = []
    scene.fake(lambda body: raw(200, cosignature(body)) if willing else raw(500, b"later\n"))
    scene.ask(1)
    append(0, 1)
    environment = child_environment | {"LOG_DIR": str(log_dir), "WITNESS_QUORUM": "1"}
    environment["WITNESSES"] = str(tmp_path / "witnesses")
    command = [sys.executable, "manage.py", "publish"]
    with subprocess.Popen(
        command, cwd=the_settings.BASE_DIR, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        line = json.loads(process.stderr.readline())
        assert (line["code"], line["size"]) == ("quorum_missing", 2)
        assert [witness["code"] for witness in line["witnesses"]] == ["witness_refused"]
        append(2)
        willing.append(True)
        assert json.loads(process.stdout.readline())["size"] in (2, 3)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)
    scene.ask(0)
    while publish() is not None:
        pass
    assert not Unnumbered.objects.exists()
    walk(3)


# --- two houses -------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_two_logs_watch_each_other(scene: Asked, tmp_path: Path) -> None:
    """Ours is watched by the other house's witness, the other house's by ours; each needs the other to publish."""
    other = ListLog()
    ours_of_them = new_witness(tmp_path / "ours", {other.origin: other.keys}, name="ours.example", key=70)
    with serving(served(ours_of_them)) as our_address:
        theirs_of_us = scene.honest(9)
        scene.ask(1)
        they_ask = Whom(url=our_address, keys=tuple(signer.key for signer in ours_of_them.signers))
        their_sizes: dict[str, int] = {}
        for round_, (mine, theirs) in enumerate(((3, 2), (1, 255), (260, 1), (2, 2))):
            append(*range(1000 * round_, 1000 * round_ + mine))
            added = publish()
            assert added is not None
            check_quorum(newest(), [signer.key for signer in theirs_of_us.signers], 1)
            size = len(other.entries) + theirs
            note = gather(
                other.note(size), [they_ask], 1, read=other.read(size), now_s=int(time.time()), sizes=their_sizes
            )
            check_quorum(note, they_ask.keys, 1)
            assert open_checkpoint(note.format(), *other.keys).size == size
        # The other house rewrites an entry: our witness does not cosign it, and keeps what it saw.
        other.entries[1] = b"rewritten"
        size = len(other.entries) + 1
        with pytest.raises(WitnessesMissing) as refused:
            gather(other.note(size), [they_ask], 1, read=other.read(size), now_s=int(time.time()), sizes=their_sizes)
        assert said(refused.value) == {"ours.example": "witness_bad_proof"}
    walk(266)


# --- the file ---------------------------------------------------------------------------------------------------------

LINE = f"{KEY.key.format()} http://w.example:8100/prefix/"
TWIN = NoteSigner.witness("twin.example", ed(90)).key.format()


def test_the_file_names_keys_and_addresses() -> None:
    second = NoteSigner.witness("b.example", ed(92)).key
    (one, two) = parse_witnesses(f"# watch\n\n{LINE}\n{second.format()} https://b.example\n")
    assert (one.url, one.keys, one.name) == ("http://w.example:8100/prefix", (KEY.key,), "fake.example")
    assert (two.url, two.keys) == ("https://b.example", (second,))


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (1, "prose"),
        (1, KEY.key.format()),
        (2, f"# x\n{KEY.key.format()} ftp://w.example"),
        (1, f"{KEY.key.format()} http://"),
        (1, f"{KEY.key.format()} http://w.example:99999"),
        (1, f"{KEY.key.format()} http://me:secret@w.example"),
        (1, f"{KEY.key.format()} http://w.example/?q"),
        (1, f"{KEY.key.format()} http://w.example two"),
        (2, f"{LINE}\n{LINE.replace('8100', '8101')}"),
        (2, f"{LINE}\n{TWIN} http://twin.example"),
        (1, f"{NoteSigner.of('log.example', ed(1)).key.format()} http://log.example"),
        (
            MAX_KEYS + 1,
            "\n".join(
                f"{NoteSigner.witness(f'w{number}.example', ed(number)).key.format()} http://w{number}.example"
                for number in range(1, MAX_KEYS + 2)
            ),
        ),
    ],
)
def test_a_file_that_cannot_be_used_names_the_line(line: int, text: str) -> None:
    with pytest.raises(BadNote) as refused:
        parse_witnesses(text)
    assert refused.value.line == line


@pytest.mark.django_db
def test_a_quorum_that_could_never_be_reached_stops_the_publisher_with_a_sentence(scene: Asked) -> None:
    append(0)
    scene.honest(0)
    scene.ask(2)
    with pytest.raises(ImproperlyConfigured, match="names 1 witnesses"):
        publish()
    scene.lines = [f"{NoteSigner.witness(origin(), ed(3)).key.format()} http://127.0.0.1:9"]
    scene.ask(1)
    with pytest.raises(ImproperlyConfigured, match="no witness of itself"):
        publish()
    scene.lines = ["prose"]
    scene.ask(1)
    with pytest.raises(ImproperlyConfigured, match="line 2: "):
        publish()
    (scene.folder / "witnesses").unlink()
    with pytest.raises(ImproperlyConfigured, match="cannot be read"):
        publish()
    scene.lines = []
    scene.honest(1)
    scene.ask(1)
    assert publish() is not None
