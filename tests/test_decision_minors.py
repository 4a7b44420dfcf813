"""Consents for people under age: who signs, what happens at majority; and what death leaves of a consent."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.decisions import (
    AT,
    SHA,
    SIGNED,
    Body,
    World,
    authority,
    box,
    consent,
    guard,
    id_of,
    party,
    revocation,
    shot,
    train_box,
    training,
)
from tests.titled import event

REFUSED = ["unauthorised_signer"]
BORN = "2012-03-10"  # fifteen when the consent is signed
OF_AGE = datetime(2030, 3, 10, tzinfo=UTC)


def child(born: str = BORN, **minor: Any) -> World:
    """Return a case in which Ada is under age and consents together with her guardian."""
    world = World()
    world["ada"]["born"] = born
    guard(world, **minor)
    world.scope("consent", window=["2027-01-01T00:00:00Z", "2040-01-01T00:00:00Z"])
    world.scope("licence", window=["2027-01-01T00:00:00Z", "2040-01-01T00:00:00Z"])
    return world


def second_guardian(world: World, required: int = 1) -> None:
    world.before("guardianship", "father", "party.registered", "father", party("father"))
    world["guardianship"].update(agents=sorted(map(id_of, ("guardian", "father"))), required=required)


def until(moment: datetime, **changed: Any) -> Body:
    return shot(window=["2027-09-01T00:00:00Z", moment.strftime("%Y-%m-%dT%H:%M:%SZ")], **changed)


# Guardians


def test_somebody_under_age_consents_with_a_guardian_and_not_without() -> None:
    world = child()
    assert world.codes(until(OF_AGE)) == []
    world.steps["consent"].signers = ("ada",)
    assert world.codes() == REFUSED


def test_a_guardian_signs_alone_or_together_with_the_minor() -> None:
    world = child()
    world.steps["consent"].issuer = "guardian"
    for signers in (("guardian",), ("guardian", "ada")):
        world.steps["consent"].signers = signers
        assert world.codes() == []


def test_a_consent_of_somebody_under_age_says_so() -> None:
    world = child()
    world["consent"]["minor"] = False
    assert world.codes() == REFUSED


@pytest.mark.parametrize(("born", "codes"), [("2009-05-02", []), ("2009-05-01", REFUSED), ("1990-04-01", REFUSED)])
def test_of_somebody_of_age_a_consent_may_not_say_that_they_are_a_minor(born: str, codes: list[str]) -> None:
    world = child(born, at_majority="continues")
    assert world.codes() == codes


@pytest.mark.parametrize(("born", "codes"), [("2009-05-01", []), ("2009-05-02", REFUSED), (None, [])])
def test_the_age_at_which_it_was_signed_says_who_signs(born: str | None, codes: list[str]) -> None:
    world = World()
    world["ada"]["born"] = born
    assert world.codes() == codes


@pytest.mark.parametrize(("role", "codes"), [("guardian", []), ("agent", REFUSED), ("estate", REFUSED)])
def test_no_other_authority_does_for_a_guardians(role: str, codes: list[str]) -> None:
    world = child()
    world["guardianship"]["role"] = role
    if role == "agent":
        world.steps["guardianship"].issuer = "ada"
    assert world.codes() == codes


@pytest.mark.parametrize(
    ("guardians", "required", "signers", "codes"),
    [
        ("one", 1, ("ada", "guardian"), []),
        ("one", 1, ("ada", "father"), []),
        ("one", 2, ("ada", "guardian"), REFUSED),
        ("one", 2, ("ada", "guardian", "father"), []),
        ("all", 1, ("ada", "guardian"), REFUSED),
        ("all", 1, ("ada", "guardian", "father"), []),
    ],
)
def test_one_guardian_signs_or_all(guardians: str, required: int, signers: tuple[str, ...], codes: list[str]) -> None:
    world = child(guardians=guardians)
    second_guardian(world, required)
    world.steps["consent"].signers = signers
    assert world.codes() == codes


@pytest.mark.parametrize(
    ("changed", "codes"),
    [({"powers": ["grant"]}, []), ({"powers": ["negotiate", "view"]}, REFUSED), ({"acts": ["condition"]}, REFUSED)],
)
def test_a_guardian_grants_within_their_authority(changed: Body, codes: list[str]) -> None:
    world = child()
    world["guardianship"].update(changed)
    assert world.codes() == codes


def test_who_attests_to_a_guardian_is_not_the_grantee() -> None:
    world = child()
    world.steps["guardianship"].issuer = "studio"
    assert world.codes() == REFUSED


def test_who_attests_to_a_guardian_is_not_whom_it_is_passed_on_to_either() -> None:
    world = child()
    world.before("vouch", "heir", "party.registered", "heir", party("heir", kind="organisation", born=None))
    for name in ("consent", "licence"):
        world[name]["assignable"] = True
        body = {"grant": world.digest(name), "to": id_of("heir"), "effective_from": "2027-05-15T00:00:00Z"}
        world.add(f"{name} assigned", "grant.assigned", "studio", body)
    request = until(OF_AGE, **{"for": id_of("heir")})
    assert world.codes(request) == []
    world.steps["guardianship"].issuer = "heir"
    for name in ("consent", "licence"):
        world[f"{name} assigned"]["grant"] = world.digest(name)
    assert world.codes(request) == REFUSED


def test_a_disputed_guardian_signs_for_nobody_while_it_lasts() -> None:
    world = child()
    body = {"authority": world["guardianship"]["authority"], "grounds": "no custody", "evidence_sha256": SHA}
    world.add("dispute", "authority.disputed", "notary", body, logged=False)
    assert world.codes() == REFUSED


def test_another_guardianship_that_nobody_disputes_serves_instead() -> None:
    world = child()
    again = world["guardianship"] | {"authority": id_of("again"), "evidence_sha256": "e" * 64}
    world.before("consent", "again", "authority.granted", "notary", again)
    body = {"authority": world["guardianship"]["authority"], "grounds": "no custody", "evidence_sha256": SHA}
    world.add("dispute", "authority.disputed", "notary", body)
    assert world.codes() == []
    world.add("both", "authority.disputed", "notary", body | {"authority": id_of("again")})
    assert world.codes() == REFUSED
    del world.steps["dispute"]
    assert world.codes() == []


def test_a_minor_whose_age_nobody_stated_is_taken_to_have_come_of_age_long_ago() -> None:
    world = child()
    world["ada"]["born"] = None
    assert world.codes() == ["expired"]
    world["consent"]["minor"]["at_majority"] = "continues"
    assert world.codes() == []


# Majority


def test_a_consent_that_ends_at_majority_covers_nothing_from_that_midnight_on() -> None:
    world = child(at_majority="ends")
    assert world.codes(until(OF_AGE)) == []
    assert world.codes(until(OF_AGE + timedelta(seconds=1))) == ["window_not_covered"]
    afterwards = {"window": ["2031-01-01T00:00:00Z", "2032-01-01T00:00:00Z"]}
    assert world.codes(shot(**afterwards), OF_AGE) == ["expired"]


def test_a_consent_that_continues_covers_what_it_says() -> None:
    world = child(at_majority="continues")
    assert world.codes(until(OF_AGE + timedelta(days=365))) == []


def ratify(world: World, issuer: str = "ada", **options: Any) -> None:
    options = {"issued_at": OF_AGE} | options
    world.add("ratified", "consent.ratified", issuer, {"grant": world.digest("consent")}, **options)


def test_a_consent_to_be_ratified_ends_until_its_performer_of_age_says_yes() -> None:
    world = child(at_majority="to_be_ratified")
    later = until(OF_AGE + timedelta(days=365))
    assert world.codes(later) == ["window_not_covered"]
    ratify(world)
    assert world.codes(later) == []


@pytest.mark.parametrize(
    "options",
    [
        {"issued_at": OF_AGE - timedelta(seconds=1)},
        {"logged": False},
        {"signers": ("guardian",)},
        {"issuer": "guardian"},
        {"issuer": "studio"},
    ],
)
def test_nobody_else_ratifies_nor_before_majority_nor_before_it_is_logged(options: dict[str, Any]) -> None:
    world = child(at_majority="to_be_ratified")
    ratify(world, **options)
    assert world.codes(until(OF_AGE + timedelta(days=365))) == ["window_not_covered"]


def test_what_ends_at_majority_is_not_ratified() -> None:
    world = child(at_majority="ends")
    ratify(world)
    assert world.codes(until(OF_AGE + timedelta(days=365))) == ["window_not_covered"]


def test_who_is_born_on_29_february_comes_of_age_on_1_march() -> None:
    world = child("2012-02-29", at_majority="ends")
    eve = datetime(2030, 3, 1, tzinfo=UTC)
    assert world.codes(until(eve)) == []
    assert world.codes(until(eve + timedelta(seconds=1))) == ["window_not_covered"]


def test_a_minor_who_turns_eighteen_in_the_middle_of_a_shoot_signs_anew() -> None:
    world = child("2009-06-01", at_majority="ends")
    world["consent"]["scopes"] = [box()]
    assert "expired" in world.codes()  # eighteen today
    body = consent("ada", "studio")
    world.add("own", "consent.granted", "ada", body, issued_at=AT - timedelta(minutes=1))
    assert world.codes() == []


# Death


def died(world: World, on: str, issuer: str = "notary", **options: Any) -> None:
    body = event("death", on=on, work=None, party=id_of("ada"), territory=None)
    world.add("death", "event.recorded", issuer, body, **options)


@pytest.mark.parametrize(("survives", "codes"), [(True, []), (False, ["window_not_covered"])])
def test_a_consent_ends_with_its_performers_death_unless_it_survives_it(survives: bool, codes: list[str]) -> None:
    world = World()
    world["consent"]["survives_death"] = survives
    died(world, "2028-01-01")
    assert world.codes() == codes


def test_a_death_counts_as_it_is_recorded_by_somebody_independent_of_the_grantee() -> None:
    world = World()
    died(world, "2027-05-15", logged=False)
    assert world.codes() == ["expired"]
    world.steps["death"].issuer = "studio"
    assert world.codes() == []


def test_the_earliest_day_that_was_said_counts() -> None:
    world = World()
    died(world, "2028-06-01")
    assert world.codes(shot(window=["2027-09-01T00:00:00Z", "2028-06-01T00:00:00Z"])) == []
    earlier = event("death", on="2028-01-01", work=None, party=id_of("ada"), territory=None)
    world.add("corrected", "event.recorded", "gallery", earlier)
    assert world.codes(shot(window=["2027-09-01T00:00:00Z", "2028-06-01T00:00:00Z"])) == ["window_not_covered"]


def estate(world: World, **changed: Any) -> None:
    world.before("consent", "heir", "party.registered", "heir", party("heir"))
    body = authority("ada", "heir", role="estate", evidence_sha256=SHA, **changed)
    world.before("consent", "estate", "authority.granted", "notary", body)


def test_after_death_the_estate_consents_and_nobody_else_does() -> None:
    world = World()
    estate(world)
    died(world, "2027-04-01")
    assert world.codes() == REFUSED
    world.steps["consent"].issuer = "heir"
    assert world.codes() == []
    world["estate"]["role"] = "guardian"
    assert world.codes() == REFUSED


def test_an_agent_who_became_the_estate_signs_as_the_estate() -> None:
    world = World()
    estate(world)
    agency = authority("ada", "heir") | {"authority": id_of("agency")}
    world.before("estate", "agency", "authority.granted", "ada", agency)
    world.steps["consent"].issuer = "heir"
    assert world.codes() == []
    died(world, "2027-04-01")
    assert world.codes() == []
    world["estate"]["powers"] = ["view"]
    assert world.codes() == REFUSED


def test_an_estate_signs_for_nobody_who_lives() -> None:
    world = World()
    estate(world)
    world.steps["consent"].issuer = "heir"
    assert world.codes() == REFUSED


def test_an_estate_signs_once_the_death_counts() -> None:
    world = World()
    estate(world)
    world.steps["consent"].issuer = "heir"
    died(world, "2027-04-01", logged=False)
    assert world.codes() == REFUSED
    world.steps["death"].logged = True
    assert world.codes() == []


def test_nobody_tells_of_their_own_death() -> None:
    world = World()
    died(world, "2027-05-15")
    assert world.codes() == ["expired"]
    world.steps["death"].issuer = "ada"
    assert world.codes() == []


def test_an_estate_never_trains_whatever_key_signs_beside_it() -> None:
    world = World()
    estate(world)
    died(world, "2027-04-01")
    world.scope("licence", **train_box(["picture", "style"]))
    scope = train_box(["body", "face"], acts=["condition", "train"])
    world["consent"].update(scopes=[scope], role=None, scenes="any")
    world.steps["consent"].issuer = "heir"
    for signers in (("heir",), ("heir", "ada")):
        world.steps["consent"].signers = signers
        assert world.codes(training("portrait")) == ["act_not_covered"]


def test_what_the_person_gave_alive_to_survive_them_still_trains() -> None:
    world = World()
    world.scope("licence", **train_box(["picture", "style"]))
    world["consent"].update(scopes=[train_box(["body", "face"])], role=None, scenes="any", survives_death=True)
    died(world, "2027-05-15")
    assert world.codes(training("portrait")) == []
    world["consent"]["survives_death"] = False
    assert world.codes(training("portrait")) == ["expired"]


def test_an_estate_takes_back_what_survives() -> None:
    world = World()
    estate(world)
    world["consent"]["survives_death"] = True
    died(world, "2027-05-15")
    assert world.codes() == []
    world.add("revoked", "consent.revoked", "heir", revocation("ada", world.digest("consent")))
    assert world.codes() == ["revoked"]


def test_an_estate_is_attested_independently_of_the_grantee() -> None:
    world = World()
    estate(world)
    died(world, "2027-04-01")
    world.steps["consent"].issuer = "heir"
    assert world.codes() == []
    world.steps["estate"].issuer = "studio"
    assert world.codes() == REFUSED


def test_nobody_ratifies_or_signs_with_a_dead_persons_key() -> None:
    world = World()
    died(world, "2027-04-01", issued_at=SIGNED)
    assert world.codes() == REFUSED
    world["consent"]["survives_death"] = True
    assert world.codes() == REFUSED
