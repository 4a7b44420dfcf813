"""What workers do with shots that fail them, wait for somebody or were left behind; and what weights answer for."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from uuid6 import uuid7

from generation.models import Manifest, Shot, Weights
from generation.services import rendering, sealing, working
from generation.services.idempotency import Call, KeyReused, claim
from generation.services.leasing import MAX_ATTEMPTS, LeaseLost, hand_back, seen, take
from generation.services.sweeping import OVERDUE_S, sweep
from registry.core.jcs import canonical, sha256_hex
from registry.core.merkle import leaf_hash, root, verify_inclusion
from registry.locks import clock
from tests.studio import WORKER, Studio, events_of, outcome_of, state_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def studio(tmp_path: Path, settings: Any) -> Studio:
    return Studio.open(tmp_path, settings)


def forget_the_worker(shot: str) -> None:
    """As if it had been silent for longer than its lease."""
    Shot.objects.filter(id=shot).update(lease_until=clock() - timedelta(seconds=1))


def test_a_shot_whose_workers_keep_dying_is_given_up(studio: Studio) -> None:
    shot = studio.queued()
    for attempt in range(1, MAX_ATTEMPTS + 1):
        lease = take(WORKER, shot=shot)
        assert lease is not None
        assert seen(lease).attempts == attempt
        assert take("rival", shot=shot) is None
        forget_the_worker(shot)
    studio.work(shot)
    assert outcome_of(shot) == ("failed", f"given up after {MAX_ATTEMPTS} attempts")
    assert studio.ask().status_code == 201  # what it had reserved is free again


def test_an_error_nobody_expected_hands_the_shot_back_and_counts(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    shot = studio.queued()

    def out_of_memory(*_: object, **__: object) -> None:
        raise RuntimeError("out of memory")

    with monkeypatch.context() as broken:
        broken.setattr(rendering, "_rendered", out_of_memory)
        with pytest.raises(RuntimeError):
            studio.work(shot)
    row = Shot.objects.get(id=shot)
    assert (row.state, row.attempts, row.lease_until) == ("running", 1, None)
    assert studio.work(shot) is None  # not at once
    Shot.objects.filter(id=shot).update(not_before=clock())
    studio.work(shot)
    assert state_of(shot) == "awaiting_approval"


def test_a_shot_waits_for_the_receipt_of_its_clearance_and_that_is_no_failure(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "PROOF_WAIT_S", 0.0)
    shot = studio.queued(studio.empty_request())
    for _ in range(MAX_ATTEMPTS + 2):
        Shot.objects.filter(id=shot).update(not_before=None)
        working.work(WORKER, shot=shot)  # nobody publishes meanwhile
    row = Shot.objects.get(id=shot)
    assert (row.state, row.todo, row.attempts, row.output) == ("screening", "release", 0, None)
    Shot.objects.filter(id=shot).update(not_before=None)
    studio.work(shot)
    assert state_of(shot) == "released"
    assert events_of(shot).count("screening") == 2  # it was rendered and screened once


def test_a_worker_that_lost_its_lease_finds_nothing_of_its_own(studio: Studio) -> None:
    shot = studio.queued()
    old = take("slow", shot=shot)
    assert old is not None
    forget_the_worker(shot)
    new = take("quick", shot=shot)
    assert new is not None
    with pytest.raises(LeaseLost):
        seen(old)
    hand_back(old)
    assert seen(new).leased_by == "quick"


def test_the_sweep_rings_for_what_waits_and_for_nothing_else(studio: Studio) -> None:
    waiting, leased, dead, later = (studio.queued(studio.request(take=take_)) for take_ in range(1, 5))
    cancelled = studio.queued()
    studio.post(f"/shots/{cancelled}/cancel")
    for shot in (leased, dead):
        assert take(WORKER, shot=shot) is not None
    forget_the_worker(dead)
    Shot.objects.filter(id=later).update(not_before=clock() + timedelta(minutes=1))
    assert sweep(at=clock()) == 0  # their rings may still be on their way
    Shot.objects.update(updated_at=clock() - timedelta(seconds=OVERDUE_S + 1))
    assert sweep(at=clock()) == len({waiting, dead})


def test_the_oldest_shot_that_waits_comes_first(studio: Studio) -> None:
    first, second = (studio.queued(studio.empty_request(take=take_)) for take_ in (1, 2))
    assert (studio.work(), studio.work(), studio.work()) == (first, second, None)


@pytest.mark.django_db(transaction=True)  # the stream gives its connection back between two looks
def test_a_performer_following_a_shot_is_told_what_happens_and_not_on_what_terms(studio: Studio) -> None:
    shot = studio.queued()
    studio.post(f"/shots/{shot}/cancel")
    ada = studio.world.token(studio.ada, "read")
    for secret, told in ((None, True), (ada, False)):
        answer = studio.get(f"/shots/{shot}/events", secret=secret)
        first = next(iter(block for block in answer.streaming_content if block.startswith(b"id: ")))
        assert (b"grounds" in first) is told
        assert b"event: queued" in first


def test_weights_answer_whether_a_file_was_used_with_a_proof_either_way(studio: Studio) -> None:
    entries = [{"grounds": [str(k) * 64], "sha256": f"{k}" * 64} for k in range(1, 8)]
    manifest = {"v": 1, "assets": entries}
    body, hashes = sha256_hex(canonical(manifest)), [leaf_hash(canonical(entry)) for entry in entries]
    Weights.objects.update(manifest_sha256=body, root=root(hashes).hex())
    (listed,) = studio.get("/weights").json()["results"]
    assert (listed["weights"], listed["root"]) == (studio.weights, root(hashes).hex())
    url = f"/weights/{studio.weights}/contains"
    assert studio.get(f"{url}/{'3' * 64}").json()["code"] == "manifest_missing"
    Manifest.objects.create(sha256=body, body=manifest)
    for sha256, contains, places in (
        ("3" * 64, True, [2]),
        ("35" * 32, False, [2, 3]),
        ("0" * 64, False, [0]),
        ("f" * 64, False, [6]),
    ):
        answer = studio.get(f"{url}/{sha256}").json()
        assert (answer["contains"], [one["index"] for one in answer["shown"]]) == (contains, places)
        for one in answer["shown"]:
            proof = [bytes.fromhex(value) for value in one["proof"]]
            leaf = leaf_hash(canonical(one["entry"]))
            verify_inclusion(one["index"], answer["size"], leaf, proof, bytes.fromhex(answer["root"]))
    assert studio.get(f"/weights/{'e' * 64}/contains/{'3' * 64}").status_code == 404
    assert studio.get(f"{url}/none").json()["code"] == "bad_value"


def test_a_key_is_one_partys_own_and_stands_for_one_body(studio: Studio) -> None:
    key = str(uuid7())
    studio.ask(key=key)
    with pytest.raises(KeyReused):
        claim(Call(party=studio.producer.id, key=key, body_sha256="0" * 64))
    assert claim(Call(party=studio.archive.id, key=key, body_sha256="0" * 64)) is None
