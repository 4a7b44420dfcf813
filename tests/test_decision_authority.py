"""Whose word a signature is: powers, acts, dates, joint signature, endings and disputes of authorities."""

from datetime import timedelta
from typing import Any

import pytest

from tests.barred import officer
from tests.decisions import (
    AT,
    SHA,
    SIGNED,
    Body,
    World,
    authority,
    box,
    id_of,
    party,
    revocation,
    shot,
    shown,
    train_box,
    training,
)

REFUSED = ["unauthorised_signer"]


def represented(*agents: str, issuer: str = "ada", **changed: Any) -> World:
    """Return a case in which the first agent signs Ada's consent for her; each test damages one thing."""
    world = World()
    names = agents or ("agent",)
    for name in names:
        world.before("vouch", name, "party.registered", name, party(name))
    world.before("consent", "authority", "authority.granted", issuer, authority("ada", *names, **changed))
    world.steps["consent"].issuer = names[0]
    return world


def attested(role: str, **changed: Any) -> World:
    """Return the same under an authority that the notary attests to."""
    return represented(issuer="notary", role=role, evidence_sha256=SHA, **changed)


def disputed(world: World, by: str = "ada", **options: Any) -> str:
    body = {"authority": world["authority"]["authority"], "grounds": "forged", "evidence_sha256": SHA}
    return world.add("dispute", "authority.disputed", by, body, **options)


def resolved(world: World, issuer: str, outcome: str, **options: Any) -> str:
    body = {"dispute": world.digest("dispute"), "outcome": outcome, "document_sha256": None}
    return world.add(f"resolved {len(world.steps)}", "title.resolved", issuer, body, **options)


def ended(world: World, by: str, place: str | None = None, **options: Any) -> None:
    body = {"authority": world["authority"]["authority"]}
    if place is None:
        world.add("ended", "authority.ended", by, body, **options)
    else:
        world.before(place, "ended", "authority.ended", by, body, **options)


def test_an_agent_with_the_power_to_grant_signs_for_the_performer_and_the_authority_is_a_ground() -> None:
    world = represented()
    decision = world.decide()
    assert decision.cleared
    assert (world.digest("authority"), "signed") in decision.grounds
    world.drop("authority")
    assert world.codes() == REFUSED


@pytest.mark.parametrize(
    ("powers", "codes"),
    [
        (["grant"], []),
        (["negotiate", "view"], REFUSED),
        (["approve", "negotiate", "revoke", "view"], REFUSED),
        ([], REFUSED),
    ],
)
def test_granting_takes_the_power_to_grant(powers: list[str], codes: list[str]) -> None:
    assert represented(powers=powers).codes() == codes


@pytest.mark.parametrize(
    ("acts", "codes"),
    [(["condition", "distribute"], []), (["alter", "condition", "distribute"], []), (["condition"], REFUSED)],
)
def test_every_act_of_the_boxes_is_in_the_authority(acts: list[str], codes: list[str]) -> None:
    assert represented(acts=acts).codes() == codes


@pytest.mark.parametrize(
    ("window", "codes"),
    [
        (["2027-05-01T00:00:00Z", None], []),
        (["2027-05-01T00:00:01Z", None], REFUSED),
        (["2020-01-01T00:00:00Z", "2027-05-01T00:00:01Z"], []),
        (["2020-01-01T00:00:00Z", "2027-05-01T00:00:00Z"], REFUSED),
    ],
)
def test_the_statement_is_issued_within_the_window_of_the_authority(window: list[str | None], codes: list[str]) -> None:
    assert represented(window=window).codes() == codes


@pytest.mark.parametrize(
    ("signers", "codes"),
    [
        (("agent",), REFUSED),
        (("agent", "lawyer"), []),
        (("agent", "broker", "lawyer"), []),
        (("lawyer", "broker"), REFUSED),  # the issuer's own is missing
        (("agent", "studio"), REFUSED),
    ],
)
def test_as_many_agents_sign_together_as_the_authority_requires(signers: tuple[str, ...], codes: list[str]) -> None:
    world = represented("agent", "lawyer", "broker", required=2)
    world.steps["consent"].signers = signers
    assert world.codes() == codes


