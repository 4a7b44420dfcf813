"""How grants add up, replace one another, are accepted and are withdrawn."""

from datetime import timedelta

import pytest

from registry.core.scope import Scope
from tests.decisions import (
    AT,
    SIGNED,
    Body,
    World,
    after,
    box,
    boxes,
    consent,
    id_of,
    revocation,
    shot,
)


@pytest.fixture
def world() -> World:
    return World()


# --- adding up ----------------------------------------------------------------------------------------------------


def test_two_consents_for_one_country_each_cover_both_countries_and_are_both_grounds(world: World) -> None:
    world.scope("consent", territories=["FR"])
    assert world.codes() == ["territory_not_covered"]
    world.add("for Germany", "consent.granted", "ada", consent("ada", "studio", scopes=[box(territories=["DE"])]))
    assert world.codes() == []
    assert {world.digest("consent"), world.digest("for Germany")} < {digest for digest, _ in world.decide().grounds}


def test_several_boxes_of_one_consent_cover_one_demand_together(world: World) -> None:
    parts = [
        box(acts=["condition"]),
        box(acts=["distribute"], window=["2027-09-01T00:00:00Z", "2028-01-01T00:00:00Z"]),
        box(acts=["distribute"], window=["2028-01-01T00:00:00Z", "2029-01-01T00:00:00Z"]),
    ]
    for left_out in range(len(parts)):
        world["consent"]["scopes"] = boxes(*(part for n, part in enumerate(parts) if n != left_out))
        assert not world.decide().cleared
    world["consent"]["scopes"] = boxes(*parts)
    assert world.codes() == []


def test_grants_that_cut_across_each_other_still_add_up(world: World) -> None:
    """The pieces left by one differ in country and in time, so that no single box remains on the way."""
    early, late = ["2027-01-01T00:00:00Z", "2028-01-01T00:00:00Z"], ["2028-01-01T00:00:00Z", "2030-01-01T00:00:00Z"]
    world.scope("consent", territories=["FR"], window=early)
    for name, land, window in (("b", "FR", late), ("c", "DE", early), ("d", "DE", late)):
        scopes = [box(territories=[land], window=window)]
        world.add(name, "consent.granted", "ada", consent("ada", "studio", scopes=scopes))
    assert world.codes() == []
    for name in ("consent", "b", "c", "d"):
        damaged = world.copy()
        damaged.drop(name)
        assert not damaged.decide().cleared


def test_a_grant_that_does_not_apply_is_left_aside_where_grants_cut_across_too(world: World) -> None:
    early, late = ["2027-01-01T00:00:00Z", "2028-01-01T00:00:00Z"], ["2028-01-01T00:00:00Z", "2030-01-01T00:00:00Z"]
    world.scope("consent", territories=["FR"], window=early)
    for name, land, window in (("b", "FR", late), ("c", "DE", early), ("d", "DE", late)):
        scopes = [box(territories=[land], window=window)]
        world.add(name, "consent.granted", "ada", consent("ada", "studio", scopes=scopes))
    assert world.codes() == []
    for name in ("consent", "b", "c", "d"):
        damaged = world.copy()
        damaged[name]["role"] = "Nora"
        assert not damaged.decide().cleared


def test_grounds_are_chosen_greedily_by_digest_and_only_where_a_grant_removes_something(world: World) -> None:
    names = ["consent", *(f"copy {number}" for number in range(6))]
    for name in names[1:]:
        world.add(name, "consent.granted", "ada", consent("ada", "studio", description=name))
    first = min(world.digest(name) for name in names)
    held = {world.digest(name) for name in names}
    assert held & {digest for digest, _ in world.decide().grounds} == {first}


def test_a_grant_that_does_not_apply_is_no_ground_though_it_comes_first(world: World) -> None:
    for number in range(6):
        terms = consent("ada", "studio", role="Nora", description=str(number))
        world.add(f"as Nora {number}", "consent.granted", "ada", terms)
    assert world.codes() == []
    assert world.digest("consent") in {digest for digest, _ in world.decide().grounds}
    assert len(world.decide().grounds) == 3


def test_what_is_missing_is_what_no_grant_covers_and_the_remedy_asks_its_owner_for_that(world: World) -> None:
    world.scope("consent", territories=["FR"])
    world.scope("licence", territories=["DE", "ES", "FR", "GB"])
    obstacles = world.decide(shot(territories=["DE", "ES", "FR", "GB"])).obstacles
    assert {(o.code, o.act, o.aspect) for o in obstacles} == {
        ("territory_not_covered", act, aspect) for act in ("condition", "distribute") for aspect in ("face", "body")
    }
    for obstacle in obstacles:
        wanted = box(acts=[obstacle.act], aspects=[obstacle.aspect], territories=["DE", "ES", "GB"])
        start, end = ("2027-09-01T00:00:00Z", "2029-01-01T00:00:00Z")
        if obstacle.act == "condition":
            start, end = ("2027-06-01T12:00:00Z", "2027-06-01T13:00:00Z")
        assert obstacle.missing == (Scope.parse(wanted | {"window": [start, end]}),)
        assert obstacle.nearest == world.digest("consent")
        assert obstacle.remedy is not None
        assert (obstacle.remedy.ask, obstacle.remedy.for_) == (id_of("ada"), obstacle.missing)


