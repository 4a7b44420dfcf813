"""The short forms of cells: how people write names, ids, lists and subjects in a spreadsheet."""

import re
from collections.abc import Callable, Iterable
from datetime import date
from typing import Final

from registry.core.fields import read_digest, read_uuid
from registry.core.jcs import Json
from registry.core.terms import Vocabulary
from registry.core.times import parse_time
from web.interchange.cells import BadCell, Form

_SPLIT: Final = re.compile(r"[,;\s]+")
_YES: Final = {"yes": True, "true": True, "oui": True, "no": False, "false": False, "non": False}


def text() -> Form:
    return Form(
        wanted=("a text", "un texte"),
        read=lambda cell: cell,
        write=lambda value: value if isinstance(value, str) else None,
    )


def any_or_text() -> Form:
    """A text, or `any` for null: an empty cell would permit more than somebody who forgot it meant."""
    return Form(
        wanted=("`any` or a text", "`any` ou un texte"),
        read=lambda cell: None if cell == "any" else cell,
        write=_written,
    )


def any_or_list() -> Form:
    """`any`, or texts with `;` between them."""
    return Form(
        wanted=("`any` or texts with ; between", "`any` ou des textes séparés par ;"),
        read=_read_any_or_list,
        write=joined(";"),
    )


def number() -> Form:
    return Form(
        wanted=("a whole number", "un nombre entier"),
        read=_read_number,
        write=lambda value: str(value) if _is_int(value) else None,
    )


def boolean() -> Form:
    return Form(
        wanted=("yes or no", "oui ou non"),
        read=lambda cell: _YES[cell.lower()] if cell.lower() in _YES else refuse_cell(cell),
        write=lambda value: {True: "yes", False: "no"}.get(value) if isinstance(value, bool) else None,
    )


def choice(*words: str) -> Form:
    return Form(
        wanted=(" | ".join(words), " | ".join(words)),
        read=lambda cell: cell if cell in words else refuse_cell(cell),
        write=_written,
    )


def party() -> Form:
    return Form(
        wanted=("a party's id", "l’identifiant d’une partie"), read=lambda cell: read_uuid(cell, ""), write=_written
    )


def digest() -> Form:
    return Form(
        wanted=("a SHA-256 in hex", "un SHA-256 en hexadécimal"),
        read=lambda cell: read_digest(cell.lower(), ""),
        write=_written,
    )


def day() -> Form:
    return Form(
        wanted=("a day such as 2027-01-31", "un jour tel que 2027-01-31"),
        read=lambda cell: date.fromisoformat(cell).isoformat(),
        write=_written,
    )


def moment() -> Form:
    return Form(
        wanted=("a UTC time such as 2027-01-31T00:00:00Z", "une heure UTC telle que 2027-01-31T00:00:00Z"),
        read=read_moment,
        write=_written,
    )


def terms(vocabulary: Vocabulary) -> Form:
    """Words of a closed vocabulary, in any order."""

    def read(cell: str) -> Json:
        names = set(words_of(cell))
        vocabulary.mask(names)
        return [*sorted(names)]

    return Form(
        wanted=(f"terms of {vocabulary.dimension}", f"du vocabulaire de {vocabulary.dimension}"),
        read=read,
        write=joined(", "),
    )


def names(*allowed: str) -> Form:
    """Words of a closed list, in any order."""

    def read(cell: str) -> Json:
        found = set(words_of(cell))
        return [*sorted(found)] if found <= set(allowed) else refuse_cell(cell)

    return Form(wanted=(" | ".join(allowed), " | ".join(allowed)), read=read, write=joined(", "))


def ids(*, alone: str | None = None) -> Form:
    """Ids in any order, or one word that stands alone."""

    def read(cell: str) -> Json:
        return [alone] if cell == alone else [*sorted(read_uuid(word, "") for word in words_of(cell))]

    return Form(
        wanted=(
            "ids" if alone is None else f"ids or {alone}",
            "des identifiants" if alone is None else f"des identifiants ou {alone}",
        ),
        read=read,
        write=joined(", "),
    )


