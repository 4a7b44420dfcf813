"""What grants come to, over HTTP: a statement that can be computed again, for those whom it concerns."""

from __future__ import annotations

import csv
import io
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from uuid6 import uuid7

from generation.models import Basis, FavouredAlert, Release
from generation.services.favouring import look_for_better_pay
from registry import vault
from registry.core.errors import DomainError
from registry.locks import clock
from registry.models import StatementRow
from tests.studio import Studio, consent_body, figure, post
from tests.world import PEOPLE, Actor, File, licence_body

pytestmark = pytest.mark.django_db


@pytest.fixture
def studio(tmp_path: Path, settings: Any) -> Studio:
    return Studio.open(tmp_path, settings, consent=False)


def consented(studio: Studio, *items: dict[str, Any], by: Actor | None = None, mfn: str | None = None) -> str:
    """A performer consents for this pay; the log is published."""
    performer = by or studio.ada
    private = {"pay": [{"currency": "EUR"} | item for item in items], "mfn": mfn}
    body = consent_body(performer, studio.producer)
    consent = studio.world.act("consent.granted", body, by=performer, private=private)
    studio.world.publish()
    return consent


def statement(studio: Studio, party: Actor, **query: str) -> Any:
    """What a party reads of itself."""
    secret = studio.world.token(party, "read")
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    return studio.get(f"/parties/{party.id}/accruals?{asked}", secret=secret)


def release_of(shot: str) -> str:
    return str(Release.objects.values_list("digest", flat=True).get(shot=shot))


def test_a_performer_reads_what_a_release_and_a_use_came_to_and_can_compute_it_again(studio: Studio) -> None:
    consent = consented(
        studio,
        {"kind": "shot", "minor": 25_000},
        {"kind": "second", "minor": 333},
        {"kind": "scale", "by": "medium", "table": {"svod": 100, "theatrical": 900}},
    )
    assert statement(studio, studio.ada).json()["totals"] == []
    shot = studio.released()
    use = {name: value for name, value in studio.use(media=["theatrical"]).items() if name != "by_performer"}
    headers = studio.headers() | {"Idempotency-Key": str(uuid7())}
    assert post(f"/api/v1/shots/{shot}/uses", use, headers).status_code == 201

    told = statement(studio, studio.ada).json()
    (grant,) = told["grants"]
    assert (grant["grant"], grant["grantee"]) == (consent, studio.producer.id)
    release, used = grant["accruals"]
    assert (release["statement"], release["of"], used["of"]) == (release_of(shot), "release", "use")
    exact = sum((Fraction(line["exact_minor"]) for line in release["lines"]), Fraction(0))
    assert exact == 25_000 + Fraction(release["seconds"]) * 333 + 100
    assert release["totals"] == [{"currency": "EUR", "minor": round(exact)}]
    assert used["totals"] == [{"currency": "EUR", "minor": 900}]
    assert told["totals"] == [{"currency": "EUR", "minor": round(exact) + 900}]
    assert "half to even" in told["rounding"]


def test_the_table_says_the_same_as_the_json(studio: Studio) -> None:
    consented(studio, {"kind": "shot", "minor": 5}, {"kind": "day", "minor": 7})
    studio.released()
    answer = statement(studio, studio.ada, format="csv")
    assert answer["Content-Type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert [(row["kind"], row["exact_minor"], row["missing"], row["accrued_minor"]) for row in rows] == [
        ("shot", "5", "", ""),
        ("day", "", "days_not_stated", ""),
        ("total", "", "", "5"),
    ]
    assert statement(studio, studio.ada, format="xml").json()["code"] == "bad_value"


