"""Licences over HTTP: as of any moment, with what they meet, for those whom they concern."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from registry.core.jcs import Json
from registry.statements import open_statement
from tests.deal_bodies import LATER, RECENT, SOON, amended, assigned, catalogue, claim, disputed, option
from tests.terms import authority
from tests.world import Actor, File, World, licence_body, new_id, scope

pytestmark = pytest.mark.django_db

FRANCE = scope(territories=["FR"])
PAPER: dict[str, Any] = {"document_sha256": "a" * 64, "exclusivity": "exclusive"}


@pytest.fixture
def plate(world: World, studio: Actor) -> File:
    return world.asset(studio)


def get(world: World, actor: Actor, path: str, **query: str) -> Any:
    return Client().get(f"/api/v1{path}", query, headers={"Authorization": f"Bearer {world.token(actor)}"})


def test_as_of_an_earlier_date_a_licence_has_its_earlier_terms_and_holder(
    world: World, studio: Actor, gallery: Actor, other: Actor, plate: File
) -> None:
    body = licence_body(studio, gallery, plate) | {"assignable": True, "options": [option()]}
    licence = world.act("licence.granted", body, by=studio)
    amendment = world.act("licence.amended", amended(licence, body, since=SOON, scopes=[FRANCE]), by=studio)
    world.act("option.exercised", {"licence": licence, "option": "part two"}, by=gallery)
    passed = world.act("grant.assigned", assigned(licence, other, LATER), by=gallery)
    before, after = (get(world, studio, f"/licences/{licence}", as_of=at).json() for at in (RECENT, LATER))
    assert (before["terms_from"], before["holder"]) == (licence, gallery.id)
    assert (after["terms_from"], after["holder"]) == (amendment, other.id)
    assert after["terms"]["scopes"][0]["territories"] == ["FR"]
    assert [one["digest"] for one in (after["amendments"] + after["assignments"])] == [amendment, passed]
    assert [one["option"] for one in after["options"]] == ["part two"]
    assert get(world, other, f"/licences/{licence}").status_code == 200  # whom it was assigned to
    assert get(world, world.party("Eve"), f"/licences/{licence}").json()["code"] == "unknown_licence"
    assert get(world, studio, f"/licences/{licence}", as_of="tomorrow").json()["code"] == "bad_time"


def test_two_recorded_exclusives_are_flagged_with_their_signing_dates_to_who_may_know(
    world: World, studio: Actor, gallery: Actor, other: Actor, plate: File
) -> None:
    one, two = (
        world.act("licence.recorded", licence_body(studio, licensee, plate) | PAPER | {"signed_on": day}, by=licensee)
        for licensee, day in ((gallery, "2026-01-02"), (other, "2026-02-03"))
    )
    listed = {row["digest"]: row for row in get(world, studio, "/licences").json()["results"]}
    assert [met["licence"] for met in listed[one]["conflicts_with"]] == [two]
    assert [met["signed_on"] for met in listed[one]["conflicts_with"]] == ["2026-02-03"]
    assert [met["licence"] for met in listed[two]["conflicts_with"]] == [one]
    (own,) = get(world, gallery, "/licences").json()["results"]
    (met,) = own["conflicts_with"]
    assert (met["licence"], met["signed_on"]) == (None, None)  # that there is another, not whose
    assert met["overlap"][0]["territories"]
    assert other.id not in json.dumps(own["conflicts_with"])


def test_what_stood_before_an_exclusive_is_named_at_it(
    world: World, studio: Actor, gallery: Actor, other: Actor, plate: File
) -> None:
    plain = world.licence(studio, other, plate)
    exclusive = world.licence(studio, gallery, plate, exclusivity="exclusive", scopes=[FRANCE])
    late = world.act(
        "licence.recorded",
        licence_body(studio, other, plate) | {"document_sha256": "a" * 64, "signed_on": "2026-01-02"},
        by=other,
    )
    listed = {row["digest"]: row for row in get(world, studio, "/licences").json()["results"]}
    assert [met["licence"] for met in listed[exclusive]["subject_to"]] == [plain]
    assert [met["licence"] for met in listed[exclusive]["conflicts_with"]] == [late]
    assert listed[plain]["subject_to"] == listed[plain]["conflicts_with"] == []
    assert [met["licence"] for met in listed[late]["conflicts_with"]] == [exclusive]


def test_a_conflict_leaves_as_a_problem_that_names_deal_and_box(
    world: World, studio: Actor, gallery: Actor, other: Actor, plate: File
) -> None:
    held = world.licence(studio, gallery, plate, exclusivity="exclusive")
    signed = world.signed("licence.granted", licence_body(studio, other, plate) | {"scopes": [FRANCE]}, by=studio)
    answer = Client().post(
        "/api/v1/statements", json.dumps(signed), content_type="application/json",
        headers={"Authorization": f"Bearer {world.token(studio)}"},
    )  # fmt: skip
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["field"]) == (409, "exclusive_conflict", "body.scopes")
    ((deal),) = problem["deals"]
    assert (deal["licence"], deal["overlap"][0]["territories"]) == (held, ["FR"])


def test_a_sublicence_says_what_it_hangs_under_and_what_ended_it(
    world: World, studio: Actor, gallery: Actor, other: Actor, plate: File
) -> None:
    parent = world.licence(studio, gallery, plate, sublicensable=True)
    child = world.licence(gallery, other, plate, parent=parent)
    ended = world.act("licence.terminated", {"licence": parent}, by=studio)
    row = get(world, other, f"/licences/{child}").json()
    assert (row["parent"], row["terminated"], row["ended"]) == (parent, None, ended)


def test_a_licence_of_a_catalogue_makes_its_files_concern_both_sides(
    world: World, studio: Actor, gallery: Actor
) -> None:
    work = world.work(studio)
    inside, outside = world.asset(studio, work=work), world.asset(studio)
    body = catalogue(studio, inside, members=[{"kind": "work", "id": work}])
    world.act("catalogue.registered", body, by=studio)
    subjects: list[Json] = [{"kind": "catalogue", "id": body["catalogue"]}]
    licence = world.licence(studio, gallery, subjects=subjects)
    seen = get(world, gallery, "/assets").json()["results"]
    assert [row["id"] for row in seen] == [inside.id]
    held = get(world, gallery, f"/assets/{inside.id}/rights").json()
    assert [row["digest"] for row in held["licences"]] == [licence]
    assert get(world, gallery, f"/assets/{outside.id}/rights").status_code == 404
    listed = get(world, gallery, "/licences", catalogue=str(body["catalogue"])).json()["results"]
    assert [row["digest"] for row in listed] == [licence]


def test_disputes_stand_beside_the_titles_of_a_file(world: World, studio: Actor, gallery: Actor, plate: File) -> None:
    title = world.act("title.claimed", claim(gallery, plate), by=gallery)
    dispute = world.act("title.disputed", disputed(world, title, studio), by=studio)
    held = get(world, gallery, f"/assets/{plate.id}/rights").json()
    assert [(row["digest"], row["target"], row["outcome"]) for row in held["disputes"]] == [(dispute, title, None)]
    resolved = {"dispute": dispute, "outcome": "upheld", "document_sha256": None}
    ending = world.act("title.resolved", resolved, by=gallery)
    held = get(world, studio, f"/assets/{plate.id}/rights").json()
    assert (held["disputes"][0]["outcome"], held["titles"][0]["ended"]) == ("upheld", ending)
    for digest in (title, dispute, ending):  # both sides read what was said
        assert [get(world, actor, f"/statements/{digest}").status_code for actor in (studio, gallery)] == [200, 200]


def test_who_may_grant_for_a_licensor_signs_its_licences_and_it_is_told(
    world: World, studio: Actor, gallery: Actor, plate: File
) -> None:
    agent = world.party("Ben Okri")
    authority = {
        "authority": new_id(), "principal": studio.id, "agents": [agent.id], "required": 1, "role": "agent",
        "powers": ["grant", "view"], "acts": ["condition", "distribute"], "window": ["2026-01-01T00:00:00Z", None],
    }  # fmt: skip
    body = licence_body(studio, gallery, plate) | {"scopes": [scope(acts=["condition"])]}
    signed = world.signed("licence.granted", body, by=agent)
    world.act("authority.granted", authority, by=studio)
    digest = world.submit(signed)
    opened = open_statement(digest)
    assert opened is not None
    assert opened.statement.issuer == agent.id
    told = get(world, studio, f"/parties/{studio.id}/notices").json()["results"]
    assert [one["digest"] for one in told] == [digest]
    wide = world.signed("licence.granted", body | {"scopes": [scope(acts=["train"])]}, by=agent)
    with pytest.raises(Exception, match="authority") as error:
        world.submit(wide)
    assert getattr(error.value, "code", None) == "unauthorised_signer"
    with pytest.raises(Exception, match="authority") as error:
        world.act("licence.terminated", {"licence": digest}, by=agent)  # which is the power to revoke
    assert getattr(error.value, "code", None) == "unauthorised_signer"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_term_of_a_licence_is_said_in_both_languages(
    world: World, studio: Actor, gallery: Actor, plate: File, language: str
) -> None:
    """Two licences that differ in one term differ in their text."""
    work = world.work(studio)
    parent = world.licence(world.party("Third", kind="organisation"), studio, plate, sublicensable=True)
    plain = licence_body(studio, gallery, plate)
    event = {"event": "premiere", "work": work, "territory": None}
    changes: list[dict[str, Any]] = [
        {},
        {"exclusivity": "sole"},
        {"exclusivity": "exclusive"},
        {"sublicensable": True},
        {"assignable": True},
        {"change_of_control": "continues"},
        {"parent": parent},
        {"caps": {"seconds": 9}},
        {"product_categories": ["cars"]},
        {"sell_off_days": 90},
        {"ends_unless": {"event": event, "by": SOON}},
        {"options": [option()]},
        {"options": [option("part three")]},
        {"holdbacks": [{"binds": "licensor", "scopes": [FRANCE]}]},
        {"holdbacks": [{"binds": "licensee", "scopes": [FRANCE]}]},
        {"approvals": [{"by": "licensor", "on": "spec", "acts": ["train"], "hours": None, "on_silence": "refused"}]},
        {"approvals": [{"by": "licensor", "on": "spec", "acts": ["train"], "hours": 9, "on_silence": "approved"}]},
        {"subjects": [{"kind": "work", "id": work}]},
        {"subjects": [{"kind": "work", "id": work}], "new_assets": True},
        {"scopes": [scope(window=[event | {"plus": "P1M"}, None])]},
        {"scopes": [scope(window=[event | {"plus": "P2M"}, None])]},
        {"signed_on": "2026-01-02"},
        {"document_sha256": "b" * 64},
    ]
    texts = [
        world.signed("licence.granted", plain | change, by=studio, language=language)["text"] for change in changes
    ]
    assert len(set(texts)) == len(changes)
    assert not [word for text in texts for word in ("change_of_control", "sell_off", "ends_unless") if word in text]


def drafted(world: World, reader: Actor, type_: str, body: dict[str, Any], *, issuer: Actor) -> str:
    request = {"type": type_, "issuer": issuer.id, "body": body, "language": "en"}
    answer = Client().post(
        "/api/v1/statements/draft",
        json.dumps(request),
        content_type="application/json",
        headers={"Authorization": f"Bearer {world.token(reader)}"},
    )
    assert answer.status_code == 200, answer.content
    return str(answer.json()["text"])


def test_a_draft_names_the_sides_of_a_deal_to_nobody_who_may_not_read_it(
    world: World, studio: Actor, gallery: Actor, other: Actor, plate: File
) -> None:
    """A digest stands in the public log: whose deal it is must not be had for it."""
    licence = world.licence(studio, gallery, plate)
    held = world.act("title.claimed", claim(studio, plate), by=studio)
    agent = world.party("Bright Talent", kind="organisation")
    for type_, body, issuer, sides in (
        ("licence.terminated", {"licence": licence}, studio, {"Northlight", "Gallery"}),
        ("title.disputed", disputed(world, held, other), other, {"Northlight"}),
    ):
        for stranger in (other, agent):
            text = drafted(world, stranger, type_, body, issuer=issuer)
            assert body.get("licence", held) in text
            assert not any(side in text for side in sides)
        assert all(side in drafted(world, studio, type_, body, issuer=issuer) for side in sides)
    assert "Gallery" in drafted(world, gallery, "licence.terminated", {"licence": licence}, issuer=studio)
    world.act("authority.granted", authority(gallery, agent, powers=["view"]), by=gallery)
    assert "Gallery" in drafted(world, agent, "licence.terminated", {"licence": licence}, issuer=studio)
