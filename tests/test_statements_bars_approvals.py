"""Approvals at the door: who is asked, for which shot, and what a refusal raises."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from consent.models import Approval
from registry.core.jcs import Json
from registry.models import Notice
from tests.refusals import epoch, rebuilt, refused
from tests.studio import Studio
from tests.terms import authority
from tests.world import Actor, licence_body, new_id

pytestmark = pytest.mark.django_db(transaction=True)

TERM: dict[str, Json] = {
    "by": "performer", "on": "result", "acts": ["distribute"], "hours": None, "on_silence": "refused",
}  # fmt: skip


@pytest.fixture
def studio(tmp_path: Path, settings: Any) -> Studio:
    return Studio.open(tmp_path, settings, consent=False)


def shot_under(studio: Studio, *terms: dict[str, Json]) -> tuple[str, str]:
    """Let Ada consent on these terms, ask for a shot, and return the consent and the shot."""
    granted = studio.grant(approvals=sorted(terms, key=str))
    studio.world.publish()
    return granted, studio.queued()


def word(shot: str, grant: str, **fields: Json) -> dict[str, Json]:
    body: dict[str, Json] = {"shot": shot, "grant": grant, "on": "result", "note": None}
    return body | fields


def test_the_approver_approves_and_may_decline_later(studio: Studio) -> None:
    granted, shot = shot_under(studio, TERM)
    refused(studio.world, "approval.given", word(shot, granted), "not_an_approver", by=studio.producer)
    refused(studio.world, "approval.given", word(shot, granted, on="spec"), "not_an_approver", by=studio.ada)
    refused(studio.world, "approval.given", word(new_id(), granted), "unknown_shot", by=studio.ada)
    refused(studio.world, "approval.given", word(shot, "0" * 64), "unknown_grant", by=studio.ada)
    studio.world.act("approval.given", word(shot, granted), by=studio.ada)
    assert epoch("shot", shot) == 0
    studio.world.act("approval.declined", word(shot, granted, note="not my walk"), by=studio.ada)
    assert epoch("shot", shot) == 1
    assert list(Approval.objects.order_by("digest").values_list("given", flat=True).distinct()) != []
    assert Approval.objects.filter(shot=shot, issuer=studio.ada.id).count() == 2
    rebuilt()


def test_a_third_party_that_the_consent_names_approves(studio: Studio) -> None:
    granted, shot = shot_under(studio, TERM | {"by": studio.archive.id})
    refused(studio.world, "approval.given", word(shot, granted), "not_an_approver", by=studio.ada)
    studio.world.act("approval.given", word(shot, granted), by=studio.archive)


def appoint(studio: Studio, agent: Actor, by: Actor, **fields: Json) -> None:
    studio.world.act("authority.granted", authority(studio.ada, agent, **fields), by=by)


def test_an_agent_approves_with_the_power_to_approve(studio: Studio) -> None:
    granted, shot = shot_under(studio, TERM)
    agent = studio.world.party("Bright Talent", kind="organisation")
    refused(studio.world, "approval.given", word(shot, granted), "not_an_approver", by=agent)
    appoint(studio, agent, studio.ada, powers=["grant"])
    refused(studio.world, "approval.given", word(shot, granted), "unauthorised_signer", by=agent)
    appoint(studio, agent, studio.ada, powers=["approve"])
    digest = studio.world.act("approval.given", word(shot, granted), by=agent)
    assert Notice.objects.get(digest=digest).party == studio.ada.id
    rebuilt()


def test_an_agent_approves_within_the_acts_of_their_authority_and_declines_anything(studio: Studio) -> None:
    granted, shot = shot_under(studio, TERM)
    agent = studio.world.party("Bright Talent", kind="organisation")
    appoint(studio, agent, studio.ada, powers=["approve"], acts=["train"])
    refused(studio.world, "approval.given", word(shot, granted), "unauthorised_signer", by=agent)
    studio.world.act("approval.declined", word(shot, granted), by=agent)
    appoint(studio, agent, studio.ada, powers=["approve"], acts=["distribute"])
    studio.world.act("approval.given", word(shot, granted), by=agent)


def test_for_an_estate_the_estate_alone_approves(studio: Studio) -> None:
    granted, shot = shot_under(studio, TERM | {"by": "estate"})
    world = studio.world
    agent, heir = world.party("Bright Talent", kind="organisation"), world.party("Ben Okafor")
    appoint(studio, agent, studio.ada, powers=["approve"])
    refused(world, "approval.given", word(shot, granted), "unauthorised_signer", by=agent)
    refused(world, "approval.given", word(shot, granted), "not_an_approver", by=studio.ada)
    appoint(studio, heir, world.notary, powers=["approve"], role="estate", evidence_sha256="e" * 64)
    world.act("approval.given", word(shot, granted), by=heir)


def licensed(studio: Studio, by: str) -> tuple[str, str]:
    """Let the archive license what shows Ada, on somebody's word; return the licence and a shot."""
    granted = studio.world.licence(studio.archive, studio.producer, studio.portrait, approvals=[TERM | {"by": by}])
    studio.grant()
    studio.world.publish()
    return granted, studio.queued()


