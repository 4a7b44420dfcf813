"""The laws of the design that live in the core; each test bears its law's name."""

import ast
from pathlib import Path

import pytest

from consent.core import decision as module
from consent.core.ages import SEXUAL
from consent.core.decision import Decision, decide
from consent.core.request import parse_request
from registry.core.terms import LABELS
from tests.decisions import (
    AT,
    Body,
    World,
    box,
    everything,
    guard,
    id_of,
    keyid,
    reference,
    revocation,
    shot,
    shown,
)

ROOT = Path(module.__file__).parents[2]


# --- default-deny -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "registry",
        "studio",
        "gallery",
        "notary",
        "ada",
        "film",
        "weights",
        "portrait",
        "claim",
        "vouch",
        "licence",
        "consent",
    ],
)
def test_default_deny_without_any_one_statement_the_case_is_refused(name: str) -> None:
    world = World()
    assert world.decide().cleared
    world.drop(name)
    assert not world.decide().cleared


def test_default_deny_without_the_appearance_the_listed_people_are_undeclared() -> None:
    world = World()
    world.drop("appearance")
    assert "inventory_unknown" in world.codes()


@pytest.mark.parametrize("changed", [{"no_revocation_of": frozenset()}, {"tree_size": 0}])
def test_default_deny_what_the_registry_does_not_vouch_for_is_refused(changed: Body) -> None:
    world = World()
    world.vouched = changed
    assert not world.decide().cleared


def test_default_deny_every_cleared_use_names_its_grounds() -> None:
    decision = World().decide()
    assert decision.cleared
    assert len(decision.grounds) == 3


def test_default_deny_a_world_without_statements_refuses_everything() -> None:
    assert World(steps={}).codes() == ["unknown_subject", "engine_unlicensed"]


# --- one-decision -------------------------------------------------------------------------------------------------


def test_one_decision_only_decide_makes_a_decision() -> None:
    """Nothing else in the product builds a ``Decision``, so nothing else can say that a use is allowed."""
    makers = set()
    for path in ROOT.rglob("*.py"):
        package = path.relative_to(ROOT).parts[0]
        if package not in ("registry", "consent", "generation", "web", "config"):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "Decision":
                makers.add(path.relative_to(ROOT).as_posix())
    assert makers == {"consent/core/decision.py"}


def test_one_decision_is_pure_the_same_arguments_give_the_same_decision() -> None:
    world, request = World(), parse_request(shot())
    first = decide(request, world.facts(), AT)
    assert all(decide(request, world.facts(), AT) == first for _ in range(3))


def test_one_decision_reports_every_obstacle_at_once() -> None:
    world = World()
    world.drop("film", "licence")
    world.scope("consent", territories=["FR"], media=["theatrical"])
    world["portrait"]["inventory"]["marks"] = "unknown"
    request = shot(weights="c" * 64)
    assert world.codes(request) == [
        "unknown_subject",
        "inventory_unknown",
        "no_grant",
        "media_not_covered",
        "engine_unlicensed",
    ]


def test_one_decision_cleared_means_no_obstacles_and_cannot_be_said_otherwise() -> None:
    assert "cleared" not in Decision.__dataclass_fields__


# --- signed-by-its-owner ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["consent", "licence", "claim", "vouch", "portrait", "film", "weights", "ada"])
def test_signed_by_its_owner_nothing_that_permits_counts_under_another_key(name: str) -> None:
    world = World()
    world.steps[name].signers = ("operator",)
    assert not world.decide().cleared
    world.steps[name].signers = ("studio" if world.steps[name].issuer != "studio" else "gallery",)
    assert not world.decide().cleared


def test_signed_by_its_owner_a_key_that_was_revoked_before_signs_nothing_more() -> None:
    world = World()
    ended = {"party": id_of("ada"), "keyid": keyid("ada")}
    world.add("key ends", "key.revoked", "ada", ended)
    assert world.decide().cleared
    signed_after = world.steps.pop("consent")
    world.steps["consent"] = signed_after
    assert world.codes() == ["unauthorised_signer"]


def test_signed_by_its_owner_one_changed_byte_of_a_consent_voids_it() -> None:
    world = World()
    signed = world.envelopes()
    genuine = signed["consent"]
    world["consent"]["role"] = None  # what the operator would like her to have signed
    world.steps["consent"].signers = ("operator",)
    forged = world.envelopes()["consent"]
    stolen = type(forged)(payload=forged.payload, signatures=genuine.signatures)
    facts = world.facts([*(envelope for name, envelope in signed.items() if name != "consent"), stolen])
    assert {o.code for o in decide(parse_request(shot()), facts, AT).obstacles} == {"unauthorised_signer"}


# --- slow-to-permit, quick-to-withdraw ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["consent", "licence", "claim", "vouch", "portrait", "film", "ada", "studio", "notary"]
)
def test_slow_to_permit_what_widens_waits_for_the_checkpoint(name: str) -> None:
    world = World()
    world.steps[name].logged = False
    assert not world.decide().cleared


@pytest.mark.parametrize(
    ("type_", "issuer", "body"),
    [
        ("consent.revoked", "ada", lambda world: revocation("ada", world.digest("consent"))),
        ("consent.revoked", "ada", lambda world: revocation("ada", grantee="studio")),
        ("licence.terminated", "gallery", lambda world: {"licence": world.digest("licence")}),
        ("licence.denied", "gallery", lambda world: {"licence": world.digest("licence")}),
        (
            "appearance.claimed",
            "notary",
            lambda world: {
                "asset": id_of("portrait"),
                "performer": id_of("notary"),
                "aspects": ["face"],
                "spans": None,
            },
        ),
        (
            "appearance.recorded",
            "gallery",
            lambda world: {
                "asset": id_of("portrait"),
                "performer": id_of("notary"),
                "aspects": ["face"],
                "spans": None,
                "recognisable": True,
            },
        ),
        (
            "component.recorded",
            "gallery",
            lambda world: {
                "asset": id_of("portrait"),
                "component": id_of("nobody's"),
                "aspects": ["picture"],
                "spans": None,
            },
        ),
    ],
)
def test_quick_to_withdraw_what_narrows_counts_before_any_checkpoint(type_: str, issuer: str, body: object) -> None:
    world = World()
    assert world.decide().cleared
    world.add("narrows", type_, issuer, body(world), logged=False)  # type: ignore[operator]  # each is a function
    assert not world.decide().cleared


