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
from consent.services import alerting, endings
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
    (ending,) = Ending.objects.filter(kind="grant")
    assert ending.ends_at is not None
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
    soon = until(20)
    digest = deal.licence(scopes=[soon])
    deal.run()
    own = {"Authorization": f"Bearer {deal.world.token(deal.studio)}"}
    other = {"Authorization": f"Bearer {deal.world.token(deal.gallery)}"}
    (alert,) = Client().get("/api/v1/alerts", headers=own).json()["results"]
    assert (alert["kind"], alert["about"], alert["days"]) == ("grant", digest, 30)
    assert alert["ends_at"].startswith(soon["window"][1][:10])
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


def test_a_strangers_word_moves_no_end_and_an_event_recorded_before_the_deal_sets_it(deal: Deal) -> None:
    work, eve = deal.world.work(deal.gallery), deal.world.party("Eve")
    deal.world.act("event.recorded", released(work, days_ago=40), by=deal.gallery)
    end = {"event": "theatrical_release", "work": work, "territory": "FR", "plus": "P2M"}
    digest = deal.licence(scopes=[scope(window=["2026-01-01T00:00:00Z", end])])
    deal.run()
    (ending,) = Ending.objects.filter(about=digest)
    assert ending.ends_at is not None
    assert ending.ends_at < clock() + timedelta(days=25)
    deal.world.act("event.recorded", released(work, days_ago=55), by=eve)
    deal.run()
    assert {row.ends_at for row in Ending.objects.filter(about=digest)} == {ending.ends_at}
    assert {days for _, days in told()} == {30}


def test_who_says_that_what_was_waited_for_has_happened_has_to_be_somebody_whose_word_counts(deal: Deal) -> None:
    work, eve = deal.world.work(deal.gallery), deal.world.party("Eve")
    event = {"event": "theatrical_release", "work": work, "territory": "FR"}
    deal.licence(ends_unless={"event": event, "by": ahead(20)})
    deal.world.act("event.recorded", released(work, days_ago=1), by=eve)
    assert deal.run() == 2
    deal.world.act("event.recorded", released(work, days_ago=1), by=deal.gallery)
    assert deal.run(days=14) == 0


def released(work: str, *, days_ago: int) -> dict[str, Any]:
    return {
        "event": "theatrical_release",
        "work": work,
        "territory": "FR",
        "on": f"{datetime.now(UTC) - timedelta(days=days_ago):%Y-%m-%d}",
        "utc_offset": 60,
        "document_sha256": None,
    }


def assign(deal: Deal, grant: str, to: Actor, *, by: Actor, days: int) -> None:
    body = {"grant": grant, "to": to.id, "effective_from": ahead(days), "document_sha256": None}
    deal.world.act("grant.assigned", body, by=by)


def test_whoever_holds_a_grant_on_the_day_of_its_end_is_told(deal: Deal) -> None:
    heir, last = (deal.world.party(name, kind="organisation") for name in ("Westwind", "Eastwind"))
    kept, passed = (deal.licence(scopes=[until(20)], assignable=True) for _ in range(2))
    assign(deal, kept, last, by=deal.studio, days=40)
    assign(deal, passed, last, by=deal.studio, days=40)
    assign(deal, passed, heir, by=deal.studio, days=10)  # said later, and earlier in effect
    deal.run()
    assert {party for party, _ in told(about=kept)} == {deal.gallery.id, deal.studio.id}
    assert {party for party, _ in told(about=passed)} == {deal.gallery.id, heir.id}


def test_what_is_amended_after_it_was_assigned_is_told_to_who_holds_it(deal: Deal) -> None:
    heir = deal.world.party("Westwind", kind="organisation")
    digest = deal.licence(scopes=[until(400)], assignable=True)
    assign(deal, digest, heir, by=deal.studio, days=0)
    amend(deal, digest, days=0, scopes=[until(20)])
    deal.run()
    assert {party for party, _ in told(about=digest)} == {deal.gallery.id, heir.id}


def amend(deal: Deal, digest: str, *, days: int, **terms: Any) -> None:
    changed = {**terms_of(digest), **terms}
    body = {"licence": digest, "effective_from": ahead(days), "terms": changed, "document_sha256": None}
    deal.world.act("licence.amended", body, by=deal.gallery)


