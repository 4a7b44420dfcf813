"""Whose yes a ground asks for: what waits, what is refused, what silence says, and whose word counts."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from consent.core.pending import Pending
from registry.core.times import to_epoch_s
from tests.decisions import (
    AT,
    SHA,
    SIGNED,
    Body,
    World,
    authority,
    claim,
    id_of,
    party,
    reference,
    shot,
    train_box,
    training,
)
from tests.titled import asks, event, poster

DECLINED = ["approval_declined"]
ACTS = ["condition", "distribute"]


def term(by: str = "performer", **changed: Any) -> Body:
    usual = {"by": by, "on": "spec", "acts": ACTS, "hours": None, "on_silence": "refused"}
    return usual | changed


def asking(*terms: Body, grant: str = "consent") -> World:
    """Return a case in which a grant asks for approvals: cleared, and waiting for them."""
    world = World()
    world[grant]["approvals"] = [*terms] or [term()]
    return world


def word(world: World, given: bool, issuer: str = "ada", grant: str = "consent", **options: Any) -> None:
    body = {"shot": id_of("shot"), "grant": world.digest(grant), "on": options.pop("on", "spec"), "note": None}
    body |= options.pop("changed", {})
    kind = "approval.given" if given else "approval.declined"
    world.add(options.pop("name", f"word {len(world.steps)}"), kind, issuer, body, **options)


def pending(world: World, request: Body | None = None, at: datetime = AT) -> list[Pending]:
    """Return what a case that is otherwise cleared waits for."""
    decision = world.decide(request, at)
    assert decision.obstacles == ()
    return [*decision.pending]


def waits(world: World, by: str = "ada", on: str = "spec", grant: str = "consent", due_s: int | None = None) -> Pending:
    return Pending(grant=world.digest(grant), by=id_of(by), on=on, due_s=due_s)


# Asked, given, declined


def test_an_approval_that_nobody_gave_yet_is_pending_and_no_obstacle() -> None:
    world = asking()
    assert pending(world) == [waits(world)]
    assert pending(World()) == []


def test_a_yes_settles_it_and_a_no_refuses() -> None:
    world = asking()
    word(world, True)
    assert pending(world) == []
    world = asking()
    word(world, False)
    decision = world.decide()
    assert world.codes() == DECLINED
    assert {(o.nearest, o.act) for o in decision.obstacles} == {(world.digest("consent"), act) for act in ACTS}


def test_the_last_word_of_an_approver_holds() -> None:
    world = asking()
    word(world, True)
    word(world, False)
    assert world.codes() == DECLINED
    word(world, True)
    assert pending(world) == []


def test_a_no_counts_at_commit_and_a_yes_under_the_checkpoint() -> None:
    world = asking()
    word(world, True, logged=False)
    assert pending(world) == [waits(world)]
    word(world, False, logged=False, issued_at=SIGNED + timedelta(seconds=1))
    assert world.codes() == DECLINED
    word(world, True, logged=False, issued_at=SIGNED + timedelta(seconds=2))
    assert world.codes() == DECLINED


@pytest.mark.parametrize(
    ("changed", "settled"),
    [
        ({}, True),
        ({"shot": id_of("another")}, False),
        ({"grant": "0" * 64}, False),
        ({"on": "result"}, False),
    ],
)
def test_a_word_is_about_one_shot_one_ground_and_the_spec_or_the_result(changed: Body, *, settled: bool) -> None:
    world = asking()
    word(world, True, changed=changed)
    assert (pending(world) == []) is settled


@pytest.mark.parametrize(("acts", "asked"), [(["distribute"], True), (["alter"], False), (["train"], False)])
def test_an_approval_is_asked_for_the_acts_that_it_names(acts: list[str], *, asked: bool) -> None:
    assert bool(pending(asking(term(acts=acts)))) is asked


def test_spec_and_result_are_asked_apart() -> None:
    world = asking(term(on="result"), term(on="spec"))
    assert pending(world) == [waits(world, on="result"), waits(world)]
    word(world, True)
    assert pending(world) == [waits(world, on="result")]
    word(world, True, on="result")
    assert pending(world) == []


def test_a_ground_that_is_not_used_asks_nobody() -> None:
    world = World()
    world.add_like("other", "consent", approvals=[term()], description="anything")
    grounds = {digest for digest, _ in world.decide().grounds}
    assert bool(pending(world)) is (world.digest("other") in grounds)
    world["other"]["grantee"] = id_of("gallery")
    assert pending(world) == []


def test_approvals_of_a_licence_are_the_licensors() -> None:
    world = asking(term("licensor"), grant="licence")
    assert pending(world) == [waits(world, "gallery", grant="licence")]
    word(world, True, grant="licence")
    assert pending(world) != []  # the performer's word is not the licensor's
    word(world, True, "gallery", grant="licence")
    assert pending(world) == []


def test_a_licence_asks_every_performer_in_the_asset_it_licenses() -> None:
    world = asking(term("performer"), grant="licence")
    world.before("vouch", "ben", "party.registered", "ben", party("ben"))
    far = world["appearance"] | {"performer": id_of("ben"), "aspects": ["voice"]}
    world.add("ben appears", "appearance.recorded", "gallery", far)
    assert {one.by for one in pending(world)} == {id_of("ada"), id_of("ben")}
    word(world, True, grant="licence")
    assert pending(world) == [waits(world, "ben", grant="licence")]
    word(world, False, "ben", grant="licence")
    assert world.codes() == DECLINED
    word(world, True, "ben", grant="licence")
    assert pending(world) == []


def test_a_licence_of_what_shows_nobody_asks_no_performer() -> None:
    world = poster()
    world["licence"]["approvals"] = [term("performer")]
    assert pending(world, asks()) == []


def test_a_licence_asks_the_estate_of_each_performer() -> None:
    world = asking(term("estate"), grant="licence")
    world.before("vouch", "heir", "party.registered", "heir", party("heir"))
    body = authority("ada", "heir", role="estate", evidence_sha256=SHA)
    world.add("estate", "authority.granted", "notary", body)
    word(world, True, grant="licence")
    assert pending(world) == [waits(world, grant="licence")]
    word(world, True, "heir", grant="licence")
    assert pending(world) == []


def test_a_party_named_by_its_id_approves() -> None:
    world = asking(term(id_of("notary")))
    assert pending(world) == [waits(world, "notary")]
    word(world, True)
    assert pending(world) == [waits(world, "notary")]
    word(world, True, "notary")
    assert pending(world) == []


def test_each_of_several_approvers_is_asked() -> None:
    world = asking(*sorted([term("performer"), term(id_of("notary"))], key=str))
    assert {one.by for one in pending(world)} == {id_of("ada"), id_of("notary")}
    word(world, True)
    assert [one.by for one in pending(world)] == [id_of("notary")]
    word(world, False, "notary")
    assert world.codes() == DECLINED


@pytest.mark.parametrize("issuer", ["studio", "gallery", "notary"])
def test_nobody_elses_yes_or_no_counts(issuer: str) -> None:
    for given in (True, False):
        world = asking()
        word(world, given, issuer)
        assert pending(world) == [waits(world)]


def test_a_yes_with_another_key_counts_for_nothing() -> None:
    world = asking()
    word(world, True, signers=("studio",))
    assert pending(world) == [waits(world)]


@pytest.mark.parametrize(
    ("changed", "settled"),
    [({"powers": ["approve"]}, True), ({"powers": ["grant", "view"]}, False), ({"required": 2}, False)],
)
def test_who_may_approve_for_somebody_approves(changed: Body, *, settled: bool) -> None:
    world = asking()
    for name in ("agent", "lawyer"):
        world.before("vouch", name, "party.registered", name, party(name))
    world.add("authority", "authority.granted", "ada", authority("ada", "agent", "lawyer", **changed))
    word(world, True, "agent")
    assert (pending(world) == []) is settled


def test_an_authority_that_is_disputed_approves_nothing() -> None:
    world = asking()
    world.before("vouch", "agent", "party.registered", "agent", party("agent"))
    world.add("authority", "authority.granted", "ada", authority("ada", "agent"))
    word(world, True, "agent")
    assert pending(world) == []
    body = {"authority": world["authority"]["authority"], "grounds": "forged", "evidence_sha256": SHA}
    world.add("dispute", "authority.disputed", "ada", body, logged=False)
    assert pending(world) == [waits(world)]


def test_an_authority_approves_the_acts_that_it_names() -> None:
    world = asking()
    world.before("vouch", "agent", "party.registered", "agent", party("agent"))
    world.add("authority", "authority.granted", "ada", authority("ada", "agent", acts=["condition"]))
    word(world, True, "agent")
    assert pending(world) == [waits(world)]


def test_an_estate_approves_for_who_is_dead_and_for_nobody_who_lives() -> None:
    world = asking(term("estate"))
    world.before("vouch", "heir", "party.registered", "heir", party("heir"))
    body = authority("ada", "heir", role="estate", evidence_sha256=SHA)
    world.add("estate", "authority.granted", "notary", body)
    word(world, True)
    assert pending(world) == [waits(world)]  # it is the estate that is asked
    word(world, True, "heir")
    assert pending(world) == []


def test_an_estates_word_is_the_estates_alone() -> None:
    world = asking(term("estate"))
    world.before("vouch", "agent", "party.registered", "agent", party("agent"))
    world.add("authority", "authority.granted", "ada", authority("ada", "agent"))
    word(world, True, "agent")
    assert pending(world) == [waits(world)]


# Silence


def silent(on_silence: str, hours: int | None = 48, *, asked: bool = True) -> World:
    world = asking(term(hours=hours, on_silence=on_silence))
    if asked:
        world.vouched["asked"] = {f"{world.digest('consent')}:spec": to_epoch_s(AT)}
    return world


def later(**duration: float) -> datetime:
    return AT + timedelta(**duration)


@pytest.mark.parametrize(("on_silence", "codes"), [("approved", []), ("refused", DECLINED)])
def test_silence_answers_once_the_hours_have_run_since_it_was_asked(on_silence: str, codes: list[str]) -> None:
    world = silent(on_silence)
    due_s = to_epoch_s(later(hours=48))
    assert pending(world, at=later(hours=47, minutes=59, seconds=59)) == [waits(world, due_s=due_s)]
    assert world.codes(at=later(hours=48)) == codes
    assert world.decide(at=later(hours=48)).pending == ()


@pytest.mark.parametrize(("hours", "asked"), [(None, True), (48, False)])
def test_silence_never_answers_without_hours_or_before_it_was_asked(hours: int | None, *, asked: bool) -> None:
    world = silent("refused", hours, asked=asked)
    assert pending(world, at=later(days=300)) == [waits(world)]


def test_a_word_goes_before_silence_whichever_it_is() -> None:
    world = silent("approved")
    word(world, False)
    assert world.codes(at=later(days=3)) == DECLINED
    world = silent("refused")
    word(world, True)
    assert pending(world, at=later(days=3)) == []


# Moral rights, training, release


def altered() -> tuple[World, Body]:
    """Return a case in which a picture is altered whose author, Ben, holds the moral right."""
    world = World()
    for name in ("licence", "consent"):
        world.scope(name, acts=["alter", "condition", "distribute"])
    world["licence"]["scopes"][0]["aspects"] = ["picture", "style"]
    world.before("vouch", "ben", "party.registered", "ben", party("ben"))
    world.add("author", "title.claimed", "ben", claim("ben", "portrait", nature="moral"))
    return world, shot(references=[reference(role="inpaint", performer=id_of("ada"))])


def test_who_holds_a_moral_right_is_asked_before_anything_is_altered() -> None:
    world, request = altered()
    assert pending(world, request) == [waits(world, "ben", grant="author")]
    assert pending(world) == []
    word(world, True, "gallery", grant="author")
    assert pending(world, request) == [waits(world, "ben", grant="author")]
    word(world, True, "ben", grant="author")
    assert pending(world, request) == []
    word(world, False, "ben", grant="author")
    assert world.codes(request) == DECLINED


def test_no_silence_answers_for_a_moral_right() -> None:
    world, request = altered()
    world.vouched["asked"] = {f"{world.digest('author')}:spec": to_epoch_s(SIGNED)}
    assert pending(world, request, later(days=300)) == [waits(world, "ben", grant="author")]


def test_in_training_nobody_can_be_asked_so_that_a_grant_that_asks_refuses() -> None:
    world = asking(term(acts=["train"]))
    world.scope("licence", **train_box(["picture", "style"]))
    world["consent"].update(scopes=[train_box(["body", "face"])], role=None, scenes="any")
    assert world.codes(training("portrait")) == DECLINED
    world["consent"]["approvals"] = [term(acts=["distribute"])]
    assert world.codes(training("portrait")) == []


@pytest.mark.parametrize("kind", ["release", "use"])
def test_a_release_and_a_new_use_ask_what_the_shot_asked(kind: str) -> None:
    world = asking(term(acts=["distribute"], on="result"))
    grounds = sorted(world.digest(name) for name in ("consent", "licence", "claim"))
    request = shot(kind=kind, rests_on=grounds)
    assert pending(world, request) == [waits(world, on="result")]
    word(world, True, on="result")
    assert pending(world, request) == []
    word(world, False, on="result")
    assert world.codes(request) == DECLINED


def test_a_replacement_keeps_what_either_asks_at_commit() -> None:
    world = asking()
    world.add_like("new", "consent", approvals=[term(id_of("notary"))], supersedes=[world.digest("consent")])
    world.steps["new"].logged = False
    assert {one.by for one in pending(world)} == {id_of("ada"), id_of("notary")}


def test_death_does_not_unsay_what_was_approved() -> None:
    world = asking()
    world["consent"]["survives_death"] = True
    word(world, True)
    body = event("death", on="2027-05-15", work=None, party=id_of("ada"), territory=None)
    world.add("death", "event.recorded", "notary", body)
    assert pending(world) == []


def resting(world: World, request: Body, *names: str) -> Body:
    """Return the release of what a request was cleared for, on these grounds."""
    return request | {"kind": "release", "rests_on": sorted(world.digest(name) for name in names)}


@pytest.mark.parametrize("grant", ["consent", "licence"])
def test_a_release_waits_for_the_yes_that_making_the_shot_needed(grant: str) -> None:
    world = asking(term(id_of("notary"), acts=["condition"]), grant=grant)
    request = resting(world, shot(), "consent", "licence", "claim")
    assert pending(world, request) == [waits(world, "notary", grant=grant)]
    assert pending(world, request | {"rests_on": []}) == []
    assert pending(world, request | {"kind": "use"}) == []
    word(world, True, "notary", grant=grant)
    assert pending(world, request) == []
    word(world, False, "notary", grant=grant)
    assert world.codes(request) == DECLINED


def test_a_release_asks_for_the_acts_that_the_shot_did_and_no_others() -> None:
    world = asking(term(acts=["alter"]))
    assert pending(world, resting(world, shot(), "consent", "licence", "claim")) == []
    world, request = altered()
    world["consent"]["approvals"] = [term(acts=["alter"])]
    word(world, True, "ben", grant="author")
    assert pending(world, resting(world, request, "consent", "licence", "claim")) == [waits(world)]


def test_a_release_waits_for_who_holds_a_moral_right_in_what_was_altered() -> None:
    world, request = altered()
    release = resting(world, request, "consent", "licence", "claim")
    assert pending(world, release) == [waits(world, "ben", grant="author")]
    word(world, True, "ben", grant="author")
    assert pending(world, release) == []
    word(world, False, "ben", grant="author")
    assert world.codes(release) == DECLINED
