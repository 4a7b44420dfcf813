"""Who must license what: title, shares, co-holders, works and catalogues of assets."""

import pytest

from tests.decisions import (
    World,
    asset,
    box,
    claim,
    everything,
    id_of,
    licence,
    party,
    reference,
    shot,
)


@pytest.fixture
def world() -> World:
    return World()


def shared(world: World, *shares: tuple[str, list[int]]) -> None:
    world.drop("claim")
    for claimant, share in shares:
        world.add(f"claim of {claimant}", "title.claimed", claimant, claim(claimant, "portrait", share=share))


def test_where_the_shares_do_not_add_up_to_the_whole_an_owner_is_unknown(world: World) -> None:
    shared(world, ("gallery", [2, 3]))
    decision = world.decide()
    assert {o.code for o in decision.obstacles} == {"no_title"}
    assert {o.remedy.ask for o in decision.obstacles if o.remedy} == {id_of("gallery")}  # the registrant


def test_where_the_shares_exceed_the_whole_title_is_disputed(world: World) -> None:
    shared(world, ("gallery", [2, 3]), ("notary", [1, 2]))
    assert world.codes() == ["title_disputed"]


def test_each_co_holder_must_grant_and_is_asked_by_name(world: World) -> None:
    shared(world, ("gallery", [2, 3]), ("notary", [1, 3]))
    decision = world.decide()
    assert {o.code for o in decision.obstacles} == {"no_grant"}
    assert {o.remedy.ask for o in decision.obstacles if o.remedy} == {id_of("notary")}
    world.add("notary's", "licence.granted", "notary", licence("notary", "studio", "portrait"))
    assert world.codes() == []
    grounds = {digest for digest, _ in world.decide().grounds}
    assert {world.digest(name) for name in ("licence", "notary's", "claim of gallery", "claim of notary")} < grounds


def test_two_co_holders_who_granted_nothing_are_two_obstacles_in_a_fixed_order(world: World) -> None:
    shared(world, ("gallery", [1, 2]), ("notary", [1, 2]))
    world.drop("licence")
    obstacles = world.decide().obstacles
    assert [o.code for o in obstacles] == ["no_grant"] * 4
    for pair in (obstacles[:2], obstacles[2:]):
        asked = [o.remedy.ask for o in pair if o.remedy]
        assert asked == sorted([id_of("gallery"), id_of("notary")])
    assert len({o.sort_key for o in obstacles}) == 4  # else the order would hang on the seed of Python's hashes


def test_the_requester_holding_the_title_needs_no_licence_and_its_claim_is_a_ground(world: World) -> None:
    shared(world, ("studio", [1, 1]))
    world.drop("licence")
    assert world.codes() == []
    assert (world.digest("claim of studio"), "signed") in world.decide().grounds


def test_the_requester_as_co_holder_asks_the_others_alone(world: World) -> None:
    shared(world, ("studio", [1, 2]), ("gallery", [1, 2]))
    assert world.codes() == []
    world.drop("licence")
    assert world.codes() == ["no_grant"]


def test_a_licence_of_somebody_who_holds_no_title_is_worth_nothing(world: World) -> None:
    shared(world, ("notary", [1, 1]))
    assert world.codes() == ["no_grant"]


def test_title_split_by_territory_asks_each_holder_for_its_own(world: World) -> None:
    world.scope("claim", territories=["FR"])
    world.add(
        "for Germany", "title.claimed", "notary", claim("notary", "portrait", scopes=[everything(territories=["DE"])])
    )
    obstacles = world.decide().obstacles
    assert {o.remedy.ask for o in obstacles if o.remedy} == {id_of("notary")}
    assert {tuple(piece.format()["territories"]) for o in obstacles for piece in o.missing} == {("DE",)}  # type: ignore[arg-type]  # a list of text
    world.add("notary's", "licence.granted", "notary", licence("notary", "studio", "portrait"))
    assert world.codes() == []


def test_where_claims_leave_a_territory_out_exactly_that_has_no_title(world: World) -> None:
    world.scope("claim", territories=["FR"])
    obstacles = world.decide().obstacles
    assert {o.code for o in obstacles} == {"no_title"}
    assert {tuple(piece.format()["territories"]) for o in obstacles for piece in o.missing} == {("DE",)}  # type: ignore[arg-type]  # a list of text


@pytest.mark.parametrize(
    "damage",
    [{"logged": False}, {"signers": ("studio",)}, {"issuer": "notary"}],
    ids=["not yet logged", "forged", "for another"],
)
def test_a_claim_counts_only_logged_and_signed_by_the_claimant(world: World, damage: dict[str, object]) -> None:
    for name, value in damage.items():
        setattr(world.steps["claim"], name, value)
    assert world.codes() == ["no_title"]


def test_a_moral_right_is_no_title_and_disputes_none(world: World) -> None:
    world.add("moral", "title.claimed", "notary", claim("notary", "portrait", nature="moral"))
    assert world.codes() == []
    world["claim"]["nature"] = "moral"
    assert world.codes() == ["no_title"]


