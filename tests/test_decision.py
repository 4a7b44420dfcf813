"""Each obstacle that a decision can name today, beside the case that is cleared but for one thing."""

from pathlib import Path

import pytest

from consent.core.obstacles import CODES, Code
from tests.decisions import (
    WEIGHTS,
    Body,
    World,
    after,
    asset,
    box,
    boxes,
    claim,
    component,
    consent,
    guard,
    id_of,
    reference,
    revocation,
    shot,
    shown,
)

# What the files named test; each code is tested somewhere.
ELSEWHERE: dict[Code, str] = {
    "suspended": "test_decision_bars",
    "restricted": "test_decision_bars",
    "holdback": "test_decision_licences_exclusive",
    "exclusive_to_other": "test_decision_licences_exclusive",
    "product_not_covered": "test_decision_licences_exclusive",
    "approval_declined": "test_decision_approvals",
    "assurance_too_low": "test_decision_training",
    "rule_refused": "test_decision_rules",
    "rule_unreadable": "test_decision_rules",
    "rule_fact_missing": "test_decision_rules",
    "identity_contested": "test_decision_identity",
}
LATER: frozenset[Code] = frozenset({"weights_tainted"})  # retired weights


@pytest.fixture
def world() -> World:
    """The cleared case; every test here starts from it, so that a refusal has the one cause that the test planted."""
    cleared = World()
    assert cleared.codes() == []
    return cleared


def test_the_usual_case_is_cleared_on_the_consent_the_licence_and_the_title(world: World) -> None:
    decision = world.decide()
    assert decision.cleared
    assert decision.grounds == tuple(sorted((world.digest(name), "signed") for name in ("consent", "licence", "claim")))
    assert decision.tree_size == len(world.steps)


def test_an_asset_that_nobody_registered_is_unknown(world: World) -> None:
    world.drop("portrait")
    assert world.codes() == ["unknown_subject"]


def test_a_project_that_nobody_registered_is_unknown(world: World) -> None:
    world.drop("film")
    assert [o.subject for o in world.decide().obstacles] == [("project", id_of("film"))]


def test_a_requester_that_nobody_registered_is_unknown(world: World) -> None:
    decision = world.decide(shot(**{"for": id_of("nobody"), "references": []}))
    assert [(o.code, o.subject) for o in decision.obstacles] == [("unknown_subject", ("party", id_of("nobody")))]


@pytest.mark.parametrize(
    "appearance",
    [{"performer": id_of("notary")}, {"aspects": ["voice"]}, {"spans": [[5, 9]]}],
    ids=["somebody else", "her voice alone", "in other frames"],
)
def test_a_likeness_names_a_performer_who_is_recorded_where_it_is_taken(world: World, appearance: Body) -> None:
    world["appearance"].update(appearance)
    refused = world.decide(shot(references=[reference(source=[0, 1])]))
    assert ("unknown_subject", ("performer", id_of("ada"))) in [(o.code, o.subject) for o in refused.obstacles]


def test_other_bytes_under_the_same_asset_are_refused(world: World) -> None:
    assert world.codes(shot(references=[reference(sha256="c" * 64)])) == ["bytes_mismatch"]


@pytest.mark.parametrize("content", ["people", "artworks", "marks", "locations"])
@pytest.mark.parametrize("state", ["unknown", "listed"])
def test_what_a_picture_may_hold_must_be_declared_and_what_is_listed_recorded(
    world: World, content: str, state: str
) -> None:
    world["portrait"]["inventory"][content] = state
    codes = world.codes()
    assert codes == ([] if (content, state) == ("people", "listed") else ["inventory_unknown"])


def test_music_is_not_asked_for_where_no_sound_is_taken(world: World) -> None:
    world["portrait"]["inventory"]["music"] = "unknown"
    assert world.codes() == []


