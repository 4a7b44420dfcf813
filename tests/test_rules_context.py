"""What rules may see is gathered from signed terms, the request and the project, and from nothing else."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from consent.core.bodies import PARSERS
from consent.core.context import ANY_LAW, NO_END_DAYS, Context, as_cedar, read_facts
from consent.core.gathering import agreement_key, broken_by, context_of, grant_facts, law_key
from consent.core.grants import Grant
from consent.core.request import Request, parse_request
from consent.core.rules import Rules, broken
from registry.core.errors import DomainError
from registry.core.fields import Reader
from registry.core.record import Party, Project
from registry.core.scope import Scope
from tests.decisions import box, consent, id_of, reference, shot, shown, training

AT_S = int(datetime(2026, 11, 24, 12, tzinfo=UTC).timestamp())


def granted(**changed: Any) -> Grant:
    body = consent("ada", "studio", **changed)
    shown_fields = {"language": "en", "text_sha256": "0" * 64, "private_sha256": None}
    terms = PARSERS["consent.granted"](Reader({**body, **shown_fields}, "body"))
    return Grant(
        digest="d" * 64,
        kind="consent",
        grantor=id_of("ada"),
        grantee=id_of("studio"),
        scopes=tuple(Scope.parse(scope) for scope in body["scopes"]),
        assurance="signed",
        logged=True,
        authorised=True,
        identity_stands=True,
        terms=terms,  # type: ignore[arg-type]  # a consent, as its parser says
        issued_s=AT_S - 48 * 3_600,
    )


def person(**changed: Any) -> Party:
    usual: dict[str, Any] = {
        "party": id_of("ada"),
        "kind": "person",
        "name": "Ada",
        "identifiers": {},
        "affiliates": frozenset(),
        "born": date(1990, 1, 1),
        "domicile": "FR",
        "unions": (),
        "key": None,
    }
    return Party(**{**usual, **changed})


def project(**changed: Any) -> Project:
    usual: dict[str, Any] = {
        "project": id_of("film"),
        "title": "The Ridge",
        "kind": "film",
        "producer": id_of("studio"),
        "agreement": "SAG-AFTRA TV/Theatrical 2026",
        "signatory": "Studio",
        "governing_law": "us-ca",
        "parent": None,
    }
    return Project(**{**usual, **changed})


def asked(*, of: str = "performer", act: str = "condition", party: Party | None = None, **changed: Any) -> Context:
    request = parse_request(shot(references=[reference(depicted_age=30)], by_performer={id_of("ada"): shown()}))
    assert isinstance(request, Request)
    given: dict[str, Any] = {
        "project": project(),
        "party": party or person(),
        "shown": request.by_performer[id_of("ada")],
        "dead": False,
        "struck": False,
        "grant": granted(),
        **changed,
    }
    return context_of(request, of=of, act=act, aspects=1, at_s=AT_S, **given)


def test_what_the_terms_and_the_request_say_is_seen() -> None:
    context = asked()
    assert (context.request.kind, context.request.depicted_ages) == ("shot", frozenset({30}))
    assert (context.demand.act, context.demand.replica_use) == ("condition", "employment_based")
    assert (context.project.agreement, context.project.governing_law) == ("sag_aftra_tv_theatrical", "US-CA")
    assert (context.project.signatory, context.project.kind) == (True, "film")
    assert (context.performer.minor, context.performer.domicile) == (False, "FR")
    grant = context.grant
    assert (grant.basis, grant.specific, grant.revocation, grant.strike) == ("consent", True, "at_will", "suspends")
    assert (grant.hours_before_use, grant.signed_by, grant.retention_set) == (48, "own", False)
    assert context.output.marks == {"signed_metadata", "watermark"}


def test_what_is_not_given_is_unknown() -> None:
    context = asked(project=None, shown=None, dead=None, struck=None, grant=None, party=person(born=None))
    assert (context.project.agreement, context.demand.replica_use, context.grant.basis) == (None, None, None)
    assert (context.performer.minor, context.performer.dead, context.performer.struck) == (None, None, None)
    assert context.output.disclosed is None


def test_a_use_under_the_agreement_passes_and_the_same_on_paper_alone_refuses() -> None:
    assert broken(asked(), AT_S) == ()
    vague = granted(role=None, scenes="any")
    assert [one.rule for one in broken(asked(grant=vague), AT_S)] == ["sag-aftra-2026/specific-description"]
    assert broken(asked(grant=vague, project=project(agreement=None)), AT_S) == ()


def test_one_call_selects_gathers_and_asks() -> None:
    request = parse_request(shot(by_performer={id_of("ada"): shown()}))
    assert isinstance(request, Request)
    given: dict[str, Any] = {
        "at_s": AT_S,
        "act": "condition",
        "party": person(),
        "dead": False,
        "struck": False,
        "shown": request.by_performer[id_of("ada")],
    }
    vague = granted(role=None, scenes="any")
    assert broken_by(request, of="performer", project=project(), grant=granted(), **given) == ()
    found = broken_by(request, of="performer", project=project(), grant=vague, **given)
    assert [one.rule for one in found] == ["sag-aftra-2026/specific-description"]
    assert broken_by(request, of="performer", project=project(agreement=None), grant=vague, **given) == ()
    assert broken_by(request, of="performer", grant=vague, **given) == ()
    assert broken_by(request, of="performer", project=project(), grant=vague, rules=Rules((), ""), **given) == ()


def test_a_request_in_the_union_needs_both_marks() -> None:
    request = parse_request(shot(territories=["FR"]))
    assert broken_by(request, of="request", at_s=AT_S) == ()
    found = broken_by(request, of="request", at_s=AT_S, marks=frozenset({"watermark"}))
    assert [one.rule for one in found] == ["eu-ai-act/art-50-marks"]
    (unknown,) = broken_by(request, of="request", at_s=AT_S, marks=None)
    assert (unknown.code, unknown.fact) == ("rule_fact_missing", "output.marks")


@pytest.mark.parametrize(
    ("changed", "specific"),
    [
        ({"description": "x" * 20}, True),
        ({"description": "x" * 19}, False),
        ({"description": " x" * 10 + " " * 30}, False),
        ({"role": None}, True),
        ({"scenes": "any"}, True),
        ({"role": None, "scenes": "any"}, False),
    ],
)
def test_a_description_is_specific_with_words_enough_and_a_role_or_scenes(changed: Any, specific: bool) -> None:
    assert grant_facts(granted(**changed), at_s=AT_S).specific is specific


@pytest.mark.parametrize(
    ("born", "minor"), [(date(2008, 11, 24), False), (date(2008, 11, 25), True), (date(2020, 2, 29), True)]
)
def test_a_person_is_a_minor_until_the_eighteenth_birthday(born: date, minor: bool) -> None:
    assert asked(party=person(born=born)).performer.minor is minor


def test_hours_are_full_ones() -> None:
    facts = [grant_facts(granted(), at_s=AT_S - less).hours_before_use for less in (0, 1, 3_600, 3_601)]
    assert facts == [48, 47, 47, 46]


@pytest.mark.parametrize(
    ("window", "days"),
    [
        (["2027-01-01T00:00:00Z", "2027-01-02T00:00:00Z"], 1),
        (["2027-01-01T00:00:00Z", "2027-01-02T00:00:01Z"], 2),
        (["2027-01-01T00:00:00Z", None], NO_END_DAYS),
    ],
)
def test_a_day_that_has_begun_counts_for_the_term(window: list[str | None], days: int) -> None:
    assert grant_facts(granted(scopes=[box(window=window)]), at_s=AT_S).term_days == days


def test_a_grant_for_every_project_is_seen() -> None:
    assert grant_facts(granted(scopes=[box(projects=["*"])]), at_s=AT_S).all_projects is True
    assert grant_facts(granted(scopes=[box(projects=[id_of("film")])]), at_s=AT_S).all_projects is False


@pytest.mark.parametrize(
    "name",
    [
        "SAG-AFTRA TV/Theatrical 2026",
        "sag_aftra_tv_theatrical",
        "SAG‑AFTRA  TV / Theatrical",
        "Sag-Aftra TV/Theatrical 2023",
    ],
)
def test_an_agreement_is_known_however_it_is_written(name: str) -> None:
    assert agreement_key(name) == "sag_aftra_tv_theatrical"


@pytest.mark.parametrize(
    ("text", "key"), [(" fr ", "FR"), ("US-CA", "US-CA"), ("California", ANY_LAW), ("USA", ANY_LAW)]
)
def test_a_governing_law_is_a_code_or_every_law(text: str, key: str) -> None:
    assert law_key(text) == key


def test_a_training_run_has_no_project_and_no_scene() -> None:
    request = parse_request(training("portrait"))
    context = context_of(request, of="performer", act="train", aspects=1, at_s=AT_S, grant=granted(basis="contract"))
    assert (context.request.kind, context.request.depicted_ages, context.project.agreement) == (
        "train",
        frozenset(),
        None,
    )
    assert [one.rule for one in broken(context, AT_S)] == ["builtin/own-consent"]


@pytest.mark.parametrize(
    "facts",
    [{"grant.lucky": True}, {"grant.specific": 1}, {"request.territories": ["XX"]}, {"request.depicted_ages": [True]}],
)
def test_facts_that_are_none_cannot_be_written(facts: dict[str, object]) -> None:
    with pytest.raises(DomainError):
        read_facts("performer", facts)


def test_masks_reach_cedar_as_words() -> None:
    context = read_facts("request", {"request.territories": ["US", "FR"], "request.depicted_ages": [40, 7]})
    assert as_cedar("request.territories", context.request.territories) == ["FR", "US"]
    assert as_cedar("request.depicted_ages", context.request.depicted_ages) == [7, 40]
