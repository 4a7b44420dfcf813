"""A person is erased: what is gone, what is kept for whom, and what goes on being refused."""

from pathlib import Path
from typing import Any

import pytest

from registry import vault
from registry.core.errors import DomainError
from registry.models import Appearance, DataKey, DestroyedKey, KeptRow, Key, NameIndex, StatementRow, Thread
from registry.statements import open_statement, open_statements
from tests.erasing import body_of, erased
from tests.studio import Studio, outcome_of, state_of
from web import fsck

pytestmark = pytest.mark.django_db


@pytest.fixture
def studio(tmp_path: Path, settings: Any) -> Studio:
    return Studio.open(tmp_path, settings)


def findings() -> list[str]:
    return [f"{finding.fault} {finding.subject} {finding.detail}" for finding in fsck.run().findings]


def test_before_an_erasure_the_shot_is_cleared_and_after_it_nothing_of_the_person_is(studio: Studio) -> None:
    assert studio.ask().status_code == 201
    erased(studio.world, studio.ada)
    answer = studio.ask()
    assert answer.status_code == 403
    subjects = {(one["subject"]["kind"], one["subject"]["id"]) for one in answer.json()["decision"]["obstacles"]}
    assert ("performer", studio.ada.id) in subjects


def test_every_statement_about_the_person_is_named_and_none_of_them_opens(studio: Studio) -> None:
    about = set(StatementRow.objects.filter(subject=studio.ada.id).values_list("digest", flat=True))
    _, (digest,) = erased(studio.world, studio.ada)
    body = body_of(digest)
    assert about == set(body["destroyed"]) & about
    assert body["kept"] == []
    assert open_statements(about) == {}
    assert not DataKey.objects.filter(owner=f"party:{studio.ada.id}").exists()
    assert DestroyedKey.objects.filter(owner=f"party:{studio.ada.id}").exists()
    for model in (Key, NameIndex):
        assert not model.objects.filter(party=studio.ada.id).exists()
    assert not Appearance.objects.filter(performer=studio.ada.id).exists()
    assert not Thread.objects.filter(digest__in=about).exists()
    assert findings() == []


def test_what_grounds_a_released_shot_is_kept_and_unused_consents_are_not(studio: Studio) -> None:
    unused = studio.grant(description="Another film, in which she never was.", scenes=["99"])
    shot = studio.released()
    _, (digest,) = erased(studio.world, studio.ada)
    body = body_of(digest)
    kept = {one["digest"]: one for one in body["kept"]}
    assert kept[studio.consent]["reason"] == "legal_claims"
    assert unused in body["destroyed"]
    assert unused not in kept
    types = StatementRow.objects.filter(digest__in=kept).values_list("type", flat=True)
    assert {"party.registered", "identity.vouched", "consent.granted", "appearance.recorded"} <= set(types)
    assert KeptRow.objects.count() == len(kept)
    assert open_statement(studio.consent) is None
    assert state_of(shot) == "released"
    assert findings() == []


def test_a_shot_that_is_still_being_made_is_ended(studio: Studio) -> None:
    queued = studio.queued()
    erased(studio.world, studio.ada)
    assert state_of(queued) == "aborted"
    assert outcome_of(queued) == ("aborted", "erased")
    studio.work(queued)
    assert state_of(queued) == "aborted"
    assert findings() == []


def test_nothing_more_about_an_erased_person_gets_in(studio: Studio) -> None:
    erased(studio.world, studio.ada)
    with pytest.raises(DomainError) as refused:
        studio.world.appearance(studio.ridge, studio.ada, by=studio.archive)
    assert refused.value.code == "key_destroyed"
    with pytest.raises(DomainError):
        studio.grant()
    with pytest.raises(vault.KeyDestroyed):
        vault.seal_text(f"party:{studio.ada.id}", b"again", b"")
    assert findings() == []
