"""Terms of pay and what they come to: exact, rounded once, nothing guessed."""

from __future__ import annotations

import json
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generation.core.accruals import Accrual, Occasion, accrue, add_up
from generation.core.pay import KINDS, MAX_MINOR, Pay, PayTerms, check_private, compare, read_pay
from registry.core.errors import DomainError


def pay(*items: dict[str, Any], mfn: str | None = None) -> PayTerms:
    whole = [{"currency": "EUR"} | item for item in items]
    return read_pay({"salt": "x", "counsel": "somebody", "pay": [*whole], "mfn": mfn})


def occasion(number: int = 1, kind: str = "release", **fields: Any) -> Occasion:
    known: dict[str, Any] = {
        "statement": f"{number:064x}",
        "kind": kind,
        "shot": "shot 1",
        "project": "project 1",
        "media": frozenset({"svod"}),
        "territories": frozenset({"FR"}),
        "seconds": Fraction(48 * 1001, 24000),
        "days": None,
        "base": None,
    }
    return Occasion(**known | fields)


def totals(terms: PayTerms, *occasions: Occasion) -> list[dict[str, int]]:
    return [dict(accrual.totals) for accrual in accrue(terms, occasions)]


def test_a_shot_and_its_seconds_are_paid_at_release_and_not_at_another_use() -> None:
    terms = pay({"kind": "shot", "minor": 25_000}, {"kind": "second", "minor": 1_000})
    assert totals(terms, occasion(), occasion(2, "use")) == [{"EUR": 25_000 + 2_002}, {}]


def test_a_flat_fee_is_paid_once_a_grant_a_project_or_a_use() -> None:
    occasions = [occasion(1), occasion(2, "use"), occasion(3, shot="shot 2", project="project 2")]
    assert totals(pay({"kind": "flat", "minor": 7}), *occasions) == [{"EUR": 7}, {}, {}]
    assert totals(pay({"kind": "flat", "minor": 7, "per": "project"}), *occasions) == [{"EUR": 7}, {}, {"EUR": 7}]
    assert totals(pay({"kind": "flat", "minor": 7, "per": "use"}), *occasions) == [{"EUR": 7}] * 3


def test_a_scale_pays_each_medium_once_a_shot_and_says_where_it_has_no_rate() -> None:
    scale = {"kind": "scale", "by": "medium", "table": {"svod": 100, "theatrical": 900}}
    occasions = [
        occasion(1, media=frozenset({"svod"})),
        occasion(2, "use", media=frozenset({"svod", "theatrical"})),
        occasion(3, "use", media=frozenset({"games"})),
        occasion(4, shot="shot 2", media=frozenset({"svod"})),
    ]
    found = accrue(pay(scale), occasions)
    assert [dict(accrual.totals) for accrual in found] == [{"EUR": 100}, {"EUR": 900}, {}, {"EUR": 100}]
    assert [accrual.missing for accrual in found] == [(), (), ("no_rate",), ()]
    assert totals(pay(scale | {"otherwise": 5}), *occasions)[2] == {"EUR": 5}
    places = pay({"kind": "scale", "by": "territory", "table": {"FR": 3, "BE": 4}})
    assert totals(places, occasion(territories=frozenset({"BE", "FR"}))) == [{"EUR": 7}]


def test_days_and_bases_that_nobody_stated_are_missing_and_never_zero() -> None:
    terms = pay({"kind": "day", "minor": 40_000}, {"kind": "percent", "basis_points": 250})
    (unstated,) = accrue(terms, [occasion()])
    assert (dict(unstated.totals), unstated.missing) == ({}, ("base_not_stated", "days_not_stated"))
    (stated,) = accrue(terms, [occasion(days=3, base=(1_000_00, "EUR"))])
    assert (dict(stated.totals), stated.missing) == ({"EUR": 120_000 + 2_500}, ())
    (none,) = accrue(terms, [occasion(days=0, base=(0, "EUR"))])
    assert (dict(none.totals), none.missing) == ({"EUR": 0}, ())
    (foreign,) = accrue(terms, [occasion(days=1, base=(1, "USD"))])
    assert foreign.missing == ("currency_differs",)


@pytest.mark.parametrize(("bases", "minor"), [((50,), 0), ((150,), 2), ((250,), 2), ((50, 50), 1), ((51,), 1)])
def test_lines_are_added_first_and_then_rounded_once_half_to_even(bases: tuple[int, ...], minor: int) -> None:
    terms = pay(*({"kind": "percent", "basis_points": 100} for _ in bases))
    assert len(set(bases)) == 1
    assert totals(terms, occasion(base=(bases[0], "EUR"))) == [{"EUR": minor}]


def test_currencies_are_never_added_to_each_other() -> None:
    terms = pay({"kind": "shot", "minor": 1}, {"kind": "shot", "minor": 2, "currency": "USD"})
    assert totals(terms, occasion()) == [{"EUR": 1, "USD": 2}]
    assert add_up(accrue(terms, [occasion(1), occasion(2, shot="shot 2")])) == {"EUR": 2, "USD": 4}


