"""What training asks beyond a shot: assurance, every project, no role; and epochs drawn on a cap."""

import pytest

from tests.decisions import World, boxes, consent, id_of, licence, train_box, training


@pytest.fixture
def world() -> World:
    """The cleared case."""
    cleared = World()
    assert cleared.codes() == []
    return cleared


def test_a_training_run_draws_its_epochs(world: World) -> None:
    terms = licence("gallery", "studio", "portrait", scopes=[train_box(["picture", "style"])])
    world.add("licence to train", "licence.granted", "gallery", terms)
    allow_training(world)
    world["to train"]["caps"] = {"training_epochs": 5}
    world.vouched["cap_counts"] = {world.digest("to train"): {"shots": 99, "training_epochs": 3}}
    assert world.codes(training("portrait", epochs=2)) == []
    assert world.codes(training("portrait", epochs=3)) == ["cap_exhausted"]


def test_a_licence_recorded_from_paper_may_serve_a_shot_but_training_only_once_confirmed(world: World) -> None:
    paper = licence("gallery", "studio", "portrait", document_sha256="d" * 64, signed_on="2027-04-01")
    paper["scopes"] = boxes(*paper["scopes"], train_box(["picture", "style"]))
    world.add("paper", "licence.recorded", "studio", paper)
    world.drop("licence")
    allow_training(world)
    assert world.codes() == []
    assert (world.digest("paper"), "recorded") in world.decide().grounds
    assert world.codes(training("portrait")) == ["assurance_too_low"]
    world.add("confirmed", "licence.confirmed", "gallery", {"licence": world.digest("paper")})
    assert world.codes(training("portrait")) == []
    assert (world.digest("paper"), "confirmed") in world.decide(training("portrait")).grounds
    world.steps["confirmed"].logged = False
    assert world.codes(training("portrait")) == ["assurance_too_low"]


@pytest.mark.parametrize("other", ["studio", "notary"])
def test_only_the_licensor_itself_confirms_a_recorded_licence(world: World, other: str) -> None:
    paper = licence("gallery", "studio", "portrait", document_sha256="d" * 64, signed_on="2027-04-01")
    paper["scopes"] = boxes(*paper["scopes"], train_box(["picture", "style"]))
    world.add("paper", "licence.recorded", "studio", paper)
    allow_training(world)
    world.add("confirmed", "licence.confirmed", other, {"licence": world.digest("paper")})
    assert world.codes(training("portrait")) == ["assurance_too_low"]
    world.add("confirmed too", "licence.confirmed", "gallery", {"licence": world.digest("paper")})
    assert world.codes(training("portrait")) == []


def allow_training(world: World) -> None:
    terms = consent("ada", "studio", role=None, scenes="any", scopes=[train_box(["body", "face"])])
    world.add("to train", "consent.granted", "ada", terms)


def test_training_asks_for_whatever_role_and_scenes_the_consent_is_not_confined_to(world: World) -> None:
    terms = licence("gallery", "studio", "portrait", scopes=[train_box(["picture", "style"])])
    world.add("licence to train", "licence.granted", "gallery", terms)
    allow_training(world)
    assert world.codes(training("portrait")) == []
    world["to train"]["role"] = "Mara"
    assert world.codes(training("portrait")) == ["role_not_covered"]
    world["to train"].update(role=None, scenes=["12"])
    assert world.codes(training("portrait")) == ["scene_not_covered"]


def test_training_needs_a_grant_for_every_project(world: World) -> None:
    terms = licence("gallery", "studio", "portrait", scopes=[train_box(["picture", "style"])])
    world.add("licence to train", "licence.granted", "gallery", terms)
    allow_training(world)
    assert world.codes(training("portrait")) == []
    world.scope("to train", projects=[id_of("film")])
    assert world.codes(training("portrait")) == ["project_not_covered"]
