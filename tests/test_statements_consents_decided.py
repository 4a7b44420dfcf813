"""What is said about consents and authorities, as decisions then find it by following threads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.studio import Studio, consent_body, state_of
from tests.terms import authority, revoked
from tests.world import Actor

pytestmark = pytest.mark.django_db(transaction=True)

PASSED = "2026-01-01T00:00:00Z"  # a day from which an assignment holds already


@pytest.fixture
def studio(tmp_path: Path, settings: Any) -> Studio:
    return Studio.open(tmp_path, settings)


@pytest.fixture
def buyer(studio: Studio) -> Actor:
    """Somebody else with a licence of what is shown, a project and nothing from Ada."""
    buyer = studio.world.party("Southlight", kind="organisation")
    studio.world.licence(studio.archive, buyer, studio.portrait, studio.ridge)
    studio.project = studio.world.project(buyer)
    studio.secret = studio.world.token(buyer, "produce", "read", "rights", "sign")
    studio.world.publish()
    return buyer


def codes(studio: Studio, for_: Actor | None = None) -> set[str]:
    """Check the shot, and return the codes of what is in its way."""
    studio.world.publish()
    request = studio.request() | ({"for": for_.id} if for_ else {})
    answer = studio.post("/clearances/check", request)
    assert answer.status_code == 200, answer.content
    return {obstacle["code"] for obstacle in answer.json()["obstacles"]}


def assigned(studio: Studio, to: Actor, **fields: Any) -> str:
    studio.revoke()
    granted = studio.grant(assignable=True, **fields)
    return hand_over(studio, granted, to)


def hand_over(studio: Studio, granted: str, to: Actor) -> str:
    body = {"grant": granted, "to": to.id, "effective_from": PASSED, "document_sha256": None}
    studio.world.act("grant.assigned", body, by=studio.producer)
    return granted


def test_an_assigned_consent_serves_whom_it_was_assigned_to(studio: Studio, buyer: Actor) -> None:
    assert codes(studio, buyer) == {"grantee_not_covered"}
    assigned(studio, buyer)
    assert codes(studio, buyer) == set()


@pytest.mark.parametrize("whose", ["producer", "buyer"])
def test_a_withdrawal_of_everything_from_whoever_holds_or_held_it_ends_an_assigned_consent(
    studio: Studio, buyer: Actor, whose: str
) -> None:
    assigned(studio, buyer)
    assert codes(studio, buyer) == set()
    grantee = studio.producer if whose == "producer" else buyer
    studio.world.act("consent.revoked", revoked(studio.ada) | {"grants": None, "grantee": grantee.id}, by=studio.ada)
    assert codes(studio, buyer) == {"revoked"}


def test_an_assigned_offer_that_an_agent_of_the_grantee_accepted_counts(studio: Studio, buyer: Actor) -> None:
    agent = studio.world.party("Deal Desk", kind="organisation")
    body = authority(studio.producer, agent, powers=["negotiate"], acts=[])
    studio.world.act("authority.granted", body, by=studio.producer)
    studio.revoke()
    granted = studio.grant(assignable=True, basis="contract")
    studio.world.act("grant.accepted", {"grant": granted}, by=agent)
    hand_over(studio, granted, buyer)
    assert codes(studio, buyer) == set()


def test_a_vendor_uses_an_offer_that_an_agent_of_its_principal_accepted(studio: Studio, buyer: Actor) -> None:
    agent = studio.world.party("Deal Desk", kind="organisation")
    body = authority(studio.producer, agent, powers=["negotiate"], acts=[])
    studio.world.act("authority.granted", body, by=studio.producer)
    studio.revoke()
    granted = studio.grant(basis="contract")
    studio.world.act("grant.accepted", {"grant": granted}, by=agent)
    vendor = authority(studio.producer, buyer, role="vendor", powers=[], acts=["condition", "distribute"])
    studio.world.act("authority.granted", vendor, by=studio.producer)
    assert codes(studio, buyer) == set()


def test_whoever_acts_for_the_principal_of_a_vendor_vouches_for_nobody(studio: Studio, buyer: Actor) -> None:
    vendor = authority(studio.producer, buyer, role="vendor", powers=[], acts=["condition", "distribute"])
    studio.world.act("authority.granted", vendor, by=studio.producer)
    assert codes(studio, buyer) == set()
    body = authority(studio.producer, studio.world.notary, powers=["negotiate"], acts=[])
    studio.world.act("authority.granted", body, by=studio.producer)
    assert codes(studio, buyer) == {"identity_unverified"}


def test_whoever_acts_for_an_affiliate_of_the_grantee_vouches_for_nobody(studio: Studio) -> None:
    daughter = studio.world.party("Northlight Post", kind="organisation")
    buyer = studio.world.party("Northlight Group", kind="organisation", affiliates=[daughter.id])
    studio.world.licence(studio.archive, buyer, studio.portrait, studio.ridge)
    studio.project = studio.world.project(buyer)
    studio.secret = studio.world.token(buyer, "produce", "read", "rights", "sign")
    studio.world.act("consent.granted", consent_body(studio.ada, buyer), by=studio.ada)
    assert codes(studio, buyer) == set()
    body = authority(daughter, studio.world.notary, powers=["negotiate"], acts=[])
    studio.world.act("authority.granted", body, by=daughter)
    assert codes(studio, buyer) == {"identity_unverified"}


TERM = {"on": "spec", "acts": ["distribute"], "hours": None, "on_silence": "refused"}


def pending(studio: Studio, shot: str) -> list[Any]:
    studio.work(shot)
    decision: list[Any] = studio.get(f"/shots/{shot}").json()["decision"]["pending"]
    return decision


def test_the_agent_of_an_approver_who_is_named_by_id_is_heard(studio: Studio) -> None:
    counsel = studio.world.party("Counsel", kind="organisation")
    clerk = studio.world.party("Clerk", kind="organisation")
    studio.revoke()
    granted = studio.grant(approvals=[TERM | {"by": counsel.id}])
    body = authority(counsel, clerk, powers=["approve"])
    studio.world.act("authority.granted", body, by=counsel)
    studio.world.publish()
    shot = studio.queued()
    studio.world.act("approval.given", {"shot": shot, "grant": granted, "on": "spec", "note": None}, by=clerk)
    studio.work(shot)
    assert state_of(shot) == "awaiting_approval"
    assert studio.review(shot).status_code == 200
    studio.work(shot)
    assert state_of(shot) == "released"
