"""Scans, voices and replicas are of use only while the person in them lets them be kept."""

from typing import Any

import pytest

from tests.decisions import SHA, World, authority, box, boxes, id_of, party, shot


@pytest.fixture
def world() -> World:
    """A portrait that is a scan: cleared, since Ada's consent lets the studio scan and store what it shows of her."""
    cleared = World()
    cleared["portrait"]["kind"] = "scan"
    kept = box(acts=["scan", "store"], media=["internal"], projects=["*"], languages=["zxx"], territories=["US"])
    cleared["consent"]["scopes"] = boxes(*cleared["consent"]["scopes"], kept)
    assert cleared.codes() == []
    return cleared


def keeping(world: World, **changed: Any) -> None:
    usual, kept = sorted(world["consent"]["scopes"], key=lambda scope: "scan" in scope["acts"])
    world["consent"]["scopes"] = boxes(usual, kept | changed)


@pytest.mark.parametrize(
    ("acts", "missing"), [(["scan"], ["store"]), (["store"], ["scan"]), (["alter"], ["scan", "store"])]
)
def test_each_of_scan_and_store_has_to_be_allowed(world: World, acts: list[str], missing: list[str]) -> None:
    keeping(world, acts=acts)
    refused = [(o.code, o.act) for o in world.decide().obstacles]
    assert refused == [("act_not_covered", act) for act in missing]


@pytest.mark.parametrize("kind", ["scan", "voice", "replica"])
def test_what_was_taken_from_a_person_is_held(world: World, kind: str) -> None:
    world["portrait"]["kind"] = kind
    assert world.codes() == []
    keeping(world, acts=["alter"])
    assert world.codes() == ["act_not_covered"]


def test_what_somebody_else_recorded_lets_nothing_be_scanned(world: World) -> None:
    paper = {"document_sha256": SHA, "signed_on": "2026-01-01"}
    world.add_like("paper", "consent", scopes=[box(acts=["scan", "store"])], **paper)
    world.steps["paper"].type, world.steps["paper"].issuer = "consent.recorded", "studio"
    keeping(world, acts=["store"])
    assert [(o.code, o.act) for o in world.decide().obstacles] == [("act_not_covered", "scan")]
    keeping(world, acts=["scan"])
    assert world.codes() == []


def test_it_is_asked_for_all_that_the_file_shows_of_the_person(world: World) -> None:
    keeping(world, aspects=["face"])
    assert world.codes() == ["act_not_covered"]
    world["appearance"]["aspects"] = ["face"]
    assert world.codes() == []


def test_a_cap_on_what_is_made_leaves_what_is_kept_alone(world: World) -> None:
    world["consent"]["caps"] = {"shots": 2}
    digest = world.digest("consent")
    world.vouched["cap_counts"] = {digest: {"shots": 1}}
    assert world.codes() == []
    world.vouched["cap_counts"] = {digest: {"shots": 2}}
    assert world.codes() == ["cap_exhausted"]


def test_it_is_asked_for_today(world: World) -> None:
    keeping(world, window=["2027-07-01T00:00:00Z", None])
    assert world.codes() == ["act_not_covered"]
    keeping(world, window=["2027-01-01T00:00:00Z", "2027-07-01T00:00:00Z"])
    assert world.codes() == []


def test_another_persons_consent_or_one_to_somebody_else_keeps_nothing(world: World) -> None:
    keeping(world, acts=["alter"])
    world.add_like("to the gallery", "consent", grantee=id_of("gallery"), scopes=[box(acts=["scan", "store"])])
    assert world.codes() == ["act_not_covered"]
    world.add_like("to the studio", "consent", scopes=[box(acts=["scan", "store"])])
    assert world.codes() == []


def test_other_files_need_no_leave_to_be_kept(world: World) -> None:
    keeping(world, acts=["alter"])
    world["portrait"]["kind"] = "still"
    assert world.codes() == []


def test_what_was_withdrawn_is_kept_no_longer(world: World) -> None:
    world.add_like("to store", "consent", scopes=[box(acts=["scan", "store"])])
    keeping(world, acts=["alter"])
    assert world.codes() == []
    revoked = {"performer": id_of("ada"), "grants": [world.digest("to store")], "grantee": None}
    world.add("taken back", "consent.revoked", "ada", revoked)
    assert world.codes(shot()) == ["act_not_covered"]


def test_a_vendor_keeps_what_its_principal_may_keep(world: World) -> None:
    world.add("house", "party.registered", "house", party("house", kind="organisation", born=None))
    body = authority("studio", "house", role="vendor", acts=["condition", "distribute", "scan", "store"])
    world.add("vendor", "authority.granted", "studio", body)
    assert world.codes(shot(**{"for": id_of("house")})) == []
    world["vendor"]["acts"] = ["condition", "distribute"]
    assert world.codes(shot(**{"for": id_of("house")})) == ["act_not_covered"]
