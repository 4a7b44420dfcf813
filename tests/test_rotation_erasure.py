"""The key of what erasures kept is rotated: every kept key is wrapped anew and opens all the time, under load too."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError
from django.db import connections, transaction

from registry.custody import custody
from registry.locks import clock
from registry.models import KeptKey
from registry.selectors import own_keys
from registry.services import rotation
from registry.vault import kept
from tests.custody_keys import KMS, places
from tests.rotating import keys, states
from tests.world import new_id

pytestmark = pytest.mark.django_db(transaction=True)
LONG = timedelta(days=365)


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keys of this test's own."""
    settings.KEY_PLACES = places(tmp_path / "keys")
    monkeypatch.setattr(rotation, "SETTLE_S", 0.0)
    monkeypatch.setattr(rotation, "GRACE", timedelta(0))
    return tmp_path / "keys"


@pytest.fixture(params=["files", "kms"])
def keeper(request: pytest.FixtureRequest, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    if request.param == "files":
        yield
        return
    for _ in KMS.serve(settings, monkeypatch):
        custody().prepare()
        yield


def keep(*, days: int = 365) -> tuple[str, str]:
    """Keep one thing about somebody; return who it is and its digest."""
    subject = new_id()
    digest = hashlib.sha256(subject.encode()).hexdigest()
    until = clock() + timedelta(days=days)
    kept.seal(subject, [kept.Item(digest=digest, reason="legal_claims", until=until, content={"about": subject})])
    return subject, digest


def opens(subject: str, digest: str) -> bool:
    return dict(kept.unseal(subject, [digest])) == {digest: {"about": subject}}


def versions() -> set[int]:
    return set(KeptKey.objects.values_list("version", flat=True))


def test_every_kept_key_is_wrapped_anew_and_the_old_version_can_go(keeper: None) -> None:
    people = [keep() for _ in range(5)]
    assert keys("rotate", "erasure", "--dry-run")[1].startswith("would wrap 5 keys of what erasures kept anew")
    lines = keys("rotate", "erasure")
    assert lines[0] == "version 2 of the erasure key wraps new keys of what erasures kept from now on"
    assert lines[1] == "5 keys of what erasures kept wrapped anew"
    assert versions() == {2}
    assert all(opens(*one) for one in people)
    assert "version 1 of the erasure key is destroyed" in keys("retire", "erasure")[0]
    KMS.forget()
    assert all(opens(*one) for one in people)
    assert states("erasure") == ["current"]
    assert not any("0 keys" in line for line in keys("rotate", "erasure"))


def test_an_old_version_that_anything_names_is_not_destroyed(keeper: None) -> None:
    late = keep()
    row = KeptKey.objects.values().get()
    keys("rotate", "erasure")
    KeptKey.objects.update(version=row["version"], wrapped=row["wrapped"])  # as by who began before and ends after
    assert opens(*late)
    (told,) = [one for one in own_keys.listed() if one["role"] == "erasure" and one["state"] == "current"]
    assert told["keys_under_older_versions"] == 1
    with pytest.raises(CommandError, match="1 keys of what erasures kept are still wrapped under an old version"):
        keys("retire", "erasure")
    assert "finishing what was begun" in keys("rotate", "erasure")[0]
    keys("retire", "erasure")
    assert opens(*late)


@pytest.mark.parametrize("done", range(4))
def test_wrapping_anew_that_stops_anywhere_is_finished_by_the_same_command(
    done: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "SAID", 1)
    people = [keep() for _ in range(4)]
    steps = rotation.rotate("erasure")
    [*islice(steps, done)]
    steps.close()  # as Ctrl-C does
    assert versions() == ({1}, {1}, {1, 2}, {1, 2})[done]
    assert all(opens(*one) for one in people)  # either wrapping
    keys("rotate", "erasure")
    assert versions() == {2}
    assert all(opens(*one) for one in people)
    assert states("erasure") == ["old", "current"]


def test_what_is_let_go_of_while_it_is_wrapped_anew_stays_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    over, stays = keep(days=-1), keep()
    unwrapped = kept._unwrapped

    def gone_meanwhile(row: KeptKey) -> bytes:
        key = unwrapped(row)
        kept.let_go(clock())
        return key

    with monkeypatch.context() as patch:
        patch.setattr(kept, "_unwrapped", gone_meanwhile)
        with transaction.atomic():  # `let_go` locks rows
            keys("rotate", "erasure")
    assert [*KeptKey.objects.values_list("subject", flat=True)] == [stays[0]]
    assert opens(*stays)
    assert not KeptKey.objects.filter(subject=over[0]).exists()


def test_what_is_kept_and_opened_meanwhile_never_fails() -> None:
    stop, faults, people = threading.Event(), [], [keep() for _ in range(20)]

    def work() -> None:
        own = [keep()]
        try:
            while not stop.is_set():
                own.append(keep())
                assert all(opens(*one) for one in (own[-1], own[0], people[len(own) % len(people)]))
        except BaseException as error:
            faults.append(error)
            raise
        finally:
            people.extend(own)
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for _ in range(5):
        keys("rotate", "erasure")
    stop.set()
    for thread in threads:
        thread.join()
    assert faults == []
    keys("rotate", "erasure")
    assert all(opens(*one) for one in people)
    keys("retire", "erasure")
    assert versions() == {custody().versions("erasure")[-1].number}
    assert all(opens(*one) for one in people)
