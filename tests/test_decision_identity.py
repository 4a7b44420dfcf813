"""Two parties who go by the same thing are held until somebody independent says whose it is."""

import unicodedata
from typing import Any

import pytest

from consent.core.decision import Decision
from registry.core.errors import Malformed
from registry.core.identifiers import Confirmation, compared, fold, is_isni, is_well_formed, stands
from tests.decisions import AT, World, alias, authority, confirming, consent, id_of, party

ISNI = ("isni", "0000 0002 9534 656X")
HAND = ("hand", "10.23/B77C-A6A1-D3E8-1E13-D6C7")
STAGE = ("alias", "Ada M.")
CONTESTED = ["identity_contested"]


@pytest.fixture
def world() -> World:
    """The cleared case with a rival, who is an enrolled person, and nothing contested."""
    cleared = World()
    cleared.before("film", "rival", "party.registered", "rival", party("rival"))
    cleared.before("film", "bailiff", "party.registered", "bailiff", party("bailiff"))
    assert cleared.codes() == []
    return cleared


def goes_by(world: World, who: str, identifier: tuple[str, str], **options: Any) -> None:
    scheme, value = identifier
    if scheme == "alias":
        world.add(f"alias of {who}", "alias.declared", who, alias(who, value), **options)
    else:
        world[who]["identifiers"] = {scheme: value}


def contested(world: World, identifier: tuple[str, str] = STAGE) -> World:
    goes_by(world, "ada", identifier)
    goes_by(world, "rival", identifier)
    return world


@pytest.mark.parametrize("identifier", [ISNI, HAND, STAGE], ids=lambda one: one[0])
def test_whoever_states_what_another_party_states_is_held_and_so_is_the_other(
    world: World, identifier: tuple[str, str]
) -> None:
    goes_by(world, "ada", identifier)
    assert world.codes() == []
    goes_by(world, "rival", identifier)
    assert world.codes() == CONTESTED
    refused = next(iter(world.decide().obstacles))
    assert (refused.subject, refused.nearest) == (("performer", id_of("ada")), world.digest("consent"))


def test_the_rival_is_held_too(world: World) -> None:
    contested(world)
    world.add("theirs", "consent.granted", "rival", consent("rival", "studio"))
    world.add("vouched", "identity.vouched", "notary", {**world["vouch"], "party": id_of("rival")})
    held = [grant.identity_contested for grants in world.facts().consents.values() for grant in grants]
    assert held == [True, True]


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (ISNI, ("isni", "https://isni.org/isni/000000029534656x")),
        (ISNI, ("isni", "ISNI 0000-0002-9534-656X")),
        (HAND, ("hand", "https://doi.org/10.23/b77c-a6a1-d3e8-1e13-d6c7")),
        (STAGE, ("alias", "ADA\u2003m.")),
        (STAGE, ("alias", "a\u200bda\u00ad m\u2060.")),
        (("alias", "\u0390ris"), ("alias", "\u03aa\u0301RIS")),
    ],
)
def test_another_spelling_is_the_same_identifier(world: World, ours: Any, theirs: Any) -> None:
    goes_by(world, "ada", ours)
    goes_by(world, "rival", theirs)
    assert world.codes() == CONTESTED


def test_a_shared_name_holds_nobody_and_an_ipi_number_neither(world: World) -> None:
    world["rival"]["name"] = world["ada"]["name"]
    for who in ("ada", "rival"):
        world[who]["identifiers"] = {"ipi": "00052210040"}
    assert world.codes() == []


def test_a_rival_counts_as_it_is_read_whoever_signed_it(world: World) -> None:
    goes_by(world, "ada", STAGE)
    goes_by(world, "rival", STAGE, logged=False)
    assert world.codes() == CONTESTED
    world.steps["alias of rival"].signers = ("studio",)
    assert world.codes() == CONTESTED


def test_an_independent_vouch_that_confirms_it_for_one_settles_it_for_that_one(world: World) -> None:
    contested(world).add("checked", "identity.vouched", "notary", confirming("ada", STAGE))
    assert world.codes() == []
    world["checked"]["party"] = id_of("rival")
    assert world.codes() == CONTESTED