def test_of_two_amendments_the_one_that_holds_on_the_day_says_when_a_licence_ends(deal: Deal) -> None:
    digest = deal.licence(scopes=[until(400)])
    soon = until(25)
    amend(deal, digest, days=10, scopes=[soon])
    amend(deal, digest, days=1, scopes=[until(80)])  # holds for nine days
    deal.run()
    assert {(row.days, row.ends_at) for row in Alert.objects.all()} == {(30, parse(soon["window"][1]))}


def parse(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_an_option_that_an_amendment_brought_ends_as_it_says_once_it_is_exercised(deal: Deal) -> None:
    digest = deal.licence(scopes=[until(400)])
    option = {"option": "sequel", "exercise": ["2026-01-01T00:00:00Z", ahead(20)], "scopes": [until(25)]}
    amend(deal, digest, days=0, options=[option])
    deal.world.act("option.exercised", {"licence": digest, "option": "sequel"}, by=deal.studio)
    deal.run()
    assert {(row.kind, row.days) for row in Alert.objects.all()} == {("grant", 30)}


def test_what_hangs_under_a_licence_without_an_end_is_over_with_it_too(deal: Deal) -> None:
    middle, last = (deal.world.party(name, kind="organisation") for name in ("Westwind", "Eastwind"))
    top = deal.licence(sublicensable=True)
    inner = deal.world.licence(deal.studio, middle, deal.file, parent=top, sublicensable=True)
    deal.world.licence(middle, last, deal.file, parent=inner, scopes=[until(20)])
    deal.world.act("licence.terminated", {"licence": top}, by=deal.gallery)
    assert deal.run() == 0


def test_a_withdrawal_of_everything_ends_no_licence_and_leaves_what_a_contract_keeps(deal: Deal) -> None:
    ada = deal.world.party("Ada Marsh")
    plate = deal.world.asset(ada)
    deal.world.title(ada, plate)
    licence = deal.world.licence(ada, deal.studio, plate, scopes=[until(20)])
    box = person_box(window=["2026-01-01T00:00:00Z", ahead(20)])
    at_will, bound = (
        deal.consent(ada, scopes=[box], basis="contract", revocation={"kind": kind, "notice_hours": None})
        for kind in ("at_will", "not_during_term")
    )
    for grant in (at_will, bound):
        deal.world.act("grant.accepted", {"grant": grant}, by=deal.studio)
    deal.world.act("consent.revoked", {"performer": ada.id, "grants": None, "grantee": deal.studio.id}, by=ada)
    deal.run()
    assert {row.about for row in Alert.objects.all()} == {licence, bound}


def test_a_consent_that_was_assigned_ends_with_what_its_holder_loses(deal: Deal) -> None:
    ada, heir = deal.world.party("Ada Marsh"), deal.world.party("Westwind", kind="organisation")
    box = person_box(window=["2026-01-01T00:00:00Z", ahead(20)])
    grant = deal.consent(ada, scopes=[box], assignable=True)
    assign(deal, grant, heir, by=deal.studio, days=0)
    deal.world.act("consent.revoked", {"performer": ada.id, "grants": None, "grantee": heir.id}, by=ada)
    assert deal.run() == 0


def test_everybody_whose_word_is_waited_for_is_told_until_they_gave_it(deal: Deal) -> None:
    ada, ben = deal.world.party("Ada Marsh"), deal.world.party("Ben Okafor")
    digest, due = deal.licence(), clock() + timedelta(days=5)
    for by in (ada, ben):
        sides = (by.id, deal.studio.id)
        endings.expect(kind="approval", about=digest, detail="shot result", sides=sides, ends_at=due)
    endings.close_all_but({(digest, "shot result", ben.id)}, kind="approval")
    deal.run()
    assert {party for party, _ in told(kind="approval")} == {ben.id, deal.studio.id}
    endings.expect(kind="approval", about=digest, detail="shot result", sides=(ada.id, deal.studio.id), ends_at=due)
    deal.run()
    assert {party for party, _ in told(kind="approval")} == {ada.id, ben.id, deal.studio.id}