def digests() -> Form:
    return Form(
        wanted=("digests", "des empreintes"),
        read=lambda cell: [*sorted(read_digest(word, "") for word in words_of(cell))],
        write=joined(", "),
    )


def texts() -> Form:
    """Texts with `;` between them."""
    return Form(
        wanted=("texts with ; between", "des textes séparés par ;"),
        read=lambda cell: [*sorted(_parts(cell))],
        write=joined("; "),
    )


def subjects() -> Form:
    """`work 0193…; asset 0193…`."""

    def read(cell: str) -> Json:
        found = [part.split() for part in _parts(cell)]
        if any(len(pair) != 2 or pair[0] not in ("asset", "catalogue", "work") for pair in found):
            refuse_cell(cell)
        return [{"kind": kind, "id": read_uuid(id_, "")} for kind, id_ in sorted(found)]

    def write(value: Json) -> str | None:
        if not isinstance(value, list) or not all(
            isinstance(item, dict) and {*item} == {"kind", "id"} for item in value
        ):
            return None
        return "; ".join(f"{item['kind']} {item['id']}" for item in value if isinstance(item, dict))

    return Form(
        wanted=("subjects such as work 0193…; asset 0193…", "des objets tels que work 0193…; asset 0193…"),
        read=read,
        write=write,
    )


def pairs() -> Form:
    """`distribute=keep; train=pull`."""

    def read(cell: str) -> Json:
        found = [part.partition("=") for part in _parts(cell)]
        names_ = [name.strip() for name, _, _ in found]
        if len(set(names_)) != len(names_) or not all(sign for _, sign, _ in found):
            refuse_cell(cell)
        return {name.strip(): word.strip() for name, _, word in found}

    def write(value: Json) -> str | None:
        return "; ".join(f"{name}={value[name]}" for name in sorted(value)) if isinstance(value, dict) else None

    return Form(
        wanted=("pairs such as distribute=keep; train=pull", "des paires telles que distribute=keep; train=pull"),
        read=read,
        write=write,
    )


def pay() -> Form:
    """`flat 150000 EUR; second 120 EUR`: whole minor units."""

    def read(cell: str) -> Json:
        found = [part.split() for part in _parts(cell)]
        if any(len(item) != 3 for item in found):
            refuse_cell(cell)
        return [{"kind": kind, "minor": _read_number(minor), "currency": currency} for kind, minor, currency in found]

    return Form(
        wanted=(
            "pay such as flat 150000 EUR, in whole minor units",
            "une rémunération telle que flat 150000 EUR, en unités mineures entières",
        ),
        read=read,
        write=lambda value: None,
    )


def json_only(wanted: str, voulu: str) -> Form:
    return Form(wanted=(wanted, voulu), read=refuse_cell, write=lambda value: None)


def read_moment(cell: str) -> Json:
    parse_time(cell)
    return cell


def _read_number(cell: str) -> int:
    if re.fullmatch(r"-?[0-9]+[.,][0-9]+", cell):
        raise BadCell("float_not_allowed", value=cell)
    if not re.fullmatch(r"-?(0|[1-9][0-9]{0,15})", cell):
        raise ValueError(cell)
    return int(cell)


def _read_any_or_list(cell: str) -> Json:
    return cell if cell == "any" else [*sorted(_parts(cell))]


def joined(separator: str) -> Callable[[Json], str | None]:
    def write(value: Json) -> str | None:
        if isinstance(value, str):
            return value
        if not isinstance(value, list) or not value or not all(isinstance(item, str) for item in value):
            return None
        return separator.join(str(item) for item in value)

    return write


def _written(value: Json) -> str | None:
    if value is None:
        return "any"
    return value if isinstance(value, str) else None


def words_of(cell: str) -> list[str]:
    return [word for word in _SPLIT.split(cell) if word]


def _parts(cell: str) -> Iterable[str]:
    return [part.strip() for part in cell.split(";") if part.strip()]


def _is_int(value: Json) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def refuse_cell(cell: str) -> Json:
    raise ValueError(cell)
