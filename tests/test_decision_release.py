"""A release asks again, and for whatever withdrawn ground the clearance rested on; and who vouches for whom."""

import pytest

from tests.decisions import SIGNED, Body, World, id_of, reference, revocation, shot, shown


@pytest.fixture
def world() -> World:
    return World()


def release(world: World, **changed: object) -> Body:
    return shot(kind="release", rests_on=[world.digest("consent"), world.digest("licence")], **changed)


@pytest.mark.parametrize(
    ("condition", "distribute", "released"),
    [
        ("finish", "finish", True),
        ("finish", "keep", False),
        ("keep", "finish", False),
        ("pull", "finish", False),
        ("pull", "pull", False),
        ("finish", None, False),
        (None, "finish", False),
    ],
)
def test_a_revocation_stops_a_release_unless_the_tail_says_finish(
    world: World, condition: str | None, distribute: str | None, released: bool
) -> None:
    words = {"condition": condition, "distribute": distribute}
    world["consent"]["tail"] = {act: word for act, word in words.items() if word is not None}
    request = release(world)
    assert world.codes(request) == []
    world.add("revoked", "consent.revoked", "ada", revocation("ada", world.digest("consent")))
    assert world.codes(request) == ([] if released else ["revoked"])


def test_finish_is_for_what_was_cleared_before_and_not_for_a_new_shot(world: World) -> None:
    world["consent"]["tail"] = {"condition": "finish", "distribute": "finish"}
    request = release(world)
    world.add("revoked", "consent.revoked", "ada", revocation("ada", world.digest("consent")))
    assert world.codes(request) == []
    assert world.codes(shot()) == ["revoked"]
    assert world.codes(shot(kind="use")) == ["revoked"]
    assert world.codes(shot(kind="release", rests_on=[world.digest("licence")])) == ["revoked"]


def test_a_withdrawn_ground_stops_a_release_though_another_grant_would_do(world: World) -> None:
    request = release(world)
    world.add("revoked", "consent.revoked", "ada", revocation("ada", world.digest("consent")), issued_at=SIGNED)
    world.add_like("again", "consent", description="again")
    assert world.codes(shot()) == []
    assert world.codes(request) == ["revoked"]


def test_a_withdrawal_of_what_the_shot_was_not_made_from_lets_it_be_released(world: World) -> None:
    """Whatever the terms keep, storing ends at once: the shot is released all the same."""
    world["consent"].update(basis="contract", revocation={"kind": "not_during_term", "notice_hours": None})
    world.scope("consent", acts=["condition", "distribute", "store"])
    world.add("accepted", "grant.accepted", "studio", {"grant": world.digest("consent")})
    request = release(world)
    world.add("revoked", "consent.revoked", "ada", revocation("ada", world.digest("consent")))
    assert world.codes(request) == []
    world["consent"]["revocation"] = {"kind": "at_will", "notice_hours": None}
    world["accepted"]["grant"] = world.digest("consent")
    world["revoked"]["grants"] = [world.digest("consent")]
    assert world.codes(release(world)) == ["revoked"]


@pytest.mark.parametrize("named", ["consent", "second", "third"])
def test_a_ground_that_was_replaced_is_withdrawn_with_itself_or_with_whichever_took_its_place(
    world: World, named: str
) -> None:
    old = world.digest("consent")
    request = release(world)
    world.add_like("second", "consent", description="again", supersedes=[old])
    world.add_like("third", "consent", description="once more", supersedes=[world.digest("second")])
    world.add_like("beside", "consent", description="beside")
    assert world.codes(request) == []
    world.add("revoked", "consent.revoked", "ada", revocation("ada", world.digest(named)))
    assert world.codes(shot()) == []
    assert world.codes(request) == ["revoked"]


def test_a_release_that_rests_on_what_the_facts_do_not_hold_is_refused(world: World) -> None:
    assert world.codes(shot(kind="release", rests_on=["f" * 64])) == ["unknown_subject"]


def test_a_release_asks_for_distribution_and_not_for_conditioning_again(world: World) -> None:
    world.scope("consent", acts=["distribute"])
    world.scope("licence", acts=["distribute"])
    assert world.codes(release(world)) == []
    assert world.codes() == ["act_not_covered"]


# --- identity ---


def test_the_grantee_cannot_vouch_for_the_performer_itself(world: World) -> None:
    world.steps["vouch"].issuer = "studio"
    assert world.codes() == ["identity_unverified"]


def test_a_performer_cannot_vouch_for_herself(world: World) -> None:
    world.steps["vouch"].issuer = "ada"
    assert world.codes() == ["identity_unverified"]


@pytest.mark.parametrize(("names", "named"), [("studio", "notary"), ("notary", "studio")])
def test_an_affiliate_of_the_grantee_either_way_round_is_not_independent(world: World, names: str, named: str) -> None:
    world[names]["affiliates"] = [id_of(named)]
    assert world.codes() == ["identity_unverified"]


def test_a_voucher_whose_ties_nobody_knows_is_not_independent(world: World) -> None:
    """Without the grantee's registration nobody can tell whose affiliate it is."""
    facts = world.copy()
    facts.drop("studio")
    facts["film"]["producer"] = id_of("gallery")
    facts.steps["film"].issuer = "gallery"
    assert "identity_unverified" in facts.codes()


@pytest.mark.parametrize(("level", "codes"), [("email", ["identity_unverified"]), ("document", []), ("in_person", [])])
def test_an_identity_is_checked_by_a_document_or_in_person(world: World, level: str, codes: list[str]) -> None:
    world["vouch"]["level"] = level
    assert world.codes() == codes


def test_a_vouch_counts_once_it_is_logged_and_beside_one_that_does_not(world: World) -> None:
    world.steps["vouch"].logged = False
    assert world.codes() == ["identity_unverified"]
    world.add_like("another vouch", "vouch")
    world.steps["another vouch"].issuer = "gallery"
    assert world.codes() == []


def test_a_licence_needs_nobody_to_vouch_for_its_licensor(world: World) -> None:
    world.drop("vouch", "appearance", "consent")
    world["portrait"]["inventory"]["people"] = "none"
    assert world.codes(shot(references=[reference(role="style")], by_performer={id_of("ada"): shown()})) == []
