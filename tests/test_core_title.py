"""Which rights the aspects of an asset need, and what shares come to."""

from fractions import Fraction

import pytest

from consent.core.settled.read import NOT_LOGGED
from registry.core.rights import TitleClaim
from registry.core.scope import Scope
from registry.core.terms import ASPECTS
from registry.core.title import holdings, rights_needed, share_of
from tests.decisions import World, asset, everything, id_of, training
from tests.decisions import claim as claimed

PICTURE, SOUND, TEXT = (ASPECTS.mask((name,)) for name in ("picture", "sound", "text"))


def needed(aspects: int, **changed: str) -> tuple[tuple[str, int], ...]:
    world = World()
    world.add("other", "asset.registered", "gallery", asset("other", aspects=["picture", "sound", "text"], **changed))
    held = world.facts().assets[id_of("other")]
    return rights_needed(held.asset, held.inventory, aspects)


def claim(claimant: str, *share: int) -> TitleClaim:
    body = claimed(claimant, "portrait")
    world = World()
    world.add("another", "title.claimed", claimant, {**body, "share": [*share]})
    return next(
        one.title for held in world.facts().claims.values() for one in held if one.digest == world.digest("another")
    )


def test_each_aspect_needs_its_own_right_for_itself_alone() -> None:
    assert needed(PICTURE) == (("picture", PICTURE),)
    assert needed(SOUND) == (("master", SOUND),)
    assert needed(TEXT) == (("script", TEXT),)
    assert needed(PICTURE | SOUND | TEXT) == (("picture", PICTURE), ("master", SOUND), ("script", TEXT))


def test_sound_that_may_hold_music_needs_the_composition_beside_the_recording() -> None:
    for music in ("listed", "unknown"):
        assert needed(PICTURE | SOUND, music=music) == (
            ("picture", PICTURE),
            ("master", SOUND),
            ("composition", SOUND),
        )
    assert needed(SOUND, kind="music") == (("master", SOUND), ("composition", SOUND))


def test_the_picture_of_an_artwork_is_held_as_an_artwork() -> None:
    assert needed(PICTURE, kind="artwork") == (("artwork", PICTURE),)


@pytest.mark.parametrize(
    ("claims", "total"),
    [
        ([("gallery", 1, 1)], Fraction(1)),
        ([("gallery", 1, 3)], Fraction(1, 3)),
        ([("gallery", 1, 3), ("gallery", 1, 3)], Fraction(2, 3)),
        ([("gallery", 1, 3), ("notary", 2, 3)], Fraction(1)),
        ([("gallery", 1, 1), ("gallery", 1, 1)], Fraction(1)),
        ([("gallery", 1, 1), ("notary", 1, 2)], Fraction(3, 2)),
        ([], Fraction(0)),
    ],
)
def test_shares_add_up_and_nobody_has_more_than_all(claims: list[tuple[str, int, int]], total: Fraction) -> None:
    assert share_of([claim(*one) for one in claims]) == total


def test_claims_cut_what_is_wanted_into_pieces_that_each_has_one_set_of_holders() -> None:
    wanted = Scope.parse(everything(territories=["DE", "FR", "JP"]))
    halves = [Scope.parse(everything(territories=lands)) for lands in (["DE", "FR"], ["FR", "US"])]
    claims = [claim("gallery", 1, 1), claim("notary", 1, 1)]
    titles = [type(one)(**{**_fields(one), "scopes": (half,)}) for one, half in zip(claims, halves, strict=True)]
    held = {tuple(holding.piece.format()["territories"]): holding.claims for holding in holdings(wanted, titles)}  # type: ignore[arg-type]  # lists of text
    assert held == {("DE",): (0,), ("FR",): (0, 1), ("JP",): ()}


def _fields(one: TitleClaim) -> dict[str, object]:
    return {name: getattr(one, name) for name in TitleClaim.__slots__}


def test_an_asset_that_is_not_logged_comes_after_everything_that_is() -> None:
    world = World()
    place = [*world.steps].index("portrait")
    assert world.facts().logged_at(id_of("portrait")) == place
    world.steps["portrait"].logged = False
    assert world.facts().logged_at(id_of("portrait")) == NOT_LOGGED
    assert world.facts().logged_at(id_of("nothing")) == NOT_LOGGED


def test_whoever_is_said_to_be_dead_is_known_to_be() -> None:
    world = World()
    assert world.facts().dead == frozenset()
    death = {"event": "death", "party": id_of("ada"), "territory": None, "on": "2027-05-01", "utc_offset": 0}
    world.add("death", "event.recorded", "notary", {**death, "document_sha256": None})
    assert world.facts().dead == {id_of("ada")}


def test_a_training_run_for_nobody_is_refused_by_name() -> None:
    asks = training("portrait", **{"for": id_of("nobody")})
    found = {(one.code, one.subject) for one in World().decide(asks).obstacles}
    assert ("unknown_subject", ("party", id_of("nobody"))) in found
