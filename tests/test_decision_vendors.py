"""Who uses what was granted to somebody else; and how much assurance a party asks of the grants that it uses."""

from typing import Any

import pytest

from tests.decisions import Body, World, authority, id_of, party, shot, train_box, training


def vendored(**changed: Any) -> tuple[World, Body]:
    """Return a case in which Lab asks for a shot, and Studio was granted everything."""
    world = World()
    world.before("vouch", "lab", "party.registered", "lab", party("lab", kind="organisation", born=None))
    world.add("vendor", "authority.granted", "studio", authority("studio", "lab", **({"role": "vendor"} | changed)))
    return world, shot(**{"for": id_of("lab")})


def test_a_vendor_uses_what_its_principal_was_granted_and_the_authority_is_a_ground() -> None:
    world, request = vendored()
    decision = world.decide(request)
    assert decision.cleared
    assert (world.digest("vendor"), "signed") in decision.grounds
    world.drop("vendor")
    assert world.codes(request) == ["grantee_not_covered"]


@pytest.mark.parametrize(
    "changed",
    [
        {"role": "agent"},
        {"acts": ["condition"]},
        {"window": ["2027-06-02T00:00:00Z", None]},
        {"window": ["2020-01-01T00:00:00Z", "2027-06-01T12:00:00Z"]},
    ],
)
def test_a_vendor_acts_within_its_authority(changed: Body) -> None:
    world, request = vendored(**changed)
    assert world.codes(request) == ["grantee_not_covered"]


def test_a_vendors_authority_ends_at_once_and_counts_under_the_checkpoint() -> None:
    world, request = vendored()
    world.steps["vendor"].logged = False
    assert world.codes(request) == ["grantee_not_covered"]
    world.steps["vendor"].logged = True
    assert world.codes(request) == []
    world.add("ended", "authority.ended", "studio", {"authority": world["vendor"]["authority"]}, logged=False)
    assert world.codes(request) == ["grantee_not_covered"]


def test_a_vendor_of_somebody_else_uses_nothing() -> None:
    world, request = vendored()
    world["vendor"]["principal"] = id_of("notary")
    world.steps["vendor"].issuer = "notary"
    assert world.codes(request) == ["grantee_not_covered"]


def test_several_who_must_act_together_cannot_ask_alone() -> None:
    world, request = vendored(required=1)
    world["vendor"]["agents"] = sorted(map(id_of, ("lab", "gallery")))
    assert world.codes(request) == []
    world["vendor"]["required"] = 2
    assert world.codes(request) == ["grantee_not_covered"]


def test_a_vendor_is_bound_by_what_its_principal_has_left() -> None:
    world, request = vendored()
    world["consent"]["caps"] = {"shots": 1}
    world.vouched["cap_counts"] = {world.digest("consent"): {"shots": 1}}
    assert world.codes(request) == ["cap_exhausted"]


def test_what_a_principal_may_use_by_its_own_title_its_vendor_may() -> None:
    world, request = vendored()
    world.drop("licence")
    assert world.codes(request) == ["no_grant"]
    world["claim"]["claimant"] = id_of("studio")
    world.steps["claim"].issuer = "studio"
    assert world.codes(request) == []


# Policies


def asks_more(world: World, by: str = "studio", name: str = "policy", **options: Any) -> None:
    assurance = options.pop("assurance", {"distribute": "signed"})
    body = {"party": id_of(by), "assurance": assurance, "attested_engines": False, "court_officers": []}
    world.add(name, "policy.set", by, body, **options)


def recorded() -> World:
    """Return a case in which the licence is on paper, recorded by its licensee."""
    world = World()
    world["licence"].update(document_sha256="d" * 64, signed_on="2027-04-01")
    world.steps["licence"].type, world.steps["licence"].issuer = "licence.recorded", "studio"
    assert world.codes() == []
    return world


def confirm(world: World) -> None:
    world.add("confirmed", "licence.confirmed", "gallery", {"licence": world.digest("licence")})


@pytest.mark.parametrize(
    ("least", "on_paper", "confirmed"),
    [
        ("recorded", [], []),
        ("confirmed", ["assurance_too_low"], []),
        ("signed", ["assurance_too_low"], ["assurance_too_low"]),
    ],
)
def test_a_party_asks_more_assurance_of_the_grants_that_it_uses(
    least: str, on_paper: list[str], confirmed: list[str]
) -> None:
    world = recorded()
    asks_more(world, assurance={"distribute": least})
    assert world.codes() == on_paper
    confirm(world)
    assert world.codes() == confirmed


def test_what_was_signed_with_its_owners_key_always_has_enough() -> None:
    world = World()
    asks_more(world, assurance={"condition": "signed", "distribute": "signed"})
    assert world.codes() == []


def test_a_policy_asks_of_the_acts_that_it_names_alone() -> None:
    world = recorded()
    asks_more(world, assurance={"alter": "signed"})
    assert world.codes() == []


def test_training_needs_a_confirmed_licence_whatever_the_policy() -> None:
    world = recorded()
    world.scope("licence", **train_box(["picture", "style"]))
    world["consent"].update(scopes=[train_box(["body", "face"])], role=None, scenes="any")
    assert world.codes(training("portrait")) == ["assurance_too_low"]
    confirm(world)
    assert world.codes(training("portrait")) == []


def test_the_policy_of_a_projects_producer_binds_whoever_works_on_it() -> None:
    world = recorded()
    asks_more(world, by="gallery")
    assert world.codes() == []
    world["film"]["producer"] = id_of("gallery")
    world.steps["film"].issuer = "gallery"
    assert world.codes() == ["assurance_too_low"]


def test_the_newest_policy_holds() -> None:
    world = recorded()
    asks_more(world)
    assert world.codes() == ["assurance_too_low"]
    asks_more(world, name="milder", assurance={})
    assert world.codes() == []


def test_a_policy_asks_more_at_commit_and_less_under_the_checkpoint() -> None:
    world = recorded()
    asks_more(world, logged=False)
    assert world.codes() == ["assurance_too_low"]
    world.steps["policy"].logged = True
    asks_more(world, name="milder", assurance={}, logged=False)
    assert world.codes() == ["assurance_too_low"]
    world.steps["milder"].logged = True
    assert world.codes() == []
    asks_more(world, name="stricter", logged=False)
    assert world.codes() == ["assurance_too_low"]


def test_nobody_sets_the_policy_of_another_or_with_another_key_makes_it_milder() -> None:
    world = recorded()
    asks_more(world)
    asks_more(world, name="milder", assurance={}, signers=("gallery",))
    assert world.codes() == ["assurance_too_low"]
    world = recorded()
    asks_more(world)
    world.steps["policy"].issuer = "gallery"
    assert world.codes() == []
