"""The vocabularies: their first version is frozen here, and groups are expanded for drafting only."""

from itertools import pairwise

import pytest

from registry.core.errors import UnexpandedGroup, UnknownTerm
from registry.core.jcs import canonical, sha256_hex
from registry.core.terms import (
    ACTS,
    ASPECTS,
    ASSET_ASPECTS,
    LABELS,
    LANGUAGES,
    MEDIA,
    PERFORMER_ASPECTS,
    PURPOSES,
    STATEMENT_TYPES,
    TERRITORIES,
    TERRITORY_GROUPS,
    VOCABULARY,
    Vocabulary,
    expand_languages,
    expand_territories,
)

ALL_VOCABULARIES = [ACTS, ASPECTS, PURPOSES, MEDIA, LABELS, TERRITORIES, LANGUAGES]

# count and SHA-256 of the canonical list; a new term changes the count, and the old ones must still hash as they did
FIRST_VERSION = {
    "acts": (8, "e677fd17c31b53c87fd3bec5bb88cba6d9806097651198e6e4d151e5d8de6778"),
    "aspects": (10, "3abd04afdcbe51582eff8accf75922e81270f4b45a7a345f19e0922fc217d254"),
    "purposes": (8, "059a71ab2ef6582c41290d5e4a5e18140f246130b999a2c89e39206db00dc20f"),
    "media": (21, "3ad837e856600fcb2b1af3afaf86b7ebc0437129bd0fde246b6f454157b95d4b"),
    "content labels": (22, "bbdffbce0d1d77ed4bdf241ea9ccdaef32e9e9c643299db048944d904be13218"),
    "territories": (250, "82f28850cf6485afb15d1ad6b5ed7c82a77c85f75c740811c6fe12260a385988"),
    "languages": (759, "3dfbd4979001f67d0a0f3aa2d5f505437fdf0af5a4e4e4e3f151d1634189c437"),
}


@pytest.mark.parametrize("vocabulary", ALL_VOCABULARIES, ids=lambda vocabulary: vocabulary.dimension)
def test_no_term_has_moved_since_the_first_version(vocabulary: Vocabulary) -> None:
    count, digest = FIRST_VERSION[vocabulary.dimension]
    assert VOCABULARY == 1
    assert sha256_hex(canonical(vocabulary.terms[:count])) == digest


@pytest.mark.parametrize("vocabulary", ALL_VOCABULARIES, ids=lambda vocabulary: vocabulary.dimension)
def test_a_mask_gives_back_its_names_sorted(vocabulary: Vocabulary) -> None:
    assert vocabulary.names(vocabulary.all) == sorted(vocabulary.terms)
    assert vocabulary.mask(vocabulary.terms) == vocabulary.all
    assert vocabulary.mask([]) == 0
    for position, term in enumerate(vocabulary.terms):
        assert vocabulary.mask([term]) == 1 << position
        assert vocabulary.names(1 << position) == [term]


def test_an_unknown_term_is_refused_with_the_term_and_the_dimension() -> None:
    with pytest.raises(UnknownTerm) as refusal:
        MEDIA.mask(["svod", "cinema"], "body.media")
    assert refusal.value.code == "unknown_term"
    assert refusal.value.field == "body.media"
    assert refusal.value.extra() == {"term": "cinema", "dimension": "media"}


def test_the_aspects_of_performers_and_assets_share_one_dimension() -> None:
    assert ASPECTS.all == PERFORMER_ASPECTS | ASSET_ASPECTS
    assert PERFORMER_ASPECTS & ASSET_ASPECTS == 0


def test_the_territories_are_those_of_iso_3166_and_kosovo() -> None:
    assert len(TERRITORIES.terms) == 249 + 1
    assert {"FR", "GB", "US", "PR", "RE", "AQ", "BV", "XK"} <= set(TERRITORIES.terms)
    assert not {"AC", "CP", "EA", "EU", "EZ", "IC", "QO", "TA", "UK", "UN", "ZZ"} & set(TERRITORIES.terms)


def test_groups_hold_what_the_frozen_release_says() -> None:
    assert expand_territories(["001"]) == set(TERRITORIES.terms)
    assert len(expand_territories(["EU"])) == 27
    assert expand_territories(["EEA"]) == expand_territories(["EU", "IS", "LI", "NO"])
    assert "RE" not in expand_territories(["EU"]), "the outermost regions have codes of their own"
    assert "PR" not in expand_territories(["US"])
    assert "PR" in expand_territories(["US_AND_TERRITORIES"])
    assert expand_territories(["UK_AND_IRELAND"]) == {"GB", "IE"}
    assert {"FR", "BE", "CH", "CA", "SN"} <= expand_territories(["FRANCOPHONE"])
    assert expand_territories(["019"]) == expand_territories(["003", "005"])
    assert expand_territories(["419"]) < expand_territories(["019"])


def test_every_group_holds_listed_codes_and_is_no_code_itself() -> None:
    for name, codes in TERRITORY_GROUPS.items():
        assert codes, name
        assert codes <= set(TERRITORIES.terms), name
        assert name not in TERRITORIES.terms


def test_continents_part_the_world() -> None:
    continents = [expand_territories([code]) for code in ("002", "009", "019", "142", "150")]
    assert sum(map(len, continents)) == len(TERRITORIES.terms)


def test_a_group_is_refused_where_codes_are_listed() -> None:
    with pytest.raises(UnexpandedGroup):
        TERRITORIES.mask(["EU"])
    with pytest.raises(UnexpandedGroup):
        LANGUAGES.mask(["fr"])


def test_a_bare_language_means_its_regions_as_listed() -> None:
    french = expand_languages(["fr"])
    assert {"fr-FR", "fr-CA", "fr-BE", "fr-CH"} <= french
    assert all(tag.startswith("fr-") for tag in french)
    assert not french & expand_languages(["fy", "fur"])
    assert expand_languages(["es-419"]) == {
        tag for tag in expand_languages(["es"]) if tag[3:] in TERRITORY_GROUPS["419"]
    }
    assert expand_languages(["fr-CA", "zxx"]) == {"fr-CA", "zxx"}
    assert expand_languages(["*"]) == set(LANGUAGES.terms)


@pytest.mark.parametrize("name", ["xx", "fr-ZZ", "fr-", "FR", "fr-fr", "fr-FR-x", "xx-419", "", "fr-999"])
def test_a_language_that_is_not_listed_is_refused(name: str) -> None:
    with pytest.raises(UnknownTerm):
        expand_languages([name])


@pytest.mark.parametrize("name", ["XX", "fr", "world", "", "155-status-deprecated", "001-status-grouping", "*"])
def test_a_territory_that_is_not_listed_is_refused(name: str) -> None:
    with pytest.raises(UnknownTerm):
        expand_territories([name])


def test_tags_are_language_and_region_but_for_no_language() -> None:
    assert LANGUAGES.terms[-1] == "zxx"
    for tag in LANGUAGES.terms[:-1]:
        language, region = tag.split("-")
        assert language.islower()
        assert region in TERRITORIES.terms
    assert all(before < after for before, after in pairwise(LANGUAGES.terms[:-1]))


def test_the_statement_types_are_closed() -> None:
    assert len(STATEMENT_TYPES) == 51
    assert all(name.count(".") == 1 for name in STATEMENT_TYPES)
