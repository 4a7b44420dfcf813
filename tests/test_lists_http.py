"""Who acts for whom, what is never and what is not now: each listed for those concerned, and for nobody else."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from registry.locks import clock
from registry.services.policies import set_registry_policy
from tests.terms import authority, face, guardianship, lifted, restriction, suspension
from tests.world import Actor, World, new_id

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_directories")]


@pytest.fixture
def agent(world: World) -> Actor:
    return world.party("Bright Talent", kind="organisation")


def get(world: World, who: Actor, what: str, **asked: Any) -> Any:
    headers = {"Authorization": f"Bearer {world.token(who, 'read')}"}
    return Client().get(f"/api/v1/{what}", asked, headers=headers)


def listed(world: World, who: Actor, what: str, **asked: Any) -> list[dict[str, Any]]:
    answer = get(world, who, what, **asked)
    assert answer.status_code == 200, answer.json()
    return answer.json()["results"]


def digests(world: World, who: Actor, what: str, **asked: Any) -> list[str]:
    return [one["digest"] for one in listed(world, who, what, **asked)]


def test_an_authority_is_listed_for_its_principal_its_agents_and_who_attested(
    world: World, ada: Actor, agent: Actor, studio: Actor
) -> None:
    body = authority(ada, agent, powers=["approve", "view"])
    own = world.act("authority.granted", body, by=ada)
    ben = world.party("Ben Okafor")
    attested = world.act("authority.granted", guardianship(ada, ben, powers=["grant"]), by=world.notary)
    assert digests(world, ada, "authorities") == [attested, own]
    assert digests(world, ben, "authorities") == [attested]  # whose power is to grant, not to view
    assert digests(world, world.notary, "authorities") == [attested]
    assert digests(world, agent, "authorities") == [attested, own]  # it may view what is Ada's
    assert digests(world, studio, "authorities") == []
    (one,) = listed(world, ada, "authorities", agent=agent.id)
    assert (one["agents"], one["powers"], one["acts"]) == ([agent.id], ["approve", "view"], body["acts"])
    assert one["window"] == ["2026-01-01T00:00:00Z", None]
    assert (one["stands"], one["logged"]) == (True, False)
    world.publish()
    assert [one["logged"] for one in listed(world, ada, "authorities")] == [True, True]


def test_an_authority_that_ended_or_is_disputed_does_not_stand_and_shows_nobody_else_anything(
    world: World, ada: Actor, agent: Actor
) -> None:
    ended, disputed = authority(ada, agent), authority(ada, agent, powers=["grant"])
    for body in (ended, disputed):
        world.act("authority.granted", body, by=ada)
    over = world.act("authority.ended", {"authority": ended["authority"]}, by=agent)
    evidence = world.paper(world.notary)
    said = {"authority": disputed["authority"], "grounds": "She never signed it.", "evidence_sha256": evidence}
    dispute = world.act("authority.disputed", said, by=world.notary)
    found = {one["authority"]: one for one in listed(world, ada, "authorities")}
    assert (found[ended["authority"]]["ended"], found[ended["authority"]]["stands"]) == (over, False)
    assert (found[disputed["authority"]]["disputed"], found[disputed["authority"]]["stands"]) == (dispute, False)
    world.act("restriction.declared", restriction(ada), by=ada)
    assert digests(world, agent, "restrictions") == []


def test_a_restriction_is_for_the_performer_and_who_may_view_for_them(
    world: World, ada: Actor, agent: Actor, studio: Actor
) -> None:
    digest = world.act("restriction.declared", body := restriction(ada), by=ada)
    assert digests(world, ada, "restrictions") == [digest]
    assert digests(world, agent, "restrictions") == digests(world, studio, "restrictions") == []
    world.act("authority.granted", authority(ada, agent, powers=["view"]), by=ada)
    (one,) = listed(world, agent, "restrictions", performer=ada.id)
    assert (one["restriction"], one["lifted"], one["in_force"]) == (body["restriction"], None, True)
    assert one["scopes"][0]["aspects"] == ["body", "face"]
    assert listed(world, agent, "restrictions", performer=new_id()) == []


def test_a_restriction_is_in_force_until_its_lifting_is_published(world: World, ada: Actor) -> None:
    digest = world.act("restriction.declared", body := restriction(ada), by=ada)
    lift = world.act("restriction.lifted", {"restriction": body["restriction"]}, by=ada)
    (one,) = listed(world, ada, "restrictions")
    assert (one["digest"], one["lifted"], one["in_force"]) == (digest, lift, True)
    world.publish()
    assert [one["in_force"] for one in listed(world, ada, "restrictions")] == [False]
    assert listed(world, ada, "restrictions", lifted="false") == []
    assert len(listed(world, ada, "restrictions", lifted="true")) == 1


def test_a_strike_is_listed_for_the_union_and_its_members(world: World, ada: Actor, studio: Actor) -> None:
    union = world.party("Screen Union", kind="organisation")
    ben, cleo = world.party("Ben Okafor", unions=[union.id]), world.party("Cleo Hart")
    world.act("authority.granted", authority(cleo, union, role="union", powers=[], acts=[]), by=cleo)
    project = world.project(studio)
    body = suspension("strike", union, "union", union.id)
    digest = world.act("suspension.declared", body, by=union)
    part = world.act("suspension.lifted", lifted(body, projects=[project]), by=union)
    for who in (union, ben, cleo):
        (one,) = listed(world, who, "suspensions", kind="strike")
        assert (one["digest"], one["on"], one["lifted"]) == (digest, {"kind": "union", "id": union.id}, None)
        assert [(lifting["digest"], lifting["projects"]) for lifting in one["liftings"]] == [(part, [project])]
        assert one["terms"]["agreements"] == []
    assert digests(world, ada, "suspensions") == digests(world, studio, "suspensions") == []


def test_a_suspension_is_listed_for_whom_it_binds_and_for_whom_its_subject_concerns(
    world: World, ada: Actor, studio: Actor, gallery: Actor, agent: Actor
) -> None:
    court, stranger = world.party("Olga Officer"), world.party("Westwind", kind="organisation")
    set_registry_policy(court_officers=[court.id], at=clock())
    work = world.work(gallery)
    plate = world.asset(gallery, work=work)
    world.title(gallery, plate)
    world.licence(gallery, studio, plate)
    world.act("authority.granted", authority(ada, agent, powers=["view"]), by=ada)
    said = {
        "asset": world.act("suspension.declared", suspension("holdback", gallery, "asset", plate.id), by=gallery),
        "work": world.act("suspension.declared", suspension("court", court, "work", work), by=court),
        "ada": world.act("suspension.declared", suspension("personal", ada, "performer", ada.id), by=ada),
        "studio": world.act("suspension.declared", suspension("court", court, "grantee", studio.id), by=court),
    }
    expected = {
        gallery.id: ["asset", "work"],
        studio.id: ["asset", "work", "studio"],
        ada.id: ["ada"],
        agent.id: ["ada"],
        court.id: ["work", "studio"],
        stranger.id: [],
    }
    for who in (gallery, studio, ada, agent, court, stranger):
        assert sorted(digests(world, who, "suspensions")) == sorted(said[name] for name in expected[who.id])
    assert digests(world, studio, "suspensions", on=work) == [said["work"]]
    assert listed(world, studio, "suspensions", on=plate.id)[0]["terms"]["scopes"][0]["acts"]


def test_lists_go_on_where_the_cursor_says(world: World, ada: Actor) -> None:
    for _ in range(3):
        world.act("restriction.declared", restriction(ada, scopes=[face(territories=["FR"])]), by=ada)
    first = get(world, ada, "restrictions", limit=2).json()
    rest = Client().get(first["next"], headers={"Authorization": f"Bearer {world.token(ada)}"}).json()
    found = [one["restriction"] for one in first["results"] + rest["results"]]
    assert len(found) == 3
    assert found == sorted(found, reverse=True)
    assert rest["next"] is None


@pytest.mark.parametrize(
    ("what", "asked", "code", "field"),
    [
        ("authorities", {"role": "friend"}, "bad_value", "role"),
        ("authorities", {"principal": "ada"}, "bad_id", "principal"),
        ("restrictions", {"lifted": "perhaps"}, "bad_value", "lifted"),
        ("suspensions", {"kind": "flood"}, "bad_value", "kind"),
        ("suspensions", {"on": "1"}, "bad_id", "on"),
    ],
)
def test_each_wrong_parameter_of_a_list_is_named(
    world: World, ada: Actor, what: str, asked: dict[str, str], code: str, field: str
) -> None:
    answer = get(world, ada, what, **asked)
    assert (answer.json()["code"], answer.json()["field"]) == (code, field)
    assert Client().get(f"/api/v1/{what}").json()["code"] == "not_authenticated"