def test_a_joint_signature_that_does_not_verify_voids_the_others() -> None:
    world = represented("agent", "lawyer", required=1)
    world.steps["consent"].signers = ("agent", "lawyer")
    assert world.codes() == []
    world.drop("lawyer")  # whose key nobody knows any more
    assert world.codes() == REFUSED


def test_an_authority_comes_before_what_is_signed_under_it() -> None:
    world = represented()
    world.steps["authority"] = world.steps.pop("authority")
    assert world.codes() == REFUSED


def test_an_authority_counts_under_the_checkpoint_and_signed_by_the_principal_alone() -> None:
    world = represented()
    world.steps["authority"].logged = False
    assert world.codes() == REFUSED
    for issuer, signers in (("agent", ()), ("studio", ()), ("ada", ("agent",)), ("notary", ())):
        world = represented(issuer=issuer)
        world.steps["authority"].signers = signers
        assert world.codes() == REFUSED


@pytest.mark.parametrize(
    ("by", "place", "codes"),
    [
        ("ada", "consent", REFUSED),
        ("agent", "consent", REFUSED),  # resigned
        ("ada", None, []),  # what was signed before keeps counting
        ("studio", "consent", []),
        ("notary", "consent", []),
    ],
)
def test_an_authority_ends_for_what_comes_after(by: str, place: str | None, codes: list[str]) -> None:
    world = represented()
    ended(world, by, place)
    assert world.codes() == codes


@pytest.mark.parametrize(("seconds", "stands"), [(0, False), (1, True)])
def test_of_what_is_not_logged_yet_the_earlier_comes_first(seconds: int, *, stands: bool) -> None:
    world = represented()
    ended(world, "ada", logged=False, issued_at=SIGNED + timedelta(seconds=seconds))
    world.steps["consent"].logged = False
    (grant,) = world.facts().consents[id_of("ada")]
    assert grant.authorised is stands


# Guardians and estates


@pytest.mark.parametrize("role", ["guardian", "estate"])
def test_a_guardian_or_an_estate_is_attested_by_somebody_else(role: str) -> None:
    world = attested("guardian")
    assert world.codes() == []
    for issuer in ("ada", "agent"):
        world = represented(issuer=issuer, role=role, evidence_sha256=SHA)
        assert world.codes() == REFUSED


def test_who_attests_is_independent_of_the_grantee() -> None:
    world = attested("guardian")
    assert world.codes() == []
    world.steps["authority"].issuer = "studio"
    assert world.codes() == REFUSED
    world = attested("guardian")
    world["studio"]["affiliates"] = [id_of("notary")]
    assert world.codes() == ["identity_unverified"]  # the notary vouched for her, too
    world.before("vouch", "mayor", "party.registered", "mayor", party("mayor"))
    world.steps["vouch"].issuer = "mayor"
    assert world.codes() == REFUSED


@pytest.mark.parametrize(
    ("principal", "codes"),
    [("studio", ["identity_unverified"]), ("sister", ["identity_unverified"]), ("ada", []), ("gallery", [])],
)
def test_whoever_acts_for_the_grantee_or_its_affiliate_vouches_for_nobody(principal: str, codes: list[str]) -> None:
    world = World()
    world.before("studio", "sister", "party.registered", "sister", party("sister", kind="organisation", born=None))
    world["studio"]["affiliates"] = [id_of("sister")]
    body = authority(principal, "notary", powers=["view"])
    world.add("acting", "authority.granted", principal, body, logged=False)
    assert world.codes() == codes
    world.steps["acting"].logged = True
    world.add("over", "authority.ended", principal, {"authority": body["authority"]}, logged=False)
    assert world.codes() == codes
    world.steps["over"].logged = True
    assert world.codes() == []
    world.steps["over"].issuer = "ada" if principal != "ada" else "gallery"
    assert world.codes() == codes


