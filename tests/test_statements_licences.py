"""Licences over their life: amended, assigned, sublicensed, ended; options, events and catalogues beside them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from registry.core.jcs import Json
from registry.locks import Head, lock
from registry.models import Amendment, Assignment, CatalogueMember, Event, Licence, LicenceBox, OptionExercised
from registry.selectors.licences import require_licence, terms_at
from tests.deal_bodies import LATER, PAST, RECENT, SOON, amended, assigned, catalogue, follows, option, release
from tests.refusals import rebuilt, refused
from tests.world import Actor, File, World, licence_body, new_id, scope

pytestmark = pytest.mark.django_db

FRANCE = scope(territories=["FR"])
WORLD = scope()


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    rebuilt()


@pytest.fixture
def plate(world: World, studio: Actor) -> File:
    return world.asset(studio)


def epoch(kind: str, id_: str) -> int:
    head = Head(kind, id_)
    return lock(shared=[head])[head]


# Amendments.


def test_an_amendment_gives_new_terms_from_its_date_and_the_old_ones_before(
    world: World, studio: Actor, gallery: Actor, other: Actor, plate: File
) -> None:
    body = licence_body(studio, gallery, plate)
    licence = world.act("licence.granted", body, by=studio)
    refused(world, "licence.amended", amended(licence, body), "not_the_issuer", by=gallery)
    refused(world, "licence.amended", amended("0" * 64, body), "unknown_licence", by=studio)
    refused(world, "licence.amended", amended(licence, body, licensee=other.id), "other_licence", by=studio)
    refused(world, "licence.amended", amended(licence, body, since=PAST), "amendment_before_licence", by=studio)
    digest = world.act("licence.amended", amended(licence, body, scopes=[FRANCE]), by=studio)
    assert Amendment.objects.get(digest=digest).licence == licence
    row = require_licence(licence)
    as_of = {moment: terms_at(row, datetime.fromisoformat(moment)).scopes[0] for moment in (RECENT, LATER)}
    assert as_of[RECENT].territories.bit_count() > 1  # type: ignore[union-attr]  # a plain box
    assert as_of[LATER].territories.bit_count() == 1  # type: ignore[union-attr]  # a plain box
    assert epoch("grant", licence) == 1
    world.act("licence.terminated", {"licence": licence}, by=studio)
    refused(world, "licence.amended", amended(licence, body), "licence_terminated", by=studio)


def test_of_two_amendments_the_later_date_counts_and_of_one_date_the_later_statement(
    world: World, studio: Actor, gallery: Actor, plate: File
) -> None:
    body = licence_body(studio, gallery, plate)
    licence = world.act("licence.granted", body, by=studio)
    for since, territory in ((LATER, "DE"), (SOON, "IT"), (LATER, "ES")):
        box = scope(territories=[territory])
        world.act("licence.amended", amended(licence, body, since=since, scopes=[box]), by=studio)
    row = require_licence(licence)
    found = [terms_at(row, datetime.fromisoformat(at)).scopes[0].format()["territories"] for at in (SOON, LATER)]
    assert found == [["IT"], ["ES"]]


def test_a_recorded_licence_is_amended_once_it_is_confirmed(
    world: World, studio: Actor, gallery: Actor, plate: File
) -> None:
    body = licence_body(studio, gallery, plate)
    signed = datetime.now(UTC) - timedelta(days=45)
    paper = body | {"document_sha256": "a" * 64, "signed_on": f"{signed:%Y-%m-%d}"}
    licence = world.act("licence.recorded", paper, by=gallery)
    change = amended(licence, body, since=RECENT, scopes=[FRANCE])
    refused(world, "licence.amended", change, "not_confirmed", by=studio)
    world.act("licence.confirmed", {"licence": licence}, by=studio)
    refused(world, "licence.amended", change | {"effective_from": PAST}, "amendment_before_licence", by=studio)
    world.act("licence.amended", change, by=studio)


# Options.


def test_an_option_is_taken_up_by_the_licensee_once_and_within_its_dates(
    world: World, studio: Actor, gallery: Actor, plate: File
) -> None:
    options = [option("early", SOON, LATER), option("late", PAST, RECENT), option("now")]
    body = licence_body(studio, gallery, plate) | {"scopes": [FRANCE], "options": options}
    licence = world.act("licence.granted", body, by=studio)

    def taken(name: str) -> dict[str, Json]:
        return {"licence": licence, "option": name}

    refused(world, "option.exercised", taken("now"), "not_the_issuer", by=studio)
    refused(world, "option.exercised", taken("never"), "unknown_option", by=gallery)
    refused(world, "option.exercised", taken("early"), "option_too_early", by=gallery)
    refused(world, "option.exercised", taken("late"), "option_too_late", by=gallery)
    before = LicenceBox.objects.filter(licence=licence).count()
    digest = world.act("option.exercised", taken("now"), by=gallery)
    assert OptionExercised.objects.get(digest=digest).option == "now"
    assert LicenceBox.objects.filter(licence=licence).count() == before + 1
    refused(world, "option.exercised", taken("now"), "already_exercised", by=gallery)
    world.act("licence.terminated", {"licence": licence}, by=studio)
    refused(world, "option.exercised", taken("early"), "licence_terminated", by=gallery)


# Sublicences.


def sublicence(parent: str, licensor: Actor, licensee: Actor, *assets: File, **fields: Any) -> dict[str, Json]:
    return licence_body(licensor, licensee, *assets) | {"parent": parent} | fields


def test_a_sublicence_hangs_under_a_licence_that_its_licensor_holds_and_that_allows_it(
    world: World, studio: Actor, gallery: Actor, other: Actor, plate: File
) -> None:
    closed = world.licence(studio, gallery, plate)
    refused(world, "licence.granted", sublicence(closed, gallery, other, plate), "not_sublicensable", by=gallery)
    parent = world.licence(studio, gallery, plate, sublicensable=True, scopes=[FRANCE])
    narrow = sublicence(parent, gallery, other, plate, scopes=[FRANCE])
    refused(world, "licence.granted", narrow | {"licensor": studio.id}, "not_the_licensee", by=studio)
    refused(world, "licence.granted", narrow | {"licensee": studio.id}, "chain_loops", by=gallery)
    refused(world, "licence.granted", narrow | {"parent": "0" * 64}, "unknown_licence", by=gallery)
    child = world.act("licence.granted", narrow, by=gallery)
    assert Licence.objects.get(digest=child).parent == parent


def test_a_sublicence_gives_no_more_than_its_parent_and_says_what_is_missing(
    world: World, studio: Actor, gallery: Actor, other: Actor, plate: File
) -> None:
    parent = world.licence(studio, gallery, plate, sublicensable=True, scopes=[scope(territories=["DE", "FR"])])
    wide = sublicence(parent, gallery, other, plate, scopes=[scope(territories=["FR", "IT"])])
    error = refused(world, "licence.granted", wide, "beyond_parent", by=gallery)
    (missing,) = error.extra()["missing"]  # type: ignore[misc]  # one box
    assert missing["territories"] == ["IT"]
    second = world.asset(studio)
    elsewhere = sublicence(parent, gallery, other, second, scopes=[FRANCE])
    error = refused(world, "licence.granted", elsewhere, "beyond_parent", by=gallery)
    assert (error.field, error.extra()["missing"]) == ("body.subjects", [second.id])


def test_a_chain_never_loops_however_long(world: World, studio: Actor, plate: File) -> None:
    holders = [studio] + [world.party(f"Holder {number}", kind="organisation") for number in range(9)]
    parent: str | None = None
    for number, (licensor, licensee) in enumerate(pairwise(holders)):
        body = licence_body(licensor, licensee, plate) | {"sublicensable": True, "parent": parent}
        if parent is not None:
            back = body | {"licensee": holders[number - 1].id}
            refused(world, "licence.granted", back, "chain_loops", by=licensor)
        if number == 8:
            refused(world, "licence.granted", body, "chain_too_long", by=licensor)
            return
        parent = world.act("licence.granted", body, by=licensor)


def test_when_a_parent_ends_everything_that_hung_on_it_ends_with_it(
    world: World, studio: Actor, gallery: Actor, other: Actor, plate: File
) -> None:
    third = world.party("Third", kind="organisation")
    parent = world.licence(studio, gallery, plate, sublicensable=True, exclusivity="exclusive")
    child = world.licence(gallery, other, plate, sublicensable=True, parent=parent, exclusivity="exclusive")
    grandchild = world.licence(other, third, plate, parent=child, options=[option(territories=["FR"])])
    aside = world.licence(gallery, third, world.asset(gallery))
    ended = world.act("licence.terminated", {"licence": parent}, by=studio)
    rows = Licence.objects.filter(digest__in=[parent, child, grandchild])
    assert {row.ended for row in rows} == {ended}
    assert [row.terminated for row in rows].count(ended) == 1
    assert set(LicenceBox.objects.filter(replaced=None).values_list("licence", flat=True)) == {aside}
    assert set(LicenceBox.objects.exclude(replaced=None).values_list("licence", "replaced")) == {
        (parent, ended), (child, ended),  # what they promised is met until the end is published
    }  # fmt: skip
    assert epoch("grant", parent) == 1
    refused(world, "licence.terminated", {"licence": child}, "parent_ended", by=gallery)
    refused(world, "option.exercised", {"licence": grandchild, "option": "part two"}, "parent_ended", by=third)
    refused(world, "licence.granted", sublicence(child, other, third, plate), "parent_ended", by=other)


# Assignments.


def test_a_licence_passes_on_where_it_says_so_by_whoever_holds_it_then(
    world: World, studio: Actor, gallery: Actor, other: Actor, plate: File
) -> None:
    third = world.party("Third", kind="organisation")
    fixed = world.licence(studio, gallery, plate)
    refused(world, "grant.assigned", assigned(fixed, other), "not_assignable", by=gallery)
    licence = world.licence(studio, gallery, plate, assignable=True)
    refused(world, "grant.assigned", assigned("0" * 64, other), "unknown_grant", by=gallery)
    refused(world, "grant.assigned", assigned(licence, other), "not_the_issuer", by=other)
    refused(world, "grant.assigned", assigned(licence, gallery), "self_assigned", by=gallery)
    refused(world, "grant.assigned", assigned(licence, studio), "self_assigned", by=gallery)
    digest = world.act("grant.assigned", assigned(licence, other), by=gallery)
    assert Assignment.objects.get(digest=digest).to == other.id
    refused(world, "grant.assigned", assigned(licence, third, LATER), "not_the_issuer", by=gallery)
    world.act("grant.assigned", assigned(licence, third, LATER), by=other)
    holders = LicenceBox.objects.filter(licence=licence).order_by("part").values_list("licensee", flat=True)
    assert list(holders) == [gallery.id, other.id, third.id]


def test_only_the_holder_of_a_licence_sublicenses_it_and_takes_up_its_options(
    world: World, studio: Actor, gallery: Actor, other: Actor, plate: File
) -> None:
    third = world.party("Third", kind="organisation")
    fields: dict[str, Any] = {"assignable": True, "sublicensable": True, "options": [option(territories=["FR"])]}
    licence = world.licence(studio, gallery, plate, **fields)
    world.act("grant.assigned", assigned(licence, other, RECENT), by=gallery)
    taken = {"licence": licence, "option": "part two"}
    refused(world, "option.exercised", taken, "not_the_licensee", by=gallery)
    refused(world, "licence.granted", sublicence(licence, gallery, third, plate), "not_the_licensee", by=gallery)
    world.act("option.exercised", taken, by=other)
    world.act("licence.granted", sublicence(licence, other, third, plate), by=other)


# Events and windows that follow them.


def test_an_event_is_recorded_of_what_is_registered_and_has_happened(
    world: World, studio: Actor, gallery: Actor
) -> None:
    work, ada = world.work(studio), world.party("Ada Marsh")
    refused(world, "event.recorded", release(new_id()), "unknown_work", by=studio)
    refused(world, "event.recorded", release(work, territory="ZZ"), "unknown_term", by=studio)
    refused(world, "event.recorded", release(work, event="wrap_party"), "bad_value", by=studio)
    refused(world, "event.recorded", release(work, event="death"), "bad_value", by=studio)
    refused(world, "event.recorded", release(work, on="2999-01-01"), "event_to_come", by=studio)
    digest = world.act("event.recorded", release(work), by=gallery)
    assert Event.objects.get(digest=digest).territory == "FR"
    death = {"event": "death", "party": ada.id, "territory": None, "on": "2026-01-02", "utc_offset": 0}
    refused(world, "event.recorded", death | {"party": studio.id}, "not_a_person", by=gallery)
    world.act("event.recorded", death, by=gallery)
    assert epoch("person", ada.id) == 1


def test_a_window_follows_an_event_of_what_is_registered_and_must_be_able_to_open(
    world: World, studio: Actor, gallery: Actor, plate: File
) -> None:
    work = world.work(studio)
    body = licence_body(studio, gallery, plate)
    unknown = scope(window=[follows(new_id()), None])
    refused(world, "licence.granted", body | {"scopes": [unknown]}, "unknown_work", by=studio)
    never = scope(window=[follows(work), follows(work, "P3M")])
    refused(world, "licence.granted", body | {"scopes": [never]}, "window_never_opens", by=studio)
    licence = world.act("licence.granted", body | {"scopes": [scope(window=[follows(work), None])]}, by=studio)
    ((start, _),) = LicenceBox.objects.filter(licence=licence).values_list("seconds", flat=True)
    assert start == 0  # a bar has no beginning while its event is unknown
    world.act("event.recorded", release(work), by=gallery)  # whose word does not count for this licence
    ((start, _),) = LicenceBox.objects.filter(licence=licence).values_list("seconds", flat=True)
    assert start == 0
    world.act("event.recorded", release(work), by=studio)
    ((start, _),) = LicenceBox.objects.filter(licence=licence).values_list("seconds", flat=True)
    assert datetime.fromtimestamp(start, UTC) == datetime(2027, 7, 2, 23, tzinfo=UTC)
    assert epoch("grant", licence) == 2


# Catalogues.


def test_a_catalogue_only_grows_and_only_by_its_owner(world: World, studio: Actor, gallery: Actor) -> None:
    first, second = world.asset(studio), world.asset(studio)
    body = catalogue(studio, first)
    refused(world, "catalogue.registered", body, "not_the_issuer", by=gallery)
    refused(world, "catalogue.registered", body | {"members": []}, "bad_value", by=studio)
    stray: list[Json] = [{"kind": "work", "id": new_id()}]
    refused(world, "catalogue.registered", body | {"members": stray}, "unknown_work", by=studio)
    refused(world, "catalogue.registered", body | {"catalogue": first.id}, "already_registered", by=studio)
    world.act("catalogue.registered", body, by=studio)
    more = catalogue(studio, first, second, catalogue=body["catalogue"])
    refused(world, "catalogue.registered", more | {"owner": gallery.id}, "not_yours", by=gallery)
    world.act("catalogue.registered", more, by=studio)
    world.act("catalogue.registered", body, by=studio)  # leaves nothing out
    assert CatalogueMember.objects.filter(catalogue=body["catalogue"]).count() == 2


@pytest.mark.parametrize("new_assets", [False, True])
def test_a_licence_of_a_catalogue_reaches_what_is_added_later_only_where_it_says_so(
    world: World, studio: Actor, gallery: Actor, new_assets: bool
) -> None:
    work = world.work(studio)
    first, second = world.asset(studio), world.asset(studio)
    body = catalogue(studio, first)
    world.act("catalogue.registered", body, by=studio)
    subjects: list[Json] = [{"kind": "catalogue", "id": body["catalogue"]}]
    refused(
        world, "licence.granted", licence_body(studio, gallery) | {"subjects": [{"kind": "catalogue", "id": new_id()}]},
        "unknown_catalogue", by=studio,
    )  # fmt: skip
    licence = world.licence(studio, gallery, subjects=subjects, new_assets=new_assets)
    members: list[Json] = [{"kind": "asset", "id": second.id}, {"kind": "work", "id": work}]
    world.act("catalogue.registered", body | {"members": members}, by=studio)
    world.asset(studio, work=work)
    (reach,) = LicenceBox.objects.filter(licence=licence).values_list("subjects", flat=True)
    assert reach is not None
    assert len(reach) == (5 if new_assets else 2)
    world.act("licence.amended", amended(licence, licence_body(studio, gallery), subjects=subjects), by=studio)