def test_a_listed_artwork_is_declared_by_the_component_that_the_registrant_records(world: World) -> None:
    world["portrait"]["inventory"]["artworks"] = "listed"
    world.add("mural", "asset.registered", "gallery", asset("mural"))
    world.add("mural claim", "title.claimed", "studio", claim("studio", "mural"))
    assert world.codes() == ["inventory_unknown"]
    world.add("part", "component.recorded", "gallery", component("portrait", "mural"))
    assert world.codes() == []
    world.steps["part"].logged = False  # to speak for `listed` is to permit, and that waits for the log
    assert world.codes() == ["inventory_unknown"]


def test_a_performer_who_says_that_is_me_stops_the_use_until_it_is_settled(world: World) -> None:
    claimed = {"asset": id_of("portrait"), "performer": id_of("notary"), "aspects": ["face"], "spans": None}
    world.add("claimed", "appearance.claimed", "notary", claimed)
    assert world.codes() == ["appearance_claimed"]
    assert world.decide().obstacles[0].remedy.ask == id_of("gallery")  # type: ignore[union-attr]  # there is one


def test_nobody_holds_the_title_of_what_nobody_claims(world: World) -> None:
    world.drop("claim")
    assert world.codes() == ["no_title"]


def test_two_parties_who_each_claim_the_whole_dispute_it(world: World) -> None:
    world.add("second", "title.claimed", "notary", claim("notary", "portrait"))
    assert world.codes() == ["title_disputed"]


@pytest.mark.parametrize("grant", ["consent", "licence"])
def test_where_a_grantor_granted_nothing_to_anybody_there_is_no_grant(world: World, grant: str) -> None:
    world.drop(grant)
    assert world.codes() == ["no_grant"]


@pytest.mark.parametrize(("grant", "grantee"), [("consent", "grantee"), ("licence", "licensee")])
def test_a_grant_to_somebody_else_does_not_cover_the_requester(world: World, grant: str, grantee: str) -> None:
    world[grant][grantee] = id_of("gallery" if grant == "consent" else "notary")
    assert world.codes() == ["grantee_not_covered"]


@pytest.mark.parametrize("name", ["consent", "licence", "portrait"])
def test_what_permits_counts_only_once_it_is_under_a_checkpoint(world: World, name: str) -> None:
    world.steps[name].logged = False
    assert world.codes() == ["not_yet_logged"]


def test_a_grant_beyond_the_checkpoint_does_not_count_though_it_has_a_place(world: World) -> None:
    world.vouched["tree_size"] = len(world.steps) - 1  # the consent is the last
    assert world.codes() == ["not_yet_logged"]


def test_a_revoked_consent_does_not_count(world: World) -> None:
    world.add("revoked", "consent.revoked", "ada", revocation("ada", world.digest("consent")))
    assert world.codes() == ["revoked"]


DIMENSIONS: list[tuple[Code, Body]] = [
    ("not_started", {"window": ["2027-07-01T00:00:00Z", "2030-01-01T00:00:00Z"]}),
    ("expired", {"window": ["2027-01-01T00:00:00Z", "2027-06-01T00:00:00Z"]}),
    ("window_not_covered", {"window": ["2027-01-01T00:00:00Z", "2028-01-01T00:00:00Z"]}),
    ("act_not_covered", {"acts": ["distribute"]}),
    ("purpose_not_covered", {"purposes": ["press"]}),
    ("media_not_covered", {"media": ["theatrical"]}),
    ("territory_not_covered", {"territories": ["FR"]}),
    ("language_not_covered", {"languages": ["en-GB"]}),
    ("project_not_covered", {"projects": [id_of("other film")]}),
    ("content_not_covered", {"content": {"depicts": [], "scene": []}}),
]


@pytest.mark.parametrize("grant", ["consent", "licence"])
@pytest.mark.parametrize(("code", "changed"), DIMENSIONS, ids=[code for code, _ in DIMENSIONS])
def test_a_box_that_falls_short_along_one_dimension_is_named_by_it(
    world: World, grant: str, code: Code, changed: Body
) -> None:
    world.scope(grant, **changed)
    assert code in world.codes()
    assert {*world.codes()} <= {code, "not_started"}  # a window that begins late cuts distribution's window too


