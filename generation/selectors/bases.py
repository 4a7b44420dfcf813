"""What producers stated about releases and uses: days, and the amount of which a percentage is paid."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from generation.core.pay import MAX_MINOR, read_currency
from generation.models import Basis
from registry import vault
from registry.core.errors import Malformed
from registry.core.fields import Reader, read_int, read_uuid
from registry.core.jcs import Json, canonical, parse_json

OWNER = "registry"  # whose data key it is sealed under
MAX_DAYS = 10_000
MAX_PEOPLE = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    days: Mapping[str, int]  # by grantor
    base: tuple[int, str] | None  # minor units, currency

    @classmethod
    def parse(cls, obj: object) -> "Stated":
        body = Reader(obj)
        base = body.opt_object("base")
        found = cls(days=_days(body), base=None if base is None else _base(base))
        body.finish()
        return found

    def format(self) -> dict[str, Json]:
        base: Json = None if self.base is None else {"minor": self.base[0], "currency": self.base[1]}
        return {"days": dict(self.days), "base": base}


def stated_for(statements: Iterable[str]) -> dict[str, Stated]:
    """Map each release or use to the newest that was stated about it."""
    rows = {row.statement: row for row in Basis.objects.filter(statement__in=list(statements)).order_by("id")}
    sealed = [vault.Sealed(OWNER, bytes(row.stated), aad(row.id)) for row in rows.values()]
    plains = vault.open_texts(sealed)
    return {digest: Stated.parse(parse_json(plain)) for digest, plain in zip(rows, plains, strict=True)}


def stated_in(row: Basis) -> Stated:
    """Open one row; raises a ``DomainError`` where it does not hold what was sealed for it."""
    return Stated.parse(parse_json(vault.open_text(OWNER, bytes(row.stated), aad(row.id))))


def sealed(stated: Stated, basis: str) -> bytes:
    """Seal what was stated for the row of this id."""
    return vault.seal_text(OWNER, canonical(stated.format()), aad(basis))


def aad(basis: str) -> bytes:
    return f"basis {basis}".encode()


def _days(body: Reader) -> Mapping[str, int]:
    raw = body.opt_raw("days")
    if raw is None:
        return MappingProxyType({})
    if not isinstance(raw, dict) or len(raw) > MAX_PEOPLE:
        raise Malformed("bad_type", field=body.at("days"), wanted=f"at most {MAX_PEOPLE} parties, each with its days")
    return MappingProxyType(
        {
            read_uuid(party, f"{body.at('days')}.{party}"): read_int(
                raw[party], f"{body.at('days')}.{party}", maximum=MAX_DAYS
            )
            for party in sorted(raw)
        }
    )


def _base(body: Reader) -> tuple[int, str]:
    found = body.int("minor", 0, MAX_MINOR), read_currency(body)
    body.finish()
    return found
