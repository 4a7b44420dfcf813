"""
What to call a thing or a deal in a text: its name, and the id that makes it certain.

Whoever knows an id may know a name. A digest stands in the public log, so a deal is called by its two sides only before
those who may read it: the parties whom it concerns, and who acts for one of them.
"""

from collections.abc import Callable
from datetime import datetime

from registry.models import Asset, Catalogue, Licence, Project, TitleClaim, Work
from registry.selectors.authorities import principals_of
from registry.selectors.parties import party_records
from registry.selectors.statements import concerned
from registry.statements import open_statement


def names_for(party: str, *, at: datetime) -> Callable[[str], str]:
    """Return what calls things for this party: `name (id)`; the id alone where it knows no name."""

    def called(id: str) -> str:  # noqa: A002 - what it is
        name = _deal(id, party, at) if len(id) == 64 else _party(id) or _title(id)
        return f"{name} ({id})" if name else id

    return called


def _party(party: str) -> str | None:
    record = party_records([party]).get(party)
    return None if record is None else record.name


def _title(thing: str) -> str | None:
    for model in (Project, Work, Asset, Catalogue):
        title = model.objects.filter(id=thing).values_list("title", flat=True).first()
        if title is not None:
            return str(title)
    return None


def _deal(digest: str, party: str, at: datetime) -> str | None:
    name = _licence(digest) or _claim(digest)
    return name if name is not None and _may_read(digest, party, at) else None


def _may_read(digest: str, party: str, at: datetime) -> bool:
    opened = open_statement(digest)
    if opened is None:
        return False
    parties = concerned(opened)
    return party in parties or not parties.isdisjoint(principals_of(party, power="view", at=at))


def _licence(digest: str) -> str | None:
    row = Licence.objects.filter(digest=digest).first()
    return None if row is None else f"{_sure(row.licensor)} → {_sure(row.licensee)}"


def _claim(digest: str) -> str | None:
    row = TitleClaim.objects.filter(digest=digest).first()
    return None if row is None else f"{_sure(row.claimant)}: {_sure(row.subject_id)}"


def _sure(id: str) -> str:  # noqa: A002 - what it is
    name = _party(id) or _title(id)
    return f"{name} ({id})" if name else id
