"""What to call a thing or a deal in a text: its name, and the id that makes it certain."""

from registry.models import Asset, Catalogue, Licence, Project, TitleClaim, Work
from registry.selectors.parties import party_records


def called(id: str) -> str:  # noqa: A002 - what it is
    """Return `name (id)`; the id alone where nothing is registered under it."""
    name = _licence(id) or _claim(id) if len(id) == 64 else _party(id) or _title(id)
    return f"{name} ({id})" if name else id


def _party(party: str) -> str | None:
    record = party_records([party]).get(party)
    return None if record is None else record.name


def _title(thing: str) -> str | None:
    for model in (Project, Work, Asset, Catalogue):
        title = model.objects.filter(id=thing).values_list("title", flat=True).first()
        if title is not None:
            return str(title)
    return None


def _licence(digest: str) -> str | None:
    row = Licence.objects.filter(digest=digest).first()
    return None if row is None else f"{called(row.licensor)} → {called(row.licensee)}"


def _claim(digest: str) -> str | None:
    row = TitleClaim.objects.filter(digest=digest).first()
    return None if row is None else f"{called(row.claimant)}: {called(row.subject_id)}"
