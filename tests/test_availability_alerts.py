"""Ends told ahead: 90, 30 and 7 days before, to both sides, once each; and not where nothing ends any more."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connections
from django.test import Client

from consent.core.ages import comes_of_age
from consent.models import Alert, Ending
from consent.services import alerting
from registry.core.times import format_time
from registry.locks import clock
from registry.statements import open_statement
from tests.availability_scene import consent_body, in_order, person_box
from tests.terms import guardianship
from tests.world import Actor, File, World, scope

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folders(settings, tmp_path) -> None:
    settings.MEDIA_DIR, settings.LOG_DIR = tmp_path / "media", tmp_path / "log"


class Deal:
    """A studio, a gallery and a picture of it; what is licensed ends when a test says."""

    def __init__(self) -> None:
        self.world = World()
        self.studio = self.world.party("Northlight", kind="organisation")
        self.gallery = self.world.party("Gallery", kind="organisation")
        self.file: File = self.world.asset(self.gallery)
        self.world.title(self.gallery, self.file)

    def licence(self, **fields: Any) -> str:
        return self.world.licence(self.gallery, self.studio, self.file, **fields)

    def consent(self, person: Actor, **fields: Any) -> str:
        return self.world.act("consent.granted", consent_body(person, self.studio) | fields, by=person)

    def run(self, *, days: float = 0) -> int:
        self.world.publish()
        return alerting.run(at=clock() + timedelta(days=days))


@pytest.fixture
def deal() -> Deal:
    return Deal()


def ahead(days: int) -> str:
    return format_time(datetime.now(UTC).replace(microsecond=0) + timedelta(days=days))


def until(days: int) -> dict[str, Any]:
    return scope(window=["2026-01-01T00:00:00Z", ahead(days)])


def told(**which: Any) -> list[tuple[str, int]]:
    return sorted((str(row.party), row.days) for row in Alert.objects.filter(**which))


def test_both_sides_are_told_90_and_30_and_7_days_ahead_and_once_each(deal: Deal) -> None:
    deal.licence(scopes=[until(100)])
    sides = [deal.gallery.id, deal.studio.id]
    assert deal.run() == 0
    for days, expected in ((11, [90]), (12, [90]), (75, [30, 90]), (94, [7, 30, 90]), (99, [7, 30, 90])):
        deal.run(days=days)
        assert told() == sorted((side, span) for side in sides for span in expected)
    assert deal.run(days=101) == 0


def test_what_ends_soon_already_is_told_by_the_shortest_span_alone(deal: Deal) -> None:
    deal.licence(scopes=[until(20)])
    assert deal.run() == 2
    assert {days for _, days in told()} == {30}


def test_each_end_of_a_grant_of_several_boxes_is_told(deal: Deal) -> None:
    boxes = in_order(until(5) | {"acts": ["condition"]}, until(25) | {"acts": ["distribute"]})
    deal.licence(scopes=boxes)
    assert deal.run() == 4
    assert sorted(days for _, days in told()) == [7, 7, 30, 30]


def test_a_licence_that_was_terminated_is_not_told(deal: Deal) -> None:
    digest = deal.licence(scopes=[until(20)])
    other = deal.licence(scopes=[until(20)])
    deal.world.act("licence.terminated", {"licence": digest}, by=deal.gallery)
    deal.run()
    assert {row.about for row in Alert.objects.all()} == {other}


def test_a_consent_that_was_withdrawn_or_replaced_is_not_told(deal: Deal) -> None:
    ada, ben = deal.world.party("Ada Marsh"), deal.world.party("Ben Okafor")
    box = person_box(window=["2026-01-01T00:00:00Z", ahead(20)])
    withdrawn, old = deal.consent(ada, scopes=[box]), deal.consent(ben, scopes=[box])
    deal.world.act("consent.revoked", {"performer": ada.id, "grants": [withdrawn], "grantee": None}, by=ada)
    new = deal.consent(ben, scopes=[box], supersedes=[old])
    deal.run()
    assert told() == sorted([(ben.id, 30), (deal.studio.id, 30)])
    assert {row.about for row in Alert.objects.all()} == {new}


def test_an_offer_is_told_once_it_is_accepted(deal: Deal) -> None:
    ada = deal.world.party("Ada Marsh")
    offer = deal.consent(ada, basis="contract", scopes=[person_box(window=["2026-01-01T00:00:00Z", ahead(20)])])
    assert deal.run() == 0
    deal.world.act("grant.accepted", {"grant": offer}, by=deal.studio)
    assert deal.run() == 2


def test_the_end_of_the_time_to_exercise_an_option_is_told_until_it_is_exercised(deal: Deal) -> None:
    options = [
        {"option": name, "exercise": ["2026-01-01T00:00:00Z", ahead(20)], "scopes": [until(400)]}
        for name in ("second season", "third season")
    ]
    digest = deal.licence(options=options)
    deal.world.act("option.exercised", {"licence": digest, "option": "second season"}, by=deal.studio)
    deal.run()
    assert {(row.kind, row.detail) for row in Alert.objects.all()} == {("option", "third season")}
    assert deal.run(days=350) == 2
    assert {row.kind for row in Alert.objects.filter(days=90)} == {"grant"}


def test_an_end_that_follows_an_event_moves_when_the_event_is_recorded(deal: Deal) -> None:
    work = deal.world.work(deal.gallery)
    end = {"event": "theatrical_release", "work": work, "territory": "FR", "plus": "P2M"}
    deal.licence(scopes=[scope(window=["2026-01-01T00:00:00Z", end])])
    deal.run()
    (ending,) = Ending.objects.filter(kind="grant")
    assert ending.ends_at is not None
    assert abs(ending.ends_at - clock() - timedelta(days=61)) < timedelta(days=2)  # as if it had happened on signing
    released = {
        "event": "theatrical_release",
        "work": work,
        "territory": "FR",
        "on": f"{datetime.now(UTC) - timedelta(days=40):%Y-%m-%d}",
        "utc_offset": 60,
        "document_sha256": None,
    }
    deal.world.act("event.recorded", released, by=deal.gallery)
    deal.run()
    ending.refresh_from_db()
    assert ending.ends_at < clock() + timedelta(days=25)
    assert {days for _, days in told(ends_at=ending.ends_at)} == {30}


def test_an_amendment_moves_the_end(deal: Deal) -> None:
    digest = deal.licence(scopes=[until(20)])
    deal.run()
    assert {days for _, days in told()} == {30}
    body = {
        "licence": digest,
        "effective_from": ahead(0),
        "terms": {**terms_of(digest), "scopes": [until(85)]},
        "document_sha256": None,
    }
    deal.world.act("licence.amended", body, by=deal.gallery)
    deal.run()
    assert {days for _, days in told()} == {30, 90}
    assert deal.run(days=14) == 0  # the old end is none any more


def terms_of(digest: str) -> dict[str, Any]:
    opened = open_statement(digest)
    assert opened is not None
    left_out = {"document_sha256", "signed_on", "language", "text_sha256", "private_sha256"}
    return {name: value for name, value in opened.statement.body.items() if name not in left_out}


def test_both_sides_are_told_ahead_of_the_day_on_which_a_minor_comes_of_age(deal: Deal) -> None:
    parent = deal.world.party("Parent")
    day = datetime.now(UTC) + timedelta(days=20)
    young = deal.world.party("Young", born=f"{day.year - 18}-{day:%m-%d}")
    deal.world.act("authority.granted", guardianship(young, parent, acts=["condition"]), by=deal.world.notary)
    minor = {"guardians": "one", "court_order_sha256": None, "at_majority": "to_be_ratified"}
    boxes = [person_box(acts=["condition"])]
    body = consent_body(young, deal.studio) | {"minor": minor, "scopes": boxes}
    digest = deal.world.act("consent.granted", body, by=parent)
    deal.run()
    assert told(kind="majority", about=digest) == sorted([(young.id, 30), (deal.studio.id, 30)])
    assert not Alert.objects.filter(kind="majority").exclude(ends_at=None).exists()  # the day stays sealed
    headers = {"Authorization": f"Bearer {deal.world.token(deal.studio)}"}
    (alert,) = Client().get("/api/v1/alerts?kind=majority", headers=headers).json()["results"]
    assert alert["ends_at"].startswith(f"{day:%Y-%m-%d}")
    assert alerting.run(at=clock()) == 0
    assert alerting.run(at=clock() + timedelta(days=14)) == 2


def test_two_passes_at_once_tell_once(deal: Deal) -> None:
    deal.licence(scopes=[until(20)])
    assert deal.run() == 2
    assert deal.run() == 0
    call_command("alerts", verbosity=0)
    assert Alert.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_passes_in_two_processes_tell_once(deal: Deal) -> None:
    deal.licence(scopes=[until(20)])
    deal.world.publish()
    start, told_by = threading.Barrier(4), []

    def tell() -> None:
        start.wait()
        told_by.append(alerting.run(at=clock()))
        connections.close_all()

    threads = [threading.Thread(target=tell) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(told_by) == Alert.objects.count() == 2


def test_a_party_lists_and_acknowledges_its_own_alerts(deal: Deal) -> None:
    digest = deal.licence(scopes=[until(20)])
    deal.run()
    own = {"Authorization": f"Bearer {deal.world.token(deal.studio)}"}
    other = {"Authorization": f"Bearer {deal.world.token(deal.gallery)}"}
    (alert,) = Client().get("/api/v1/alerts", headers=own).json()["results"]
    assert (alert["kind"], alert["about"], alert["days"]) == ("grant", digest, 30)
    assert alert["ends_at"].startswith(ahead(20)[:10])
    seen = f"/api/v1/alerts/{alert['id']}/acknowledge"
    assert Client().post(seen, headers=other).status_code == 404
    first = Client().post(seen, headers=own)
    assert first.status_code == 200
    assert first.json()["acknowledged_by"] == deal.studio.id
    assert Client().post(seen, headers=own).json() == first.json()
    assert Client().get("/api/v1/alerts?acknowledged=false", headers=own).json()["results"] == []
    assert len(Client().get("/api/v1/alerts?acknowledged=true", headers=own).json()["results"]) == 1
    assert len(Client().get("/api/v1/alerts?acknowledged=false", headers=other).json()["results"]) == 1
    assert Client().get("/api/v1/alerts?kind=film", headers=own).status_code in (400, 422)


def test_who_is_born_on_the_last_of_february_comes_of_age_on_the_first_of_march() -> None:
    assert comes_of_age(date(2008, 2, 29)) == datetime(2026, 3, 1, tzinfo=UTC)
    assert comes_of_age(date(2008, 6, 30)) == datetime(2026, 6, 30, tzinfo=UTC)
