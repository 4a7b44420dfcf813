"""Each role asks exactly for what the design's table says; so do components, spans, prompts and training."""

import pytest

from consent.core.asked.demands import CLEARANCE_S, TRAINING_S, demands, takings
from consent.core.request import ROLES, parse_request
from registry.core.terms import ACTS, ASPECTS
from registry.core.times import format_time, to_epoch_s
from tests.decisions import (
    AT,
    SHA,
    Body,
    World,
    after,
    appearance,
    asset,
    claim,
    component,
    consent,
    id_of,
    party,
    reference,
    shot,
    shown,
    training,
    vouch,
)
from tests.reference_points import ROLES as TABLE  # written out again from the design, section 7

Asked = set[tuple[str, str, str, str]]  # kind, id, act, aspect


def asked(world: World, request: Body) -> Asked:
    """Return every point of subject, act and aspect that a request demands."""
    facts = world.facts()
    parsed = parse_request(request)
    taken, _ = takings(parsed, facts)
    return {
        (demand.of, demand.id, act, aspect)
        for demand in demands(parsed, facts, taken, to_epoch_s(AT))
        for act in ACTS.names(demand.wanted.acts)
        for aspect in ASPECTS.names(demand.wanted.aspects)
    }


def points(kind: str, name: str, acts: str, aspects: str) -> Asked:
    return {(kind, id_of(name), act, aspect) for act in acts.split() for aspect in aspects.split()}


@pytest.fixture
def world() -> World:
    """The portrait as footage with sound, and Ada in it with all that can be taken of her."""
    whole = World()
    whole["portrait"]["kind"] = "footage"
    whole["portrait"]["media"].update(aspects=["motion", "picture", "sound", "style"], frames=5_000)
    whole["appearance"]["aspects"] = ["body", "face", "name", "performance", "voice"]
    return whole


def test_the_table_of_roles_is_complete() -> None:
    assert set(TABLE) == set(ROLES)


@pytest.mark.parametrize("role", TABLE)
def test_a_role_asks_for_its_row_of_the_table_and_for_nothing_else(world: World, role: str) -> None:
    takes, of_performers, extra = TABLE[role]
    acts = f"condition distribute {extra}"
    expected = points("asset", "portrait", acts, takes) | points("performer", "ada", acts, of_performers)
    assert asked(world, shot(references=[reference(role=role)])) == expected
    assert len(expected) == len(acts.split()) * (len(takes.split()) + len(of_performers.split()))


@pytest.mark.parametrize("kind", ["release", "use"])
@pytest.mark.parametrize("role", TABLE)
def test_a_release_and_another_use_ask_for_distribution_alone(world: World, role: str, kind: str) -> None:
    takes, of_performers, _ = TABLE[role]
    expected = points("asset", "portrait", "distribute", takes)
    expected |= points("performer", "ada", "distribute", of_performers)
    assert asked(world, shot(kind=kind, references=[reference(role=role)])) == expected


def test_an_extension_of_silent_footage_asks_for_no_sound_and_no_voice(world: World) -> None:
    world["portrait"]["media"]["aspects"] = ["motion", "picture", "style"]
    acts = "condition distribute"
    expected = points("asset", "portrait", acts, "picture motion")
    expected |= points("performer", "ada", acts, "face body performance")
    assert asked(world, shot(references=[reference(role="extend")])) == expected


def test_of_a_performer_no_more_is_asked_than_she_gave_to_the_asset(world: World) -> None:
    world["appearance"]["aspects"] = ["body", "voice"]
    of_ada = {point for point in asked(world, shot()) if point[0] == "performer"}
    assert of_ada == points("performer", "ada", "condition distribute", "body")


def test_the_act_beside_conditioning_must_be_granted_by_all(world: World) -> None:
    request = shot(references=[reference(role="inpaint")])
    acts = ["alter", "condition", "distribute"]
    assert world.codes(request) == ["act_not_covered"]
    world.scope("consent", acts=acts)
    assert {o.act for o in world.decide(request).obstacles} == {"alter"}
    world.scope("licence", acts=acts)
    assert world.codes(request) == []


