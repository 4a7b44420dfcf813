"""
Another use of a released shot, as it is asked for.

The body is the `use` object of a shot request. What the shot shows was settled when it was made: `scene`, `scenes` and
`by_performer` may be left out, and where they are given they must say what the shot's own request said. Left out: the
decision.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from generation.core.shot import UNPROCESSABLE, Use, parse_use
from registry.core.errors import DomainError
from registry.core.fields import Reader
from registry.core.jcs import Json

CONTENT: Final = ("scene", "scenes", "by_performer")  # of the shot, whatever it is used for
_OF_USE: Final = ("purposes", "media", "territories", "languages", "window", "product_categories")


class ContentDiffers(DomainError):
    """A use that says that the shot shows something else than it was made to show."""

    code = "content_differs"
    status = UNPROCESSABLE

    def __init__(self, *, name: str) -> None:
        super().__init__("what the shot shows was settled when it was made: leave the field out", field=name)


def new_use(obj: object, *, shown: Use) -> Use:
    """Read the use of a shot whose own use is ``shown``; every fault is a ``DomainError`` of status 422."""
    try:
        body = Reader(obj)
        own = shown.format()
        given = obj if isinstance(obj, dict) else {}
        use = parse_use(given | {name: own[name] for name in CONTENT if not body.has(name)})
    except DomainError as error:
        error.status = UNPROCESSABLE
        raise
    for name in CONTENT:
        if use.format()[name] != own[name]:
            raise ContentDiffers(name=name)
    return use


def use_request(
    release_request: Mapping[str, Json], use: Use, *, rests_on: Iterable[str], salt: str
) -> dict[str, Json]:
    """Write the request that ``decide`` reads: that of the release, for another use, resting on its grounds."""
    wanted = use.format()
    own: dict[str, Json] = {name: wanted[name] for name in _OF_USE}
    return {**release_request, **own, "kind": "use", "salt": salt, "rests_on": [*sorted(rests_on)]}
