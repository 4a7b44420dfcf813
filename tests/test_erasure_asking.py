"""Ask to be erased over HTTP: be told first, confirm what was told, change one's mind, have a receipt."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from generation.services import erasing, erasure_requests
from generation.services.withdrawing import look_after
from generation.tasks import sweep_up
from registry.core.envelope import Envelope
from registry.core.errors import DomainError
from registry.locks import clock
from registry.models import ErasureRequest, StatementRow
from registry.vault import TextDamaged
from tests.erasing import asked, erased, make_due, principal
from tests.studio import Studio
from tests.world import Actor, World, new_id

pytestmark = pytest.mark.django_db
YEAR = timedelta(days=365)


@pytest.fixture
def studio(tmp_path: Path, settings: Any) -> Studio:
    return Studio.open(tmp_path, settings)


class Person:
    """Somebody at the API, with a token of their own."""

    def __init__(self, world: World, actor: Actor, *scopes: str) -> None:
        self.id = actor.id
        self.headers = {"Authorization": f"Bearer {world.token(actor, *(scopes or ('sign',)))}"}

    def get(self, subject: str | None = None) -> Any:
        return Client().get(f"/api/v1/parties/{subject or self.id}/erasure", headers=self.headers)

    def post(self, body: Any, subject: str | None = None) -> Any:
        path = f"/api/v1/parties/{subject or self.id}/erasure"
        return Client().post(path, json.dumps(body), content_type="application/json", headers=self.headers)

    def delete(self, subject: str | None = None) -> Any:
        return Client().delete(f"/api/v1/parties/{subject or self.id}/erasure", headers=self.headers)


def test_a_person_is_told_in_two_languages_what_goes_what_stays_and_until_when(studio: Studio) -> None:
    studio.released()
    told = Person(studio.world, studio.ada).get().json()
    assert "Destroyed for good" in told["texts"]["en"]
    assert "Détruit définitivement" in told["texts"]["fr"]
    (ground,) = [one for one in told["kept"] if one["digest"] == studio.consent]
    assert ground["reason"] == "legal_claims"
    for text in told["texts"].values():
        assert ground["digest"] in text
        assert ground["until"][:4] in text
        assert re.search(r"(your consent|votre consentement) \(" + studio.consent, text)
        assert not re.search(r"\b0 ", text), "what there is none of is not told"
    assert told["obstacles"] == []
    assert told["request"] is None


def test_nobody_is_erased_who_was_not_told_or_was_told_otherwise(studio: Studio) -> None:
    person = Person(studio.world, studio.ada)
    told = person.get().json()
    assert person.post({"told_sha256": "0" * 64}).json()["code"] == "told_otherwise"
    studio.released()
    assert person.post({"told_sha256": told["told_sha256"]}).json()["code"] == "told_otherwise"
    again = person.get().json()
    answer = person.post({"told_sha256": again["told_sha256"]})
    assert answer.status_code == 201, answer.content


def test_it_waits_and_can_be_taken_back_and_asked_for_again(studio: Studio) -> None:
    person = Person(studio.world, studio.ada)
    assert person.delete().status_code == 404
    told = {"told_sha256": person.get().json()["told_sha256"]}
    first = person.post(told)
    assert first.status_code == 201
    assert person.post(told).json()["code"] == "erasure_asked"
    assert person.get().json()["request"]["asked_by"] == studio.ada.id
    assert erasing.erase(first.json()["id"]) == ()  # not due
    assert person.delete().status_code == 204
    make_due(first.json()["id"])
    assert erasing.run_due(at=clock()) == {}
    assert person.post(told).status_code == 201
    receipt = Client().get(first.json()["receipt"]).json()
    assert receipt["state"] == "cancelled"
    assert "nothing was destroyed" in receipt["texts"]["en"]
    assert "rien n’a été détruit" in receipt["texts"]["fr"]


@pytest.mark.parametrize("who", ["producer", "reviewer"])
def test_nobody_else_may_ask_or_look(studio: Studio, who: str) -> None:
    stranger = Person(studio.world, getattr(studio, who))
    assert stranger.get(studio.ada.id).json()["code"] == "not_yours"
    assert stranger.post({"told_sha256": "0" * 64}, studio.ada.id).json()["code"] == "not_yours"
    assert Person(studio.world, studio.ada, "read").get().json()["code"] == "insufficient_scope"


def represent(world: World, ada: Actor, role: str, agent: Actor, **fields: Any) -> None:
    body = {
        "authority": new_id(),
        "principal": ada.id,
        "agents": [agent.id],
        "required": 1,
        "role": role,
        "powers": ["grant", "revoke", "view"],
        "acts": ["condition", "distribute"],
        "window": ["2026-01-01T00:00:00Z", None],
        "evidence_sha256": None if role == "agent" else "e" * 64,
    }
    world.act("authority.granted", body | fields, by=ada if role == "agent" else world.notary)


@pytest.mark.parametrize(("role", "may"), [("guardian", True), ("agent", False)])
def test_a_guardian_may_ask_and_an_agent_may_not(studio: Studio, role: str, may: bool) -> None:
    guard = studio.world.party("Gus Guard")
    represent(studio.world, studio.ada, role, guard)
    answer = Person(studio.world, guard).get(studio.ada.id)
    assert (answer.status_code == 200) == may


def test_whoever_asks_the_person_is_told_and_may_take_it_back(studio: Studio) -> None:
    ada, guard = Person(studio.world, studio.ada), studio.world.party("Gus Guard")
    represent(studio.world, studio.ada, "guardian", guard)
    for asker in (Person(studio.world, guard), ada):
        told = {"told_sha256": asker.get(studio.ada.id).json()["told_sha256"]}
        asked_for = asker.post(told, studio.ada.id).json()
        (alert,) = alerts(ada)
        assert (alert["detail"], alert["days"]) == (asked_for["id"], 7)
        assert alert["ends_at"][:19] == asked_for["due_at"][:19]
        assert ada.get().json()["request"]["asked_by"] == asker.id
        assert ada.delete().status_code == 204
        assert alerts(ada) == []
        make_due(asked_for["id"])
        sweep_up()
        assert Client().get(asked_for["receipt"]).json()["state"] == "cancelled"
    assert ada.get().json()["request"] is None


def alerts(person: Person) -> list[dict[str, Any]]:
    found = Client().get("/api/v1/alerts?kind=erasure", headers=person.headers).json()["results"]
    assert isinstance(found, list)
    return found


def test_guardians_who_act_jointly_do_not_ask_alone_and_each_may_take_it_back(studio: Studio) -> None:
    first, second = studio.world.party("Gus Guard"), studio.world.party("Gwen Guard")
    agents = sorted([first.id, second.id])
    represent(studio.world, studio.ada, "guardian", first, agents=agents, required=2)
    told = {"told_sha256": Person(studio.world, first).get(studio.ada.id).json()["told_sha256"]}
    refused = Person(studio.world, first).post(told, studio.ada.id)
    assert (refused.status_code, refused.json()["code"]) == (403, "two_people_needed")
    assert not ErasureRequest.objects.exists()
    assert Person(studio.world, studio.ada).post(told).status_code == 201
    assert Person(studio.world, second).delete(studio.ada.id).status_code == 204


def test_an_estate_asks_once_somebody_else_recorded_the_death(studio: Studio) -> None:
    heir = studio.world.party("Hal Heir")
    represent(studio.world, studio.ada, "estate", heir)
    asker = Person(studio.world, heir)

    def died(*, by: Actor) -> None:
        body = {
            "event": "death", "party": studio.ada.id, "territory": None, "on": "2026-11-01", "utc_offset": 60,
            "document_sha256": None,
        }  # fmt: skip
        studio.world.act("event.recorded", body, by=by)

    assert asker.get(studio.ada.id).json()["code"] == "not_yours"
    died(by=heir)
    assert asker.get(studio.ada.id).json()["code"] == "not_yours"
    died(by=studio.world.notary)
    told = {"told_sha256": asker.get(studio.ada.id).json()["told_sha256"]}
    assert asker.post(told, studio.ada.id).status_code == 201


def test_an_organisation_is_not_erased(studio: Studio) -> None:
    assert Person(studio.world, studio.archive).get().json()["code"] == "not_a_person"


def test_rights_that_others_rest_on_stand_in_the_way_until_they_end(studio: Studio) -> None:
    world, ada = studio.world, studio.ada
    photo = world.asset(ada)
    world.title(ada, photo)
    licence = world.licence(ada, studio.producer, photo)
    told = Person(world, ada).get().json()
    assert {"code": "rights_in_force", "about": licence} in told["obstacles"]
    answer = Person(world, ada).post({"told_sha256": told["told_sha256"]})
    assert (answer.status_code, answer.json()["code"]) == (409, "erasure_blocked")
    world.act("licence.terminated", {"licence": licence, "sell_off_until": None}, by=ada)
    assert Person(world, ada).get().json()["obstacles"] == []
    erased(world, ada)


def test_what_comes_in_the_way_while_it_waits_is_reported_and_nothing_is_done(studio: Studio, capsys: Any) -> None:
    world, ada = studio.world, studio.ada
    request = asked(world, ada)
    photo = world.asset(ada)
    licence = world.licence(ada, studio.producer, photo)
    make_due(request.id)
    with pytest.raises(SystemExit):
        call_command("erase", "run")
    assert json.loads(capsys.readouterr().out) == {"request": request.id, "blocked": [["rights_in_force", licence]]}
    assert ErasureRequest.objects.get(id=request.id).done_at is None


def test_what_is_due_is_carried_out_by_workers_once_and_one_that_fails_keeps_nobody_waiting(
    studio: Studio, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    ben = studio.world.party("Ben")
    first, second = asked(studio.world, studio.ada), asked(studio.world, ben)
    sweep_up()
    assert not ErasureRequest.objects.exclude(done_at=None).exists()  # its time has not come
    make_due(first.id)
    make_due(second.id)
    carry_out = erasing._carry_out

    def torn(subject: str, *rest: Any) -> list[str]:
        if subject == studio.ada.id:
            raise TextDamaged(owner=f"party:{subject}")
        return carry_out(subject, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(erasing, "_carry_out", torn)
        sweep_up()
    assert first.id in caplog.text
    done = ErasureRequest.objects.exclude(done_at=None)
    assert [row.id for row in done] == [second.id]
    for _ in range(2):
        sweep_up()
    assert {row.id: len(row.statements) for row in done.all()} == {first.id: 1, second.id: 1}
    assert StatementRow.objects.filter(type="erasure.done").count() == 2


def test_the_receipt_says_what_was_done_and_proves_it(studio: Studio, capsys: Any) -> None:
    told = Person(studio.world, studio.ada)
    answer = told.post({"told_sha256": told.get().json()["told_sha256"]}).json()
    waiting = Client().get(answer["receipt"]).json()
    assert (waiting["state"], waiting["records"]) == ("waiting", [])
    assert "will be carried out after" in waiting["texts"]["en"]
    assert "Il aura lieu après le" in waiting["texts"]["fr"]
    make_due(answer["id"])
    assert "has been due since" in Client().get(answer["receipt"]).json()["texts"]["en"]
    call_command("erase", "run")
    studio.world.publish()
    receipt = Client().get(answer["receipt"]).json()
    assert receipt["state"] == "done"
    (record,) = receipt["records"]
    assert Envelope.parse(record["envelope"]).digest == record["digest"]
    assert record["proof"].startswith("c2sp.org/tlog-proof@v1\n")
    assert record["digest"] in receipt["texts"]["fr"]
    capsys.readouterr()
    call_command("erase", "receipt", answer["id"], "--language", "fr")
    printed = capsys.readouterr().out
    assert "Reçu d’un effacement" in printed
    assert record["proof"] in printed
    assert told.get().status_code == 401  # her token went with her
    assert Client().get(answer["receipt"][:-2] + "xx").status_code == 404


def test_being_erased_twice_is_being_erased_once(studio: Studio) -> None:
    request, digests = erased(studio.world, studio.ada)
    assert erasing.erase(request.id) == digests
    call_command("erase", "run")
    with pytest.raises(DomainError):
        asked(studio.world, studio.ada)


def test_a_shot_that_is_about_to_be_pulled_comes_first(studio: Studio, settings: Any) -> None:
    studio.world.act(
        "consent.revoked", {"performer": studio.ada.id, "grants": [studio.consent], "grantee": None}, by=studio.ada
    )
    pulled = studio.grant(tail={"condition": "pull", "distribute": "pull"})
    studio.world.publish()
    shot = studio.released()
    studio.revoke(pulled)
    look_after(at=clock() - YEAR)  # told, and its time has not come by this clock
    caller = principal(studio.world, studio.ada)
    found = erasure_requests.preview(studio.ada.id, by=caller, at=clock())
    assert ("pull_pending", shot) in found.plan.obstacles
    studio.world.publish()
    look_after(at=clock())
    found = erasure_requests.preview(studio.ada.id, by=caller, at=clock())
    assert found.plan.obstacles == ()
