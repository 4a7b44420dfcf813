"""Claims of title: shares, disputes with standing and evidence, how these end, and titles that pass on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from registry.core.jcs import Json
from registry.locks import clock
from registry.models import Asset, Dispute, TitleClaim
from registry.models import Head as HeadRow
from registry.services.policies import set_registry_policy
from tests.deal_bodies import claim, disputed
from tests.refusals import rebuilt, refused
from tests.world import Actor, File, World, new_id, scope

pytestmark = pytest.mark.django_db

FRANCE, ITALY = scope(territories=["FR"]), scope(territories=["IT"])


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    rebuilt()


@pytest.fixture
def plate(world: World, studio: Actor) -> File:
    return world.asset(studio, work=world.work(studio))


def epoch(kind: str, id_: str) -> int:
    return HeadRow.objects.filter(kind=kind, ident=id_).values_list("epoch", flat=True).first() or 0


def test_one_partys_shares_add_up_to_at_most_the_whole_at_every_point(
    world: World, studio: Actor, gallery: Actor, plate: File
) -> None:
    world.act("title.claimed", claim(studio, plate), by=studio)
    refused(world, "title.claimed", claim(studio, plate, share=[2, 3]), "share_over_whole", by=studio)
    refused(world, "title.claimed", claim(studio, plate, share=[3, 2]), "bad_value", by=studio)
    world.act("title.claimed", claim(studio, plate, share=[1, 1], scopes=[ITALY]), by=studio)
    world.act("title.claimed", claim(studio, plate, share=[1, 1], right="master"), by=studio)
    world.act("title.claimed", claim(studio, plate, share=[1, 1], nature="moral"), by=studio)
    world.act("title.claimed", claim(studio, plate, share=[1, 2]), by=studio)
    refused(world, "title.claimed", claim(studio, plate, share=[1, 10_000]), "share_over_whole", by=studio)
    world.act("title.claimed", claim(gallery, plate, share=[1, 1]), by=gallery)  # disputed where it is asked, not here


def test_a_moral_right_stays_its_authors(world: World, studio: Actor, gallery: Actor, plate: File) -> None:
    moral = world.act("title.claimed", claim(studio, plate, share=[1, 1], nature="moral"), by=studio)
    passed: dict[str, Json] = {
        "grant": moral, "to": gallery.id, "effective_from": "2026-01-01T00:00:00Z", "document_sha256": None,
    }  # fmt: skip
    refused(world, "grant.assigned", passed, "not_assignable", by=studio)


def test_a_share_that_was_assigned_counts_for_whom_it_was_assigned_to(
    world: World, studio: Actor, gallery: Actor, plate: File
) -> None:
    half = world.act("title.claimed", claim(studio, plate), by=studio)
    passed = {"grant": half, "to": gallery.id, "effective_from": "2026-01-01T00:00:00Z", "document_sha256": None}
    refused(world, "grant.assigned", passed, "not_the_issuer", by=gallery)
    world.act("grant.assigned", passed, by=studio)
    assert epoch("asset", plate.id) == 1
    world.act("title.claimed", claim(studio, plate, share=[1, 1]), by=studio)
    refused(world, "title.claimed", claim(gallery, plate, share=[2, 3]), "share_over_whole", by=gallery)
    refused(world, "grant.assigned", passed | {"to": studio.id}, "not_the_issuer", by=studio)


def test_a_dispute_needs_standing(world: World, studio: Actor, gallery: Actor, ada: Actor, plate: File) -> None:
    digest = world.act("title.claimed", claim(gallery, plate), by=gallery)
    stranger = world.party("Eve")
    refused(world, "title.disputed", disputed(world, digest, stranger), "no_standing", by=stranger)
    refused(world, "title.disputed", disputed(world, digest, gallery), "own_claim", by=gallery)
    refused(world, "title.disputed", disputed(world, "0" * 64, studio), "unknown_claim", by=studio)
    refused(world, "title.disputed", disputed(world, digest, ada), "no_standing", by=ada)
    before = epoch("asset", plate.id)
    world.act("title.disputed", disputed(world, digest, studio), by=studio)  # who registered the file
    assert epoch("asset", plate.id) == before + 1
    world.appearance(plate, ada, by=studio)
    world.act("title.disputed", disputed(world, digest, ada), by=ada)  # who appears in it
    work = world.party("Westwind", kind="organisation")
    subject: dict[str, Json] = {"kind": "work", "id": str(plate_work(plate))}
    world.act("title.claimed", claim(work, plate, subject=subject), by=work)
    world.act("title.disputed", disputed(world, digest, work), by=work)  # who claims title in its work
    assert Dispute.objects.filter(target=digest, against=gallery.id, resolved=None).count() == 3


def plate_work(plate: File) -> str:
    return str(Asset.objects.get(id=plate.id).work)


@pytest.mark.parametrize(
    ("outcome", "by", "others"),
    [
        ("withdrawn", "studio", ("gallery", "officer")),
        ("settled", "studio", ("gallery",)),
        ("settled", "officer", ("gallery",)),
        ("upheld", "gallery", ("studio",)),
        ("upheld", "officer", ("studio",)),
        ("dismissed", "officer", ("studio", "gallery")),
    ],
)
def test_a_dispute_ends_by_whom_its_outcome_is_for(
    world: World, studio: Actor, gallery: Actor, plate: File, outcome: str, by: str, others: tuple[str, ...]
) -> None:
    officer = world.party("Olga Officer")
    set_registry_policy(court_officers=[officer.id], at=clock())
    actors = {"studio": studio, "gallery": gallery, "officer": officer}
    digest = world.act("title.claimed", claim(gallery, plate), by=gallery)
    dispute = world.act("title.disputed", disputed(world, digest, studio), by=studio)
    body: dict[str, Json] = {"dispute": dispute, "outcome": outcome, "document_sha256": None}
    refused(world, "title.resolved", body | {"dispute": "0" * 64}, "unknown_dispute", by=studio)
    for other in others:
        refused(world, "title.resolved", body, "not_the_issuer", by=actors[other])
    resolved = world.act("title.resolved", body, by=actors[by])
    row = Dispute.objects.get(digest=dispute)
    assert (row.resolved, row.outcome) == (resolved, outcome)
    assert TitleClaim.objects.get(digest=digest).ended == (resolved if outcome == "upheld" else None)
    refused(world, "title.resolved", body, "already_resolved", by=actors[by])
    again = disputed(world, digest, studio)
    if outcome == "upheld":
        refused(world, "title.disputed", again, "claim_ended", by=studio)
        world.act("title.claimed", claim(gallery, plate, share=[1, 1]), by=gallery)  # the ended one counts no more
    else:
        world.act("title.disputed", again, by=studio)


@pytest.mark.parametrize("by", ["gallery", "heir"])
def test_who_was_disputed_and_whoever_holds_the_title_since_concede(
    world: World, studio: Actor, gallery: Actor, plate: File, by: str
) -> None:
    heir, stranger = world.party("Heir"), world.party("Eve")
    digest = world.act("title.claimed", claim(gallery, plate), by=gallery)
    dispute = world.act("title.disputed", disputed(world, digest, studio), by=studio)
    body: dict[str, Json] = {"dispute": dispute, "outcome": "upheld", "document_sha256": None}
    refused(world, "title.resolved", body, "not_the_issuer", by=heir)
    passed = {"grant": digest, "effective_from": "2026-01-01T00:00:00Z", "document_sha256": None}
    world.act("grant.assigned", passed | {"to": heir.id}, by=gallery)
    for other in (studio, stranger):
        refused(world, "title.resolved", body, "not_the_issuer", by=other)
    resolved = world.act("title.resolved", body, by={"gallery": gallery, "heir": heir}[by])
    assert TitleClaim.objects.get(digest=digest).ended == resolved


def test_a_holder_to_whom_a_disputed_title_passes_and_who_disputes_it_concedes_nothing(
    world: World, studio: Actor, gallery: Actor, plate: File
) -> None:
    digest = world.act("title.claimed", claim(gallery, plate), by=gallery)
    dispute = world.act("title.disputed", disputed(world, digest, studio), by=studio)
    passed = {"grant": digest, "to": studio.id, "effective_from": "2026-01-01T00:00:00Z", "document_sha256": None}
    world.act("grant.assigned", passed, by=gallery)
    body: dict[str, Json] = {"dispute": dispute, "outcome": "upheld", "document_sha256": None}
    refused(world, "title.resolved", body, "not_the_issuer", by=studio)
    world.act("title.resolved", body | {"outcome": "withdrawn"}, by=studio)
    assert TitleClaim.objects.get(digest=digest).ended is None


def test_a_dispute_of_nothing_and_an_id_that_is_no_digest_are_refused(world: World, studio: Actor) -> None:
    body: dict[str, Json] = {"dispute": new_id(), "outcome": "withdrawn", "document_sha256": None}
    refused(world, "title.resolved", body, "bad_value", by=studio)
