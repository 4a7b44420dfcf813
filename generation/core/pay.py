"""
Terms of pay, as they stand in the private part of a grant, and what they come to.

    {"salt": "…", "pay": [{"kind": "shot", "minor": 25000, "currency": "EUR"}], "mfn": "cast"}

Amounts are whole numbers of minor units (cents); a fraction of one is no amount. Whatever is computed stays an exact
fraction until the end: one accrual adds up all its lines, then rounds once, half to even. ``docs/formats.md`` section
14 says what each kind counts.

Left out: who owes whom, payment, tax, exchange.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal

from registry.core.errors import Malformed
from registry.core.fields import Reader, read_int
from registry.core.jcs import Json
from registry.core.terms import MEDIA, TERRITORIES

KINDS: Final = ("flat", "day", "shot", "second", "scale", "percent")
PER: Final = ("grant", "project", "use")
BY: Final = ("medium", "territory")
PAYING: Final = frozenset(
    {"consent.granted", "consent.recorded", "licence.amended", "licence.granted", "licence.recorded"}
)
MAX_MINOR: Final = 10**12  # minor units of one rate
MAX_BASIS_POINTS: Final = 10**6  # a hundred times the base
MAX_PAY_ITEMS: Final = 50
MAX_GROUP: Final = 80  # characters
_CURRENCY = re.compile(r"[A-Z]{3}")
_NO_TABLE: Mapping[str, int] = MappingProxyType({})

Favour = Literal["better", "not_comparable"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pay:
    """One kind of pay; which fields have a value, the kind says."""

    kind: str
    currency: str
    minor: int | None = None  # flat day shot second
    per: str | None = None  # flat: once a grant, a project or a use
    by: str | None = None  # scale: medium | territory
    table: Mapping[str, int] = field(default_factory=lambda: _NO_TABLE)  # scale: minor units by name
    otherwise: int | None = None  # scale: what is not in the table; None: nobody said
    basis_points: int | None = None  # percent: hundredths of one per cent of the base


@dataclass(frozen=True, slots=True, kw_only=True)
class PayTerms:
    pay: tuple[Pay, ...]
    mfn: str | None  # name of the most-favoured-nation group among the grants to one grantee


def check_private(type_: str, private: Json) -> None:
    """Refuse a private part whose terms of pay nobody could compute; what else stands in it is not looked at."""
    if type_ in PAYING and isinstance(private, dict):
        read_pay(private)


def read_pay(private: Mapping[str, Json]) -> PayTerms:
    """Read the terms of pay of a private part; one that has none pays nothing."""
    body = Reader(dict(private), "private")
    return PayTerms(
        pay=body.opt_list_of("pay", _pay, max_items=MAX_PAY_ITEMS), mfn=body.opt_str("mfn", max_chars=MAX_GROUP)
    )


def read_currency(body: Reader) -> str:
    """Take ``currency``: three letters of ISO 4217."""
    currency = body.str("currency", max_chars=3)
    if not _CURRENCY.fullmatch(currency):
        raise Malformed("bad_value", field=body.at("currency"), value=currency, wanted="three letters of ISO 4217")
    return currency


def _pay(value: object, path: str) -> Pay:
    body = Reader(value, path)
    kind = body.choice("kind", KINDS)
    found = _READ[kind](body, kind, read_currency(body))
    body.finish()
    return found


def _counted(body: Reader, kind: str, currency: str) -> Pay:
    return Pay(kind=kind, currency=currency, minor=body.int("minor", 0, MAX_MINOR))


def _flat(body: Reader, kind: str, currency: str) -> Pay:
    per = body.opt_choice("per", PER) or "grant"
    return Pay(kind=kind, currency=currency, minor=body.int("minor", 0, MAX_MINOR), per=per)


def _scale(body: Reader, kind: str, currency: str) -> Pay:
    by = body.choice("by", BY)
    return Pay(
        kind=kind,
        currency=currency,
        by=by,
        table=_table(body, MEDIA.mask if by == "medium" else TERRITORIES.mask),
        otherwise=body.opt_int("otherwise", 0, MAX_MINOR),
    )


def _table(body: Reader, mask: Callable[[list[str], str], int]) -> Mapping[str, int]:
    raw = body.raw("table")
    if not isinstance(raw, dict) or not raw:
        raise Malformed("bad_type", field=body.at("table"), wanted="an object of name and minor units")
    mask([*raw], body.at("table"))
    return MappingProxyType(
        {name: read_int(raw[name], f"{body.at('table')}.{name}", maximum=MAX_MINOR) for name in sorted(raw)}
    )


def _percent(body: Reader, kind: str, currency: str) -> Pay:
    return Pay(kind=kind, currency=currency, basis_points=body.int("basis_points", 1, MAX_BASIS_POINTS))


_READ: Final[Mapping[str, Callable[[Reader, str, str], Pay]]] = MappingProxyType(
    {"flat": _flat, "day": _counted, "shot": _counted, "second": _counted, "scale": _scale, "percent": _percent}
)


def compare(own: PayTerms, other: PayTerms) -> Favour | None:
    """
    Say whether somebody else in the group is paid better: a higher rate of the same kind.

    Where they are paid by something that the own terms do not know, nobody can say: `not_comparable`.
    """
    rates, others = _rates(own), _rates(other)
    found: Favour | None = None
    for key, rate in others.items():
        mine = rates.get(key, rates.get((*key[:-1], "")))
        if mine is None:
            found = "not_comparable"
        elif rate > mine:
            return "better"
    return found


def _rates(terms: PayTerms) -> dict[tuple[str, ...], int]:
    """Map what is counted, in which currency, to the rate; two rates for the same add up."""
    rates: dict[tuple[str, ...], int] = {}
    for pay in terms.pay:
        about = (pay.kind, pay.currency, pay.per or pay.by or "")
        own = {"": pay.minor if pay.minor is not None else pay.basis_points} if pay.kind != "scale" else {**pay.table}
        if pay.otherwise is not None:
            own[""] = pay.otherwise
        for name, rate in own.items():
            rates[*about, name] = rates.get((*about, name), 0) + (rate or 0)
    return rates
