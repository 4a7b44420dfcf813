"""
Words are planted in every place that keeps anything of a person; the person is erased; whoever steals it all looks.

The planted fault of each search: the same thief, with the keys as they were before, finds every word.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings as configured

from consent.models import Alert, ConsentRequest, RequestEvent
from generation.models import IdempotencyKey, Shot
from registry.custody import custody
from registry.custody.material import read_secret
from registry.models import (
    Asset,
    Challenge,
    DataKey,
    Deposit,
    Document,
    Fingerprint,
    IdentifierClaim,
    Leftover,
    StatementRow,
    Token,
)
from registry.statements import open_statement
from registry.vault.files import path_of
from tests.burglar import DATA_KEYS, Loot, found
from tests.erasing import erased
from tests.erasure_scene import ALIAS, CANARIES, TITLE, Scene
from tests.studio import state_of
from web import fsck

pytestmark = pytest.mark.django_db(transaction=True)
WORDS = list(CANARIES.values())


@pytest.fixture
def scene(tmp_path: Path, settings: Any) -> Scene:
    return Scene.open(tmp_path, settings)


def secrets_of(role: str) -> dict[int, bytes]:
    """Read a role's keys from where the operator has them."""
    place = dict(configured.KEY_PLACES)[role].file
    assert place is not None
    custody().wrap(role, "nobody", bytes(32))  # a role that nobody used has no key yet
    return {1: read_secret(place.read_bytes()) or b""}


def folders(tmp_path: Path) -> tuple[Path, ...]:
    return (configured.MEDIA_DIR, configured.LOG_DIR, tmp_path)


def test_nothing_of_an_erased_person_is_found_in_a_copy_of_everything(
    scene: Scene, owner: psycopg.Connection[Any], tmp_path: Path
) -> None:
    kek = secrets_of("kek")
    before = Loot.of(owner, *folders(tmp_path))
    old_keys = before.keys(kek)
    assert sorted(found(WORDS, before.readable(old_keys))) == sorted(WORDS)
    assert found([CANARIES["name"]], before.plain()), "prompts stand in the clear"

    erased(scene.studio.world, scene.ada)
    after = Loot.of(owner, *folders(tmp_path))
    assert found(WORDS, after.plain()) == []
    assert found(WORDS, after.readable(after.keys(kek))) == []
    assert found(WORDS, after.kept(kek[1])) == []

    # The planted faults: with her key kept, or with the key of what had to be kept, the same search finds them.
    assert CANARIES["private"] in found(WORDS, after.readable(old_keys))
    kept = after.kept(secrets_of("erasure")[1])
    assert {CANARIES["name"], CANARIES["alias"], CANARIES["terms"]} <= set(found(WORDS, kept))
    assert fsck.run().findings == []


def test_what_somebody_else_called_a_scan_stays_in_their_statement_and_in_no_list(
    scene: Scene, owner: psycopg.Connection[Any], tmp_path: Path
) -> None:
    """A limit, and it is said: the registrant's words about their file are about nobody by their kind."""
    kek = secrets_of("kek")
    assert found([TITLE], Loot.of(owner, *folders(tmp_path)).plain())
    erased(scene.studio.world, scene.ada)
    after = Loot.of(owner, *folders(tmp_path))
    assert not found([TITLE], after.plain())
    assert found([TITLE], after.readable(after.keys(kek)))


def test_a_backup_without_data_keys_says_nothing_and_one_with_them_says_all_until_the_kek_is_retired(
    scene: Scene, owner: psycopg.Connection[Any], tmp_path: Path
) -> None:
    """What is kept long leaves the data keys out; what holds them is kept as short as an erasure may take."""
    kek = secrets_of("kek")
    long_kept = Loot.of(owner, *folders(tmp_path), without=[DATA_KEYS])
    short_kept = Loot.of(owner, *folders(tmp_path))
    erased(scene.studio.world, scene.ada)
    now = Loot.of(owner).keys(kek)
    secret = [word for name, word in CANARIES.items() if name not in ("name", "role", "alias")]  # prompts were clear
    assert found(secret, long_kept.plain()) == []
    assert found(secret, long_kept.readable(now)) == []
    assert set(found(secret, short_kept.readable(short_kept.keys(kek)))) == set(secret)  # so it has to go
    retired = {version: bytes(32) for version in kek}
    assert short_kept.keys(retired) == {}  # or the KEK under which it was made


def test_files_rows_and_indexes_go_and_what_is_other_peoples_stays(scene: Scene) -> None:
    studio, ada = scene.studio, scene.ada
    scan, answer = path_of(scene.scan.id), path_of(scene.answer)
    paper = path_of(str(Document.objects.get(party=ada.id).id))
    for path in (scan, answer, paper):
        assert path.exists()
    portrait = path_of(studio.portrait.id)
    erased(studio.world, ada)
    for path in (scan, answer, paper):
        assert not path.exists()
    assert portrait.exists()
    assert not Fingerprint.objects.filter(asset=scene.scan.id).exists()
    assert Fingerprint.objects.filter(asset=studio.portrait.id).exists()
    assert not DataKey.objects.filter(owner=f"asset:{scene.scan.id}").exists()
    assert not Deposit.objects.filter(asset=scene.scan.id).exists()
    assert Asset.objects.get(id=scene.scan.id).title == ""
    for model, field in (
        (Challenge, "party"),
        (ConsentRequest, "performer"),
        (Alert, "party"),
        (Document, "party"),
        (IdentifierClaim, "party"),
        (Token, "party"),
    ):
        assert not model._default_manager.filter(**{field: ada.id}).exists(), model
    assert not RequestEvent.objects.exists()
    assert not IdempotencyKey.objects.filter(answer__id__in=[scene.released, scene.queued, scene.refused]).exists()
    assert not Leftover.objects.exists()


def test_texts_that_others_signed_lose_the_name_and_keep_the_number(scene: Scene) -> None:
    ada, world = scene.ada, scene.studio.world
    (digest,) = StatementRow.objects.filter(type="authority.granted", issuer=world.actors["Ben"].id).values_list(
        "digest", flat=True
    )
    before = open_statement(digest)
    assert before is not None
    assert before.whole
    assert f"{ada.name} ({ada.id})" in (before.text or "")
    erased(world, ada)
    after = open_statement(digest)
    assert after is not None
    assert not after.whole
    assert after.text == (before.text or "").replace(f"{ada.name} ({ada.id})", ada.id)
    assert fsck.run().counted["texts_without_names"] >= 1


def test_prompts_lose_the_name_and_nothing_else(scene: Scene) -> None:
    erased(scene.studio.world, scene.ada)
    for name in (scene.released, scene.refused, scene.queued):
        shot = Shot.objects.get(id=name)
        assert shot.prompt == "a woman walks at dusk, she is …, called …"
        assert shot.spec["use"]["by_performer"][scene.ada.id]["role"] is None
        assert shot.spec["use"]["description"] == "… turns round"
    assert Shot.objects.get(id=scene.released).review_note == "… looks well"
    assert state_of(scene.queued) == "aborted"
    assert state_of(scene.released) == "released"


def test_a_prompt_that_names_an_erased_person_means_nobody_any_more(scene: Scene) -> None:
    studio = scene.studio
    request = studio.empty_request(prompt=f"hills, and {ALIAS}", take=9)
    assert studio.ask(request).status_code == 403
    erased(studio.world, scene.ada)
    assert studio.ask(request | {"take": 10}).status_code == 201