@pytest.mark.parametrize(("grant", "aspects"), [("consent", ["face"]), ("licence", ["style"])])
def test_an_aspect_that_is_not_granted_is_not_covered(world: World, grant: str, aspects: list[str]) -> None:
    world.scope(grant, aspects=aspects)
    assert world.codes() == ["aspect_not_covered"]


@pytest.mark.parametrize(
    ("code", "changed"),
    [
        ("content_not_covered", {"depicts": ["death"]}),
        ("role_not_covered", {"role": "Nora"}),
        ("role_not_covered", {"role": None}),
        ("replica_use_not_covered", {"replica_use": "synthetic"}),
    ],
)
def test_what_the_performer_is_shown_as_must_be_what_was_agreed(world: World, code: Code, changed: Body) -> None:
    codes = world.codes(shot(by_performer={id_of("ada"): shown(**changed)}))
    assert codes == [code]


@pytest.mark.parametrize("scenes", [["14"], ["12", "14"], []], ids=["another", "one too many", "none named"])
def test_scenes_beyond_those_listed_are_not_covered(world: World, scenes: list[str]) -> None:
    assert world.codes(shot(scenes=scenes)) == ["scene_not_covered"]
    world["consent"]["scenes"] = "any"
    assert world.codes(shot(scenes=scenes)) == []


@pytest.mark.parametrize(
    ("granted", "wanted", "cleared"),
    [
        (("any", None), None, True),
        (("any", None), ("any", None), True),
        (("none", None), ("none", None), True),
        (("none", None), ("as_scripted", "d" * 64), False),
        (("none", None), None, False),
        (("as_scripted", "d" * 64), ("as_scripted", "d" * 64), True),
        (("listed", "d" * 64), ("as_scripted", "d" * 64), True),
        (("as_scripted", "d" * 64), ("as_scripted", "e" * 64), False),
        (("as_scripted", "d" * 64), ("any", None), False),
        (("as_scripted", "d" * 64), ("none", None), True),
        (("as_scripted", "d" * 64), None, False),
    ],
)
def test_words_beyond_those_agreed_are_not_covered_where_the_voice_is_taken(
    granted: tuple[str, str | None], wanted: tuple[str, str | None] | None, cleared: bool
) -> None:
    world = spoken()
    world["consent"]["dialogue"] = {"kind": granted[0], "script_sha256": granted[1]}
    words = None if wanted is None else {"kind": wanted[0], "script_sha256": wanted[1]}
    request = shot(references=[reference(role="voice")], by_performer={id_of("ada"): shown(dialogue=words)})
    assert world.codes(request) == ([] if cleared else ["dialogue_not_covered"])


def spoken() -> World:
    """The portrait as a recording of Ada's voice."""
    world = World()
    world["portrait"]["media"]["aspects"] = ["sound"]
    world["appearance"]["aspects"] = ["face", "voice"]
    world["claim"]["right"] = "master"
    world.scope("consent", aspects=["face", "voice"])
    return world


def test_dialogue_is_asked_of_the_voice_alone() -> None:
    world = spoken()
    world["portrait"]["media"]["aspects"] = ["picture", "sound"]
    world.add("picture", "title.claimed", "gallery", claim("gallery", "portrait"))
    world["consent"]["dialogue"] = {"kind": "none", "script_sha256": None}
    world.scope("consent", acts=["alter", "condition", "distribute"])
    world.scope("licence", acts=["alter", "condition", "distribute"])
    decision = world.decide(shot(references=[reference(role="lipsync")]))
    assert {(o.code, o.aspect) for o in decision.obstacles} == {("dialogue_not_covered", "voice")}
    world.add_like(
        "of her voice", "consent", scopes=[box(acts=["alter", "condition", "distribute"], aspects=["voice"])]
    )
    world["of her voice"]["dialogue"] = {"kind": "any", "script_sha256": None}
    assert world.codes(shot(references=[reference(role="lipsync")])) == []


@pytest.mark.parametrize("grant", ["consent", "licence"])
def test_a_cap_that_others_have_used_up_is_exhausted(world: World, grant: str) -> None:
    world[grant]["caps"] = {"shots": 3}
    world.vouched["cap_counts"] = {world.digest(grant): {"shots": 2}}
    assert world.codes() == []
    world.vouched["cap_counts"] = {world.digest(grant): {"shots": 3}}
    assert world.codes() == ["cap_exhausted"]
    world.vouched["cap_counts"] = {}  # nobody counted: closed by default
    assert world.codes() == ["cap_exhausted"]


