"""How much of a grant may be used: its caps, counted apart, each by the unit that it names."""

from dataclasses import dataclass, fields
from typing import Final

from registry.core.fields import Reader

MAX_CAP: Final = 1_000_000  # of any unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """The most that may be used; None is no limit."""

    shots: int | None = None
    seconds: int | None = None  # of output, each take rounded up
    draft_takes: int | None = None  # takes cleared, whether released or not
    training_epochs: int | None = None

    def __bool__(self) -> bool:
        return self != NO_CAPS


NO_CAPS: Final = Caps()
UNITS: Final = tuple(field.name for field in fields(Caps))


def read_caps(body: Reader) -> Caps:
    """Take ``caps``; a unit that is left out is not limited."""
    held = body.object("caps")
    caps = Caps(**{unit: held.opt_int(unit, 1, MAX_CAP) for unit in UNITS})
    held.finish()
    return caps


def stricter(one: Caps, other: Caps) -> Caps:
    """Return the caps that keep within both."""
    return Caps(**{unit: _least(getattr(one, unit), getattr(other, unit)) for unit in UNITS})


def _least(one: int | None, other: int | None) -> int | None:
    return min((number for number in (one, other) if number is not None), default=None)
