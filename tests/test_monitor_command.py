"""The monitor as a person runs it: a process without a database, against a registry that it knows by its address."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as the_settings
from django.test import Client

from registry import log
from registry.core.envelope import PublicKey
from tests.log_files import LOG_SIGNER, LOG_VKEY, Files, entries, files_answer, serving
from tests.world import Actor, World, new_id

registered = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(settings: Any, tmp_path: Path) -> World:
    settings.LOG_DIR = tmp_path / "log"
    settings.MEDIA_DIR = tmp_path / "media"
    return World()


def started(tmp_path: Path, *arguments: object) -> subprocess.Popen[str]:
    """Start the command on a machine that has no database, broker or keys of the registry."""
    return subprocess.Popen(
        [sys.executable, "manage.py", "monitor", *map(str, arguments)],
        cwd=the_settings.BASE_DIR,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path / "home"), "LANG": "C.UTF-8"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def monitor(tmp_path: Path) -> Callable[..., str]:
    """Run the command to its end; it must exit with ``expect``."""

    def run(*arguments: object, expect: int) -> str:
        process = started(tmp_path, *arguments)
        shown, said = process.communicate(timeout=120)
        assert process.returncode == expect, shown + said
        return shown

    return run


# --- the list ---------------------------------------------------------------------------------------------------------


def listed(world: World, asker: Actor, about: Actor, expect: int = 200, **query: Any) -> Any:
    answer = Client().get(
        f"/api/v1/parties/{about.id}/statements",
        query,
        headers={"Authorization": f"Bearer {world.token(asker, 'read')}"},
    )
    assert answer.status_code == expect, answer.content
    return answer.json()


@registered
def test_a_party_lists_the_statements_about_it_and_by_it_and_nobody_elses(
    world: World, ada: Actor, studio: Actor
) -> None:
    world.work(ada)
    world.work(studio)
    rows = listed(world, ada, ada)["results"]
    assert [row["type"] for row in rows] == ["work.registered", "identity.vouched", "party.registered"]
    assert {row["index"] for row in rows} == {None}
    world.publish()
    assert None not in {row["index"] for row in listed(world, ada, ada)["results"]}
    assert listed(world, studio, ada, expect=403)["code"] == "not_yours"
    assert Client().get(f"/api/v1/parties/{ada.id}/statements").status_code == 401


@registered
def test_the_list_is_paged_newest_first_without_gaps(world: World, ada: Actor) -> None:
    for _ in range(5):
        world.work(ada)
    whole = listed(world, ada, ada)["results"]
    found, page = [], listed(world, ada, ada, limit=2)
    while True:
        found += page["results"]
        if page["next"] is None:
            break
        page = listed(world, ada, ada, limit=2, cursor=page["next"].partition("cursor=")[2].partition("&")[0])
    assert found == whole
    assert len(whole) == 7


@registered
def test_who_may_view_for_a_person_lists_theirs_and_others_may_not(world: World, ada: Actor, studio: Actor) -> None:
    agent = world.party("Bureau Marsh", kind="organisation")
    world.act(
        "authority.granted",
        {
            "authority": new_id(),
            "principal": ada.id,
            "agents": [agent.id],
            "role": "agent",
            "powers": ["view"],
            "acts": [],
            "window": ["2020-01-01T00:00:00Z", None],
            "required": 1,
            "evidence_sha256": None,
        },
        by=ada,
    )
    assert listed(world, agent, ada)["results"] == listed(world, ada, ada)["results"]
    listed(world, studio, ada, expect=403)


# --- the whole way ----------------------------------------------------------------------------------------------------


@registered
def test_a_stranger_follows_a_registry_and_finds_each_new_statement_about_ada(
    world: World, ada: Actor, studio: Actor, live_server: Any, monitor: Callable[..., str], tmp_path: Path
) -> None:
    world.work(ada)
    world.publish()
    token = tmp_path / "token"
    token.write_text(world.token(ada, "read") + "\n")
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps([PublicKey.of(ada.key).format()]))
    usual = (f"{live_server.url}/log", "--party", ada.id, "--token", f"@{token}", "--own-keys", keys)
    shown = monitor(*usual, expect=2)
    assert "first_sight" in shown
    assert shown.count("\nnew: ") == 3
    assert "(yours)" in shown
    assert "nothing was kept" in shown
    shown = monitor(*usual, expect=0)
    assert "new: " not in shown
    world.work(studio)
    world.work(ada, title="Another")
    world.publish()
    shown = monitor(*usual, "--language", "fr", "--json", expect=2)
    (new,) = json.loads(shown)["new"]
    assert (new["type"], new["issuer"], new["own"]) == ("work.registered", ada.id, True)
    assert json.loads(shown)["size"] == log.tree_size()


@registered
def test_the_receipts_of_a_registry_agree_with_what_its_monitor_sees(
    world: World, ada: Actor, live_server: Any, monitor: Callable[..., str], tmp_path: Path
) -> None:
    world.work(ada)
    world.publish()
    rows = listed(world, ada, ada)["results"]
    receipt = tmp_path / "receipt.tlog-proof"
    receipt.write_bytes(Client().get(f"/api/v1/statements/{rows[0]['digest']}/proof").content)
    vkeys = Client().get("/log/vkey").content.decode().split()
    named = [argument for vkey in vkeys for argument in ("--vkey", vkey)]
    monitor(f"{live_server.url}/log", *named, "--compare", receipt, expect=0)


def test_a_fork_is_reported_and_its_evidence_checked_by_somebody_else(
    monitor: Callable[..., str], tmp_path: Path
) -> None:
    ours, theirs = Files(), Files()
    ours.grow(entries(300))
    theirs.grow(entries(310, world="b"))
    state = ("--state", tmp_path / "state", "--vkey", LOG_VKEY.format())
    with serving(files_answer(ours)) as address:
        monitor(address, *state, expect=0)
    with serving(files_answer(theirs)) as address:
        shown = monitor(address, *state, "--language", "fr", expect=1)
    assert shown.startswith("ALERTE rewritten : le journal a modifié des entrées")
    (evidence,) = (tmp_path / "state" / "evidence").iterdir()
    assert str(evidence) in shown
    shown = monitor("--evidence", evidence, "--vkey", LOG_VKEY.format(), expect=0)
    assert "PROVEN by the log's own signatures" in shown
    monitor("--evidence", evidence, expect=64)
    evidence.write_bytes(evidence.read_bytes().replace(b"rewritten", b"fork"))
    monitor("--evidence", evidence, "--vkey", LOG_VKEY.format(), expect=1)


def test_a_directory_is_followed_with_the_keys_and_witnesses_of_a_trust(
    monitor: Callable[..., str], tmp_path: Path
) -> None:
    made = Files()
    made.grow(entries(3))
    made.write(tmp_path / "log")
    trust = tmp_path / "trust.json"
    trust.write_text(json.dumps({"log": [LOG_VKEY.format()], "registry": [], "c2pa": []}))
    monitor(tmp_path / "log", "--trust", trust, expect=0)
    witness = "witness.example+" + "0" * 8
    trust.write_text(json.dumps({"log": [LOG_VKEY.format()], "registry": [], "c2pa": [], "witnesses": [witness]}))
    monitor(tmp_path / "log", "--trust", trust, expect=64)
    assert (tmp_path / "home" / ".local" / "state" / "proviso" / "monitor").is_dir()


@pytest.mark.parametrize(
    ("arguments", "expect"),
    [
        ([], 64),
        (["http://127.0.0.1:1/log"], 3),
        (["nowhere"], 3),
        (["nowhere", "--every", "0"], 64),
        (["nowhere", "--vkey", "nonsense"], 64),
        (["nowhere", "--trust", "nowhere"], 64),
        (["nowhere", "--token", "x"], 64),
        (["nowhere", "--party", "ada"], 64),
        (["nowhere", "--vkey", LOG_VKEY.format(), "--party", "ada"], 64),
        (
            ["nowhere", "--vkey", LOG_VKEY.format(), "--party", "0193e1a0-0000-7000-8000-00000000000a", "--token", "x"],
            64,
        ),
        (["nowhere", "--vkey", LOG_VKEY.format()], 3),
        (["--evidence", "nowhere", "--vkey", LOG_VKEY.format()], 64),
    ],
)
def test_what_cannot_be_done_is_said_with_its_own_code(
    monitor: Callable[..., str], arguments: list[str], expect: int
) -> None:
    monitor(*arguments, expect=expect)


def test_a_monitor_that_looks_again_and_again_ends_with_the_gravest_it_saw(tmp_path: Path) -> None:
    made = Files()
    made.grow(entries(3))
    with serving(files_answer(made)) as address:
        process = started(tmp_path, address, "--vkey", LOG_VKEY.format(), "--every", 1, "--json")
        try:
            assert _until(process, lambda shown: shown["size"] == 3)["findings"] == []
            made.grow(entries(9)[3:])
            assert _until(process, lambda shown: shown["size"] == 9)["exit"] == 0
            made.files["checkpoint"] = Files().signed(LOG_SIGNER)
            assert _until(process, lambda shown: shown["exit"])["findings"][0]["code"] == "rollback"
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=30)
    assert process.returncode == 1


def _until(process: subprocess.Popen[str], wanted: Callable[[Any], object]) -> Any:
    """Read reports until one is as wanted."""
    assert process.stdout is not None
    for line in process.stdout:
        if wanted(shown := json.loads(line)):
            return shown
    raise AssertionError("it ended")