@pytest.mark.parametrize(
    ("unit", "most", "drawn", "allowed"),
    [
        ("seconds", 10, 6, True),
        ("seconds", 10, 7, False),  # four more are asked for
        ("draft_takes", 3, 2, True),
        ("draft_takes", 3, 3, False),
        ("training_epochs", 1, 1, True),  # a shot draws on no epochs
    ],
)
def test_each_unit_of_a_cap_is_counted_apart(world: World, unit: str, most: int, drawn: int, allowed: bool) -> None:
    world["consent"]["caps"] = {unit: most}
    world.vouched["cap_counts"] = {world.digest("consent"): {"shots": 99, unit: drawn}}
    assert world.codes(shot(seconds=4)) == ([] if allowed else ["cap_exhausted"])


def test_a_consent_of_somebody_whose_identity_nobody_vouched_for_does_not_count(world: World) -> None:
    world.drop("vouch")
    assert world.codes() == ["identity_unverified"]


def test_a_consent_signed_with_another_key_is_of_no_use(world: World) -> None:
    world.steps["consent"].signers = ("studio",)
    assert world.codes() == ["unauthorised_signer"]


def test_nudity_of_somebody_under_age_is_never_allowed(world: World) -> None:
    explicit = {"depicts": ["nudity"], "scene": ["violence"]}
    world.scope("consent", content=explicit)
    world.scope("licence", content=explicit)
    request = shot(by_performer={id_of("ada"): shown(depicts=["nudity"])})
    assert world.codes(request) == []
    world["ada"]["born"] = "2009-06-02"
    guard(world, at_majority="continues")
    assert world.codes(request) == ["never_allowed"]
    assert world.codes(request, at=after(days=1)) == []  # her eighteenth birthday


def test_weights_whose_training_is_not_in_the_log_are_not_licensed(world: World) -> None:
    assert world.codes(shot(weights="c" * 64)) == ["engine_unlicensed"]
    world["weights"]["weights"] = "c" * 64
    assert world.codes(shot(weights="c" * 64)) == []
    assert world.codes(shot(weights=WEIGHTS)) == ["engine_unlicensed"]


def test_a_performer_in_the_frames_whom_the_request_does_not_describe_is_a_mismatch(world: World) -> None:
    assert world.codes(shot(by_performer={})) == ["description_mismatch"]


def test_terms_in_more_pieces_than_anybody_could_read_are_too_fragmented(world: World) -> None:
    odd = [
        box(window=[f"20{year:02}-0{month}-01T00:00:00Z", f"20{year:02}-0{month}-15T00:00:00Z"], territories=[land])
        for land in ("DE", "FR")
        for year in range(28, 60)
        for month in range(1, 9 - (land == "DE"))
    ]
    world.drop("consent")
    assert len(odd) > 450
    for number in range(0, len(odd), 60):
        terms = consent("ada", "studio", scopes=boxes(*odd[number : number + 60]))
        world.add(f"part {number}", "consent.granted", "ada", terms)
    long = shot(window=["2027-09-01T00:00:00Z", "2070-01-01T00:00:00Z"])
    world.scope("licence", window=["2027-01-01T00:00:00Z", None])
    assert "too_fragmented" in world.codes(long)


def test_every_code_of_the_list_is_tested_or_waits_for_what_it_speaks_of() -> None:
    text = Path(__file__).read_text("utf-8").partition("ELSEWHERE")
    own = text[0] + text[2].partition("\n}\n")[2]
    tested = {code for code in CODES if f'"{code}"' in own and code not in LATER}
    for code, module in ELSEWHERE.items():
        other = Path(__file__).with_name(f"{module}.py").read_text("utf-8")
        assert f'"{code}"' in other, f"{module} does not test {code}"
    assert tested | set(ELSEWHERE) | LATER == set(CODES)