def test_days_and_base_count_once_the_producer_states_them_and_the_newest_counts(studio: Studio) -> None:
    consented(studio, {"kind": "day", "minor": 40_000}, {"kind": "percent", "basis_points": 250})
    shot = studio.released()
    (grant,) = statement(studio, studio.ada).json()["grants"]
    assert grant["accruals"][0]["missing"] == ["base_not_stated", "days_not_stated"]
    body = {"statement": release_of(shot), "days": {studio.ada.id: 2}, "base": {"minor": 1_000_000, "currency": "EUR"}}
    assert studio.post(f"/shots/{shot}/basis", body).status_code == 201
    assert statement(studio, studio.ada).json()["totals"] == [{"currency": "EUR", "minor": 80_000 + 25_000}]
    assert studio.post(f"/shots/{shot}/basis", body | {"days": {studio.ada.id: 3}}).status_code == 201
    assert statement(studio, studio.ada).json()["totals"] == [{"currency": "EUR", "minor": 120_000 + 25_000}]
    assert Basis.objects.count() == 2
    assert b"1000000" not in bytes(Basis.objects.first().stated)  # type: ignore[union-attr]  # there are two


def licensed(studio: Studio, *items: dict[str, Any], **fields: Any) -> tuple[File, str, dict[str, Any]]:
    """The Archive licenses a file of its own for this pay."""
    plate = studio.world.asset(studio.archive, title="The other ridge")
    studio.world.title(studio.archive, plate)
    body = licence_body(studio.archive, studio.producer, plate) | fields
    private = {"pay": [{"currency": "EUR"} | item for item in items]}
    licence = studio.world.act("licence.granted", body, by=studio.archive, private=private)
    studio.world.publish()
    return plate, licence, body


def amended(studio: Studio, licence: str, body: dict[str, Any], at: str, *items: dict[str, Any]) -> str:
    """New terms from a day on, that say nothing of pay unless items are given."""
    terms = {name: value for name, value in body.items() if name not in ("document_sha256", "signed_on")}
    said = {"licence": licence, "effective_from": at, "terms": terms, "document_sha256": None}
    private = {"pay": [{"currency": "EUR"} | item for item in items]} if items else None
    digest = studio.world.act("licence.amended", said, by=studio.archive, private=private)
    studio.world.publish()
    return digest


def plated(studio: Studio, plate: File, **fields: Any) -> str:
    return studio.released(studio.empty_request(references=[{"asset": plate.id, "role": "first_frame"}], **fields))


def test_an_amendment_that_says_nothing_of_pay_pays_nothing_twice(studio: Studio) -> None:
    plate, licence, body = licensed(studio, {"kind": "flat", "minor": 1_000}, {"kind": "shot", "minor": 10})
    plated(studio, plate)
    amended(studio, licence, body, "2027-06-01T00:00:00Z")
    plated(studio, plate, take=2)  # rests on the terms of both halves of the year
    told = statement(studio, studio.archive).json()
    (grant,) = [one for one in told["grants"] if one["accruals"] and one["totals"]]
    assert grant["grant"] == licence
    assert told["totals"] == [{"currency": "EUR", "minor": 1_020}]


def test_an_amendment_keeps_the_pay_of_the_one_before_it(studio: Studio) -> None:
    plate, licence, body = licensed(studio, {"kind": "shot", "minor": 10})
    raised = amended(studio, licence, body, "2026-12-01T00:00:00Z", {"kind": "shot", "minor": 25})
    amended(studio, licence, body, "2026-12-15T00:00:00Z")
    plated(studio, plate)
    told = statement(studio, studio.archive).json()["grants"]
    paid = {one["grant"]: one["totals"] for one in told if one["totals"]}
    assert paid[raised] == [{"currency": "EUR", "minor": 25}]


def test_what_is_paid_once_is_paid_in_the_project_that_used_it_first(studio: Studio) -> None:
    plate, _, _ = licensed(studio, {"kind": "flat", "minor": 1_000})
    plated(studio, plate)
    sequel = studio.world.project(studio.producer)
    studio.world.publish()
    plated(studio, plate, project=sequel)
    assert statement(studio, studio.archive, project=studio.project).json()["totals"] != []
    assert statement(studio, studio.archive, project=sequel).json()["totals"] == []