def test_who_attested_ends_it_too() -> None:
    world = attested("guardian")
    ended(world, "notary", "consent")
    assert world.codes() == REFUSED


# What only the living person gives


@pytest.mark.parametrize("role", ["agent", "guardian", "union"])
def test_no_authority_signs_for_training(role: str) -> None:
    issuer = "notary" if role == "guardian" else "ada"
    world = represented(role=role, issuer=issuer, evidence_sha256=SHA)
    world.scope("licence", **train_box(["picture", "style"]))
    scope = train_box(["body", "face"], acts=["condition", "train"])
    world["consent"].update(scopes=[scope], role=None, scenes="any")
    assert world.codes(training("portrait")) == ["act_not_covered"]
    world.steps["consent"].signers = ("agent", "ada")
    assert world.codes(training("portrait")) == []


@pytest.mark.parametrize("where", ["depicts", "scene"])
@pytest.mark.parametrize(("label", "codes"), [("nudity", ["content_not_covered"]), ("alcohol", [])])
def test_no_authority_signs_for_nudity_or_sexual_content(where: str, label: str, codes: list[str]) -> None:
    world = represented()
    content: Body = {"depicts": [], "scene": []} | {where: [label]}
    world.scope("consent", content=content)
    world.scope("licence", content=content)
    by_performer = {id_of("ada"): shown(depicts=content["depicts"])}
    request = shot(scene=content["scene"], by_performer=by_performer)
    assert world.codes(request) == codes
    world.steps["consent"].signers = ("agent", "ada")
    assert world.codes(request) == []


def test_what_else_an_agent_signed_stands_beside_what_they_may_not_sign() -> None:
    world = represented()
    acts = ["condition", "distribute", "train"]
    content = {"depicts": ["nudity"], "scene": ["nudity", "violence"]}
    world.scope("consent", acts=acts, content=content)
    assert world.codes() == []


# Disputes


def test_while_an_authority_is_disputed_nothing_signed_under_it_counts() -> None:
    world = represented()
    disputed(world)
    assert world.codes() == REFUSED
    own = World()
    assert own.codes() == []


def test_a_dispute_counts_at_commit_whoever_raises_it() -> None:
    world = represented()
    disputed(world, by="studio", logged=False)
    assert world.codes() == REFUSED


def test_a_dispute_that_nobody_renews_lapses_after_180_days() -> None:
    world = represented()
    disputed(world)
    long = {"window": ["2027-12-01T00:00:00Z", "2029-01-01T00:00:00Z"]}
    world.scope("consent", window=["2027-01-01T00:00:00Z", "2030-01-01T00:00:00Z"])
    lapses = SIGNED + timedelta(days=180)
    assert world.codes(shot(**long), lapses - timedelta(seconds=1)) == REFUSED
    assert world.codes(shot(**long), lapses) == []
    later = {"authority": world["authority"]["authority"], "grounds": "still", "evidence_sha256": SHA}
    world.add("renewed", "authority.disputed", "ada", later, issued_at=SIGNED + timedelta(days=100))
    assert world.codes(shot(**long), lapses) == REFUSED


@pytest.mark.parametrize(
    ("issuer", "outcome", "codes"),
    [
        ("ada", "withdrawn", []),
        ("ada", "settled", []),
        ("ada", "dismissed", REFUSED),
        ("agent", "withdrawn", REFUSED),
        ("agent", "dismissed", REFUSED),
        ("agent", "upheld", REFUSED),
        ("studio", "dismissed", REFUSED),
        ("bailiff", "dismissed", []),
        ("bailiff", "settled", []),
        ("bailiff", "upheld", REFUSED),
        ("bailiff", "withdrawn", REFUSED),
    ],
)
def test_who_disputes_withdraws_and_a_court_decides(issuer: str, outcome: str, codes: list[str]) -> None:
    world = represented()
    officer(world)
    disputed(world)
    resolved(world, issuer, outcome)
    assert world.codes() == codes