def test_conditioning_is_asked_for_the_clearance_and_distribution_for_the_use() -> None:
    facts = World().facts()
    parsed = parse_request(shot())
    windows = {}
    for demand in demands(parsed, facts, takings(parsed, facts)[0], to_epoch_s(AT)):
        windows[ACTS.names(demand.wanted.acts)[0]] = demand.wanted.format()["window"]
    assert windows == {
        "condition": [format_time(AT), format_time(after(seconds=CLEARANCE_S))],
        "distribute": ["2027-09-01T00:00:00Z", "2029-01-01T00:00:00Z"],
    }


def test_training_asks_for_every_aspect_of_asset_and_performer_in_its_own_box(world: World) -> None:
    request = training("portrait")
    expected = points("asset", "portrait", "train", "motion picture sound style")
    expected |= points("performer", "ada", "train", "body face name performance voice")
    assert asked(world, request) == expected
    facts, parsed = world.facts(), parse_request(request)
    for demand in demands(parsed, facts, takings(parsed, facts)[0], to_epoch_s(AT)):
        box = demand.wanted.format()
        assert (box["purposes"], box["media"], box["territories"]) == (["work"], ["internal"], ["FR"])
        assert (box["languages"], box["projects"]) == (["zxx"], ["*"])
        assert box["window"] == [format_time(AT), format_time(after(seconds=TRAINING_S))]


def test_a_performer_whom_the_prompt_names_is_asked_for_name_and_face(world: World) -> None:
    world.vouched["prompt_matches"] = (id_of("ada"),)
    expected = points("performer", "ada", "condition distribute", "name face")
    assert asked(world, shot(references=[])) == expected
    assert world.codes(shot(references=[])) == ["aspect_not_covered"]
    world.scope("consent", aspects=["face", "name"])
    assert world.codes(shot(references=[])) == []
    assert world.codes(shot(references=[], by_performer={})) == ["description_mismatch"]


def test_two_references_ask_for_what_both_take_each_point_once(world: World) -> None:
    both = asked(world, shot(references=[reference(), reference(role="motion"), reference(role="inpaint")]))
    single = [asked(world, shot(references=[reference(role=role)])) for role in ("likeness", "motion", "inpaint")]
    assert both == set().union(*single)


# --- frames -------------------------------------------------------------------------------------------------------


def test_one_still_of_a_long_episode_asks_only_who_is_in_it(world: World) -> None:
    world["appearance"]["spans"] = [[100, 200], [4_000, 4_100]]
    world.add("ben", "party.registered", "ben", party("ben"))
    world.add("ben appears", "appearance.recorded", "gallery", appearance("portrait", "ben", spans=[[200, 300]]))
    for source, expected in (
        ([150, 151], {"ada"}),
        ([199, 201], {"ada", "ben"}),
        ([250, 251], {"ben"}),
        ([300, 301], set()),
        ([4_099, 5_000], {"ada"}),
        (None, {"ada", "ben"}),
    ):
        points = asked(world, shot(references=[reference(role="first_frame", source=source)]))
        assert {id_ for kind, id_, _, _ in points if kind == "performer"} == {id_of(name) for name in expected}


def test_a_claimed_appearance_stops_only_the_frames_and_aspects_it_claims(world: World) -> None:
    claimed = {"asset": id_of("portrait"), "performer": id_of("notary"), "aspects": ["face"], "spans": [[10, 20]]}
    world.add("claimed", "appearance.claimed", "notary", claimed, logged=False)

    def codes(role: str, source: list[int]) -> list[str]:
        return world.codes(shot(references=[reference(role=role, source=source)]))

    assert codes("first_frame", [15, 16]) == ["appearance_claimed"]
    assert "appearance_claimed" not in codes("first_frame", [20, 21])
    assert "appearance_claimed" not in codes("motion", [15, 16])


