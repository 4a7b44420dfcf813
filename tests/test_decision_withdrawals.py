"""What notice of a withdrawal does while it runs: nothing made of the consent may be distributed beyond its end."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.barred import struck
from tests.decisions import AT, Body, World, box, boxes, id_of, revocation, shot

NOTICE_ENDS = AT + timedelta(hours=47)
BEYOND = ["2027-06-01T12:00:00Z", "2029-01-01T00:00:00Z"]
WITHIN = ["2027-06-01T12:00:00Z", "2027-06-03T11:00:00Z"]
LATER = ["2027-06-03T11:00:00Z", "2029-01-01T00:00:00Z"]


def on_notice(world: World | None = None, **changed: Any) -> World:
    """Ada withdrew an hour ago, on notice of 48 hours."""
    world = world or World()
    world["consent"].update({"basis": "contract", "revocation": {"kind": "on_notice", "notice_hours": 48}, "tail": {}})
    world["consent"].update(changed)
    world.add("accepted", "grant.accepted", "studio", {"grant": world.digest("consent")})
    revoked = revocation("ada", world.digest("consent"))
    world.add("revoked", "consent.revoked", "ada", revoked, issued_at=AT - timedelta(hours=1))
    return world


def asking(world: World, kind: str, window: list[str]) -> Body:
    rests_on = [] if kind == "shot" else sorted((world.digest("consent"), world.digest("licence")))
    return shot(kind=kind, rests_on=rests_on, window=window)


@pytest.mark.parametrize("kind", ["shot", "release", "use"])
@pytest.mark.parametrize("tail", [{}, {"distribute": "pull"}, {"condition": "finish"}])
def test_a_window_that_runs_beyond_a_notice_is_not_covered_where_the_tail_pulls(kind: str, tail: Body) -> None:
    world = on_notice(tail=tail)
    assert world.codes(asking(world, kind, WITHIN)) == []
    assert world.codes(asking(world, kind, BEYOND)) == ["window_not_covered"]
    assert world.codes(asking(world, kind, LATER)) == ["expired"]


def test_what_is_missing_begins_when_the_notice_has_run() -> None:
    decision = on_notice().decide(shot(window=BEYOND))
    assert {obstacle.act for obstacle in decision.obstacles} == {"distribute"}
    windows = {(piece.start, piece.end) for obstacle in decision.obstacles for piece in obstacle.missing}
    assert windows == {(NOTICE_ENDS, datetime(2029, 1, 1, tzinfo=UTC))}
    assert {obstacle.remedy.ask for obstacle in decision.obstacles if obstacle.remedy} == {id_of("ada")}


@pytest.mark.parametrize("kind", ["shot", "release", "use"])
@pytest.mark.parametrize("word", ["keep", "finish"])
def test_a_tail_that_lets_what_was_released_stay_lets_its_window_run_on(kind: str, word: str) -> None:
    world = on_notice(tail={"distribute": word})
    assert world.codes(asking(world, kind, BEYOND)) == []


def test_once_the_notice_has_run_the_consent_is_withdrawn() -> None:
    world = on_notice()
    assert world.codes(shot(window=WITHIN), at=NOTICE_ENDS - timedelta(seconds=1)) == []
    assert world.codes(shot(window=LATER), at=NOTICE_ENDS) == ["revoked"]


def test_once_the_notice_has_run_nothing_else_is_said_of_the_consent() -> None:
    """Its boxes are as they were signed, so that it comes nearer than another that falls short in two ways."""
    world = on_notice()
    world.add_like("second", "consent", role="Nora", scenes=["14"])
    world.add("second accepted", "grant.accepted", "studio", {"grant": world.digest("second")})
    assert world.codes(shot(kind="use", window=LATER), at=NOTICE_ENDS) == ["revoked"]


def test_conditioning_goes_on_until_the_notice_has_run() -> None:
    """It is asked for an hour from the moment on, which may end after the notice does."""
    world = on_notice()
    decision = world.decide(shot(window=WITHIN), at=NOTICE_ENDS - timedelta(minutes=5))
    assert decision.cleared


def test_another_consent_covers_what_lies_beyond_the_notice() -> None:
    world = on_notice()
    later = box(acts=["distribute"], window=["2027-06-03T00:00:00Z", "2030-01-01T00:00:00Z"])
    world.add_like("second", "consent", scopes=boxes(later))
    world.add("second accepted", "grant.accepted", "studio", {"grant": world.digest("second")})
    decision = world.decide(shot(window=BEYOND))
    assert decision.cleared
    assert {world.digest("consent"), world.digest("second")} <= {digest for digest, _ in decision.grounds}


def test_of_several_notices_the_first_to_end_counts() -> None:
    world = on_notice()
    early = revocation("ada", world.digest("consent"))
    world.add("earlier", "consent.revoked", "ada", early, issued_at=AT - timedelta(hours=2))
    assert world.codes(shot(window=WITHIN)) == ["window_not_covered"]


def test_a_consent_that_two_agree_on_pulls_unless_both_say_that_it_stays() -> None:
    """Until the new consent is under the checkpoint the old one is what both allow, tail included."""
    world = on_notice(tail={"distribute": "keep"})
    old = world.digest("consent")
    narrower = {"supersedes": [old], "description": "again", "basis": "consent"}
    narrower["revocation"] = {"kind": "at_will", "notice_hours": None}
    world.add_like("second", "consent", **narrower)
    world.steps["second"].logged = False
    assert world.codes(shot(window=BEYOND)) == []
    world["second"]["tail"] = {}
    assert world.codes(shot(window=BEYOND)) == ["window_not_covered"]


def test_during_a_strike_a_consent_that_continues_helps_until_its_notice_has_run() -> None:
    world = on_notice(struck(), strike="continues")
    assert world.codes(shot(window=WITHIN)) == []
    decision = world.decide(shot(window=BEYOND))
    barred = [piece for one in decision.obstacles if one.code == "suspended" for piece in one.missing]
    assert {piece.start for piece in barred} == {NOTICE_ENDS}
