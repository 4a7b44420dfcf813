"""What each kind demands of what is stored, and what it writes."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from consent.core.settled.keyring import NARROWING
from registry.core.errors import DomainError, UnexpandedGroup
from registry.core.jcs import Json
from registry.core.scope import Scope
from registry.locks import Head, lock
from registry.models import Appearance, Asset, Component, Licence, Project, StatementRow, TitleClaim
from registry.models import Head as HeadRow
from registry.statements import open_statement
from tests import media
from tests.world import PEOPLE, Actor, File, World, licence_body, new_id, scope
from web.statements import KINDS

pytestmark = pytest.mark.django_db


@pytest.fixture
def plate(world: World, studio: Actor) -> File:
    return world.asset(studio)


def refused(world: World, type_: str, body: Mapping[str, Json], code: str, *, by: Actor) -> DomainError:
    before = StatementRow.objects.count()
    with pytest.raises(DomainError) as error:
        world.act(type_, body, by=by)
    assert error.value.code == code, error.value
    assert StatementRow.objects.count() == before
    return error.value


def epoch(kind: str, id_: str) -> int:
    return HeadRow.objects.filter(kind=kind, ident=id_).values_list("epoch", flat=True).first() or 0


def test_a_project_hangs_under_its_own_producers_project_only(world: World, studio: Actor, other: Actor) -> None:
    series = world.project(studio, kind="series")
    episode = world.project(studio, parent=series)
    assert Project.objects.get(id=episode).parent == series
    body = {
        "project": new_id(), "title": "x", "kind": "episode", "producer": other.id, "agreement": None,
        "signatory": None, "governing_law": None, "parent": series,
    }  # fmt: skip
    refused(world, "project.registered", body, "not_yours", by=other)


def test_an_asset_is_registered_by_whoever_stored_its_bytes(world: World, studio: Actor, other: Actor) -> None:
    body = world.asset_body(studio, media.png(media.scene(seed=7)))
    refused(world, "asset.registered", body, "bytes_missing", by=other)
    refused(world, "asset.registered", body | {"asset": new_id()}, "bytes_missing", by=studio)
    refused(world, "asset.registered", body | {"sha256": "0" * 64}, "bytes_mismatch", by=studio)
    refused(world, "asset.registered", body | {"size": 3}, "bytes_mismatch", by=studio)
    described = dict(body["media"]) | {"width": 4096}  # type: ignore[arg-type]  # an object
    error = refused(world, "asset.registered", body | {"media": described}, "description_mismatch", by=studio)
    assert error.field == "body.media.width"
    refused(world, "asset.registered", body | {"work": new_id()}, "unknown_work", by=studio)
    world.act("asset.registered", body, by=studio)
    refused(world, "asset.registered", body, "already_registered", by=studio)


def test_an_inventory_is_replaced_by_its_registrant(world: World, studio: Actor, other: Actor, plate: File) -> None:
    body = {"asset": plate.id, "inventory": PEOPLE}
    refused(world, "inventory.declared", body, "not_the_issuer", by=other)
    refused(world, "inventory.declared", body | {"asset": new_id()}, "unknown_asset", by=studio)
    digest = world.act("inventory.declared", body, by=studio)
    row = Asset.objects.get(id=plate.id)
    assert (row.inventory["people"], row.inventory_digest) == ("listed", digest)


def test_an_appearance_is_said_by_registrant_or_performer_and_raises_the_epoch(
    world: World, studio: Actor, other: Actor, ada: Actor, plate: File
) -> None:
    before = epoch("asset", plate.id)
    body = {
        "asset": plate.id, "performer": ada.id, "aspects": ["face"], "spans": None, "recognisable": True,
    }  # fmt: skip
    refused(world, "appearance.recorded", body, "not_the_issuer", by=other)
    refused(world, "appearance.recorded", body | {"performer": other.id}, "not_a_person", by=studio)
    refused(world, "appearance.recorded", body | {"performer": new_id()}, "unknown_party", by=studio)
    refused(world, "appearance.recorded", body | {"spans": [[0, 2]]}, "outside_asset", by=studio)
    assert epoch("asset", plate.id) == before
    by_studio = world.act("appearance.recorded", body, by=studio)
    by_ada = world.act("appearance.recorded", body, by=ada)
    assert set(Appearance.objects.values_list("digest", flat=True)) == {by_studio, by_ada}
    assert epoch("asset", plate.id) == before + 2


def test_only_the_performer_claims_an_appearance(world: World, studio: Actor, ada: Actor, plate: File) -> None:
    body = {"asset": plate.id, "performer": ada.id, "aspects": ["voice"], "spans": None}
    refused(world, "appearance.claimed", body, "not_the_issuer", by=studio)
    digest = world.act("appearance.claimed", body, by=ada)
    assert Appearance.objects.get(digest=digest).claimed
    assert epoch("asset", plate.id) == 1


def test_components_never_close_a_cycle(world: World, studio: Actor, other: Actor) -> None:
    files = [world.asset(studio) for _ in range(3)]

    def part(whole: File, component: File) -> dict[str, Json]:
        return {"asset": whole.id, "component": component.id, "aspects": ["picture"], "spans": None}

    refused(world, "component.recorded", part(files[0], files[0]), "component_cycle", by=studio)
    world.act("component.recorded", part(files[0], files[1]), by=studio)
    world.act("component.recorded", part(files[1], files[2]), by=studio)
    refused(world, "component.recorded", part(files[2], files[0]), "component_cycle", by=studio)
    refused(world, "component.recorded", part(files[2], files[1]), "component_cycle", by=studio)
    refused(world, "component.recorded", part(files[0], files[2]), "not_the_issuer", by=other)
    assert Component.objects.count() == 2


def test_title_is_claimed_for_what_is_registered(world: World, studio: Actor, other: Actor, plate: File) -> None:
    digest = world.title(studio, plate)
    assert TitleClaim.objects.get(digest=digest).subject_id == plate.id
    body = {
        "claimant": studio.id, "subject": {"kind": "work", "id": plate.id}, "right": "picture", "nature": "economic",
        "scopes": [scope()], "share": [1, 2], "document_sha256": None,
    }  # fmt: skip
    refused(world, "title.claimed", body, "unknown_work", by=studio)
    refused(world, "title.claimed", body, "not_the_issuer", by=other)
    refused(world, "title.claimed", body | {"share": [2, 4]}, "bad_value", by=studio)
    refused(world, "title.claimed", body | {"scopes": []}, "bad_value", by=studio)


def test_a_licence_is_granted_by_its_licensor_for_registered_subjects(
    world: World, studio: Actor, other: Actor, plate: File
) -> None:
    body = licence_body(studio, other, plate)
    refused(world, "licence.granted", body, "not_the_issuer", by=other)
    refused(world, "licence.granted", body | {"licensee": new_id()}, "unknown_party", by=studio)
    refused(world, "licence.granted", body | {"licensee": studio.id}, "self_licensed", by=studio)
    refused(
        world, "licence.granted", body | {"subjects": [{"kind": "asset", "id": new_id()}]}, "unknown_asset", by=studio
    )
    refused(world, "licence.granted", body | {"exclusivity": "absolute"}, "bad_value", by=studio)
    refused(world, "licence.granted", body | {"parent": "0" * 64}, "unknown_licence", by=studio)
    empty = scope() | {"territories": []}
    refused(world, "licence.granted", body | {"scopes": [empty]}, "empty_dimension", by=studio)
    backwards = scope(window=["2027-01-01T00:00:00Z", "2026-01-01T00:00:00Z"])
    refused(world, "licence.granted", body | {"scopes": [backwards]}, "empty_dimension", by=studio)
    digest = world.act("licence.granted", body, by=studio)
    assert Licence.objects.get(digest=digest).licensee == other.id


def test_a_recorded_licence_is_answered_once_by_its_licensor(
    world: World, studio: Actor, other: Actor, plate: File
) -> None:
    paper = licence_body(studio, other, plate) | {"document_sha256": "a" * 64, "signed_on": "2026-01-02"}
    refused(world, "licence.recorded", paper, "not_the_issuer", by=studio)
    refused(world, "licence.recorded", paper | {"document_sha256": None}, "missing_field", by=other)
    refused(world, "licence.recorded", paper | {"signed_on": "2999-01-01"}, "bad_value", by=other)
    recorded = world.act("licence.recorded", paper, by=other)
    refused(world, "licence.confirmed", {"licence": recorded}, "not_the_issuer", by=other)
    world.act("licence.confirmed", {"licence": recorded}, by=studio)
    refused(world, "licence.confirmed", {"licence": recorded}, "already_confirmed", by=studio)
    refused(world, "licence.denied", {"licence": recorded}, "already_confirmed", by=studio)
    world.act("licence.terminated", {"licence": recorded}, by=studio)
    refused(world, "licence.terminated", {"licence": recorded}, "licence_terminated", by=studio)
    second = world.act("licence.recorded", paper, by=other)
    world.act("licence.denied", {"licence": second}, by=studio)
    refused(world, "licence.confirmed", {"licence": second}, "licence_denied", by=studio)
    assert (epoch("grant", recorded), epoch("grant", second)) == (1, 1)


def test_only_a_recorded_licence_is_confirmed(world: World, studio: Actor, other: Actor, plate: File) -> None:
    granted = world.licence(studio, other, plate)
    refused(world, "licence.confirmed", {"licence": granted}, "not_a_recorded_licence", by=studio)
    refused(world, "licence.terminated", {"licence": "0" * 64}, "unknown_licence", by=studio)
    refused(world, "licence.terminated", {"licence": granted}, "not_the_issuer", by=other)
    world.act("licence.terminated", {"licence": granted}, by=studio)


def test_a_draft_expands_what_stands_for_several_things(world: World, studio: Actor, other: Actor, plate: File) -> None:
    series = world.project(studio, kind="series")
    episodes = [world.project(studio, parent=series) for _ in range(2)]
    wide = scope(
        territories=["BENELUX", "FR"], languages=["fr", "zxx"], projects=[{"id": series, "expand": True}],
        acts=["distribute", "condition"],
    )  # fmt: skip
    submission = world.signed("licence.granted", licence_body(studio, other, plate) | {"scopes": [wide]}, by=studio)
    digest = world.submit(submission)
    opened = open_statement(digest)
    assert opened is not None
    (box,) = opened.statement.body["scopes"]  # type: ignore[misc, union-attr]  # one scope
    assert box["territories"] == ["BE", "FR", "LU", "NL"]  # type: ignore[call-overload, index]  # a draft is plain JSON
    assert "fr-FR" in box["languages"]  # type: ignore[operator, call-overload, index]  # a draft is plain JSON
    assert box["projects"] == sorted([series, *episodes])  # type: ignore[call-overload, index]  # a draft is plain JSON


def test_a_signed_scope_lists_what_it_means() -> None:
    narrow = scope(purposes=["work"], media=["svod"], territories=["FR"])
    assert Scope.parse(narrow).territories
    with pytest.raises(UnexpandedGroup):
        Scope.parse(narrow | {"territories": ["EU"]})


def test_heads_are_locked_in_one_order_and_start_at_zero() -> None:
    heads = [Head("work", "b"), Head("asset", "z"), Head("asset", "a")]
    assert lock(shared=heads) == dict.fromkeys(heads, 0)
    assert list(lock(shared=heads, exclusive=[heads[0]])) == sorted(heads)


def test_whatever_narrows_is_known_to_the_keyring() -> None:
    assert {kind.type for kind in KINDS.values() if kind.effect == "narrows"} == NARROWING
