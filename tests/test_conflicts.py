"""What is promised exclusively to one is given to nobody else: in every dimension, through every statement."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from registry.core.errors import DomainError
from registry.core.jcs import Json
from registry.errors import ExclusiveConflict
from registry.locks import clock
from registry.models import LicenceBox
from registry.selectors.exclusives import meetings
from tests.deal_bodies import LATER, PAST, RECENT, SOON, amended, assigned, catalogue, follows, option, release
from tests.refusals import rebuilt, refused
from tests.world import Actor, File, World, licence_body, scope
from web import fsck

pytestmark = pytest.mark.django_db

EXCLUSIVE: dict[str, Any] = {"exclusivity": "exclusive"}
FRANCE, ITALY = scope(territories=["FR"]), scope(territories=["IT"])
ADS = ["merchandise", "third_party_advertising"]


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    rebuilt()


@pytest.fixture
def plate(world: World, studio: Actor) -> File:
    return world.asset(studio)


def deals(error: DomainError) -> list[Any]:
    assert isinstance(error, ExclusiveConflict)
    assert error.status == 409
    json.dumps(error.extra())
    return list(error.deals)


@pytest.mark.parametrize("first", ["sole", "exclusive"])
@pytest.mark.parametrize("second", ["none", "sole", "exclusive"])
def test_what_is_promised_to_one_is_given_to_no_other_and_the_answer_names_deal_and_box(
    world: World, studio: Actor, gallery: Actor, other: Actor, plate: File, first: str, second: str
) -> None:
    held = world.licence(studio, gallery, plate, exclusivity=first, scopes=[scope(territories=["DE", "FR"])])
    body = licence_body(studio, other, plate) | {"exclusivity": second, "scopes": [scope(territories=["FR", "IT"])]}
    error = refused(world, "licence.granted", body, "exclusive_conflict", by=studio)
    (deal,) = deals(error)
    assert deal["licence"] == held
    assert held in str(error)
    assert [box["territories"] for box in deal["overlap"]] == [["FR"]]
    world.act("licence.granted", body | {"scopes": [ITALY]}, by=studio)
    world.licence(studio, gallery, plate, exclusivity=second, scopes=[FRANCE])  # the same licensee: nothing is breached


APART: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("acts", {"acts": ["condition"]}, {"acts": ["distribute"]}),
    ("aspects", {"aspects": ["picture"]}, {"aspects": ["style"]}),
    ("purposes", {"purposes": ["work"]}, {"purposes": ["press"]}),
    ("media", {"media": ["svod"]}, {"media": ["avod"]}),
    ("territories", {"territories": ["FR"]}, {"territories": ["IT"]}),
    ("languages", {"languages": ["fr-FR"]}, {"languages": ["it-IT"]}),
    (
        "window",
        {"window": ["2027-01-01T00:00:00Z", "2028-01-01T00:00:00Z"]},
        {"window": ["2028-01-01T00:00:00Z", None]},
    ),
]


@pytest.mark.parametrize(("one", "two"), [(one, two) for _, one, two in APART], ids=[name for name, _, _ in APART])
def test_two_exclusives_stand_side_by_side_where_one_dimension_parts_them(
    world: World, studio: Actor, gallery: Actor, other: Actor, plate: File, one: dict[str, Any], two: dict[str, Any]
) -> None:
    world.licence(studio, gallery, plate, **EXCLUSIVE, scopes=[scope(**one)])
    body = licence_body(studio, other, plate) | EXCLUSIVE
    refused(world, "licence.granted", body | {"scopes": [scope(**one)]}, "exclusive_conflict", by=studio)
    refused(world, "licence.granted", body | {"scopes": [scope()]}, "exclusive_conflict", by=studio)
    world.act("licence.granted", body | {"scopes": [scope(**two)]}, by=studio)


def test_projects_part_two_exclusives_and_every_project_meets_each(
    world: World, studio: Actor, gallery: Actor, other: Actor, plate: File
) -> None:
    one, two = world.project(gallery), world.project(other)
    world.licence(studio, gallery, plate, **EXCLUSIVE, scopes=[scope(projects=[one])])
    body = licence_body(studio, other, plate) | EXCLUSIVE
    refused(world, "licence.granted", body, "exclusive_conflict", by=studio)
    error = refused(
        world, "licence.granted", body | {"scopes": [scope(projects=[one, two])]}, "exclusive_conflict", by=studio
    )
    assert deals(error)[0]["overlap"][0]["projects"] == [one]
    world.act("licence.granted", body | {"scopes": [scope(projects=[two])]}, by=studio)


def test_product_categories_part_advertising_and_nothing_else(
    world: World, studio: Actor, gallery: Actor, other: Actor, plate: File
) -> None:
    cars: dict[str, Any] = EXCLUSIVE | {"product_categories": ["cars"], "scopes": [scope(purposes=[*ADS, "work"])]}
    world.licence(studio, gallery, plate, **cars)
    body = licence_body(studio, other, plate) | EXCLUSIVE | {"product_categories": ["watches"]}
    error = refused(world, "licence.granted", body, "exclusive_conflict", by=studio)
    assert {tuple(box["purposes"]) for box in deals(error)[0]["overlap"]} == {("work",)}
    body |= {"scopes": [scope(purposes=ADS)]}
    refused(world, "licence.granted", body | {"product_categories": []}, "exclusive_conflict", by=studio)
    refused(world, "licence.granted", body | {"product_categories": ["cars"]}, "exclusive_conflict", by=studio)
    world.act("licence.granted", body, by=studio)


def test_a_work_counts_itself_and_its_files_and_a_catalogue_its_members(
    world: World, studio: Actor, gallery: Actor, other: Actor
) -> None:
    work = world.work(studio)
    old, aside = world.asset(studio, work=work), world.asset(studio)
    listed = catalogue(studio, aside)
    world.act("catalogue.registered", listed, by=studio)
    subjects: list[Json] = [{"kind": "catalogue", "id": listed["catalogue"]}, {"kind": "work", "id": work}]
    world.licence(studio, gallery, **EXCLUSIVE, subjects=subjects, new_assets=True)
    new = world.asset(studio, work=work)
    for file in (old, aside, new):
        refused(world, "licence.granted", licence_body(studio, other, file), "exclusive_conflict", by=studio)
    refused(
        world, "licence.granted", licence_body(studio, other) | {"subjects": [{"kind": "work", "id": work}]},
        "exclusive_conflict", by=studio,
    )  # fmt: skip
    world.licence(studio, other, world.asset(studio))


def test_what_an_exclusive_did_not_reach_when_it_was_given_is_free(
    world: World, studio: Actor, gallery: Actor, other: Actor
) -> None:
    work = world.work(studio)
    world.asset(studio, work=work)
    world.licence(studio, gallery, **EXCLUSIVE, subjects=[{"kind": "work", "id": work}], new_assets=False)
    world.licence(studio, other, world.asset(studio, work=work), **EXCLUSIVE)


def test_a_catalogue_takes_in_nothing_that_its_licensor_promised_to_somebody_else(
    world: World, studio: Actor, gallery: Actor, other: Actor, plate: File
) -> None:
    body = catalogue(studio, world.asset(studio))
    world.act("catalogue.registered", body, by=studio)
    subjects: list[Json] = [{"kind": "catalogue", "id": body["catalogue"]}]
    world.licence(studio, other, **EXCLUSIVE, subjects=subjects, new_assets=True)
    promised = world.licence(studio, gallery, plate, **EXCLUSIVE)
    more = catalogue(studio, plate, catalogue=body["catalogue"])
    assert (
        deals(refused(world, "catalogue.registered", more, "exclusive_conflict", by=studio))[0]["licence"] == promised
    )
    world.act("licence.terminated", {"licence": promised}, by=studio)
    world.act("catalogue.registered", more, by=studio)


def test_what_stood_before_an_exclusive_goes_on_and_is_named_beside_it(
    world: World, studio: Actor, gallery: Actor, other: Actor, plate: File
) -> None:
    before = world.licence(studio, other, plate, scopes=[scope(territories=["DE", "FR"])])
    exclusive = world.licence(studio, gallery, plate, **EXCLUSIVE, scopes=[FRANCE])
    met = meetings([before, exclusive], at=clock())
    assert [deal.licence for deal in met[exclusive]] == [before]
    assert [deal.licence for deal in met[before]] == [exclusive]
    body = licence_body(studio, other, plate)
    narrowed = amended(before, body, scopes=[scope(territories=["FR"], media=["svod"])])
    world.act("licence.amended", narrowed, by=studio)  # it says less than it said: nothing is given anew
    wider = amended(before, body, since=LATER, scopes=[scope(territories=["FR", "IT"], acts=["store", "train"])])
    refused(world, "licence.amended", wider, "exclusive_conflict", by=studio)


def test_a_recorded_promise_binds_nobody_until_it_is_confirmed(
    world: World, studio: Actor, gallery: Actor, other: Actor, plate: File
) -> None:
    paper: dict[str, Any] = EXCLUSIVE | {"document_sha256": "a" * 64, "signed_on": "2026-01-02"}
    one = world.act("licence.recorded", licence_body(studio, gallery, plate) | paper, by=gallery)
    two = world.act("licence.recorded", licence_body(studio, other, plate) | paper, by=other)
    met = meetings([one, two], at=clock())
    assert ([deal.licence for deal in met[one]], [deal.licence for deal in met[two]]) == ([two], [one])
    world.act("licence.confirmed", {"licence": two}, by=studio)
    error = refused(world, "licence.confirmed", {"licence": one}, "exclusive_conflict", by=studio)
    assert deals(error)[0]["licence"] == two
    world.act("licence.terminated", {"licence": two}, by=studio)
    world.act("licence.confirmed", {"licence": one}, by=studio)
    refused(world, "licence.granted", licence_body(studio, other, plate), "exclusive_conflict", by=studio)


def test_a_denied_or_terminated_promise_binds_nobody_any_more(
    world: World, studio: Actor, gallery: Actor, other: Actor, plate: File
) -> None:
    held = world.licence(studio, gallery, plate, **EXCLUSIVE)
    refused(world, "licence.granted", licence_body(studio, other, plate), "exclusive_conflict", by=studio)
    world.act("licence.terminated", {"licence": held}, by=studio)
    assert not LicenceBox.objects.filter(replaced=None).exists()
    world.licence(studio, other, plate, **EXCLUSIVE)


def test_amendments_move_the_promise_with_their_date(
    world: World, studio: Actor, gallery: Actor, other: Actor, plate: File
) -> None:
    body = licence_body(studio, gallery, plate) | EXCLUSIVE
    held = world.act("licence.granted", body | {"scopes": [FRANCE]}, by=studio)
    until, since = scope(territories=["FR"], window=[RECENT, SOON]), scope(territories=["FR"], window=[SOON, None])
    third = licence_body(studio, other, plate) | EXCLUSIVE
    refused(world, "licence.granted", third | {"scopes": [since]}, "exclusive_conflict", by=studio)
    world.act("licence.amended", amended(held, body, scopes=[ITALY]), by=studio)
    refused(world, "licence.granted", third | {"scopes": [until]}, "exclusive_conflict", by=studio)
    world.act("licence.granted", third | {"scopes": [since]}, by=studio)
    back = amended(held, body, since=LATER, scopes=[FRANCE])
    assert deals(refused(world, "licence.amended", back, "exclusive_conflict", by=studio))


def test_an_option_keeps_its_box_free_until_it_lapses(
    world: World, studio: Actor, gallery: Actor, other: Actor, plate: File
) -> None:
    held = world.licence(
        studio, gallery, plate, **EXCLUSIVE, scopes=[FRANCE],
        options=[option("gone", PAST, RECENT, territories=["ES"]),
                 option("open", territories=["IT"])],
    )  # fmt: skip
    refused(
        world, "licence.granted", licence_body(studio, other, plate) | {"scopes": [ITALY]}, "exclusive_conflict",
        by=studio,
    )  # fmt: skip
    world.licence(studio, other, plate, **EXCLUSIVE, scopes=[scope(territories=["ES"])])
    world.act("option.exercised", {"licence": held, "option": "open"}, by=gallery)
    assert not LicenceBox.objects.filter(licence=held, replaced=None).exclude(lapses_at=None).exists()


def test_an_option_that_promises_nothing_meets_what_was_promised_since_and_names_no_stranger(
    world: World, studio: Actor, gallery: Actor, other: Actor, plate: File
) -> None:
    plain = world.licence(studio, gallery, plate, scopes=[FRANCE], options=[option(territories=["IT"])])
    world.licence(studio, other, plate, **EXCLUSIVE, scopes=[ITALY])
    taken = {"licence": plain, "option": "part two"}
    (deal,) = deals(refused(world, "option.exercised", taken, "exclusive_conflict", by=gallery))
    assert deal["licence"] is None  # a deal of the licensor with somebody else is not the licensee's to know
    assert deal["overlap"][0]["territories"] == ["IT"]


def test_a_promise_passes_to_nobody_whom_another_promise_bars(
    world: World, studio: Actor, gallery: Actor, other: Actor, plate: File
) -> None:
    fields: dict[str, Any] = EXCLUSIVE | {"assignable": True}
    one = world.licence(studio, gallery, plate, **fields, scopes=[FRANCE])
    two = world.licence(studio, gallery, plate, **fields, scopes=[scope(territories=["FR", "IT"])])
    error = refused(world, "grant.assigned", assigned(one, other), "exclusive_conflict", by=gallery)
    assert deals(error)[0]["licence"] == two
    world.act("licence.terminated", {"licence": two}, by=studio)
    world.act("grant.assigned", assigned(one, other), by=gallery)
    body = licence_body(studio, gallery, plate) | {"scopes": [FRANCE]}
    error = refused(world, "licence.granted", body, "exclusive_conflict", by=studio)
    assert deals(error)[0]["overlap"][0]["window"] == [SOON, None]


def test_a_window_that_follows_an_event_bars_for_ever_until_it_is_known(
    world: World, studio: Actor, gallery: Actor, other: Actor, plate: File
) -> None:
    work = world.work(studio)
    box = scope(window=[follows(work, "P1M"), follows(work, "P13M")])
    world.licence(studio, gallery, plate, **EXCLUSIVE, scopes=[box])
    after = licence_body(studio, other, plate) | {"scopes": [scope(window=["2027-06-01T00:00:00Z", None])]}
    refused(world, "licence.granted", after, "exclusive_conflict", by=studio)
    world.act("event.recorded", release(work), by=studio)
    refused(
        world, "licence.granted",
        after | {"scopes": [scope(window=["2027-01-01T00:00:00Z", "2027-02-01T00:00:00Z"])]}, "exclusive_conflict",
        by=studio,
    )  # fmt: skip
    world.act("licence.granted", after | EXCLUSIVE, by=studio)
    world.act("event.recorded", release(work, on="2026-11-01"), by=studio)  # meets what was given since: rows stay
    (window,) = LicenceBox.objects.filter(licensee=gallery.id, replaced=None).values_list("seconds", flat=True)
    assert datetime.fromtimestamp(window[1], UTC) == datetime(2027, 3, 2, 23, tzinfo=UTC)


def test_a_licence_that_ended_for_want_of_an_event_promises_no_more(
    world: World, studio: Actor, gallery: Actor, other: Actor, plate: File
) -> None:
    work = world.work(studio)
    event: dict[str, Json] = {"event": "theatrical_release", "work": work, "territory": "FR"}
    soon = (datetime.now(UTC) + timedelta(seconds=3)).strftime("%Y-%m-%dT%H:%M:%SZ")
    second = world.asset(studio)
    world.licence(studio, gallery, plate, **EXCLUSIVE, scopes=[FRANCE], ends_unless={"event": event, "by": soon})
    kept = world.licence(studio, gallery, second, **EXCLUSIVE, ends_unless={"event": event, "by": SOON})
    body = licence_body(studio, other, plate) | EXCLUSIVE
    refused(world, "licence.granted", body, "exclusive_conflict", by=studio)
    while clock() < datetime.fromisoformat(soon):
        pass
    later = scope(window=[SOON, None])
    world.act("licence.granted", body | {"scopes": [later]}, by=studio)
    assert LicenceBox.objects.filter(licence=kept, replaced=None).exclude(lapses_at=None).count() == 1
    world.act("event.recorded", release(work), by=studio)
    assert not LicenceBox.objects.filter(licence=kept, replaced=None).exclude(lapses_at=None).exists()
    refused(
        world, "licence.granted", licence_body(studio, other, second) | {"scopes": [later]}, "exclusive_conflict",
        by=studio,
    )  # fmt: skip


def test_another_day_recorded_later_frees_nobody_of_a_licence_whose_event_came_in_time(
    world: World, studio: Actor, gallery: Actor, other: Actor, plate: File
) -> None:
    work = world.work(studio)
    event: dict[str, Json] = {"event": "theatrical_release", "work": work, "territory": "FR"}
    by = (datetime.now(UTC) - timedelta(days=2)).strftime("%Y-%m-%dT00:00:00Z")
    world.act("event.recorded", release(work, on="2026-01-01"), by=studio)
    world.act("event.recorded", release(work, on=f"{datetime.now(UTC):%Y-%m-%d}"), by=studio)
    world.licence(studio, gallery, plate, **EXCLUSIVE, ends_unless={"event": event, "by": by})
    body = licence_body(studio, other, plate) | {"scopes": [scope(window=[SOON, None])]}
    refused(world, "licence.granted", body, "exclusive_conflict", by=studio)


def test_other_licensors_and_sublicences_are_no_business_of_an_exclusive(
    world: World, studio: Actor, gallery: Actor, other: Actor, plate: File
) -> None:
    held = world.licence(studio, gallery, plate, **EXCLUSIVE, sublicensable=True)
    third = world.party("Third", kind="organisation")
    world.licence(other, third, plate, **EXCLUSIVE)  # whoever holds no title promises nothing of it
    world.licence(gallery, third, plate, **EXCLUSIVE, parent=held)
    body = licence_body(gallery, other, plate) | {"parent": held}
    refused(world, "licence.granted", body, "exclusive_conflict", by=gallery)


def test_a_row_that_was_tampered_with_is_named(world: World, studio: Actor, gallery: Actor, plate: File) -> None:
    licence = world.licence(studio, gallery, plate, **EXCLUSIVE)
    LicenceBox.objects.filter(licence=licence).update(firm=False)
    assert {finding.fault for finding in fsck.run().findings} == {"row_stray", "row_missing"}
    LicenceBox.objects.filter(licence=licence).update(firm=True)


def test_every_opening_of_a_lapsed_option_is_dropped_with_the_next_promise(
    world: World, studio: Actor, gallery: Actor, other: Actor, plate: File
) -> None:
    soon = (datetime.now(UTC) + timedelta(seconds=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    world.licence(
        studio,
        gallery,
        plate,
        **EXCLUSIVE,
        scopes=[FRANCE],
        options=[option("brief", RECENT, soon, territories=["IT"])],
    )
    body = licence_body(studio, other, plate) | EXCLUSIVE | {"scopes": [ITALY]}
    refused(world, "licence.granted", body, "exclusive_conflict", by=studio)
    while clock() < datetime.fromisoformat(soon):
        pass
    world.act("licence.granted", body, by=studio)
