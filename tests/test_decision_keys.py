"""Whose key counts for what, and when: forged, foreign, added, moved and revoked keys."""

import pytest

from registry.core.errors import DomainError
from tests.decisions import World, claim, id_of, keyid, party, public, shot


@pytest.fixture
def world() -> World:
    return World()


def revoke_key(world: World, owner: str, key: str, **options: object) -> None:
    world.add(f"{key} ends", "key.revoked", owner, {"party": id_of(owner), "keyid": keyid(key)}, **options)


def move_before(world: World, name: str, other: str) -> None:
    names = [step for step in world.steps if step != name]
    names.insert(names.index(other), name)
    world.steps = {step: world.steps[step] for step in names}


@pytest.mark.parametrize("signers", [("studio",), ("unknown",), ("ada", "studio's unknown"), ("ada", "unknown")])
def test_a_consent_needs_the_performers_own_key_and_no_key_that_nobody_knows(
    world: World, signers: tuple[str, ...]
) -> None:
    world.steps["consent"].signers = signers
    assert world.codes() == ["unauthorised_signer"]


def test_a_second_signature_by_another_known_party_does_no_harm(world: World) -> None:
    world.steps["consent"].signers = ("ada", "notary")
    assert world.codes() == []


def test_a_consent_issued_by_the_grantee_in_the_performers_name_does_not_count(world: World) -> None:
    world.steps["consent"].issuer = "studio"
    assert world.codes() == ["unauthorised_signer"]


def test_a_licence_issued_by_the_licensee_does_not_count_as_granted(world: World) -> None:
    world.steps["licence"].issuer = "studio"
    assert world.codes() == ["unauthorised_signer"]


def test_a_key_counts_for_nothing_after_its_revocation_in_the_log(world: World) -> None:
    revoke_key(world, "ada", "ada")
    assert world.codes() == []  # the consent lies before it
    move_before(world, "ada ends", "consent")
    assert world.codes() == ["unauthorised_signer"]


def test_a_key_revocation_that_is_not_yet_logged_leaves_what_lies_before_it(world: World) -> None:
    revoke_key(world, "ada", "ada", logged=False)
    assert world.codes() == []


@pytest.mark.parametrize("signers", [("studio",), ("unknown",)])
def test_nobody_else_can_end_a_key_and_so_void_a_rival_claim(world: World, signers: tuple[str, ...]) -> None:
    world.add("rival", "title.claimed", "notary", claim("notary", "portrait"))
    assert world.codes() == ["title_disputed"]
    revoke_key(world, "notary", "notary", signers=signers)
    move_before(world, "notary ends", "vouch")
    assert world.codes() == ["title_disputed"]


def test_a_party_cannot_end_the_key_of_another(world: World) -> None:
    world.add("foreign", "key.revoked", "studio", {"party": id_of("studio"), "keyid": keyid("ada")})
    world.add("in her name", "key.revoked", "studio", {"party": id_of("ada"), "keyid": keyid("ada")})
    for name in ("foreign", "in her name"):
        move_before(world, name, "consent")
    assert world.codes() == []


def test_a_key_added_with_a_standing_one_signs_and_an_ended_one_no_longer_adds(world: World) -> None:
    world.add("new key", "key.added", "ada", {"party": id_of("ada"), "key": public("ada 2")}, signers=("ada 2", "ada"))
    move_before(world, "new key", "consent")
    world.steps["consent"].signers = ("ada 2",)
    assert world.codes() == []
    revoke_key(world, "ada", "ada")
    move_before(world, "ada ends", "new key")
    assert world.codes() == ["unauthorised_signer"]


@pytest.mark.parametrize("signers", [("forged",), ("ada",), ("forged", "studio"), ("forged", "unknown")])
def test_a_key_is_added_only_by_itself_with_one_that_stands(world: World, signers: tuple[str, ...]) -> None:
    world.add("new key", "key.added", "ada", {"party": id_of("ada"), "key": public("forged")}, signers=signers)
    move_before(world, "new key", "consent")
    world.steps["consent"].signers = ("forged",)
    assert world.codes() == ["unauthorised_signer"]


def test_the_first_key_of_a_party_registered_by_another_signs_alone(world: World) -> None:
    world.steps["ada"].issuer = "studio"
    world["ada"]["key"] = None
    world.steps["ada"].signers = ("studio",)
    assert world.codes() == ["unauthorised_signer"]
    world.add("first key", "key.added", "ada", {"party": id_of("ada"), "key": public("ada")}, signers=("ada",))
    move_before(world, "first key", "consent")
    assert world.codes() == []


def test_a_key_signs_for_nothing_before_it_was_enrolled(world: World) -> None:
    move_before(world, "consent", "ada")
    assert world.codes() == ["unauthorised_signer"]


@pytest.mark.parametrize("issuer", ["ada", "studio"])
def test_a_second_registration_enrols_no_second_key(world: World, issuer: str) -> None:
    """An operator who can write to the database would otherwise enrol a key of his own for anybody."""
    body = party("ada", key=public("forged"))
    world.add("second registration", "party.registered", issuer, body, signers=("forged",))
    move_before(world, "second registration", "consent")
    world.steps["consent"].signers = ("forged",)
    assert world.codes() == ["unauthorised_signer"]


def test_a_key_that_one_party_holds_does_not_move_to_another(world: World) -> None:
    world.add("ben", "party.registered", "ben", party("ben", key=public("ada")), signers=("ada",))
    move_before(world, "ben", "consent")
    assert world.codes() == []


def test_a_registration_is_signed_by_the_key_it_brings(world: World) -> None:
    world.steps["ada"].signers = ("forged",)
    assert world.codes() == ["unauthorised_signer"]


def test_two_envelopes_of_one_payload_are_refused(world: World) -> None:
    other = world.copy()
    other.steps["consent"].signers = ("ada", "notary")
    both = [*world.envelopes().values(), other.envelopes()["consent"]]
    with pytest.raises(DomainError) as refused:
        world.facts(both)
    assert refused.value.code == "duplicate_value"


def test_a_statement_of_a_kind_that_nobody_understands_here_is_refused(world: World) -> None:
    """It may narrow: what is skipped would permit."""
    world.add("later", "weights.retired", "registry", {})
    with pytest.raises(DomainError) as refused:
        world.decide(shot())
    assert refused.value.code == "unknown_type"
