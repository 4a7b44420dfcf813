"""One box: what cannot be built, and its JSON in its one spelling."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from registry.core.box import DIMENSIONS, Scope
from registry.core.errors import EmptyDimension, Malformed, UnexpandedGroup, UnknownTerm
from registry.core.jcs import canonical, parse_canonical
from registry.core.terms import ALL, LABELS, LANGUAGES, MEDIA, TERRITORIES
from tests.boxes import P, box, random_box


@pytest.mark.parametrize("dimension", [*DIMENSIONS, "projects"])
def test_a_scope_with_an_empty_dimension_cannot_be_built(dimension: str) -> None:
    with pytest.raises(EmptyDimension) as refusal:
        box(**{dimension: []})
    assert refusal.value.dimension == dimension


def test_a_window_that_ends_before_it_starts_cannot_be_built() -> None:
    start = datetime(2027, 1, 1, tzinfo=UTC)
    for end in (start, start - timedelta(seconds=1)):
        with pytest.raises(EmptyDimension):
            box(start=start, end=end)


def test_a_clock_reading_with_a_fraction_is_refused_rather_than_rounded() -> None:
    with pytest.raises(Malformed):
        box(start=datetime(2027, 1, 1, 0, 0, 0, 1, tzinfo=UTC))


def test_parse_and_format_are_inverse() -> None:
    random = Random(8)
    for _ in range(300):
        scope = random_box(random)
        data = canonical(scope.format())
        assert Scope.parse(parse_canonical(data)) == scope
        assert canonical(Scope.parse(parse_canonical(data)).format()) == data


def test_the_example_of_the_format_is_read() -> None:
    scope = Scope.parse(
        {
            "acts": ["condition"],
            "aspects": ["face"],
            "purposes": ["work"],
            "media": ["svod"],
            "territories": ["FR"],
            "languages": ["*"],
            "projects": ["*"],
            "window": ["2027-01-01T00:00:00Z", None],
            "content": {"depicts": [], "scene": ["violence"]},
        }
    )
    assert scope.languages == LANGUAGES.all
    assert scope.end is None
    assert scope.all_projects


@pytest.mark.parametrize(
    ("field", "value", "code", "at"),
    [
        ("acts", [], "empty_dimension", "scope.acts"),
        ("acts", ["condition", "condition"], "duplicate_value", "scope.acts"),
        ("media", ["theatrical", "svod"], "not_sorted", "scope.media"),
        ("media", ["cinema"], "unknown_term", "scope.media"),
        ("territories", ["EU"], "unexpanded_group", "scope.territories"),
        ("territories", ["001"], "unexpanded_group", "scope.territories"),
        ("territories", ["fr"], "unknown_term", "scope.territories"),
        ("languages", ["fr"], "unexpanded_group", "scope.languages"),
        ("languages", ["*", "fr-FR"], "unknown_term", "scope.languages"),
        ("languages", sorted(LANGUAGES.terms), "not_canonical", "scope.languages"),
        ("projects", ["dune"], "bad_id", "scope.projects[0]"),
        ("projects", ["*", P], "bad_value", "scope.projects"),
        ("projects", "*", "bad_type", "scope.projects"),
        ("window", ["2027-01-01T00:00:00Z"], "bad_type", "scope.window"),
        ("window", ["2027-01-01", None], "bad_time", "scope.window[0]"),
        ("window", ["2028-01-01T00:00:00Z", "2027-01-01T00:00:00Z"], "empty_dimension", "scope.window"),
        ("window", [None, None], "bad_type", "scope.window[0]"),
        ("content", {"depicts": []}, "missing_field", "scope.content.scene"),
        ("content", {"depicts": [], "scene": ["gore"]}, "unknown_term", "scope.content.scene"),
        ("content", {"depicts": [], "scene": [], "more": 1}, "unknown_field", "scope.content.more"),
        ("price", 1, "unknown_field", "scope.price"),
    ],
)
def test_any_other_spelling_of_a_scope_is_refused_at_its_field(field: str, value: object, code: str, at: str) -> None:
    good = box().format()
    assert Scope.parse(good) == box()
    with pytest.raises((Malformed, UnknownTerm, UnexpandedGroup, EmptyDimension)) as refusal:
        Scope.parse(good | {field: value})
    assert (refusal.value.code, refusal.value.field) == (code, at)


def test_the_masks_of_no_two_dimensions_meet_in_the_packed_form() -> None:
    full = box(
        acts=DIMENSIONS["acts"].terms,
        aspects=DIMENSIONS["aspects"].terms,
        purposes=DIMENSIONS["purposes"].terms,
        media=MEDIA.terms,
        territories=TERRITORIES.terms,
        languages=[ALL],
        depicts=LABELS.terms,
        scene=LABELS.terms,
    )
    terms = sum(len(vocabulary.terms) for vocabulary in DIMENSIONS.values()) + 2 * len(LABELS.terms)
    assert full.packed.bit_count() == terms
