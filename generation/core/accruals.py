"""
What the terms of one grant come to, release by release and use by use.

An **occasion** is a release or a cleared use that rests on the grant, in the order of the log. Each gives one accrual:
its lines as exact fractions of a minor unit, added up, then rounded once, half to even. Where something is missing that
a line needs, the line has no amount and says what is missing: nothing is guessed, and nothing is quietly zero.

- `flat`: once a grant, a project, or each release and use
- `shot`, `second`: of the release; a use renders nothing. A second counts to the frame
- `day`: days of the grantor's that the producer states for the occasion
- `scale`: each medium or territory once a shot, at the first occasion that names it
- `percent`: of the base amount that the producer states for the occasion

Left out: whose grant it is, and where occasions come from.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from generation.core.pay import Pay, PayTerms
from registry.core.jcs import Json

ROUNDING = "one accrual adds its lines as exact fractions of a minor unit, then rounds once, half to even"
PERCENT = 10_000  # basis points of the whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """A release or a use, with what pay is counted by."""

    statement: str  # digest
    kind: str  # release | use
    shot: str
    project: str
    media: frozenset[str]
    territories: frozenset[str]
    seconds: Fraction  # of output, to the frame
    days: int | None  # of the grantor, as the producer states
    base: tuple[int, str] | None  # minor units and currency, as the producer states


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One item of the terms at one occasion."""

    item: int  # place in `pay`
    kind: str
    currency: str
    quantity: Fraction | None  # days, shots, seconds, basis points of the base …
    counted: tuple[str, ...]  # of a scale: what was paid for
    amount: Fraction | None  # minor units; None: `missing` says why
    missing: str | None  # days_not_stated | base_not_stated | currency_differs | no_rate

    def format(self) -> dict[str, Json]:
        return {
            "item": self.item,
            "kind": self.kind,
            "currency": self.currency,
            "quantity": None if self.quantity is None else str(self.quantity),
            "counted": list(self.counted),
            "exact_minor": None if self.amount is None else str(self.amount),
            "missing": self.missing,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Accrual:
    occasion: Occasion
    lines: tuple[Line, ...]

    @property
    def totals(self) -> Mapping[str, int]:
        """Minor units by currency: the lines added up, then rounded once, half to even."""
        exact: dict[str, Fraction] = {}
        for line in self.lines:
            if line.amount is not None:
                exact[line.currency] = exact.get(line.currency, Fraction(0)) + line.amount
        return {currency: round(exact[currency]) for currency in sorted(exact)}

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(sorted({line.missing for line in self.lines if line.missing is not None}))


def accrue(terms: PayTerms, occasions: Sequence[Occasion]) -> list[Accrual]:
    """Return what the terms come to at each occasion; the order of the occasions is that of the log."""
    seen = _Seen()
    return [
        Accrual(
            occasion=occasion,
            lines=tuple(line for number, pay in enumerate(terms.pay) for line in _line(number, pay, occasion, seen)),
        )
        for occasion in occasions
    ]


def add_up(accruals: Iterable[Accrual]) -> dict[str, int]:
    """Add the rounded totals of accruals, by currency."""
    found: dict[str, int] = {}
    for accrual in accruals:
        for currency, minor in accrual.totals.items():
            found[currency] = found.get(currency, 0) + minor
    return dict(sorted(found.items()))


class _Seen:
    """What was paid for already, so that it is paid for once."""

    def __init__(self) -> None:
        self._paid: set[tuple[int, str, str]] = set()

    def first(self, item: int, where: str, what: str) -> bool:
        key = (item, where, what)
        if key in self._paid:
            return False
        self._paid.add(key)
        return True


def _line(item: int, pay: Pay, occasion: Occasion, seen: _Seen) -> Iterator[Line]:
    if pay.kind == "scale":
        yield from _scale(item, pay, occasion, seen)
    elif pay.kind == "percent":
        yield _percent(item, pay, occasion)
    elif (quantity := _quantity(item, pay, occasion, seen)) is None:
        yield _without(item, pay, "days_not_stated")
    elif quantity:
        yield _with(item, pay, quantity, quantity * (pay.minor or 0))


def _quantity(item: int, pay: Pay, occasion: Occasion, seen: _Seen) -> Fraction | None:
    """Return how many of what is paid; None where nobody said."""
    if pay.kind == "day":
        return None if occasion.days is None else Fraction(occasion.days)
    if pay.kind == "flat":
        where = {"grant": "", "project": occasion.project, "use": occasion.statement}[pay.per or "grant"]
        return Fraction(seen.first(item, "flat", where))
    if occasion.kind != "release":
        return Fraction(0)
    return Fraction(1) if pay.kind == "shot" else occasion.seconds


def _scale(item: int, pay: Pay, occasion: Occasion, seen: _Seen) -> Iterator[Line]:
    names = occasion.media if pay.by == "medium" else occasion.territories
    new = [name for name in sorted(names) if seen.first(item, occasion.shot, name)]
    rates = {name: pay.table.get(name, pay.otherwise) for name in new}
    priced = {name: rate for name, rate in rates.items() if rate is not None}
    if priced:
        yield _with(item, pay, Fraction(len(priced)), Fraction(sum(priced.values())), counted=tuple(priced))
    if unpriced := tuple(name for name in new if name not in priced):
        yield _without(item, pay, "no_rate", counted=unpriced)


def _percent(item: int, pay: Pay, occasion: Occasion) -> Line:
    if occasion.base is None:
        return _without(item, pay, "base_not_stated")
    minor, currency = occasion.base
    if currency != pay.currency:
        return _without(item, pay, "currency_differs")
    return _with(item, pay, Fraction(minor), Fraction(minor * (pay.basis_points or 0), PERCENT))


def _with(item: int, pay: Pay, quantity: Fraction, amount: Fraction, counted: tuple[str, ...] = ()) -> Line:
    return Line(
        item=item,
        kind=pay.kind,
        currency=pay.currency,
        quantity=quantity,
        counted=counted,
        amount=amount,
        missing=None,
    )


def _without(item: int, pay: Pay, missing: str, counted: tuple[str, ...] = ()) -> Line:
    return Line(
        item=item,
        kind=pay.kind,
        currency=pay.currency,
        quantity=None,
        counted=counted,
        amount=None,
        missing=missing,
    )
