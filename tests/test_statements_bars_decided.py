"""What is said at the door reaches the next decision: never, not now, and whoever signs for somebody."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.studio import Studio, consent_body
from tests.terms import authority, face, lifted, restriction, suspension
from tests.world import Actor

pytestmark = pytest.mark.django_db(transaction=True)

PERFORMER = ["body", "face", "name", "performance", "voice"]


@pytest.fixture
def studio(tmp_path: Path, settings: Any) -> Studio:
    return Studio.open(tmp_path, settings)


@pytest.fixture
def union(studio: Studio) -> Actor:
    """A union that Ada joins."""
    union = studio.world.party("Screen Union", kind="organisation")
    joined = authority(studio.ada, union, role="union", powers=[], acts=[])
    studio.world.act("authority.granted", joined, by=studio.ada)
    studio.world.publish()
    return union


def codes(studio: Studio) -> set[str]:
    """Check the shot, and return the codes of what is in its way."""
    answer = studio.post("/clearances/check", studio.request())
    assert answer.status_code == 200, answer.content
    return {obstacle["code"] for obstacle in answer.json()["obstacles"]}


def test_a_strike_suspends_its_members_at_commit_until_it_is_lifted(studio: Studio, union: Actor) -> None:
    assert codes(studio) == set()
    strike = suspension("strike", union, "union", union.id)
    studio.world.act("suspension.declared", strike, by=union)
    assert codes(studio) == {"suspended"}
    studio.world.act("suspension.lifted", lifted(strike, projects=[studio.project]), by=union)
    assert codes(studio) == {"suspended"}  # what widens counts once it is under a checkpoint
    studio.world.publish()
    assert codes(studio) == set()


def test_who_may_grant_for_the_union_lifts_its_strike(studio: Studio, union: Actor) -> None:
    counsel = studio.world.party("Strike Counsel")
    studio.world.act("authority.granted", authority(union, counsel, powers=["grant"]), by=union)
    strike = suspension("strike", union, "union", union.id)
    studio.world.act("suspension.declared", strike, by=union)
    studio.world.act("suspension.lifted", lifted(strike), by=counsel)
    assert codes(studio) == {"suspended"}
    studio.world.publish()
    assert codes(studio) == set()


def test_a_part_that_is_lifted_from_an_event_on_is_lifted_once_it_is_recorded(studio: Studio, union: Actor) -> None:
    work = studio.world.work(studio.producer)
    strike = suspension("strike", union, "union", union.id)
    studio.world.act("suspension.declared", strike, by=union)
    window = [{"event": "theatrical_release", "work": work, "territory": None, "plus": "P0D"}, None]
    studio.world.act("suspension.lifted", lifted(strike, scopes=[face(window=window, aspects=PERFORMER)]), by=union)
    studio.world.publish()
    assert codes(studio) == {"suspended"}
    released = {"event": "theatrical_release", "work": work, "territory": None, "on": "2026-01-01"}
    studio.world.act("event.recorded", released | {"utc_offset": 0, "document_sha256": None}, by=studio.producer)
    studio.world.publish()
    assert codes(studio) == set()


def test_a_restriction_holds_at_commit_whatever_was_granted(studio: Studio) -> None:
    body = restriction(studio.ada)
    studio.world.act("restriction.declared", body, by=studio.ada)
    assert codes(studio) == {"restricted"}
    studio.world.act("restriction.lifted", {"restriction": body["restriction"]}, by=studio.ada)
    studio.world.publish()
    assert codes(studio) == set()


def test_a_consent_signed_by_an_agent_counts_until_its_authority_is_disputed(studio: Studio) -> None:
    studio.revoke()
    agent = studio.world.party("Bright Talent", kind="organisation")
    appointed = authority(studio.ada, agent)
    studio.world.act("authority.granted", appointed, by=studio.ada)
    studio.world.publish()
    assert "revoked" in codes(studio)
    studio.world.act("consent.granted", consent_body(studio.ada, studio.producer), by=agent)
    studio.world.publish()
    assert codes(studio) == set()
    dispute = {"authority": appointed["authority"], "grounds": "she never signed", "evidence_sha256": "b" * 64}
    studio.world.act("authority.disputed", dispute, by=studio.ada)
    assert "unauthorised_signer" in codes(studio) or "revoked" in codes(studio)
