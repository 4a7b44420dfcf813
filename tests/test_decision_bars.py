"""A performer's standing never: what it bars, that it goes before every consent, and who alone lifts it."""

import pytest

from tests.barred import lift, never, restrict, struck
from tests.decisions import SHA, Body, World, authority, id_of, party, shot, shown, train_box, training
from tests.titled import event, film_work, follows


def test_a_performers_never_goes_before_every_consent_of_theirs() -> None:
    world = World()
    restrict(world)
    assert world.codes() == ["restricted"]
    found = world.decide().obstacles[0]
    assert (found.subject, found.nearest) == (("performer", id_of("ada")), world.digest("restriction"))
    world.add_like("later", "consent")
    assert world.codes() == ["restricted"]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"purposes": ["third_party_advertising"]}, []),
        ({"purposes": ["third_party_advertising", "work"]}, ["restricted"]),
        ({"territories": ["FR"]}, ["restricted"]),
        ({"territories": ["BE"]}, []),
        ({"media": ["theatrical"]}, []),
        ({"aspects": ["voice"]}, []),
        ({"acts": ["train"]}, []),
        ({"acts": ["distribute"]}, ["restricted"]),
        ({"languages": ["de-DE"]}, []),
        ({"projects": [id_of("sequel")]}, []),
        ({"projects": [id_of("film")]}, ["restricted"]),
        ({"window": ["2028-12-31T00:00:00Z", None]}, ["restricted"]),
        ({"window": ["2029-01-01T00:00:00Z", None]}, []),
        ({"window": ["2020-01-01T00:00:00Z", "2027-06-01T12:00:00Z"]}, []),
    ],
)
def test_a_restriction_bars_what_meets_it_in_every_dimension(changed: Body, expected: list[str]) -> None:
    world = World()
    restrict(world, never(**changed))
    assert world.codes() == expected


def test_what_is_barred_is_named_in_all_its_parts() -> None:
    world = World()
    restrict(world, never(territories=["FR"], acts=["distribute"]))
    (found,) = world.decide().obstacles
    assert (found.code, found.act) == ("restricted", "distribute")
    assert [piece.format()["territories"] for piece in found.missing] == [["FR"]]


@pytest.mark.parametrize(
    ("content", "depicts", "expected"),
    [
        ({"depicts": [], "scene": []}, [], ["restricted"]),
        ({"depicts": ["alcohol"], "scene": []}, [], []),
        ({"depicts": ["alcohol"], "scene": []}, ["alcohol"], ["restricted"]),
        ({"depicts": ["alcohol", "tobacco"], "scene": []}, ["alcohol"], ["restricted"]),
        ({"depicts": ["tobacco"], "scene": []}, ["alcohol"], []),
        ({"depicts": [], "scene": ["violence"]}, [], ["restricted"]),
        ({"depicts": [], "scene": ["alcohol"]}, ["alcohol"], []),
        ({"depicts": ["violence"], "scene": []}, [], []),
    ],
)
def test_a_restriction_that_names_content_speaks_of_what_shows_some_of_it(
    content: Body, depicts: list[str], expected: list[str]
) -> None:
    world = World()
    world.scope("consent", content={"depicts": ["alcohol"], "scene": ["violence"]})
    world.scope("licence", content={"depicts": ["alcohol"], "scene": ["violence"]})
    request = shot(by_performer={id_of("ada"): shown(depicts=depicts)})
    assert world.codes(request) == []
    restrict(world, never(content=content))
    assert world.codes(request) == expected


def test_a_restriction_counts_at_commit_and_its_lifting_under_the_checkpoint() -> None:
    world = World()
    restrict(world, logged=False)
    assert world.codes() == ["restricted"]
    world.steps["restriction"].logged = True
    lift(world, logged=False)
    assert world.codes() == ["restricted"]
    world.steps["lift"].logged = True
    assert world.codes() == []


@pytest.mark.parametrize("signers", [("agent",), ("agent", "notary"), ("studio",)])
def test_no_agent_guardian_or_stranger_lifts_a_restriction(signers: tuple[str, ...]) -> None:
    world = World()
    world.before("ada", "agent", "party.registered", "agent", party("agent"))
    for role, issuer in (("agent", "ada"), ("guardian", "notary"), ("estate", "notary")):
        body = authority("ada", "agent", role=role, evidence_sha256=SHA, authority=id_of(role))
        world.add(role, "authority.granted", issuer, body)
    restrict(world)
    lift(world, signers[0], signers=signers)
    assert world.codes() == ["restricted"]
    world.drop("lift")
    lift(world)
    assert world.codes() == []


def test_a_lifting_signed_with_another_key_lifts_nothing() -> None:
    world = World()
    restrict(world)
    lift(world, signers=("studio",))
    assert world.codes() == ["restricted"]


def test_a_restriction_bars_training_too() -> None:
    world = World()
    world.scope("licence", **train_box(["picture", "style"]))
    world["consent"].update(scopes=[train_box(["body", "face"])], role=None, scenes="any")
    assert world.codes(training("portrait")) == []
    restrict(world, never(acts=["train"]))
    assert world.codes(training("portrait")) == ["restricted"]


def test_a_restriction_of_one_person_leaves_others_alone() -> None:
    world = World()
    world.before("ada", "ben", "party.registered", "ben", party("ben"))
    body = {"restriction": id_of("restriction"), "performer": id_of("ben"), "scopes": [never()]}
    world.add("restriction", "restriction.declared", "ben", body)
    assert world.codes() == []


@pytest.mark.parametrize(
    ("edge", "expected"), [("start", ["restricted"]), ("end", ["restricted"]), ("recorded end", [])]
)
def test_the_window_of_a_bar_that_follows_an_event_is_read_so_that_it_lasts_longest(
    edge: str, expected: list[str]
) -> None:
    world = World()
    film_work(world)
    window = [follows(), "2030-01-01T00:00:00Z"] if edge == "start" else ["2020-01-01T00:00:00Z", follows()]
    restrict(world, never(window=window))
    if edge == "recorded end":
        world.add("released", "event.recorded", "ada", event(on="2027-01-02"))
    assert world.codes() == expected


def test_several_bars_are_reported_each() -> None:
    world = struck()
    restrict(world)
    suspended = shot()
    found = {(o.code, o.nearest) for o in world.decide(suspended).obstacles}
    assert found == {("restricted", world.digest("restriction")), ("suspended", world.digest("suspension"))}


def test_a_bar_stops_a_release_and_a_new_use_too() -> None:
    world = World()
    grounds = sorted(world.digest(name) for name in ("consent", "licence", "claim"))
    restrict(world, never(acts=["distribute"]))
    for kind in ("release", "use"):
        assert world.codes(shot(kind=kind, rests_on=grounds)) == ["restricted"]
