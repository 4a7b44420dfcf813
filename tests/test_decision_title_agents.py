"""Who licenses and who uses in another's name: agents, societies, vendors."""

from typing import Any

import pytest

from tests.decisions import World, asset, claim, id_of, licence, reference
from tests.titled import CLEARED, amended, asks, codes, grounds, option, poster, terminated, wide


@pytest.fixture
def world() -> World:
    return poster()


# --- agents and societies -----------------------------------------------------------------------------------------


ACTS_GIVEN = ["alter", "condition", "distribute", "store"]


def authority(principal: str, agent: str, role: str, *powers: str, **changed: Any) -> dict[str, Any]:
    usual: dict[str, Any] = {
        "authority": id_of("authority"),
        "principal": id_of(principal),
        "agents": [id_of(agent)],
        "required": 1,
        "role": role,
        "powers": sorted(powers),
        "acts": ACTS_GIVEN,
        "window": ["2026-01-01T00:00:00Z", None],
        "evidence_sha256": None,
    }
    return usual | changed


@pytest.fixture
def administered(world: World) -> World:
    """Broker licenses in the name of Gallery, who gave it the power to grant."""
    world.steps["authority"] = type(world.steps["claim"])(
        type="authority.granted", issuer="gallery", body=authority("gallery", "broker", "agent", "grant")
    )
    world.steps["licence"] = world.steps.pop("licence")
    world.steps["licence"].issuer = "broker"
    return world


def test_an_agent_with_the_power_to_grant_licenses_in_its_principal_s_name(administered: World) -> None:
    assert codes(administered) == CLEARED
    administered["authority"]["powers"] = ["negotiate", "view"]
    assert codes(administered) == ["unauthorised_signer"]


def test_an_agent_licenses_the_acts_that_it_may(administered: World) -> None:
    administered["authority"]["acts"] = ["condition"]
    assert codes(administered) == ["unauthorised_signer"]
    administered["licence"]["scopes"] = [wide(acts=["condition"])]
    assert codes(administered) == ["act_not_covered"]


def test_an_agent_amends_in_its_principal_s_name_what_it_may_grant(administered: World) -> None:
    administered.steps["licence"].issuer = "gallery"
    administered["licence"]["scopes"] = [wide(territories=["FR"])]
    administered.add(
        "amendment", "licence.amended", "broker", amended(administered, "2027-05-15", scopes=[wide(acts=ACTS_GIVEN)])
    )
    assert codes(administered) == CLEARED
    assert administered.digest("authority") in grounds(administered)
    administered.steps["amendment"].logged = False
    assert codes(administered) == ["territory_not_covered"]
    administered["amendment"]["terms"]["scopes"] = [wide(acts=ACTS_GIVEN, territories=["DE"])]
    assert codes(administered) == ["expired"]  # it narrows as it is read: nothing is left
    administered.steps["amendment"].logged = True
    administered["amendment"]["terms"]["scopes"] = [wide(acts=ACTS_GIVEN)]
    body = {"authority": id_of("authority"), "grounds": "never", "evidence_sha256": "a" * 64}
    administered.add("dispute", "authority.disputed", "gallery", body)
    assert codes(administered) == ["unauthorised_signer"]
    administered.drop("dispute")
    administered["authority"]["acts"] = ["condition"]
    assert codes(administered) == ["territory_not_covered"]


def test_an_agent_speaks_of_options_within_its_acts_too(administered: World) -> None:
    administered["licence"]["scopes"] = [wide(acts=["condition", "distribute"])]
    administered["licence"]["options"] = [option(scopes=[wide(acts=["condition", "distribute"])])]
    assert codes(administered) == CLEARED
    administered["licence"]["options"] = [option(scopes=[wide(acts=["train"])])]
    assert codes(administered) == ["unauthorised_signer"]