def test_quick_to_withdraw_a_replacement_shrinks_the_old_consent_at_once() -> None:
    world = World()
    world.add_like("new", "consent", supersedes=[world.digest("consent")], scopes=[box(territories=["FR"])])
    world.steps["new"].logged = False
    assert not world.decide().cleared


# --- never-allowed ------------------------------------------------------------------------------------------------


def explicit(label: str = "nudity", where: str = "depicts") -> tuple[World, Body]:
    """A case of such content in which everybody granted everything there is."""
    world = World()
    every = everything(aspects=["body", "face", "name", "performance", "voice"])
    world["consent"].update(scopes=[every], role=None, scenes="any")
    world["licence"]["scopes"] = [everything()]
    depicts = [label] if where == "depicts" else []
    request = shot(scene=[label] if where == "scene" else [], by_performer={id_of("ada"): shown(depicts=depicts)})
    return world, request


def under_age(world: World, born: str | None) -> None:
    """Let Ada be of this age, and her consent be given as it has to be at that age when it was signed."""
    world["ada"]["born"] = born
    if born is None or born > "2009-05-01":
        guard(world, at_majority="continues")


@pytest.mark.parametrize("where", ["depicts", "scene"])
@pytest.mark.parametrize("label", LABELS.names(SEXUAL))
def test_never_allowed_a_person_under_eighteen_whatever_was_granted(label: str, where: str) -> None:
    world, request = explicit(label, where)
    assert world.codes(request) == []
    under_age(world, "2010-01-01")
    decision = world.decide(request)
    assert [(o.code, o.subject, o.remedy) for o in decision.obstacles] == [
        ("never_allowed", ("performer", id_of("ada")), None)
    ]


@pytest.mark.parametrize("kind", ["shot", "release", "use"])
def test_never_allowed_in_any_kind_of_request(kind: str) -> None:
    world, request = explicit()
    under_age(world, "2010-01-01")
    assert world.codes({**request, "kind": kind}) == ["never_allowed"]


@pytest.mark.parametrize(
    ("born", "codes"),
    [("2009-06-01", []), ("2009-06-02", ["never_allowed"]), (None, ["never_allowed"]), ("1931-01-01", [])],
)
def test_never_allowed_up_to_the_eighteenth_birthday_and_where_nobody_stated_an_age(
    born: str | None, codes: list[str]
) -> None:
    world, request = explicit()
    under_age(world, born)
    assert world.codes(request) == codes


def test_never_allowed_a_birth_date_counts_only_once_it_is_logged() -> None:
    world, request = explicit()
    world.steps["ada"].logged = False
    assert "never_allowed" in world.codes(request)


@pytest.mark.parametrize(("age", "codes"), [(17, ["never_allowed"]), (0, ["never_allowed"]), (18, []), (None, [])])
def test_never_allowed_a_depicted_age_under_eighteen(age: int | None, codes: list[str]) -> None:
    world, request = explicit()
    assert world.codes({**request, "references": [reference(depicted_age=age)]}) == codes


def test_never_allowed_an_age_that_is_changed_to_nobody_says_which() -> None:
    world, request = explicit()
    changed = {**request, "references": [reference(role="age_change", performer=id_of("ada"))]}
    assert world.codes(changed) == ["never_allowed"]
    changed["references"][0]["depicted_age"] = 30
    assert world.codes(changed) == []
    by_label = {**request, "scene": ["age_changed"]}
    assert world.codes(by_label) == ["never_allowed"]
    assert world.codes({**by_label, "references": [reference(depicted_age=40)]}) == []


@pytest.mark.parametrize("role", ["style", "mask", "motion"])
def test_never_allowed_with_a_child_in_the_frames_whatever_the_role_takes(role: str) -> None:
    world, request = explicit()
    world["ada"]["born"] = "2012-01-01"
    assert "never_allowed" in world.codes(
        {**request, "references": [reference(role=role)], "by_performer": {}} | {"scene": ["nudity"]}
    )


def test_never_allowed_spares_frames_in_which_the_child_is_not() -> None:
    world, request = explicit()
    world["portrait"]["media"]["frames"] = 100
    world.add_like("ben", "ada", party=id_of("ben"), born="2012-01-01", key=None)
    world.steps["ben"].issuer = "studio"
    child = dict(world["appearance"], performer=id_of("ben"), spans=[[50, 60]])
    world.add("ben appears", "appearance.recorded", "gallery", child)
    assert world.codes({**request, "references": [reference(source=[0, 50])]}) == []
    assert "never_allowed" in world.codes({**request, "references": [reference(source=[0, 51])]})


def test_never_allowed_speaks_of_such_content_alone() -> None:
    world = World()
    under_age(world, "2015-01-01")
    assert world.codes() == []


def test_never_allowed_whom_the_prompt_names_is_shown_too() -> None:
    world, request = explicit()
    world["notary"]["born"] = "2012-01-01"
    world.vouched["prompt_matches"] = (id_of("notary"),)
    assert "never_allowed" in world.codes(request)
