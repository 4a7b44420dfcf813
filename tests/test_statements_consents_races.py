"""Consents that meet: an offer is accepted or countered, never both; an authority that ends lets nobody sign after."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator

import pytest

from consent.models import Consent
from registry.models import StatementRow
from tests.rivals import Rivals, late
from tests.terms import authority, consent, offer, recorded, revoked
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)

RACES = 40
RARE = RACES // 20  # each outcome must happen at least this often


@pytest.fixture
def rivals() -> Iterator[Rivals]:
    made = Rivals()
    yield made
    made.close()


def test_an_offer_is_accepted_or_countered_and_never_both(world: World, rivals: Rivals) -> None:
    ada, studio = world.party("Ada Marsh"), world.party("Northlight", kind="organisation")
    seeded, outcomes = random.Random(5), Counter[str]()
    for _ in range(RACES):
        digest = world.act("consent.granted", offer(ada, studio), by=ada)
        yes = world.signed("grant.accepted", {"grant": digest}, by=studio)
        but = world.signed("consent.recorded", recorded(ada, studio, counters=digest), by=studio)
        accepted, countered = rivals.race(
            late(lambda yes=yes: world.submit(yes), seeded.uniform(0, 0.004)),
            late(lambda but=but: world.submit(but), seeded.uniform(0, 0.004)),
        )
        row = Consent.objects.get(digest=digest)
        assert (row.accepted is None) != (row.countered is None)
        assert {accepted, countered} & {"already_accepted", "offer_countered"}
        outcomes["accepted" if row.accepted else "countered"] += 1
    assert min(outcomes["accepted"], outcomes["countered"]) >= RARE, outcomes


def test_an_offer_is_accepted_or_withdrawn_and_an_acceptance_never_follows(world: World, rivals: Rivals) -> None:
    ada, studio = world.party("Ada Marsh"), world.party("Northlight", kind="organisation")
    seeded, outcomes = random.Random(6), Counter[str]()
    for _ in range(RACES):
        digest = world.act("consent.granted", offer(ada, studio), by=ada)
        yes = world.signed("grant.accepted", {"grant": digest}, by=studio)
        no = world.signed("consent.revoked", revoked(ada, digest), by=ada)
        accepted, withdrawn = rivals.race(
            late(lambda yes=yes: world.submit(yes), seeded.uniform(0, 0.004)),
            late(lambda no=no: world.submit(no), seeded.uniform(0, 0.004)),
        )
        if accepted == "offer_revoked":
            assert Consent.objects.get(digest=digest).accepted is None
        else:
            order = StatementRow.objects.filter(digest__in=[accepted, withdrawn]).order_by("accepted_at")
            assert [row.digest for row in order] == [accepted, withdrawn]
        outcomes[accepted if accepted == "offer_revoked" else "accepted"] += 1
    assert min(outcomes["accepted"], outcomes["offer_revoked"]) >= RARE, outcomes


def test_no_statement_is_signed_under_an_authority_after_its_end(world: World, rivals: Rivals) -> None:
    ada, studio = world.party("Ada Marsh"), world.party("Northlight", kind="organisation")
    agent = world.party("Bright Talent", kind="organisation")
    seeded, outcomes = random.Random(7), Counter[str]()
    for _ in range(RACES):
        body = authority(ada, agent)
        world.act("authority.granted", body, by=ada)
        granted = world.signed("consent.granted", consent(ada, studio), by=agent)
        ended = world.signed("authority.ended", {"authority": body["authority"]}, by=ada)
        digest, ending = rivals.race(
            late(lambda granted=granted: world.submit(granted), seeded.uniform(0, 0.006)),
            late(lambda ended=ended: world.submit(ended), seeded.uniform(0, 0.006)),
        )
        if digest != "unauthorised_signer":
            order = StatementRow.objects.filter(digest__in=[digest, ending]).order_by("accepted_at")
            assert [row.digest for row in order] == [digest, ending]
        outcomes["refused" if digest == "unauthorised_signer" else "signed"] += 1
    assert min(outcomes["refused"], outcomes["signed"]) >= RARE, outcomes
