"""The scope algebra: its laws, its slow twin on random boxes, and faults planted to see that the tests bite."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.core.box import DIMENSIONS
from registry.core.errors import EmptyDimension, Malformed, TooFragmented, UnexpandedGroup, UnknownTerm
from registry.core.jcs import canonical, parse_canonical
from registry.core.scope import FOREVER_S, Scope, covers, merge, overlap, residual, residual_many
from registry.core.terms import ALL, LABELS, LANGUAGES, MEDIA, TERRITORIES
from tests import reference

P, Q, R = (f"0193e1a0-0000-7000-8000-00000000000{number}" for number in (1, 2, 3))
SMALL = {
    "acts": ("condition", "distribute"),
    "aspects": ("face", "voice"),
    "purposes": ("press", "work"),
    "media": ("avod", "svod", "theatrical"),
    "territories": ("BE", "DE", "FR"),
    "languages": ("fr-FR", "zxx"),
}
LABELS_USED = ("nudity", "violence")
Residual = Callable[[Scope, Sequence[Scope]], tuple[Scope, ...]]


def box(**changes: object) -> Scope:
    """A box for a film on two media in three territories, for one year."""
    fields: dict[str, object] = {
        "acts": ["condition"],
        "aspects": ["face"],
        "purposes": ["work"],
        "media": ["svod", "theatrical"],
        "territories": ["BE", "DE", "FR"],
        "languages": ["fr-FR"],
        "projects": [P],
        "start": datetime(2027, 1, 1, tzinfo=UTC),
        "end": datetime(2028, 1, 1, tzinfo=UTC),
    }
    return Scope.of(**(fields | changes))  # type: ignore[arg-type]  # the names are Scope.of's


# --- random boxes: grants are made from what is wanted, then damaged, so that both outcomes are common ----------------


def _some(random: Random, terms: Sequence[str]) -> list[str]:
    return random.sample(terms, random.randint(1, len(terms)))


def _random_box(random: Random) -> Scope:
    start_s = random.randrange(6)
    masks = {name: DIMENSIONS[name].mask(_some(random, terms)) for name, terms in SMALL.items()}
    return Scope(
        **masks,
        projects=frozenset({ALL}) if random.random() < 0.3 else frozenset(_some(random, (P, Q))),
        start_s=start_s,
        end_s=FOREVER_S if random.random() < 0.2 else random.randint(start_s + 1, 10),
        depicts=LABELS.mask(random.sample(LABELS_USED, random.choice([0, 0, 1]))),
        scene=LABELS.mask(random.sample(LABELS_USED, random.choice([0, 0, 1, 2]))),
    )


def _widened(random: Random, scope: Scope) -> Scope:
    extra = _random_box(random)
    masks = {name: getattr(scope, name) | getattr(extra, name) for name in DIMENSIONS}
    both = scope.projects | extra.projects
    return Scope(
        **masks,
        projects=frozenset({ALL}) if ALL in both else both,
        start_s=min(scope.start_s, extra.start_s),
        end_s=max(scope.end_s, extra.end_s),
        depicts=scope.depicts | extra.depicts,
        scene=scope.scene | extra.scene,
    )


def _cut(random: Random, scope: Scope) -> list[Scope]:
    """Cut a box in two along one dimension, if it can be cut there."""
    name = random.choice([*DIMENSIONS, "projects", "window"])
    if name == "window":
        last = min(scope.end_s, reference.LAST_S) - 1
        if last <= scope.start_s:
            return [scope]
        middle = random.randint(scope.start_s + 1, last)
        return [replace(scope, end_s=middle), replace(scope, start_s=middle)]
    if name == "projects":
        if len(scope.projects) < 2:
            return [scope]
        return [replace(scope, projects=frozenset({project})) for project in scope.projects]
    first = getattr(scope, name) & -getattr(scope, name)
    rest = getattr(scope, name) ^ first
    return [replace(scope, **{name: first}), replace(scope, **{name: rest})] if rest else [scope]


def _damaged(random: Random, scope: Scope) -> Scope:
    """Change one field of a grant, most often so that it no longer covers."""
    name = random.choice([*DIMENSIONS, "projects", "window", "depicts", "scene"])
    other = _random_box(random)
    if name == "window":
        return replace(scope, start_s=other.start_s, end_s=other.end_s)
    return replace(scope, **{name: getattr(other, name)})


def _recut(random: Random, scopes: Iterable[Scope]) -> list[Scope]:
    """Say the same with other boxes: cut some, double some, shuffle all."""
    boxes = [part for scope in scopes for part in _cut(random, scope)]
    boxes = [part for scope in boxes for part in _cut(random, scope)]
    boxes += random.sample(boxes, min(2, len(boxes)))
    random.shuffle(boxes)
    return boxes


def _scene(random: Random) -> tuple[Scope, list[Scope]]:
    """Return what is wanted, and grants that cover it, nearly cover it, or have little to do with it."""
    wanted = _random_box(random)
    parts = [part for whole in _cut(random, wanted) for half in _cut(random, whole) for part in _cut(random, half)]
    for _ in range(random.choice([0, 1, 3, 6])):
        number = random.randrange(len(parts))
        parts[number] = _damaged(random, parts[number])
    grants = [_widened(random, part) if random.random() < 0.15 else part for part in parts]
    grants += [_random_box(random) for _ in range(random.choice([0, 0, 1, 3]))]
    random.shuffle(grants)
    return wanted, grants


# --- the algebra against its twin -------------------------------------------------------------------------------------


def _check_against_twin(subtract: Residual, examples: int, seed: int = 1) -> Counter[str]:
    random = Random(seed)
    outcomes: Counter[str] = Counter()
    for _ in range(examples):
        wanted, grants = _scene(random)
        pieces = subtract(wanted, grants)
        missing = reference.missing_points([wanted], grants)
        points = [point for piece in pieces for point in reference.wanted_points(piece)]
        assert len(points) == len(set(points)), "pieces overlap"
        assert set(points) == missing
        outcomes["covered" if not missing else "whole" if pieces == (wanted,) else "partly"] += 1
    return outcomes


def test_what_is_missing_is_every_wanted_point_that_no_grant_allows() -> None:
    outcomes = _check_against_twin(residual, 3000)
    assert min(outcomes[name] for name in ("covered", "partly")) > 800, outcomes
    assert outcomes["whole"] > 100, outcomes


@settings(max_examples=150, deadline=None)
@given(st.integers(min_value=0))
def test_the_same_holds_for_whatever_seed_hypothesis_finds(seed: int) -> None:
    _check_against_twin(residual, 1, seed)


def _ignores_content(wanted: Scope, granted: Sequence[Scope]) -> tuple[Scope, ...]:
    return residual(wanted, [replace(grant, depicts=LABELS.all, scene=LABELS.all) for grant in granted])


def _lets_ids_reduce_all_projects(wanted: Scope, granted: Sequence[Scope]) -> tuple[Scope, ...]:
    return residual(wanted, [replace(grant, projects=frozenset({ALL})) for grant in granted])


def _takes_the_end_as_included(wanted: Scope, granted: Sequence[Scope]) -> tuple[Scope, ...]:
    return residual(wanted, [replace(grant, end_s=grant.end_s + 1) for grant in granted])


def _skips_the_last_grant(wanted: Scope, granted: Sequence[Scope]) -> tuple[Scope, ...]:
    return residual(wanted, granted[:-1])


def _says_it_twice(wanted: Scope, granted: Sequence[Scope]) -> tuple[Scope, ...]:
    return residual(wanted, granted) * 2


@pytest.mark.parametrize(
    "fault",
    [
        _ignores_content,
        _lets_ids_reduce_all_projects,
        _takes_the_end_as_included,
        _skips_the_last_grant,
        _says_it_twice,
    ],
)
def test_a_fault_planted_in_the_algebra_is_caught(fault: Residual) -> None:
    with pytest.raises(AssertionError):
        _check_against_twin(fault, 400)


def test_canonical_residual() -> None:
    """Neither the order of the grants nor how they are cut into boxes shows in what is missing."""
    random = Random(2)
    pieces_seen: Counter[int] = Counter()
    for _ in range(3000):
        wanted, grants = _scene(random)
        pieces = residual(wanted, grants)
        assert residual(wanted, _recut(random, grants)) == pieces
        assert residual_many(_recut(random, [wanted]), grants) == pieces
        assert merge(_recut(random, pieces)) == pieces
        pieces_seen[min(len(pieces), 3)] += 1
    assert min(pieces_seen[count] for count in (0, 1, 2, 3)) > 100, pieces_seen


def test_the_remainder_of_several_wanted_boxes_is_that_of_their_union() -> None:
    random = Random(3)
    outcomes: Counter[bool] = Counter()
    for _ in range(400):
        wanted, grants = _scene(random)
        boxes = [wanted, _damaged(random, wanted), _random_box(random)]
        grants += random.sample(boxes, random.choice([0, 2, 3]))
        pieces = residual_many(boxes, grants)
        points = [point for piece in pieces for point in reference.wanted_points(piece)]
        assert len(points) == len(set(points))
        assert set(points) == reference.missing_points(boxes, grants)
        assert residual_many(_recut(random, boxes), _recut(random, grants)) == pieces
        assert residual_many(pieces, grants) == pieces
        outcomes[not pieces] += 1
    assert min(outcomes.values()) > 80, outcomes


def test_two_boxes_overlap_in_exactly_the_points_that_both_allow() -> None:
    random = Random(4)
    outcomes: Counter[bool] = Counter()
    for _ in range(1500):
        a = _random_box(random)
        b = _damaged(random, a) if random.random() < 0.6 else _random_box(random)
        shared = overlap(a, b)
        assert overlap(b, a) == shared
        universe = set(reference.wanted_points(replace(a, depicts=0, scene=0)))
        universe |= set(reference.wanted_points(replace(b, depicts=0, scene=0)))
        both = set(filter(reference.allowed_by(a), filter(reference.allowed_by(b), universe)))
        assert both == (set(filter(reference.allowed_by(shared), universe)) if shared else set())
        outcomes[shared is None] += 1
    assert min(outcomes.values()) > 300, outcomes


def test_covers_says_whether_anything_is_missing() -> None:
    random = Random(5)
    outcomes: Counter[bool] = Counter()
    for _ in range(300):
        wanted, grants = _scene(random)
        outcomes[covers(wanted, grants)] += 1
        assert covers(wanted, grants) == (not reference.missing_points([wanted], grants))
    assert min(outcomes.values()) > 50, outcomes


# --- laws that can be read --------------------------------------------------------------------------------------------


def test_without_a_grant_all_is_missing() -> None:
    assert residual(box(), []) == (box(),)


def test_a_grant_of_the_same_box_leaves_nothing() -> None:
    assert residual(box(), [box()]) == ()


def test_the_missing_territory_is_named_and_nothing_else() -> None:
    grants = [box(territories=["FR"]), box(territories=["DE"])]
    assert residual(box(), grants) == (box(territories=["BE"]),)


def test_grants_in_a_row_cover_a_window_that_none_covers_alone() -> None:
    first = box(end=datetime(2027, 6, 1, tzinfo=UTC))
    second = box(start=datetime(2027, 6, 1, tzinfo=UTC), end=None)
    assert covers(box(), [second, first])
    assert residual(box(), [replace(second, start_s=second.start_s + 1), first]) == (
        replace(box(), start_s=second.start_s, end_s=second.start_s + 1),
    )


def test_a_window_without_an_end_is_covered_only_by_one_without_an_end() -> None:
    assert not covers(box(end=None), [box(end=datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC))])
    assert covers(box(end=None), [box(end=None)])


def test_finite_projects_never_reduce_all_projects() -> None:
    every = box(projects=[ALL])
    assert residual(every, [box(projects=[P, Q])]) == (every,)
    assert residual(box(projects=[P, Q, R]), [box(projects=[Q])]) == (box(projects=[P, R]),)
    assert covers(box(projects=[P, Q]), [every])
    assert overlap(every, box(projects=[P])) == box(projects=[P])
    assert overlap(box(projects=[P]), box(projects=[Q])) is None


def test_a_granted_box_counts_only_if_the_wanted_labels_are_all_in_it() -> None:
    wanted = box(scene=["violence"], depicts=["death"])
    assert residual(wanted, [box(scene=["violence"])]) == (wanted,)
    assert residual(wanted, [box(depicts=["death"]), box(scene=["violence"])]) == (wanted,)
    assert covers(wanted, [box(scene=["violence", "death"], depicts=["death", "crime"])])
    assert covers(box(), [wanted])


def test_boxes_that_differ_in_content_still_share_what_shows_nothing_special() -> None:
    assert overlap(box(scene=["violence"]), box(scene=["nudity"])) == box()


def test_pieces_of_different_content_are_not_merged() -> None:
    pieces = [box(scene=["violence"]), box()]
    assert set(merge(pieces)) == set(pieces)
    assert merge([box(territories=["FR"]), box(territories=["BE", "DE"])]) == (box(),)


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


# --- bounds -----------------------------------------------------------------------------------------------------------


def _checkerboard() -> list[Scope]:
    """Grants that each take another medium out of every other territory: no two territories alike."""
    territories, media = TERRITORIES.terms, MEDIA.terms
    return [
        box(
            territories=[code for number, code in enumerate(territories) if (number >> bit % 8) & 1 == bit // 8],
            media=[media[bit]],
        )
        for bit in range(16)
    ]


def test_a_remainder_of_too_many_pieces_is_refused_in_any_order() -> None:
    wanted = box(territories=TERRITORIES.terms, media=MEDIA.terms)
    random = Random(6)
    grants = _checkerboard()
    many = len(residual(wanted, grants))
    assert many > 8
    for _ in range(5):
        random.shuffle(grants)
        assert len(residual(wanted, grants, max_pieces=many)) == many
        with pytest.raises(TooFragmented) as refusal:
            residual(wanted, grants, max_pieces=many - 1)
        assert refusal.value.code == "too_fragmented"


def test_grants_made_to_be_costly_are_refused_soon() -> None:
    random = Random(7)
    wanted = box(territories=TERRITORIES.terms, media=MEDIA.terms, languages=[ALL], end=None)
    grants = [
        box(
            territories=random.sample(TERRITORIES.terms, 120),
            media=random.sample(MEDIA.terms, 10),
            languages=random.sample(LANGUAGES.terms, 300),
        )
        for _ in range(60)
    ]
    refusals = set()
    for _ in range(3):
        random.shuffle(grants)
        with pytest.raises(TooFragmented) as refusal:
            residual(wanted, grants)
        refusals.add(str(refusal.value))
    assert len(refusals) == 1


# --- JSON -------------------------------------------------------------------------------------------------------------


def test_parse_and_format_are_inverse() -> None:
    random = Random(8)
    for _ in range(300):
        scope = _random_box(random)
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