def test_a_confirmation_given_before_the_rival_came_settles_it_beforehand(world: World) -> None:
    goes_by(world, "ada", STAGE)
    world.add("checked", "identity.vouched", "notary", confirming("ada", STAGE))
    goes_by(world, "rival", STAGE)
    assert world.codes() == []


def test_a_vouch_that_confirms_nothing_or_something_else_settles_nothing(world: World) -> None:
    contested(world)
    assert world.codes() == CONTESTED  # the usual vouch confirms nothing
    world.add("checked", "identity.vouched", "notary", confirming("ada", ("alias", "Ada N.")))
    assert world.codes() == CONTESTED


def test_a_confirmation_frees_once_it_is_signed_and_under_the_checkpoint(world: World) -> None:
    contested(world).add("checked", "identity.vouched", "notary", confirming("ada", STAGE))
    world.steps["checked"].logged = False
    assert world.codes() == CONTESTED
    world.steps["checked"].logged = True
    world.steps["checked"].signers = ("studio",)
    assert world.codes() == CONTESTED


def test_whoever_is_tied_to_the_grantee_confirms_nothing_before_it(world: World) -> None:
    contested(world).add("checked", "identity.vouched", "gallery", confirming("ada", STAGE))
    assert world.codes() == []
    world["studio"]["affiliates"] = [id_of("gallery")]
    assert world.codes() == CONTESTED
    world.add("notary too", "identity.vouched", "notary", confirming("ada", STAGE))
    assert world.codes() == []


def test_whoever_is_said_to_be_tied_to_the_grantee_confirms_nothing_before_it(world: World) -> None:
    contested(world).add("checked", "identity.vouched", "bailiff", confirming("ada", STAGE))
    assert world.codes() == []
    world.add("tie", "authority.granted", "studio", authority("studio", "bailiff"), logged=False)
    assert world.codes() == CONTESTED


def test_two_confirmations_for_different_parties_keep_both_held(world: World) -> None:
    contested(world).add("checked", "identity.vouched", "notary", confirming("ada", STAGE))
    world.add("checked too", "identity.vouched", "gallery", confirming("rival", STAGE), logged=False)
    assert world.codes() == CONTESTED  # as soon as it is committed
    world.steps["checked too"].signers = ("ada",)
    assert world.codes() == []  # what no standing key of the voucher signed says nothing


def test_a_grantee_that_confirms_a_rival_silences_nobody(world: World) -> None:
    contested(world).add("checked", "identity.vouched", "notary", confirming("ada", STAGE))
    world.add("by the grantee", "identity.vouched", "studio", confirming("rival", STAGE))
    assert world.codes() == []


def test_who_is_said_to_be_tied_to_the_grantee_still_refuses_until_the_tie_counts(world: World) -> None:
    contested(world).add("checked", "identity.vouched", "notary", confirming("ada", STAGE))
    world.add("theirs", "identity.vouched", "gallery", confirming("rival", STAGE))
    tie = authority("studio", "gallery")
    world.add("tie", "authority.granted", "studio", tie, logged=False)
    assert world.codes(at=AT) != []
    world.drop("licence", "claim")  # the gallery is no agent where it holds title
    world.steps["tie"].logged = True
    assert "identity_contested" not in world.codes()


def test_a_voucher_whom_nobody_knows_yet_refuses_all_the_same(world: World) -> None:
    contested(world).add("checked", "identity.vouched", "notary", confirming("ada", STAGE))
    world.add("newcomer", "party.registered", "newcomer", party("newcomer"), logged=False)
    world.add("theirs", "identity.vouched", "newcomer", confirming("rival", STAGE), logged=False)
    assert world.codes() == CONTESTED
    world["theirs"]["party"] = id_of("ada")
    assert world.codes() == []  # and frees nobody, nor holds


