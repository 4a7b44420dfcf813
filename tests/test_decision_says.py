"""
What a decision says, word for word: programs read these fields, producers act on them, verifiers hash them.
"""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from consent.core.decision import decide
from consent.core.facts import facts_digest
from consent.core.request import parse_request
from registry.core.envelope import canonical
from registry.core.terms import ACTS
from registry.core.times import to_epoch_s
from tests.decisions import AT, GRANTS, SHA, Body, World, box, id_of, reference, shot


@pytest.fixture
def world() -> World:
    return World()


def said(world: World, request: Body | None = None, at: datetime = AT) -> Body:
    formatted: Body = world.decide(request, at).format()
    json.dumps(formatted)
    return formatted


def obstacle(code: str, kind: str, id_: str, **fields: object) -> Body:
    usual: Body = {
        "code": code,
        "subject": {"kind": kind, "id": id_},
        "act": None,
        "aspect": None,
        "missing": [],
        "nearest": None,
        "rule": None,
        "fact": None,
        "remedy": None,
    }
    return usual | fields


def wanted(act: str, aspect: str, window: list[str | None], **changed: object) -> Body:
    return box(acts=[act], aspects=[aspect], window=window, **changed)


NOW = ["2027-06-01T12:00:00Z", "2027-06-01T13:00:00Z"]
USE = ["2027-09-01T00:00:00Z", "2029-01-01T00:00:00Z"]


def test_a_cleared_decision_names_its_grounds_and_what_it_read(world: World) -> None:
    grounds = sorted(world.digest(name) for name in ("claim", "licence", "consent"))
    envelopes = world.envelopes()
    digests = sorted(envelope.digest for envelope in envelopes.values())
    vouched = world.vouches(envelopes)
    text = canonical({"digests": digests, "vouched": vouched.format()})
    assert said(world) == {
        "cleared": True,
        "obstacles": [],
        "pending": [],
        "grounds": [{"digest": digest, "assurance": "signed"} for digest in grounds],
        "tree_size": len(world.steps),
        "facts_digest": hashlib.sha256(text).hexdigest(),
    }
    assert facts_digest(reversed(digests), vouched) == hashlib.sha256(text).hexdigest()


def test_a_recorded_licence_is_a_ground_that_says_so(world: World) -> None:
    step = world.steps["licence"]
    step.type, step.issuer = "licence.recorded", "studio"
    step.body |= {"document_sha256": SHA, "signed_on": "2027-01-01"}
    assert {"digest": world.digest("licence"), "assurance": "recorded"} in said(world)["grounds"]


def test_a_missing_territory_is_said_with_what_to_ask_of_whom(world: World) -> None:
    world.scope("consent", territories=["FR"], acts=["condition", "distribute"], aspects=["face"])
    world["appearance"]["aspects"] = ["face"]
    found = said(world)
    missing = {
        act: wanted(act, "face", window, territories=["DE"])
        for act, window in (("condition", NOW), ("distribute", USE))
    }
    ada = id_of("ada")
    assert found["cleared"] is False
    assert found["obstacles"] == [
        obstacle(
            "territory_not_covered",
            "performer",
            ada,
            act=act,
            aspect="face",
            missing=[missing[act]],
            nearest=world.digest("consent"),
            remedy={"ask": ada, "for": [missing[act]]},
        )
        for act in ("condition", "distribute")
    ]


def test_what_nobody_granted_is_said_without_a_nearest_grant(world: World) -> None:
    world.drop("licence")
    missing = {act: wanted(act, "picture", window) for act, window in (("condition", NOW), ("distribute", USE))}
    assert said(world)["obstacles"] == [
        obstacle(
            "no_grant",
            "asset",
            id_of("portrait"),
            act=act,
            aspect="picture",
            missing=[missing[act]],
            remedy={"ask": id_of("gallery"), "for": [missing[act]]},
        )
        for act in ("condition", "distribute")
    ]


def test_what_has_no_known_owner_is_said_with_who_registered_it(world: World) -> None:
    world.drop("claim")
    missing = {act: wanted(act, "picture", window) for act, window in (("condition", NOW), ("distribute", USE))}
    assert said(world)["obstacles"] == [
        obstacle(
            "no_title",
            "asset",
            id_of("portrait"),
            act=act,
            aspect="picture",
            missing=[missing[act]],
            remedy={"ask": id_of("gallery"), "for": [missing[act]]},
        )
        for act in ("condition", "distribute")
    ]


def test_a_withdrawn_ground_of_a_release_is_said_with_the_boxes_to_ask_for_again(world: World) -> None:
    world["consent"]["tail"] = {}
    digest = world.digest("consent")
    body = {"performer": id_of("ada"), "grants": [digest], "grantee": None}
    world.add("revocation", "consent.revoked", "ada", body)
    world.vouched = {"no_revocation_of": frozenset({world.digest("licence")})}
    withdrawn = obstacle(
        "revoked",
        "performer",
        id_of("ada"),
        act="condition",
        nearest=digest,
        remedy={"ask": id_of("ada"), "for": world["consent"]["scopes"]},
    )
    assert withdrawn in said(world, shot(kind="release", rests_on=[digest]))["obstacles"]


def test_a_withdrawn_licence_is_its_licensors_to_give_again(world: World) -> None:
    digest = world.digest("licence")
    world.vouched = {"no_revocation_of": frozenset({world.digest("consent")})}
    withdrawn = obstacle(
        "revoked",
        "party",
        id_of("gallery"),
        act="condition",
        nearest=digest,
        remedy={"ask": id_of("gallery"), "for": world["licence"]["scopes"]},
    )
    assert withdrawn in said(world, shot(kind="release", rests_on=[digest]))["obstacles"]


def test_a_withdrawal_takes_effect_at_its_second_and_not_before(world: World) -> None:
    world["consent"]["tail"] = {}
    digest, facts = world.digest("consent"), world.facts()
    release = parse_request(shot(kind="release", rests_on=[digest]))
    stopped = {}
    for later_s in (0, 1):
        since = ((ACTS.mask(["condition"]), to_epoch_s(AT) + later_s),)
        consents = {id_of("ada"): tuple(replace(grant, withdrawn=since) for grant in facts.consents[id_of("ada")])}
        stopped[later_s] = [one.code for one in decide(release, replace(facts, consents=consents), AT).obstacles]
    assert stopped == {0: ["revoked"], 1: []}


def test_what_nobody_registered_is_named(world: World) -> None:
    unknown = shot(
        **{"for": id_of("nobody"), "project": id_of("nothing"), "weights": SHA},
        kind="release",
        rests_on=["c" * 64],
        references=[reference(performer=id_of("ben"))],
    )
    found = {
        (one["code"], one["subject"]["kind"], one["subject"]["id"], one["nearest"])
        for one in said(world, unknown)["obstacles"]
    }
    assert {
        ("unknown_subject", "party", id_of("nobody"), None),
        ("unknown_subject", "project", id_of("nothing"), None),
        ("unknown_subject", "performer", id_of("ben"), None),
        ("unknown_subject", "request", id_of("shot"), "c" * 64),
        ("engine_unlicensed", "engine", "starter", None),
    } <= found


def test_a_moment_is_read_to_the_second(world: World) -> None:
    """`at` comes from a clock with a finer tick; the fraction is nobody's business."""
    fraction = datetime(2027, 6, 1, 12, 0, 0, 999_999, tzinfo=UTC)
    assert said(world, at=fraction) == said(world)
    assert set(GRANTS) >= {world.steps[name].type for name in ("licence", "consent")}
