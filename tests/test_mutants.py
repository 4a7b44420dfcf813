"""The checker of mutants, on a program small enough to know what survives in it."""

from pathlib import Path

import pytest

from tests.mutants import Outcome, Survivor, function_of, judge, outcome_of, prepare, read_listed, run

PROGRAM = """
def shorter(one: int, other: int) -> int:
    if one < other:
        return one
    return other


class Counter:
    def more(self, number: int) -> int:
        return number + 1
"""
TESTS = """
from registry.small import Counter, shorter


def test_the_smaller_number_is_shorter():
    assert shorter(1, 2) == 1
    assert shorter(2, 1) == 1
    assert shorter(2, 2) == 2


def test_more_is_something():
    assert Counter().more(1)
"""
EQUIVALENT = Survivor(function="registry.small.shorter", taken=("if one < other:",), put=("if one <= other:",))
LISTED = f"""# Known

{EQUIVALENT}
Of two equal numbers either is returned.
"""


def small(folder: Path) -> Path:
    """A checkout with one module and its tests, of which the second hardly looks."""
    for path, text in (
        ("registry/__init__.py", ""),
        ("registry/small.py", PROGRAM),
        ("tests/__init__.py", ""),
        ("tests/test_small.py", TESTS),
        ("pyproject.toml", '[project]\nname = "small"\nversion = "1"\n'),
    ):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return folder


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    tree = tmp_path_factory.mktemp("mutants") / "tree"
    checkout = small(tmp_path_factory.mktemp("checkout"))
    prepare(tree, checkout, ["registry/small.py"], ["tests/test_small.py"])
    run(tree, [])
    return outcome_of(tree, ["registry/small.py"], whole=True)


@pytest.mark.slow
def test_what_no_test_notices_survives_and_what_one_notices_does_not(outcome: Outcome) -> None:
    assert EQUIVALENT in outcome.survivors
    assert {survivor.function for survivor in outcome.survivors} == {
        "registry.small.shorter",
        "registry.small.Counter.more",
    }
    assert not any("one > other" in line for survivor in outcome.survivors for line in survivor.put)
    assert 0.2 < outcome.noticed < 0.95


@pytest.mark.slow
def test_a_survivor_that_nobody_listed_is_a_problem_and_so_is_too_few_noticed(outcome: Outcome) -> None:
    problems = judge(outcome, read_listed(LISTED))
    assert problems[0].startswith("only ")
    assert sum(problem.startswith("not listed") for problem in problems) == len(outcome.survivors) - 1
    assert not any("one <= other" in problem for problem in problems)


def test_nothing_is_wrong_where_all_that_survives_is_listed() -> None:
    survives = Outcome(run=20, survivors=(EQUIVALENT,), functions=frozenset({EQUIVALENT.function}))
    assert judge(survives, read_listed(LISTED)) == []


def test_one_that_is_listed_and_no_longer_survives_is_a_problem() -> None:
    noticed = Outcome(run=20, survivors=(), functions=frozenset({EQUIVALENT.function}))
    assert judge(noticed, read_listed(LISTED)) == [f"listed, but no survivor:\n{EQUIVALENT}"]


def test_a_sample_says_nothing_of_those_that_it_left_out() -> None:
    sample = Outcome(run=2, survivors=(), functions=frozenset())
    assert judge(sample, read_listed(LISTED)) == []


def test_no_mutant_at_all_is_a_problem() -> None:
    assert judge(Outcome(run=0, survivors=(), functions=frozenset()), []) == ["no mutant was run"]


def test_a_survivor_without_a_reason_is_refused() -> None:
    with pytest.raises(SystemExit, match="without a reason"):
        read_listed(f"{EQUIVALENT}\n")


def test_the_survivors_that_are_listed_can_be_read_again() -> None:
    assert read_listed(LISTED) == [EQUIVALENT]


def test_a_mutant_is_named_after_what_it_changes() -> None:
    assert function_of("registry.core.title.x_share_of__mutmut_3") == "registry.core.title.share_of"
    assert (
        function_of("consent.core.asked.asking.xǁAskedǁ_least__mutmut_12") == "consent.core.asked.asking.Asked._least"
    )