@pytest.mark.parametrize("recorder", ["gallery", "notary"])
def test_a_claim_is_settled_by_an_appearance_that_registrant_or_performer_records_after_it(recorder: str) -> None:
    world = World()
    claimed = {"asset": id_of("portrait"), "performer": id_of("notary"), "aspects": ["face"], "spans": None}
    world.add("recorded before", "appearance.recorded", "gallery", appearance("portrait", "notary"))
    world.add("claimed", "appearance.claimed", "notary", claimed)
    request = shot(by_performer={id_of("ada"): shown(), id_of("notary"): shown()})
    assert "appearance_claimed" in world.codes(request)
    world.add("recorded", "appearance.recorded", recorder, appearance("portrait", "notary", recognisable=False))
    assert world.codes(request) == ["no_grant"]


@pytest.mark.parametrize(
    "damage",
    [{"issuer": "studio"}, {"signers": ("studio",)}, {"logged": False}, {"issuer": "ada"}],
    ids=["a stranger's", "forged", "not yet logged", "another performer's"],
)
def test_no_other_word_settles_a_claim(damage: Body) -> None:
    world = World()
    claimed = {"asset": id_of("portrait"), "performer": id_of("notary"), "aspects": ["face"], "spans": None}
    world.add("claimed", "appearance.claimed", "notary", claimed)
    world.add("recorded", "appearance.recorded", "gallery", appearance("portrait", "notary"))
    assert "appearance_claimed" not in world.codes()
    for name, value in damage.items():
        setattr(world.steps["recorded"], name, value)
    assert "appearance_claimed" in world.codes()


@pytest.mark.parametrize("damage", [{"issuer": "studio"}, {"signers": ("studio",)}, {"logged": False}])
def test_people_are_listed_only_by_an_appearance_that_stands(damage: Body) -> None:
    world = World()
    assert world.codes() == []
    for name, value in damage.items():
        setattr(world.steps["appearance"], name, value)
    assert world.codes() == ["inventory_unknown"]


def test_an_appearance_asks_for_consent_before_it_is_logged() -> None:
    world = World()
    world.add("ben", "party.registered", "ben", party("ben"))
    world.add("ben appears", "appearance.recorded", "gallery", appearance("portrait", "ben"), logged=False)
    assert world.codes(shot(by_performer={id_of("ada"): shown(), id_of("ben"): shown()})) == ["no_grant"]


def test_a_corrected_inventory_counts_from_its_place_in_the_log_and_only_the_registrants() -> None:
    world = World()
    unknown = {**world["portrait"]["inventory"], "marks": "unknown"}
    world.add("first", "inventory.declared", "gallery", {"asset": id_of("portrait"), "inventory": unknown})
    assert world.codes() == ["inventory_unknown"]
    none = {**unknown, "marks": "none"}
    world.add("a stranger's", "inventory.declared", "studio", {"asset": id_of("portrait"), "inventory": none})
    assert world.codes() == ["inventory_unknown"]
    world.add("second", "inventory.declared", "gallery", {"asset": id_of("portrait"), "inventory": none})
    assert world.codes() == []


# --- components ---------------------------------------------------------------------------------------------------


@pytest.fixture
def composed(world: World) -> World:
    """The footage holds, in its frames 100 to 200, a poster with Ben in it."""
    world.add("ben", "party.registered", "ben", party("ben"))
    world.add("poster", "asset.registered", "studio", asset("poster", people="listed"))
    world.add("ben appears", "appearance.recorded", "studio", appearance("poster", "ben"))
    world.add("poster's title", "title.claimed", "studio", claim("studio", "poster"))
    world.add("part", "component.recorded", "gallery", component("portrait", "poster", spans=[[100, 200]]))
    return world


