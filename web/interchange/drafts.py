"""
What an import answers: bodies ready for `POST /statements/draft`, read as they will be when they come back signed.

A draft is not kept and decides nothing. Its body has every group expanded and every set sorted; what the registry's
parsers refuse is reported under the cell that it came from.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from consent.core.bodies import PARSERS
from registry.core.errors import DomainError, Malformed
from registry.core.fields import Reader
from registry.core.jcs import Json, canonical
from web.interchange.report import Finding, refusal

Place = Callable[[str | None], tuple[int | None, str | None]]  # path of a field -> row and column

_BODY: Final = "body"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One statement to sign; ``reference`` is what the file called it."""

    reference: str
    type: str
    issuer: str
    body: Mapping[str, Json]
    private: Json = None

    def format(self) -> dict[str, Json]:
        return {
            "reference": self.reference,
            "type": self.type,
            "issuer": self.issuer,
            "body": dict(self.body),
            "private": self.private,
        }


def check_draft(draft: Draft, place: Place) -> Finding | None:
    """Read the body by the parser of its kind; returns the refusal, if any, at its place in the file."""
    try:
        reader = Reader(dict(draft.body), _BODY)
        parse = PARSERS.get(draft.type)
        if parse is None:
            raise Malformed("unknown_type", value=draft.type)
        parse(reader)
        reader.finish()
    except DomainError as error:
        row, column = place(error.field)
        return refusal(error, row=row, column=column)
    return None


def sorted_boxes(boxes: list[dict[str, Json]]) -> list[Json]:
    """Put boxes into the order that signed bodies have."""
    return [*sorted(boxes, key=lambda box: canonical(box).decode())]


Check = Callable[[Draft, Place], Finding | None]
