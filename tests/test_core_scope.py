"""The scope algebra: its laws, its slow twin on random boxes, and faults planted to see that the tests bite."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.core.errors import TooFragmented
from registry.core.scope import (
    MAX_BOXES,
    MAX_CUTS,
    Scope,
    covers,
    covers_alone,
    merge,
    overlap,
    residual,
    residual_many,
    touches,
)
from registry.core.terms import ALL, LABELS, LANGUAGES, MEDIA, TERRITORIES
from tests import reference
from tests.boxes import P, Q, R, box, damaged, random_box, recut, scene, widened

Residual = Callable[[Scope, Sequence[Scope]], tuple[Scope, ...]]


# --- the algebra against its twin -------------------------------------------------------------------------------------


def _check_against_twin(subtract: Residual, examples: int, seed: int = 1) -> Counter[str]:
    random = Random(seed)
    outcomes: Counter[str] = Counter()
    for _ in range(examples):
        wanted, grants = scene(random)
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
        wanted, grants = scene(random)
        pieces = residual(wanted, grants)
        assert residual(wanted, recut(random, grants)) == pieces
        assert residual_many(recut(random, [wanted]), grants) == pieces
        assert merge(recut(random, pieces)) == pieces
        pieces_seen[min(len(pieces), 3)] += 1
    assert min(pieces_seen[count] for count in (0, 1, 2, 3)) > 100, pieces_seen


def test_the_remainder_of_several_wanted_boxes_is_that_of_their_union() -> None:
    random = Random(3)
    outcomes: Counter[bool] = Counter()
    for _ in range(400):
        wanted, grants = scene(random)
        boxes = [wanted, damaged(random, wanted), random_box(random)]
        grants += random.sample(boxes, random.choice([0, 2, 3]))
        pieces = residual_many(boxes, grants)
        points = [point for piece in pieces for point in reference.wanted_points(piece)]
        assert len(points) == len(set(points))
        assert set(points) == reference.missing_points(boxes, grants)
        assert residual_many(recut(random, boxes), recut(random, grants)) == pieces
        assert residual_many(pieces, grants) == pieces
        outcomes[not pieces] += 1
    assert min(outcomes.values()) > 80, outcomes


def test_two_boxes_overlap_in_exactly_the_points_that_both_allow() -> None:
    random = Random(4)
    outcomes: Counter[bool] = Counter()
    for _ in range(1500):
        a = random_box(random)
        b = damaged(random, a) if random.random() < 0.6 else random_box(random)
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
        wanted, grants = scene(random)
        outcomes[covers(wanted, grants)] += 1
        assert covers(wanted, grants) == (not reference.missing_points([wanted], grants))
    assert min(outcomes.values()) > 50, outcomes


def test_one_box_holds_or_touches_another_by_its_points() -> None:
    random = Random(8)
    outcomes: Counter[str] = Counter()
    for _ in range(3000):
        wanted = random_box(random)
        grant = random.choice([damaged(random, wanted), widened(random, wanted), random_box(random), wanted])
        points = set(reference.wanted_points(wanted))
        allowed = set(filter(reference.allowed_by(grant), points))
        assert touches(grant, wanted) == bool(allowed)
        assert covers_alone(grant, wanted) == (allowed == points)
        outcomes["all" if allowed == points else "some" if allowed else "none"] += 1
    assert min(outcomes.values()) > 200, outcomes


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


def test_two_boxes_share_the_labels_that_both_list() -> None:
    one = box(depicts=["death", "nudity"], scene=["crime", "violence"])
    other = box(depicts=["drugs", "nudity"], scene=["hate", "violence"])
    shared = overlap(one, other)
    assert shared is not None
    assert (LABELS.names(shared.depicts), LABELS.names(shared.scene)) == (["nudity"], ["violence"])


def test_several_wanted_boxes_are_bounded_alone_and_together() -> None:
    year, next_year = datetime(2027, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
    gap = [box(start=datetime(2027, 3, 1, tzinfo=UTC), end=datetime(2027, 4, 1, tzinfo=UTC))]
    apart = [box(territories=["BE"]), box(territories=["DE"], media=["svod"])]
    whole = box(start=year, end=next_year)
    assert len(residual_many([whole], gap, 2)) == 2
    assert len(residual_many(apart, [], 2)) == 2
    with pytest.raises(TooFragmented):
        residual_many([whole], gap, 1)  # one box in two pieces
    with pytest.raises(TooFragmented):
        residual_many(apart, [], 1)  # two boxes in a piece each
    merged = [
        whole,
        box(start=datetime(2027, 2, 1, tzinfo=UTC), end=datetime(2027, 5, 1, tzinfo=UTC), acts=["distribute"]),
    ]
    with pytest.raises(TooFragmented):
        residual_many([*merged, *gap], [], 1)


def _too_fragmented(subtract: Callable[[], object]) -> tuple[int, str, str]:
    with pytest.raises(TooFragmented) as refusal:
        subtract()
    return refusal.value.limit, refusal.value.unit, str(refusal.value)


def test_a_refusal_says_which_bound_was_reached() -> None:
    wanted = box(territories=TERRITORIES.terms, media=MEDIA.terms)
    apart = [box(territories=["BE"]), box(territories=["DE"], media=["svod"])]
    said = "the scopes leave a remainder of more than `{}` {}"
    assert _too_fragmented(lambda: residual(wanted, _checkerboard(), 7)) == (7, "pieces", said.format(7, "pieces"))
    assert _too_fragmented(lambda: merge(apart, 1)) == (1, "pieces", said.format(1, "pieces"))
    unlike = [box(scene=[]), box(scene=["violence"])]  # each a piece, and never one box
    assert _too_fragmented(lambda: merge(unlike, 1)) == (1, "pieces", said.format(1, "pieces"))
    seconds = [replace(wanted, start_s=wanted.start_s + n, end_s=wanted.start_s + n + 1) for n in range(MAX_BOXES + 1)]
    assert len(residual(wanted, seconds[:-1])) == 1
    most = (MAX_BOXES, "boxes", said.format(MAX_BOXES, "boxes"))
    assert _too_fragmented(lambda: residual(wanted, seconds)) == most
    random = Random(7)
    costly = [
        box(territories=random.sample(TERRITORIES.terms, 120), media=random.sample(MEDIA.terms, 10)) for _ in range(400)
    ]
    assert _too_fragmented(lambda: residual(wanted, costly)) == (MAX_CUTS, "cuts", said.format(MAX_CUTS, "cuts"))
