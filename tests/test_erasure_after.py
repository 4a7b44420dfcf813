"""Everything else goes on: services that run beside the workers, pages, papers of others, old proofs."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from consent.services import alerting, sheets
from generation.services.deadlines import note_deadlines
from generation.services.favouring import look_for_better_pay
from generation.services.sweeping import sweep
from generation.services.withdrawing import look_after
from generation.verify.__main__ import main as verify
from registry import log
from registry.core.checkpoint import Proof
from registry.locks import clock
from registry.models import StatementRow
from tests.erasing import erased
from tests.erasure_scene import Scene
from tests.studio import Studio, state_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def scene(tmp_path: Path, settings: Any) -> Scene:
    made = Scene.open(tmp_path, settings)
    erased(made.studio.world, made.ada)
    return made


def test_what_runs_beside_the_workers_runs_on(scene: Scene) -> None:
    at = clock()
    sweep(at=at)
    look_after(at=at)
    look_for_better_pay(at=at)
    note_deadlines()
    alerting.run(at=at)
    sheets.sweep()
    assert state_of(scene.released) == "released"


PAGES: dict[str, tuple[Callable[[Scene], str], int]] = {
    "the party": (lambda scene: f"/parties/{scene.ada.id}", 200),
    "the shots": (lambda scene: "/shots", 200),
    "the released shot": (lambda scene: f"/shots/{scene.released}", 200),
    "its file": (lambda scene: f"/shots/{scene.released}/media", 200),
    "its uses": (lambda scene: f"/shots/{scene.released}/uses", 200),
    "its papers": (lambda scene: f"/shots/{scene.released}/bundle", 410),
    "what was asked of her": (lambda scene: "/consent-requests", 200),
    "consents": (lambda scene: "/consents", 200),
    "licences": (lambda scene: "/licences", 200),
    "assets": (lambda scene: "/assets", 200),
    "rights in a picture of hers": (lambda scene: f"/assets/{scene.studio.portrait.id}/rights", 200),
    "authorities": (lambda scene: "/authorities", 200),
    "what a grantee owes": (lambda scene: f"/parties/{scene.studio.producer.id}/accruals", 200),
    "the project": (lambda scene: f"/projects/{scene.studio.project}", 200),
    "the report": (lambda scene: f"/projects/{scene.studio.project}/clearance-report?format=json", 200),
    "notices": (lambda scene: f"/projects/{scene.studio.project}/notices", 200),
    "a consent of hers": (lambda scene: f"/statements/{scene.consent}", 404),
    "its receipt": (lambda scene: f"/statements/{scene.consent}/proof", 200),
}


@pytest.mark.parametrize("page", PAGES)
def test_every_page_answers(scene: Scene, page: str) -> None:
    path, status = PAGES[page]
    answer = scene.studio.get(path(scene))
    assert answer.status_code == status, (answer.status_code, answer.content[:500])


def test_the_party_is_there_without_a_name_or_a_key(scene: Scene) -> None:
    told = scene.studio.get(f"/parties/{scene.ada.id}").json()
    assert (told["name"], told["keys"], told["vouches"]) == (None, [], [])


def test_papers_of_a_shot_that_read_somebody_elses_erasure_verify(tmp_path: Path, settings: Any) -> None:
    """The notary who vouched for Ada is gone; somebody else vouches for her."""
    studio = Studio.open(tmp_path, settings)
    second = studio.world.party("Nora Notary", vouched=False)
    studio.world.vouch(studio.ada, by=second)
    _, (digest,) = erased(studio.world, studio.world.notary)
    shot = studio.released()
    studio.world.publish()
    bundle = studio.get(f"/shots/{shot}/bundle")
    assert bundle.status_code == 200, bundle.content
    assert digest in bundle.json()["release"]["digests"]
    held, film, trusted = tmp_path / "bundle.json", tmp_path / "out.mp4", tmp_path / "trust.json"
    held.write_bytes(bundle.content)
    film.write_bytes(studio.get(f"/shots/{shot}/media").content)
    trusted.write_text(json.dumps(bundle.json()["trust"]))
    assert verify([str(held), str(film), "--trust", str(trusted)]) == 0


def test_old_proofs_and_bundles_that_others_hold_still_verify(tmp_path: Path, settings: Any) -> None:
    studio = Studio.open(tmp_path, settings)
    shot = studio.released()
    studio.world.publish()
    bundle = studio.get(f"/shots/{shot}/bundle")
    assert bundle.status_code == 200, bundle.content
    video = studio.get(f"/shots/{shot}/media").content
    held, film, trusted = tmp_path / "bundle.json", tmp_path / "out.mp4", tmp_path / "trust.json"
    held.write_bytes(bundle.content)
    film.write_bytes(video)
    trusted.write_text(json.dumps(bundle.json()["trust"]))
    proofs = {digest: log.proof(digest) for digest in StatementRow.objects.values_list("digest", flat=True)}
    assert verify([str(held), str(film), "--trust", str(trusted)]) == 0
    erased(studio.world, studio.ada)
    assert verify([str(held), str(film), "--trust", str(trusted)]) == 0
    for digest, proof in proofs.items():
        if proof is not None:
            Proof.parse(proof.encode())
            assert Client().get(f"/api/v1/statements/{digest}/proof").status_code == 200