def test_a_resolution_counts_under_the_checkpoint_and_rightly_signed() -> None:
    for options in ({"logged": False}, {"signers": ("agent",)}):
        world = represented()
        disputed(world)
        resolved(world, "ada", "withdrawn", **options)
        assert world.codes() == REFUSED


def test_a_dispute_that_was_upheld_ends_the_authority_from_the_start_and_for_good() -> None:
    world = represented()
    officer(world)
    disputed(world)
    resolved(world, "bailiff", "upheld")
    in_a_year = AT + timedelta(days=300)
    assert world.codes(shot(window=["2028-06-01T00:00:00Z", "2029-01-01T00:00:00Z"]), in_a_year) == REFUSED
    resolved(world, "ada", "withdrawn")
    assert world.codes() == REFUSED  # a court's word outranks the parties'
    resolved(world, "bailiff", "dismissed")
    assert world.codes() == []


def test_only_the_registry_names_officers_of_a_court() -> None:
    world = represented()
    officer(world)
    world["policy"]["party"] = id_of("studio")
    world.steps["policy"].issuer = "studio"
    disputed(world)
    resolved(world, "bailiff", "dismissed")
    assert world.codes() == REFUSED


def test_another_authority_that_nobody_disputes_serves_instead() -> None:
    world = represented()
    disputed(world)
    spare = authority("ada", "agent", authority=id_of("spare"))
    world.before("consent", "spare", "authority.granted", "ada", spare)
    assert world.codes() == []


# Other words than consents


@pytest.mark.parametrize(("powers", "codes"), [(["revoke"], ["revoked"]), (["grant"], [])])
def test_who_may_revoke_for_a_performer_revokes(powers: list[str], codes: list[str]) -> None:
    world = World()
    world.before("vouch", "agent", "party.registered", "agent", party("agent"))
    world.add("authority", "authority.granted", "ada", authority("ada", "agent", powers=powers))
    world.add("revoked", "consent.revoked", "agent", revocation("ada", world.digest("consent")))
    assert world.codes() == codes


@pytest.mark.parametrize(("issuer", "codes"), [("notary", ["revoked"]), ("ada", [])])
def test_nobody_appoints_a_guardian_of_their_own_to_revoke(issuer: str, codes: list[str]) -> None:
    world = World()
    world.before("vouch", "agent", "party.registered", "agent", party("agent"))
    body = authority("ada", "agent", role="guardian", evidence_sha256=SHA)
    world.add("authority", "authority.granted", issuer, body)
    world.add("revoked", "consent.revoked", "agent", revocation("ada", world.digest("consent")))
    assert world.codes() == codes


@pytest.mark.parametrize(("powers", "codes"), [(["negotiate"], []), (["grant"], ["no_grant"])])
def test_who_may_negotiate_for_the_grantee_accepts_an_offer(powers: list[str], codes: list[str]) -> None:
    world = World()
    world["consent"]["basis"] = "contract"
    world.before("vouch", "agent", "party.registered", "agent", party("agent"))
    world.add("authority", "authority.granted", "studio", authority("studio", "agent", powers=powers))
    world.add("accepted", "grant.accepted", "agent", {"grant": world.digest("consent")})
    assert world.codes() == codes


@pytest.mark.parametrize(("powers", "codes"), [(["grant"], []), (["negotiate"], REFUSED)])
def test_who_may_grant_for_a_licensor_licenses(powers: list[str], codes: list[str]) -> None:
    world = World()
    world.before("vouch", "broker", "party.registered", "broker", party("broker"))
    body = authority("gallery", "broker", powers=powers)
    world.before("licence", "authority", "authority.granted", "gallery", body)
    world.steps["licence"].issuer = "broker"
    assert world.codes() == codes


def test_an_agent_cannot_widen_by_boxes_what_the_performer_gave_it() -> None:
    world = represented(acts=["condition"])
    world["consent"]["scopes"] = [box(acts=["condition"])]
    assert world.codes() == ["act_not_covered"]
