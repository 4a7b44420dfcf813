"""The texts say all that is signed, in both languages, and nothing is left in the registry's own words."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from registry.core.rights import PARSERS as RIGHTS_PARSERS
from registry.core.scope import DIMENSIONS, Scope
from registry.core.terms import (
    ACTS,
    ASPECTS,
    LABELS,
    LANGUAGES,
    MEDIA,
    PURPOSES,
    TERRITORIES,
    TERRITORY_GROUPS,
    Vocabulary,
    expand_languages,
    expand_territories,
)
from registry.texts import words
from registry.texts.layout import Pair, page
from registry.texts.places import describe_languages, describe_territories, territory
from registry.texts.scopes import describe_scope, describe_scopes
from tests.world import World, licence_body, scope

NOW = datetime(2027, 1, 1, tzinfo=UTC)

TABLES: list[tuple[Vocabulary, dict[str, Pair]]] = [
    (ACTS, words.ACTS),
    (ASPECTS, words.ASPECTS),
    (PURPOSES, words.PURPOSES),
    (MEDIA, words.MEDIA),
    (LABELS, words.LABELS),
]


def box(**dimensions: object) -> Scope:
    fields: dict[str, object] = {
        "acts": ["condition"], "aspects": ["face"], "purposes": ["work"], "media": ["svod"], "territories": ["FR"],
        "languages": ["fr-FR"], "projects": ["*"], "start": NOW, "end": None,
    }  # fmt: skip
    return Scope.of(**(fields | dimensions))  # type: ignore[arg-type]  # names and times


@pytest.mark.parametrize(("vocabulary", "table"), TABLES, ids=lambda value: getattr(value, "dimension", ""))
def test_every_term_has_words_in_both_languages(vocabulary: Vocabulary, table: dict[str, Pair]) -> None:
    assert list(table) == list(vocabulary.terms)
    for position in (0, 1):
        said = [pair[position] for pair in table.values()]
        assert all(said)
        assert len(set(said)) == len(said)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_term_of_a_random_scope_is_spelled_out(language: str) -> None:
    """Two scopes that differ in one term differ in their text."""
    seeded = random.Random(3)
    for _ in range(300):
        held = {
            name: seeded.sample(vocabulary.terms, seeded.randint(1, min(6, len(vocabulary.terms))))
            for name, vocabulary in DIMENSIONS.items()
        }
        one = box(**held, depicts=seeded.sample(LABELS.terms, 2), scene=seeded.sample(LABELS.terms, 2))
        name = seeded.choice([*DIMENSIONS, "depicts", "scene", "window"])
        other = _changed(one, name, seeded)
        assert describe_scope(one, language) != describe_scope(other, language), name
        text = "\n".join(describe_scope(one, language))
        for table, names in ((words.ACTS, held["acts"]), (words.MEDIA, held["media"])):
            assert all(table[term][0 if language == "en" else 1] in text for term in names)
        assert all(territory(code, language) in text for code in held["territories"])


def _changed(one: Scope, name: str, seeded: random.Random) -> Scope:
    if name == "window":
        return replace(one, start_s=one.start_s - seeded.randint(1, 90_000))
    vocabulary = DIMENSIONS.get(name, LABELS)
    mask = getattr(one, name) ^ 1 << seeded.randrange(len(vocabulary.terms))
    return replace(one, **{name: mask or vocabulary.all})  # a dimension is never empty


def test_the_world_a_group_and_all_but_a_few_are_named_briefly_and_completely() -> None:
    assert describe_territories(TERRITORIES.all, "en").startswith("the whole world: all 250")
    assert describe_territories(TERRITORIES.all, "fr").startswith("le monde entier : les 250")
    union = TERRITORIES.mask(expand_territories(["EU"]))
    said = describe_territories(union, "en")
    assert said.startswith("the European Union, which here means 27 countries and territories: Austria")
    assert all(territory(code, "en") in said for code in expand_territories(["EU"]))
    without = describe_territories(TERRITORIES.all & ~TERRITORIES.mask(["FR", "US"]), "fr")
    assert without.endswith("sauf États-Unis et France")


def test_every_group_has_a_name_in_both_languages() -> None:
    for name, codes in TERRITORY_GROUPS.items():
        for language in ("en", "fr"):
            said = describe_territories(TERRITORIES.mask(codes), language)
            assert len(codes) == 1 or said.count(name) <= said.count(territory(min(codes), language)) + 3
            assert not said.startswith(name)


def test_languages_are_said_with_their_regions() -> None:
    assert describe_languages(LANGUAGES.all, "en") == "every language, and none"
    assert describe_languages(LANGUAGES.mask(["fr-CA", "zxx"]), "en") == "French (Canada); without words"
    every = describe_languages(LANGUAGES.mask(expand_languages(["fr"])), "fr")
    assert every.startswith("français dans toutes les régions de la liste (Algérie, Belgique")


def test_a_window_says_that_its_end_is_not_part_of_it() -> None:
    closed = box(end=NOW + timedelta(days=31, seconds=1))
    assert "from 1 January 2027, 00:00 UTC until just before 1 February 2027, 00:00:01 UTC" in str(
        describe_scope(closed, "en")
    )
    assert "du 1er janvier 2027 à 00:00 UTC" in str(describe_scope(closed, "fr"))
    assert "without an end" in str(describe_scope(box(), "en"))


def test_content_says_what_is_never_shown() -> None:
    lines = describe_scope(box(depicts=["violence"]), "en")
    assert "may be shown in: violence; none of these: sexual violence, partial nudity" in lines[-2]
    assert "may be shown beside: none of these: violence, sexual violence" in lines[-1]


def test_several_scopes_are_numbered_parts() -> None:
    lines = describe_scopes([box(), box(acts=["distribute"])], "fr")
    assert [line for line in lines if line.startswith("Partie")] == ["Partie 1 sur 2", "Partie 2 sur 2"]


@pytest.mark.django_db
def test_a_licence_names_its_parties_and_files_and_reads_as_a_whole() -> None:
    world = World()
    studio, other = (world.party(name, kind="organisation") for name in ("Northlight", "Westwind"))
    plate = world.asset(studio, title="Ridge at dawn")
    body = licence_body(studio, other, plate) | {"scopes": [scope(territories=["FR"])], "caps": {"shots": 12}}
    for language, wanted in (
        ("en", ["Licensor: Northlight (", "Licensee: Westwind (", "File: Ridge at dawn (", "At most 12 shots."]),
        ("fr", ["Donneur de licence : Northlight (", "Fichier : Ridge at dawn (", "Au plus 12 plans.", "Où : France."]),
    ):  # fmt: skip
        text = world.signed("licence.granted", body, by=studio, language=language)["text"].replace("\xa0", " ")
        assert [line for line in wanted if line not in text] == []
    assert "licence.granted" in RIGHTS_PARSERS


def test_french_signs_never_stand_at_the_beginning_of_a_line() -> None:
    text = page("fr", "Titre : un", ["« Oui » ; non ?", "Ce délai court !"], "Signé : moi")
    broken = text.replace("\N{NO-BREAK SPACE}", "_")
    assert broken == "Titre_: un\n\n«_Oui_»_; non_?\nCe délai court_!\n\nSigné_: moi"
    assert page("en", "Title : one", [], "Signed") == "Title : one\n\n\nSigned"