def test_a_component_and_whoever_is_in_it_are_asked_where_aspects_and_frames_meet(composed: World) -> None:
    def names(role: str, source: list[int] | None) -> set[str]:
        points = asked(composed, shot(references=[reference(role=role, source=source)]))
        return {id_ for _, id_, _, _ in points} & {id_of("poster"), id_of("ben")}

    assert names("first_frame", [150, 151]) == {id_of("poster"), id_of("ben")}
    assert names("first_frame", None) == {id_of("poster"), id_of("ben")}
    assert names("first_frame", [200, 201]) == set()
    assert names("motion", [150, 151]) == set()
    assert names("depth", [150, 151]) == {id_of("poster"), id_of("ben")}


def test_of_a_component_only_the_aspects_that_both_share_are_asked(composed: World) -> None:
    composed["part"]["aspects"] = ["motion", "style"]
    points = asked(composed, shot(references=[reference(role="depth")]))
    assert {(act, aspect) for kind, id_, act, aspect in points if id_ == id_of("poster")} == {
        ("condition", "motion"),
        ("distribute", "motion"),
    }


def test_a_component_of_a_component_is_asked_too_and_a_circle_ends(composed: World) -> None:
    composed.add("logo", "asset.registered", "studio", asset("logo"))
    composed.add("logo's title", "title.claimed", "studio", claim("studio", "logo"))
    composed.add("deeper", "component.recorded", "studio", component("poster", "logo"))
    composed.add("back", "component.recorded", "studio", component("logo", "portrait"))
    points = asked(composed, shot(references=[reference(role="first_frame")]))
    assert id_of("logo") in {id_ for _, id_, _, _ in points}


def test_a_component_that_nobody_registered_is_unknown_where_it_is_met(composed: World) -> None:
    composed.drop("poster", "poster's title")
    subject = ("unknown_subject", ("asset", id_of("poster")))

    def subjects(source: list[int]) -> list[tuple[str, tuple[str, str]]]:
        decision = composed.decide(shot(references=[reference(role="first_frame", source=source)]))
        return [(o.code, o.subject) for o in decision.obstacles]

    assert subject in subjects([150, 151])
    assert subject not in subjects([0, 1])


def test_a_component_that_is_not_yet_logged_does_not_serve(composed: World) -> None:
    request = shot(
        references=[reference(role="first_frame")],
        by_performer={id_of("ada"): shown(), id_of("ben"): shown(role=None)},
    )
    composed.add("vouch for ben", "identity.vouched", "notary", vouch("ben"))
    composed.add("ben consents", "consent.granted", "ben", consent("ben", "studio", role=None))
    assert composed.codes(request) == []
    composed.steps["poster"].logged = False
    assert composed.codes(request) == ["not_yet_logged"]


def test_a_component_with_an_undeclared_inventory_refuses_the_whole(composed: World) -> None:
    composed["poster"]["inventory"]["artworks"] = "unknown"
    obstacles = composed.decide(shot(references=[reference(role="first_frame")])).obstacles
    assert ("inventory_unknown", ("asset", id_of("poster"))) in [(o.code, o.subject) for o in obstacles]


def test_a_tower_of_shared_components_is_asked_once_a_part() -> None:
    """Each storey holds the next one twice; asked path by path it would take for ever."""
    world = World()
    for storey in range(40):
        world.add(f"s{storey}", "asset.registered", "studio", asset(f"s{storey}"))
        world.add(f"t{storey}", "title.claimed", "studio", claim("studio", f"s{storey}"))
        whole = "portrait" if storey == 0 else f"s{storey - 1}"
        for half in range(2):
            world.add(
                f"c{storey}/{half}", "component.recorded", "studio", component(whole, f"s{storey}", spans=[[half, 9]])
            )
    assert world.codes() == []
    assert len(asked(world, shot())) == 2 * (1 + 2 + 40)


def test_a_request_for_nothing_but_words_needs_no_grant_but_known_weights_and_project() -> None:
    world = World()
    assert world.codes(shot(references=[], by_performer={}, prompt_sha256=SHA)) == []
