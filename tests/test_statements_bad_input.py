"""Rights that cannot be: over HTTP, each is one problem with its code and field, and nothing is stored."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from django.apps import apps
from django.test import Client

from registry.core.envelope import sign_statement
from registry.core.jcs import Json
from registry.models import DataKey
from tests.deal_bodies import PAST, RECENT, amended, claim, option
from tests.terms import MINOR, authority, consent, face, guardianship
from tests.world import Actor, File, World, licence_body, new_id, scope

pytestmark = pytest.mark.django_db
EVENT: dict[str, Json] = {"event": "theatrical_release", "work": None, "territory": "FR", "plus": "P17M"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    world: World
    studio: Actor
    gallery: Actor
    rival: Actor
    child: Actor
    plate: File

    def licence(self, **fields: Json) -> dict[str, Json]:
        return licence_body(self.gallery, self.studio, self.plate) | fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    type: str
    body: dict[str, Json]
    by: Actor
    private: Json = None


@pytest.fixture
def scene() -> Scene:
    world = World()
    gallery = world.party("Gallery", kind="organisation")
    born = f"{datetime.now(UTC).year - 12}-01-01"
    return Scene(
        world=world,
        studio=world.party("Northlight", kind="organisation"),
        gallery=gallery,
        rival=world.party("Westwind", kind="organisation"),
        child=world.party("Cleo Marsh", born=born),
        plate=world.asset(gallery),
    )


def overlapping_exclusives(s: Scene) -> Act:
    s.world.licence(s.gallery, s.rival, s.plate, exclusivity="exclusive", scopes=[scope(territories=["FR"])])
    return Act(type="licence.granted", body=s.licence(exclusivity="exclusive"), by=s.gallery)


def shares_over_the_whole(s: Scene) -> Act:
    s.world.act("title.claimed", claim(s.gallery, s.plate, share=[2, 3]), by=s.gallery)
    return Act(type="title.claimed", body=claim(s.gallery, s.plate, share=[1, 2]), by=s.gallery)


def a_chain_that_loops(s: Scene) -> Act:
    parent = s.world.act("licence.granted", s.licence(sublicensable=True), by=s.gallery)
    body = licence_body(s.studio, s.gallery, s.plate) | {"parent": parent}
    return Act(type="licence.granted", body=body, by=s.studio)


def a_window_that_never_opens(s: Scene) -> Act:
    window: list[Json] = ["2027-01-01T00:00:00Z", "2027-01-01T00:00:00Z"]
    return Act(type="licence.granted", body=s.licence(scopes=[scope(window=window)]), by=s.gallery)


def an_unknown_territory(s: Scene) -> Act:
    return Act(type="licence.granted", body=s.licence(scopes=[scope(territories=["XX"])]), by=s.gallery)


def an_unknown_event(s: Scene) -> Act:
    event = EVENT | {"event": "full_moon", "work": new_id()}
    return Act(type="licence.granted", body=s.licence(scopes=[scope(window=[event, None])]), by=s.gallery)


def an_event_of_an_unknown_work(s: Scene) -> Act:
    event = EVENT | {"work": new_id()}
    return Act(type="licence.granted", body=s.licence(scopes=[scope(window=[event, None])]), by=s.gallery)


def an_option_exercised_late(s: Scene) -> Act:
    licence = s.world.act("licence.granted", s.licence(options=[option("sequel", PAST, RECENT)]), by=s.gallery)
    return Act(type="option.exercised", body={"licence": licence, "option": "sequel"}, by=s.studio)


def an_amendment_before_its_licence(s: Scene) -> Act:
    licence = s.world.act("licence.granted", s.licence(), by=s.gallery)
    return Act(type="licence.amended", body=amended(licence, s.licence(), since=PAST), by=s.gallery)


def a_minor_without_guardian(s: Scene) -> Act:
    return Act(type="consent.granted", body=consent(s.child, s.studio, minor=MINOR), by=s.child)


def an_approval_by_the_wrong_person(s: Scene) -> Act:
    licence = s.world.act("licence.granted", s.licence(), by=s.gallery)
    body: dict[str, Json] = {"shot": new_id(), "grant": licence, "on": "result", "note": None}
    return Act(type="approval.given", body=body, by=s.rival)


def a_guardian_who_allows_what_is_never_allowed(s: Scene) -> Act:
    parent = s.world.party("Ben Okafor")
    s.world.act("authority.granted", guardianship(s.child, parent), by=s.world.notary)
    body = consent(s.child, s.studio, minor=MINOR, scopes=[face(content={"depicts": ["nudity"], "scene": []})])
    return Act(type="consent.granted", body=body, by=parent)


def money_as_a_float(s: Scene) -> Act:
    pay: Json = {"pay": [{"kind": "shot", "minor": 12.5, "currency": "EUR"}]}
    return Act(type="licence.granted", body=s.licence(), by=s.gallery, private=pay)


def an_agent_who_lifts_a_never(s: Scene) -> Act:
    ada, agent = s.world.party("Ada Marsh"), s.world.party("Bright Talent", kind="organisation")
    s.world.act("authority.granted", authority(ada, agent), by=ada)
    never: dict[str, Json] = {"restriction": new_id(), "performer": ada.id, "scopes": [face()]}
    s.world.act("restriction.declared", never, by=ada)
    return Act(type="restriction.lifted", body={"restriction": never["restriction"]}, by=agent)


BAD: dict[Callable[[Scene], Act], tuple[int, str, str | None]] = {
    overlapping_exclusives: (409, "exclusive_conflict", "body.scopes"),
    shares_over_the_whole: (422, "share_over_whole", "body.share"),
    a_chain_that_loops: (422, "chain_loops", "body.licensee"),
    a_window_that_never_opens: (400, "empty_dimension", "body.scopes[0].window"),
    an_unknown_territory: (400, "unknown_term", "body.scopes[0].territories"),
    an_unknown_event: (400, "bad_value", "body.scopes[0].window[0].event"),
    an_event_of_an_unknown_work: (422, "unknown_work", "body.scopes"),
    an_option_exercised_late: (422, "option_too_late", "body.option"),
    an_amendment_before_its_licence: (422, "amendment_before_licence", "body.effective_from"),
    a_minor_without_guardian: (403, "guardian_needed", None),
    an_approval_by_the_wrong_person: (403, "not_an_approver", None),
    a_guardian_who_allows_what_is_never_allowed: (422, "never_allowed", "body.scopes[0].content"),
    money_as_a_float: (400, "float_not_allowed", None),
    an_agent_who_lifts_a_never: (403, "own_key_needed", "issuer"),
}


def rows() -> dict[str, int]:
    """Count every table; keys of people are made before a statement of theirs is read, and hold nothing."""
    return {model._meta.label: model._default_manager.count() for model in apps.get_models() if model is not DataKey}


def sent(scene: Scene, act: Act) -> Any:
    """Draft, sign and send an act; return the first answer that is no success."""
    headers = {"Authorization": f"Bearer {scene.world.token(act.by)}"}
    asked = {"type": act.type, "issuer": act.by.id, "body": act.body, "language": "en", "private": act.private}
    drafted = Client().post("/api/v1/statements/draft", json.dumps(asked), "application/json", headers=headers)
    if drafted.status_code != 200:
        return drafted
    envelope = sign_statement(base64.b64decode(drafted.json()["payload"]), act.by.key)
    submission = {"envelope": envelope.format(), **{name: drafted.json()[name] for name in ("text", "private")}}
    return Client().post("/api/v1/statements", json.dumps(submission), "application/json", headers=headers)


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.__name__)
def test_what_cannot_be_is_one_problem_and_nothing_is_stored(scene: Scene, bad: Callable[[Scene], Act]) -> None:
    act = bad(scene)
    before = rows()
    answer = sent(scene, act)
    problem = answer.json()
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (answer.status_code, problem["code"], problem.get("field")) == BAD[bad], problem
    after = rows()
    after["registry.Token"] -= 1  # of whoever asked
    assert after == before