def test_granting_exactly_the_remedy_clears_the_request(world: World) -> None:
    world.scope(
        "consent", territories=["FR"], media=["theatrical"], window=["2027-01-01T00:00:00Z", "2028-01-01T00:00:00Z"]
    )
    scopes = [piece.format() for obstacle in world.decide().obstacles for piece in obstacle.remedy.for_]  # type: ignore[union-attr]  # each has one
    assert scopes
    world.add("remedy", "consent.granted", "ada", consent("ada", "studio", scopes=boxes(*scopes)))
    assert world.codes() == []


def test_the_nearest_grant_fails_the_fewest_conditions_and_names_the_first(world: World) -> None:
    world.scope("consent", territories=["ES"], media=["theatrical"])
    near = consent("ada", "studio", role="Nora", scenes="any")
    world.add("near", "consent.granted", "ada", near)
    obstacles = world.decide().obstacles
    assert {o.nearest for o in obstacles} == {world.digest("near")}
    assert {o.code for o in obstacles} == {"role_not_covered"}


def test_each_aspect_and_purpose_that_is_not_covered_is_told_apart(world: World) -> None:
    world.drop("consent")
    obstacles = world.decide(shot(purposes=["press", "work"])).obstacles
    performer = [o for o in obstacles if o.subject == ("performer", id_of("ada"))]
    assert len(performer) == 2 * 2 * 2  # acts, aspects, purposes


def test_obstacles_are_sorted_by_code_and_the_decision_formats_to_plain_json(world: World) -> None:
    world.drop("consent", "film")
    world.scope("licence", territories=["FR"])
    decision = world.decide()
    codes = [obstacle.code for obstacle in decision.obstacles]
    assert list(dict.fromkeys(codes)) == ["unknown_subject", "no_grant", "territory_not_covered"]
    formatted = decision.format()
    assert list(formatted) == ["cleared", "obstacles", "pending", "grounds", "tree_size", "facts_digest"]
    assert formatted["cleared"] is False
    assert set(formatted["obstacles"][0]) == {  # type: ignore[index,arg-type]  # a list of objects
        "code",
        "subject",
        "act",
        "aspect",
        "missing",
        "nearest",
        "rule",
        "fact",
        "remedy",
    }


# --- replacing ----------------------------------------------------------------------------------------------------


def replaced(world: World, *, logged: bool, **changed: object) -> None:
    world.add_like("new", "consent", supersedes=[world.digest("consent")], **changed)
    world.steps["new"].logged = logged


def test_a_narrower_replacement_narrows_at_commit(world: World) -> None:
    replaced(world, logged=False, scopes=[box(territories=["FR"])])
    assert world.codes() == ["territory_not_covered"]
    assert world.codes(shot(territories=["FR"])) == []


def test_a_wider_replacement_widens_only_under_the_checkpoint(world: World) -> None:
    world.scope("licence", territories=["DE", "ES", "FR"])
    replaced(world, logged=False, scopes=[box(territories=["DE", "ES", "FR"])])
    spain = shot(territories=["ES", "FR"])
    assert world.codes() == []
    assert world.digest("consent") in {digest for digest, _ in world.decide().grounds}
    assert not world.decide(spain).cleared
    world.steps["new"].logged = True
    assert world.codes(spain) == []
    assert world.digest("consent") not in {digest for digest, _ in world.decide().grounds}


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"role": "Nora"}, "no_grant"),
        ({"scenes": ["13"]}, "scene_not_covered"),
        ({"replica_use": ["synthetic"]}, "no_grant"),
        ({"scopes": [box(territories=["ES"])]}, "no_grant"),
    ],
)
def test_at_commit_the_old_consent_keeps_no_condition_that_the_new_one_narrows(
    world: World, changed: Body, code: str
) -> None:
    replaced(world, logged=False, **changed)
    assert not world.decide().cleared
    replaced(world, logged=True, **changed)
    assert not world.decide().cleared


def test_an_old_consent_is_gone_once_its_replacement_is_logged_even_where_that_is_revoked(world: World) -> None:
    replaced(world, logged=True)
    assert world.codes() == []
    world.add("revoked", "consent.revoked", "ada", revocation("ada", world.digest("new")))
    assert world.codes() == ["revoked"]
    assert {o.nearest for o in world.decide().obstacles} == {world.digest("new")}


def test_a_consent_replaces_only_those_it_names(world: World) -> None:
    world.add_like("another", "consent", description="another", scopes=[box(territories=["FR"])])
    assert world.digest("consent") in {digest for digest, _ in world.decide().grounds}


