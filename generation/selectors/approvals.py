"""
What waits for somebody's yes or no: the shots and uses that ask them, or ask somebody for whom they approve.

Whoever is asked may see the use and the preview before they answer, and no longer than they are asked.
"""

from collections.abc import Iterator

from django.db.models import Q, QuerySet

from generation.core.states import OPEN
from generation.models import Shot, ShotUse
from generation.models.after_release import PENDING
from registry.core.jcs import Json
from registry.locks import clock
from registry.selectors.authorities import principals_of
from registry.services.tokens import Principal


def voices_of(by: Principal) -> frozenset[str]:
    """Return the parties whose word a caller may give: their own, and of those for whom they approve."""
    return frozenset({by.party, by.person, *principals_of(by.party, power="approve", at=clock())})


def asking(voices: frozenset[str]) -> QuerySet[Shot]:
    """Return the shots that wait for one of these, themselves or with a use of them."""
    asked = _asks(voices)
    uses = ShotUse.objects.filter(asked, state=PENDING).values("shot")
    return Shot.objects.filter(Q(asked, state__in=sorted(OPEN)) | Q(id__in=uses))


def asked_of(shot: Shot, voices: frozenset[str]) -> list[dict[str, Json]]:
    """Return what a shot and its uses ask of these, each with the grant that a word on it names."""
    return [{**pending, "use": use} for use, pending in _pending(shot) if pending["by"] in voices]


def _pending(shot: Shot) -> Iterator[tuple[str | None, dict[str, Json]]]:
    if shot.state in OPEN:
        yield from ((None, pending) for pending in shot.decision["pending"])
    for use in ShotUse.objects.filter(shot=shot.id, state=PENDING).order_by("id"):
        yield from ((use.id, pending) for pending in use.decision["pending"])


def _asks(voices: frozenset[str]) -> Q:
    found = Q(pk__in=[])  # nobody's word is nobody's shot
    for voice in sorted(voices):
        found |= Q(decision__pending__contains=[{"by": voice}])
    return found