def test_whoever_had_a_grant_assigned_reads_what_it_owes_and_no_more(studio: Studio) -> None:
    plate, licence, _ = licensed(studio, {"kind": "shot", "minor": 10}, assignable=True)
    plated(studio, plate)
    buyer = studio.world.party("Southlight", kind="organisation")
    passed = {"grant": licence, "to": buyer.id, "effective_from": "2027-01-01T00:00:00Z"}
    secret = studio.world.token(buyer, "read")
    assert studio.get(f"/parties/{studio.archive.id}/accruals", secret=secret).status_code == 403
    studio.world.act("grant.assigned", passed | {"document_sha256": None}, by=studio.producer)
    told = studio.get(f"/parties/{studio.archive.id}/accruals", secret=secret).json()
    assert [one["accruals"] for one in told["grants"]] == [[]]
    owed = studio.get(f"/parties/{studio.archive.id}/accruals").json()
    assert owed["totals"] == [{"currency": "EUR", "minor": 10}]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"days": {"nobody": 1}}, "bad_id"),
        ({"base": {"minor": "10", "currency": "EUR"}}, "bad_type"),
        ({"base": {"minor": 1.5, "currency": "EUR"}}, "float_not_allowed"),
        ({"base": {"minor": 10}}, "missing_field"),
        ({"statement": "0" * 64}, "unknown_statement"),
        ({"note": "cash"}, "unknown_field"),
    ],
)
def test_a_wrong_basis_is_one_problem_and_nothing_is_kept(studio: Studio, change: dict[str, Any], code: str) -> None:
    consented(studio, {"kind": "day", "minor": 1})
    shot = studio.released()
    answer = studio.post(f"/shots/{shot}/basis", {"statement": release_of(shot)} | change)
    assert answer.json()["code"] == code
    assert not Basis.objects.exists()
    stranger = studio.world.token(studio.archive, "produce")
    assert studio.post(f"/shots/{shot}/basis", {"statement": release_of(shot)}, secret=stranger).status_code == 404


def test_a_licensor_is_paid_by_its_own_terms_and_each_side_reads_what_concerns_it(studio: Studio) -> None:
    consented(studio, {"kind": "shot", "minor": 10})
    plate = studio.world.asset(studio.archive, title="The other ridge")
    studio.world.title(studio.archive, plate)
    body = licence_body(studio.archive, studio.producer, plate)
    private = {"pay": [{"kind": "flat", "minor": 99, "currency": "USD"}]}
    studio.world.act("licence.granted", body, by=studio.archive, private=private)
    studio.world.publish()
    references = [
        {"asset": studio.portrait.id, "role": "likeness", "performer": studio.ada.id},
        {"asset": plate.id, "role": "first_frame"},
    ]
    studio.released(studio.request(references=references))
    assert statement(studio, studio.archive).json()["totals"] == [{"currency": "USD", "minor": 99}]
    assert statement(studio, studio.ada).json()["totals"] == [{"currency": "EUR", "minor": 10}]
    owed = studio.get(f"/parties/{studio.ada.id}/accruals").json()
    assert owed["totals"] == [{"currency": "EUR", "minor": 10}]
    stranger = studio.world.token(studio.archive, "read")
    assert studio.get(f"/parties/{studio.ada.id}/accruals", secret=stranger).json()["code"] == "not_yours"


def test_terms_that_nobody_could_compute_are_refused_when_drafted_and_when_signed(studio: Studio) -> None:
    body = consent_body(studio.ada, studio.producer)
    wrong = {"pay": [{"kind": "shot", "minor": "12.50", "currency": "EUR"}]}
    before = StatementRow.objects.count()
    with pytest.raises(DomainError) as caught:
        studio.world.signed("consent.granted", body, by=studio.ada, private=wrong)  # type: ignore[arg-type]  # it is wrong on purpose
    assert (caught.value.code, caught.value.field) == ("bad_type", "private.pay[0].minor")
    signed = studio.world.signed("consent.granted", body, by=studio.ada, private={"pay": []})
    secret = studio.world.token(studio.ada, "sign")
    spoiled = signed | {"private": signed["private"] | {"pay": [{"kind": "shot", "minor": 1.5, "currency": "EUR"}]}}
    answer = studio.post("/statements", spoiled, secret=secret)
    assert (answer.status_code, answer.json()["code"]) == (400, "float_not_allowed")
    drafting = {"type": "consent.granted", "issuer": studio.ada.id, "body": body, "language": "en", "private": wrong}
    assert studio.post("/statements/draft", drafting, secret=secret).json()["field"] == "private.pay[0].minor"
    assert StatementRow.objects.count() == before
    assert studio.post("/statements", signed, secret=secret).status_code == 201