def test_a_consent_to_another_grantee_replaces_nothing(world: World) -> None:
    replaced(world, logged=True, grantee=id_of("gallery"), scopes=[box(territories=["FR"])])
    assert world.codes() == []


# --- accepting ----------------------------------------------------------------------------------------------------


def test_a_contract_is_an_offer_until_the_grantee_itself_accepts_it(world: World) -> None:
    world["consent"]["basis"] = "contract"
    assert world.codes() == ["no_grant"]
    world.add("by a stranger", "grant.accepted", "gallery", {"grant": world.digest("consent")})
    assert world.codes() == ["no_grant"]
    world.add("accepted", "grant.accepted", "studio", {"grant": world.digest("consent")})
    assert world.codes() == []
    world.steps["accepted"].logged = False
    assert world.codes() == ["not_yet_logged"]


def test_an_acceptance_by_a_stranger_takes_nothing_from_the_true_one(world: World) -> None:
    world["consent"]["basis"] = "contract"
    world.add("accepted", "grant.accepted", "studio", {"grant": world.digest("consent")})
    for number in range(4):
        world.add(f"stranger {number}", "grant.accepted", "gallery", {"grant": world.digest("consent")})
    assert world.codes() == []


# --- withdrawing --------------------------------------------------------------------------------------------------


def test_a_revocation_counts_at_commit_before_any_checkpoint(world: World) -> None:
    world.add("revoked", "consent.revoked", "ada", revocation("ada", world.digest("consent")), logged=False)
    assert world.codes() == ["revoked"]


def test_a_consent_that_the_registry_does_not_vouch_to_stand_is_withdrawn(world: World) -> None:
    world.vouched["no_revocation_of"] = frozenset({world.digest("licence")})
    assert world.codes() == ["revoked"]


def test_notice_lets_a_consent_stand_until_it_has_run_from_the_revocation(world: World) -> None:
    world["consent"].update(basis="contract", revocation={"kind": "on_notice", "notice_hours": 48})
    world.add("accepted", "grant.accepted", "studio", {"grant": world.digest("consent")})
    withdrawal = revocation("ada", world.digest("consent"))
    world.add("revoked", "consent.revoked", "ada", withdrawal, issued_at=AT)
    world.vouched["no_revocation_of"] = frozenset({world.digest("licence")})
    assert world.codes(at=after(hours=47, minutes=59, seconds=59)) == []
    assert world.codes(at=after(hours=48)) == ["revoked"]


def test_a_revocation_of_everything_ends_every_grant_to_that_grantee_and_no_other(world: World) -> None:
    world.add_like("second", "consent", description="second")
    world.add_like("to the gallery", "consent", grantee=id_of("gallery"))
    world.add("everything", "consent.revoked", "ada", revocation("ada", grantee="studio"), issued_at=AT)
    assert world.codes() == ["revoked"]
    held = {grant.grantee: grant.withdrawn for grant in world.facts().consents[id_of("ada")]}
    assert held[id_of("gallery")] == ()


def test_a_revocation_of_everything_bars_a_consent_signed_before_it_and_sent_after(world: World) -> None:
    world.add("everything", "consent.revoked", "ada", revocation("ada", grantee="studio"), issued_at=AT)
    world.add_like("sent late", "consent", description="sent late")
    assert world.codes() == ["revoked"]


def test_a_revocation_of_everything_ends_a_consent_dated_ahead_of_it(world: World) -> None:
    """Clocks may differ by minutes; what was in the log before the revocation is ended by it."""
    world.steps["consent"].issued_at = AT + timedelta(minutes=5)
    world.add("everything", "consent.revoked", "ada", revocation("ada", grantee="studio"), issued_at=AT)
    assert world.codes() == ["revoked"]


def test_a_new_consent_after_a_revocation_counts_again(world: World) -> None:
    world.add("everything", "consent.revoked", "ada", revocation("ada", grantee="studio"), issued_at=SIGNED)
    assert world.codes() == ["revoked"]
    world.add_like("again", "consent", description="again")
    world.steps["again"].issued_at = AT
    assert world.codes() == []


def test_nobody_else_can_revoke_a_performers_consent(world: World) -> None:
    world.add("by the studio", "consent.revoked", "studio", revocation("ada", world.digest("consent")))
    world.add("everything", "consent.revoked", "studio", revocation("ada", grantee="studio"), issued_at=AT)
    assert world.codes() == []


@pytest.mark.parametrize("act", ["licence.denied", "licence.terminated"])
def test_a_licence_ends_by_its_licensors_word_and_nobody_elses(world: World, act: str) -> None:
    world.add("by the studio", act, "studio", {"licence": world.digest("licence")})
    assert world.codes() == []
    world.add("by the gallery", act, "gallery", {"licence": world.digest("licence")}, logged=False)
    assert world.codes() == ["revoked"]