@given(
    st.lists(st.tuples(st.integers(0, MAX_MINOR), st.integers(1, 10**4)), min_size=1, max_size=5),
    st.integers(0, MAX_MINOR),
)
def test_a_slow_twin_in_decimals_agrees(items: list[tuple[int, int]], base: int) -> None:
    terms = PayTerms(
        pay=tuple(
            one
            for minor, points in items
            for one in (
                Pay(kind="shot", currency="EUR", minor=minor),
                Pay(kind="percent", currency="EUR", basis_points=points),
            )
        ),
        mfn=None,
    )
    with localcontext() as context:
        context.prec = 60
        exact = sum((Decimal(minor) + Decimal(base) * points / 10_000 for minor, points in items), Decimal(0))
        slow = int(exact.quantize(Decimal(1), rounding=ROUND_HALF_EVEN))
    (accrual,) = accrue(terms, [occasion(base=(base, "EUR"))])
    assert accrual.totals["EUR"] == slow


@pytest.mark.parametrize(
    ("item", "code", "field"),
    [
        ({"kind": "shot", "minor": 250.0}, "bad_type", "private.pay[0].minor"),
        ({"kind": "shot", "minor": "250"}, "bad_type", "private.pay[0].minor"),
        ({"kind": "shot", "minor": -1}, "integer_out_of_range", "private.pay[0].minor"),
        ({"kind": "shot", "minor": MAX_MINOR + 1}, "integer_out_of_range", "private.pay[0].minor"),
        ({"kind": "shot"}, "missing_field", "private.pay[0].minor"),
        ({"kind": "shot", "minor": 1, "currency": "euro"}, "bad_value", "private.pay[0].currency"),
        ({"kind": "shot", "minor": 1, "currency": "eur"}, "bad_value", "private.pay[0].currency"),
        ({"kind": "royalty", "minor": 1}, "bad_value", "private.pay[0].kind"),
        ({"kind": "flat", "minor": 1, "per": "day"}, "bad_value", "private.pay[0].per"),
        ({"kind": "scale", "by": "medium", "table": {}}, "bad_type", "private.pay[0].table"),
        ({"kind": "scale", "by": "medium", "table": {"radio": 1}}, "unknown_term", "private.pay[0].table"),
        ({"kind": "scale", "by": "territory", "table": {"FR": 1.5}}, "bad_type", "private.pay[0].table.FR"),
        ({"kind": "percent", "basis_points": 0}, "integer_out_of_range", "private.pay[0].basis_points"),
        ({"kind": "shot", "minor": 1, "bonus": 1}, "unknown_field", "private.pay[0].bonus"),
    ],
)
def test_terms_that_nobody_could_compute_are_one_problem_with_its_field(
    item: dict[str, Any], code: str, field: str
) -> None:
    private: Any = {"salt": "x", "pay": [{"currency": "EUR"} | item]}
    with pytest.raises(DomainError) as caught:
        check_private("consent.granted", private)
    assert (caught.value.code, caught.value.field) == (code, field)
    check_private("identity.vouched", private)  # where nobody is paid, `pay` is anybody's word


def test_what_else_stands_in_a_private_part_is_nobody_elses_business() -> None:
    assert read_pay({"salt": "x", "counsel": {"name": "somebody"}}) == PayTerms(pay=(), mfn=None)


def test_better_pay_is_a_higher_rate_of_the_same_kind_and_another_kind_cannot_be_compared() -> None:
    low, high = pay({"kind": "shot", "minor": 100}), pay({"kind": "shot", "minor": 101})
    assert compare(low, high) == "better"
    assert compare(high, low) is None
    assert compare(low, low) is None
    assert compare(low, pay({"kind": "day", "minor": 1})) == "not_comparable"
    assert compare(low, pay({"kind": "shot", "minor": 100, "currency": "USD"})) == "not_comparable"
    assert compare(pay(), low) == "not_comparable"
    assert compare(low, pay()) is None
    assert compare(low, pay({"kind": "shot", "minor": 60}, {"kind": "shot", "minor": 60})) == "better"
    scale = {"kind": "scale", "by": "medium", "table": {"svod": 5}, "otherwise": 7}
    assert compare(pay(scale), pay(scale | {"table": {"svod": 5, "games": 8}})) == "better"
    assert compare(pay(scale), pay(scale | {"table": {"svod": 5, "games": 7}})) is None
    mixed = pay({"kind": "day", "minor": 1}, {"kind": "shot", "minor": 200})
    assert compare(low, mixed) == "better"


def test_the_example_of_the_formats_is_read_and_every_kind_is_in_it() -> None:
    page = (Path(__file__).parents[1] / "docs" / "formats.md").read_text("utf-8")
    example = json.loads(page.split("## 14. Pay")[1].split("```json")[1].split("```")[0])
    terms = read_pay(example)
    assert [one.kind for one in terms.pay] == [*KINDS]
    assert terms.mfn == "cast"


def test_the_order_of_items_in_a_statement_does_not_change_what_they_come_to() -> None:
    items = [{"kind": "shot", "minor": 3}, {"kind": "percent", "basis_points": 125}]
    found: list[Accrual] = accrue(pay(*items), [occasion(base=(1_000, "EUR"))])
    other: list[Accrual] = accrue(pay(*reversed(items)), [occasion(base=(1_000, "EUR"))])
    assert found[0].totals == other[0].totals