def test_terms_that_were_erased_come_to_nothing_and_say_so(studio: Studio) -> None:
    consented(studio, {"kind": "shot", "minor": 10})
    studio.released()
    vault.destroy_key(f"party:{studio.ada.id}")
    (grant,) = studio.get(f"/parties/{studio.ada.id}/accruals").json()["grants"]
    assert (grant["terms"], grant["accruals"]) == ("unreadable", [])


def portrait_of(studio: Studio, performer: Actor) -> File:
    file = studio.world.asset(studio.archive, figure() + performer.id.encode(), kind="still", inventory=PEOPLE)
    studio.world.appearance(file, performer, by=studio.archive)
    studio.world.title(studio.archive, file)
    studio.world.licence(studio.archive, studio.producer, file)
    return file


@pytest.mark.parametrize(
    ("other", "kinds"),
    [
        ({"kind": "shot", "minor": 101}, ["better"]),
        ({"kind": "shot", "minor": 100}, []),
        ({"kind": "day", "minor": 1}, ["not_comparable"]),
    ],
)
def test_who_has_less_in_a_group_is_told_once_and_never_how_much_less(
    studio: Studio, other: dict[str, Any], kinds: list[str]
) -> None:
    ben = studio.world.party("Ben Shore")
    own = consented(studio, {"kind": "shot", "minor": 100}, mfn="cast")
    consented(studio, other, by=ben, mfn="cast")
    file = portrait_of(studio, ben)
    studio.world.publish()
    studio.released()
    assert look_for_better_pay(at=clock()) == 1
    assert not FavouredAlert.objects.exists()  # the other's grant is not used yet
    shown = {ben.id: {"depicts": [], "role": "Mara", "replica_use": "employment_based"}}
    studio.released(
        studio.request(
            take=2,
            references=[{"asset": file.id, "role": "likeness", "performer": ben.id}],
            use=studio.use(by_performer=shown),
        )
    )
    assert look_for_better_pay(at=clock()) == 1
    assert look_for_better_pay(at=clock()) == 0
    secret = studio.world.token(studio.ada, "read")
    alerts = studio.get(f"/parties/{studio.ada.id}/favoured", secret=secret).json()["results"]
    assert [alert["kind"] for alert in alerts] == kinds
    for alert in alerts:
        assert set(alert) == {"id", "project", "grant", "kind", "at"}
        assert (alert["grant"], alert["project"]) == (own, studio.project)
    told = studio.get(f"/parties/{studio.producer.id}/favoured").json()["results"]
    assert own in [alert["grant"] for alert in told] or not kinds
    assert studio.get(f"/parties/{studio.ada.id}/favoured").json()["code"] == "not_yours"


def test_grants_of_different_groups_or_to_different_grantees_are_not_compared(studio: Studio) -> None:
    ben = studio.world.party("Ben Shore")
    consented(studio, {"kind": "shot", "minor": 100}, mfn="cast")
    consented(studio, {"kind": "shot", "minor": 900}, by=ben, mfn="stunts")
    file = portrait_of(studio, ben)
    studio.world.publish()
    studio.released()
    shown = {ben.id: {"depicts": [], "role": "Mara", "replica_use": "employment_based"}}
    references = [{"asset": file.id, "role": "likeness", "performer": ben.id}]
    studio.released(studio.request(take=2, references=references, use=studio.use(by_performer=shown)))
    look_for_better_pay(at=clock())
    assert not FavouredAlert.objects.exists()