def test_an_officer_of_a_court_has_the_last_word(world: World) -> None:
    contested(world).add("checked", "identity.vouched", "notary", confirming("rival", STAGE))
    policy = {
        "party": id_of("registry"), "assurance": {}, "attested_engines": False, "court_officers": [id_of("bailiff")],
    }  # fmt: skip
    world.add("ruled", "identity.vouched", "bailiff", confirming("ada", STAGE))
    assert world.codes() == CONTESTED
    world.before("film", "officers", "policy.set", "registry", policy)
    world.vouched = {"registry": id_of("registry")}
    assert world.codes() == []
    world["ruled"]["party"] = id_of("rival")
    world.add("more", "identity.vouched", "notary", confirming("ada", STAGE))
    assert world.codes() == CONTESTED


def test_a_rival_that_gives_it_up_frees_the_other_under_the_checkpoint(world: World) -> None:
    contested(world).add("given up", "alias.declared", "rival", alias("rival", None, STAGE))
    assert world.codes() == []
    world.steps["given up"].logged = False
    assert world.codes() == CONTESTED
    world.steps["given up"].logged = True
    world.steps["given up"].issuer = "ada"
    assert world.codes() == CONTESTED  # nobody gives up what another states


def test_what_is_stated_again_after_it_was_given_up_is_stated(world: World) -> None:
    contested(world).add("given up", "alias.declared", "rival", alias("rival", None, STAGE))
    world.add("again", "alias.declared", "rival", alias("rival", STAGE[1]))
    assert world.codes() == CONTESTED


def test_whoever_is_held_by_one_identifier_is_not_freed_by_another(world: World) -> None:
    contested(world)
    contested(world, ISNI)
    world.add("checked", "identity.vouched", "notary", confirming("ada", STAGE))
    assert world.codes() == CONTESTED
    world.add("all of it", "identity.vouched", "notary", confirming("ada", STAGE, ISNI))
    assert world.codes() == []


def test_a_hold_and_nobody_vouching_are_two_things(world: World) -> None:
    contested(world).drop("vouch")
    assert world.codes() == ["identity_unverified"]
    decision: Decision = world.decide()
    assert not decision.cleared
    world.add("checked", "identity.vouched", "notary", confirming("ada", STAGE))
    assert world.codes() == []


def test_an_email_confirms_nobodys_number(world: World) -> None:
    world.add("checked", "identity.vouched", "notary", confirming("ada", STAGE, level="email"))
    with pytest.raises(Malformed) as refused:
        world.facts()
    assert refused.value.field == "body.confirms"


def test_an_isni_has_its_check_character() -> None:
    """Numbers of ORCID, which has a block of ISNI (ISO 27729); each other last character is wrong."""
    for digits in ("000000029534656x", "0000000218250097", "000000021694233x"):
        right = [last for last in "0123456789x" if is_isni(digits[:-1] + last)]
        assert right == [digits[-1]]
    assert not is_isni("00000002953465x6")
    assert not is_isni("0" * 15)


def test_a_hand_id_is_a_doi_and_an_alias_is_anything() -> None:
    assert is_well_formed(*HAND)
    assert not is_well_formed("hand", "B77C-A6A1-D3E8-1E13-D6C7")
    assert is_well_formed("alias", "…")
    assert compared("alias", "…") == "..."


@pytest.mark.parametrize("plane", range(3))
def test_a_folded_name_stays_as_it_is_and_capitals_fold_to_it(plane: int) -> None:
    for number in range(plane << 16, (plane + 1) << 16):
        letter = chr(number)
        if unicodedata.category(letter) not in ("Cs", "Cn", "Co"):
            assert fold(fold(letter)) == fold(letter), hex(number)
            assert fold(letter) in (fold(letter.upper()), fold(letter.lower())), hex(number)


@pytest.mark.parametrize("others", [{"b"}, {"b", "c"}])
def test_who_stands_is_never_two(others: set[str]) -> None:
    """Of every set of confirmations, at most one claimant stands."""
    claimants = frozenset({"a", *others})
    said = [Confirmation(party=p, by_court=c, counts=n) for p in "abcx" for c in (True, False) for n in (True, False)]
    outcomes = set()
    for number in range(1 << len(said)):
        held = [one for place, one in enumerate(said) if number >> place & 1]
        standing = [one for one in sorted(claimants) if stands(one, claimants, held)]
        outcomes.add(len(standing))
        assert len(standing) <= 1
    assert outcomes == {0, 1}