def amended(studio: Studio, licence: str, **fields: Json) -> str:
    terms = licence_body(studio.archive, studio.producer, studio.portrait) | fields
    for of_paper in ("document_sha256", "signed_on"):
        del terms[of_paper]
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    body: dict[str, Json] = {"licence": licence, "effective_from": now, "terms": terms, "document_sha256": None}
    digest = studio.world.act("licence.amended", body, by=studio.archive)
    studio.world.publish()
    return digest


def test_what_an_amended_licence_asks_is_answered_under_the_digest_that_waits(studio: Studio) -> None:
    licence = studio.world.licence(studio.archive, studio.producer, studio.portrait)
    studio.grant()
    digest = amended(studio, licence, approvals=[TERM | {"by": "licensor"}])
    shot = studio.queued()
    refused(studio.world, "approval.given", word(shot, digest), "not_an_approver", by=studio.ada)
    studio.world.act("approval.given", word(shot, digest), by=studio.archive)
    studio.world.act("approval.given", word(shot, licence), by=studio.archive)
    rebuilt()


def test_a_licence_that_asks_the_performer_is_approved_by_who_is_recorded_in_the_shot(studio: Studio) -> None:
    granted, shot = licensed(studio, "performer")
    refused(studio.world, "approval.given", word(shot, granted), "not_an_approver", by=studio.archive)
    refused(studio.world, "approval.given", word(shot, granted), "not_an_approver", by=studio.reviewer)
    digest = studio.world.act("approval.given", word(shot, granted), by=studio.ada)
    assert Approval.objects.get(digest=digest).issuer == studio.ada.id
    rebuilt()


def test_a_licence_that_asks_the_estate_is_approved_by_that_of_who_is_recorded_in_the_shot(studio: Studio) -> None:
    granted, shot = licensed(studio, "estate")
    heir = studio.world.party("Ben Okafor")
    for nobody in (studio.archive, studio.ada, heir):
        refused(studio.world, "approval.given", word(shot, granted), "not_an_approver", by=nobody)
    appoint(studio, heir, studio.world.notary, powers=["approve"], role="estate", evidence_sha256="e" * 64)
    studio.world.act("approval.given", word(shot, granted), by=heir)


def test_the_holder_of_a_moral_right_approves_and_of_an_economic_one_licenses(studio: Studio) -> None:
    _, shot = shot_under(studio, TERM)
    author = studio.world.party("Mina Author")
    moral = studio.world.title(author, studio.ridge, nature="moral")
    economic = studio.world.title(author, studio.ridge)
    studio.world.act("approval.given", word(shot, moral, on="spec"), by=author)
    refused(studio.world, "approval.given", word(shot, moral, on="spec"), "not_an_approver", by=studio.ada)
    refused(studio.world, "approval.given", word(shot, economic, on="spec"), "nothing_to_approve", by=author)


@pytest.mark.parametrize(("language", "lines"), [
    ("en", ["Refusal of approval", "Ada Marsh (", "About: the result", "“not my walk”"]),
    ("fr", ["Refus d’approbation", "Ada Marsh (", "Sur : le résultat", "« not my walk »"]),
])  # fmt: skip
def test_the_text_names_the_grant_and_what_is_declined(studio: Studio, language: str, lines: list[str]) -> None:
    granted, shot = shot_under(studio, TERM)
    body = word(shot, granted, note="not my walk")
    text = studio.world.signed("approval.declined", body, by=studio.ada, language=language)["text"]
    assert [line for line in lines if line not in text.replace("\xa0", " ")] == []