def test_who_may_grant_denies_and_who_may_revoke_terminates(administered: World) -> None:
    paper = {"document_sha256": "c" * 64, "signed_on": "2026-12-01"}
    administered["licence"].update(paper)
    administered.steps["licence"].type, administered.steps["licence"].issuer = "licence.recorded", "studio"
    administered.add("denial", "licence.denied", "broker", {"licence": administered.digest("licence")})
    assert codes(administered) == ["revoked"]
    administered["authority"]["powers"] = ["revoke"]
    assert codes(administered) == CLEARED
    administered.drop("denial")
    administered.add("end", "licence.terminated", "broker", terminated(administered.digest("licence")))
    assert codes(administered) == ["revoked"]
    administered["authority"]["powers"] = ["grant"]
    assert codes(administered) == CLEARED


@pytest.fixture
def in_a_society(world: World) -> World:
    """Broker is a society: it licenses what Gallery holds as its own repertoire."""
    world.steps["authority"] = type(world.steps["claim"])(
        type="authority.granted", issuer="gallery", body=authority("gallery", "broker", "society", "grant")
    )
    world["licence"]["licensor"] = id_of("broker")
    world.steps["licence"] = world.steps.pop("licence")
    world.steps["licence"].issuer = "broker"
    return world


def test_a_society_licenses_what_its_members_hold(in_a_society: World) -> None:
    assert codes(in_a_society) == CLEARED
    assert in_a_society.digest("authority") in grounds(in_a_society)
    in_a_society.drop("authority")
    assert codes(in_a_society) == ["no_grant"]


def test_a_society_needs_the_power_to_grant_and_every_act_that_it_licenses(in_a_society: World) -> None:
    in_a_society["authority"]["powers"] = ["negotiate"]
    assert codes(in_a_society) == ["no_grant"]
    in_a_society["authority"].update(powers=["grant"], acts=["condition"])
    assert codes(in_a_society) == ["no_grant"]
    in_a_society["licence"]["scopes"] = [wide(acts=["condition"])]
    assert [o.act for o in in_a_society.decide(asks()).obstacles] == ["distribute"]


def test_what_a_society_licensed_before_its_mandate_ended_stays(in_a_society: World) -> None:
    in_a_society.add("end", "authority.ended", "gallery", {"authority": id_of("authority")}, logged=False)
    assert codes(in_a_society) == CLEARED
    in_a_society.steps["end"].logged = True
    in_a_society.steps["licence"] = in_a_society.steps.pop("licence")
    assert codes(in_a_society) == ["no_grant"]
    in_a_society.drop("end")
    assert codes(in_a_society) == CLEARED
    in_a_society["authority"]["window"] = ["2026-01-01T00:00:00Z", "2027-05-01T00:00:00Z"]
    assert codes(in_a_society) == ["no_grant"]


def test_a_society_under_dispute_licenses_nothing(in_a_society: World) -> None:
    body = {"authority": id_of("authority"), "grounds": "We never joined.", "evidence_sha256": "e" * 64}
    in_a_society.add("dispute", "authority.disputed", "gallery", body, logged=False)
    assert codes(in_a_society) == ["unauthorised_signer"]


@pytest.mark.parametrize("role", ["vendor", "union"])
def test_other_roles_administer_nothing(in_a_society: World, role: str) -> None:
    assert codes(in_a_society) == CLEARED
    in_a_society["authority"]["role"] = role
    assert codes(in_a_society) == ["no_grant"]


def test_what_a_society_gave_exclusively_keeps_the_holder_and_its_licensees_out(in_a_society: World) -> None:
    scopes = [wide(territories=["DE"], acts=["condition", "distribute"])]
    exclusive = licence("broker", "rival", "portrait", exclusivity="exclusive", scopes=scopes)
    in_a_society.add("exclusive", "licence.granted", "broker", exclusive)
    assert codes(in_a_society) == CLEARED  # licensed before
    in_a_society.steps["licence"] = in_a_society.steps.pop("licence")
    assert codes(in_a_society) == ["exclusive_to_other"]
    in_a_society["licence"]["licensor"] = id_of("gallery")
    in_a_society.steps["licence"].issuer = "gallery"
    assert codes(in_a_society) == ["exclusive_to_other"]
    assert in_a_society.codes(asks(**{"for": id_of("gallery")})) == ["exclusive_to_other"]
    in_a_society["exclusive"]["exclusivity"] = "none"
    assert codes(in_a_society) == CLEARED


