"""
What to call a thing or a deal in a text: its name, and the id that makes it certain.

Whoever knows an id may know a name. A digest stands in the public log, so a deal is called by its two sides only before
those who may read it: the parties whom it concerns, and who acts for one of them.
"""

from collections.abc import Callable
from datetime import datetime

from registry.models import Asset, Catalogue, Licence, Project, TitleClaim, Work
from registry.selectors.parties import party_records
from registry.selectors.statements import may_read
from registry.statements import Opened, open_statement


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
    opened = open_statement(digest)
    if opened is None or not may_read(opened, party=party, at=at):
        return None
    return _licence(digest) or _claim(digest) or _consent(opened) or _restriction(opened)


def _licence(digest: str) -> str | None:
    row = Licence.objects.filter(digest=digest).first()
    return None if row is None else f"{_sure(row.licensor)} → {_sure(row.licensee)}"


def _claim(digest: str) -> str | None:
    row = TitleClaim.objects.filter(digest=digest).first()
    return None if row is None else f"{_sure(row.claimant)}: {_sure(row.subject_id)}"


def _consent(opened: Opened) -> str | None:
    if opened.statement.type not in ("consent.granted", "consent.recorded"):
        return None
    body = opened.statement.body
    return f"{_sure(str(body['performer']))} → {_sure(str(body['grantee']))}"


def _restriction(opened: Opened) -> str | None:
    if opened.statement.type != "restriction.declared":
        return None
    return _sure(str(opened.statement.body["performer"]))


def _sure(id: str) -> str:  # noqa: A002 - what it is
    name = _party(id) or _title(id)
    return f"{name} ({id})" if name else id