@pytest.mark.parametrize(
    ("kind", "aspects", "role", "music", "rights"),
    [
        ("still", ["picture", "style"], "first_frame", "none", {"picture"}),
        ("artwork", ["picture", "style"], "style", "none", {"artwork"}),
        ("music", ["sound"], "guide", "none", {"master", "composition"}),
        ("voice", ["sound"], "guide", "none", {"master"}),
        ("music", ["sound"], "guide", "listed", {"master", "composition"}),
        ("voice", ["sound"], "guide", "listed", {"master", "composition"}),
        ("footage", ["motion", "picture", "sound", "style"], "extend", "none", {"picture", "master"}),
    ],
)
def test_each_right_that_an_aspect_needs_is_needed(
    kind: str, aspects: list[str], role: str, music: str, rights: set[str]
) -> None:
    world = World()
    world["portrait"].update(kind=kind)
    world["portrait"]["media"]["aspects"] = aspects
    world["portrait"]["inventory"].update(people="none", music=music)
    world.drop("claim", "appearance", "consent")
    acts = ["alter", "condition", "distribute"]
    world.scope("licence", acts=acts)
    if music == "listed":  # the song on the record, which the studio holds, so that only the record itself is asked
        world.add("song", "asset.registered", "gallery", asset("song", aspects=["sound"]))
        world.add("song's title", "title.claimed", "studio", claim("studio", "song", right="master"))
        part = {"asset": id_of("portrait"), "component": id_of("song"), "aspects": ["sound"], "spans": None}
        world.add("part", "component.recorded", "gallery", part)
    for right in sorted(rights):
        world.add(f"claim {right}", "title.claimed", "gallery", claim("gallery", "portrait", right=right))
    request = shot(references=[reference(role=role)])
    assert world.codes(request) == []
    for right in rights:
        damaged = world.copy()
        damaged.drop(f"claim {right}")
        assert damaged.codes(request) == ["no_title"]


# --- works --------------------------------------------------------------------------------------------------------


@pytest.fixture
def of_a_work(world: World) -> World:
    """The portrait is of a work; title and licence speak of the work."""
    world["portrait"]["work"] = id_of("work")
    world["claim"]["subject"] = {"kind": "work", "id": id_of("work")}
    world["licence"]["subjects"] = [{"kind": "work", "id": id_of("work")}]
    return world


def test_a_licence_of_a_work_reaches_the_assets_logged_before_it(of_a_work: World) -> None:
    assert of_a_work.codes() == []
    of_a_work["portrait"]["work"] = id_of("another work")
    assert of_a_work.codes() == ["no_title"]


def test_an_asset_logged_after_the_licence_of_its_work_is_reached_only_with_new_assets(of_a_work: World) -> None:
    later = World(steps={**of_a_work.steps})
    for name in ("portrait", "appearance"):
        later.steps[name] = later.steps.pop(name)
    assert later.codes() == ["no_grant"]
    later["licence"]["new_assets"] = True
    assert later.codes() == []


def test_a_licence_that_names_the_asset_reaches_it_whenever_it_was_logged(world: World) -> None:
    for name in ("portrait", "appearance"):
        world.steps[name] = world.steps.pop(name)
    assert world.codes() == []


def test_a_holder_who_claims_the_whole_of_work_and_asset_does_not_dispute_itself(of_a_work: World) -> None:
    of_a_work.add("claim of the asset", "title.claimed", "gallery", claim("gallery", "portrait"))
    assert of_a_work.codes() == []
    of_a_work.add("another's", "title.claimed", "notary", claim("notary", "portrait", share=[1, 100]))
    assert of_a_work.codes() == ["title_disputed"]


def test_shares_of_one_holder_add_up(of_a_work: World) -> None:
    of_a_work["claim"]["share"] = [1, 2]
    assert of_a_work.codes() == ["no_title"]
    of_a_work.add("claim of the asset", "title.claimed", "gallery", claim("gallery", "portrait", share=[1, 2]))
    assert of_a_work.codes() == []


def test_a_licence_of_another_asset_does_not_serve(world: World) -> None:
    world["licence"]["subjects"] = [{"kind": "asset", "id": id_of("another")}]
    assert world.codes() == ["no_grant"]


def test_licences_of_one_holder_add_up(world: World) -> None:
    world.scope("licence", territories=["FR"])
    scopes = [box(aspects=["picture"], territories=["DE"])]
    assert world.codes() == ["territory_not_covered"]
    world.add("for Germany", "licence.granted", "gallery", licence("gallery", "studio", "portrait", scopes=scopes))
    assert world.codes() == []


def test_licences_of_two_holders_do_not_add_up(world: World) -> None:
    world.scope("licence", territories=["FR"])
    world.add("ben", "party.registered", "ben", party("ben"))
    scopes = [box(aspects=["picture"], territories=["DE"])]
    world.add("of a stranger", "licence.granted", "ben", licence("ben", "studio", "portrait", scopes=scopes))
    assert world.codes() == ["territory_not_covered"]


def test_a_second_registration_of_an_asset_changes_nothing(world: World) -> None:
    world.add("again", "asset.registered", "studio", asset("portrait", people="none", title="again", sha256="c" * 64))
    assert world.codes() == []
    assert world.facts().assets[id_of("portrait")].registrant == id_of("gallery")