def test_music_asks_composition_and_master_each_of_its_own_society(world: World) -> None:
    world.drop("licence")
    world["portrait"].update(kind="music")
    world["portrait"]["media"]["aspects"] = ["sound"]
    world["portrait"]["inventory"]["music"] = "listed"
    world.add("song", "asset.registered", "gallery", asset("song", aspects=["sound"]))
    world.add("song's title", "title.claimed", "studio", claim("studio", "song", right="master"))
    part = {"asset": id_of("portrait"), "component": id_of("song"), "aspects": ["sound"], "spans": None}
    world.add("part", "component.recorded", "gallery", part)
    for right, holder in (("master", "gallery"), ("composition", "heir")):
        world.add(f"claim {right}", "title.claimed", holder, claim(holder, "portrait", right=right))
    sound = licence("gallery", "studio", "portrait", scopes=[wide(acts=ACTS_GIVEN) | {"aspects": ["sound"]}])
    world.add("master licence", "licence.granted", "gallery", sound)
    request = asks(references=[reference(role="guide")])
    assert world.codes(request) == ["no_grant"]
    mandate = authority("heir", "broker", "society", "grant")
    world.add("mandate", "authority.granted", "heir", mandate)
    world.add("blanket", "licence.granted", "broker", sound | {"licensor": id_of("broker")})
    assert world.codes(request) == CLEARED
    world.drop("master licence")
    assert world.codes(request) == ["no_grant"]


# --- vendors of the requester -------------------------------------------------------------------------------------


@pytest.fixture
def through_a_vendor(world: World) -> World:
    """Broker makes shots for Studio."""
    world.add("authority", "authority.granted", "studio", authority("studio", "broker", "vendor", "view"))
    return world


FOR_BROKER = {"for": id_of("broker")}


def test_a_vendor_uses_what_was_licensed_to_its_principal(through_a_vendor: World) -> None:
    assert codes(through_a_vendor, **FOR_BROKER) == CLEARED
    assert through_a_vendor.digest("authority") in grounds(through_a_vendor, **FOR_BROKER)
    through_a_vendor["authority"]["acts"] = ["store"]
    assert codes(through_a_vendor, **FOR_BROKER) == ["grantee_not_covered"]


def test_a_vendor_uses_what_its_principal_itself_holds(through_a_vendor: World) -> None:
    through_a_vendor.drop("licence")
    through_a_vendor["claim"]["claimant"] = id_of("studio")
    through_a_vendor.steps["claim"].issuer = "studio"
    assert codes(through_a_vendor, **FOR_BROKER) == CLEARED
    assert through_a_vendor.digest("authority") in grounds(through_a_vendor, **FOR_BROKER)
    through_a_vendor["authority"]["acts"] = ["store"]
    assert codes(through_a_vendor, **FOR_BROKER) == ["no_grant"]


def test_an_exclusive_licence_of_the_principal_does_not_keep_its_vendor_out(through_a_vendor: World) -> None:
    caps = {"shots": 1}  # which are used up, so that it does nothing but keep others out
    exclusive = licence("gallery", "studio", "portrait", exclusivity="exclusive", scopes=[wide()], caps=caps)
    through_a_vendor.steps["exclusive"] = type(through_a_vendor.steps["claim"])(
        type="licence.granted", issuer="gallery", body=exclusive
    )
    through_a_vendor.steps["licence"] = through_a_vendor.steps.pop("licence")
    drawn = {"shots": 1, "seconds": 0, "draft_takes": 0, "training_epochs": 0}
    through_a_vendor.vouched = {"cap_counts": {through_a_vendor.digest("exclusive"): drawn}}
    assert codes(through_a_vendor, **FOR_BROKER) == CLEARED
    through_a_vendor["exclusive"]["licensee"] = id_of("rival")
    assert codes(through_a_vendor, **FOR_BROKER) == ["exclusive_to_other"]
