"""
The grants that a party gave or received and that stand, oldest first, as they are written to a file.

What was denied, terminated, withdrawn or countered is left out: a file that lists it as if it stood would be believed.
So are amendments, options and assignments, which are statements of their own: a licence goes out as it was signed.
What was erased has nothing left to write.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from django.db.models import Q, QuerySet

from consent.models import Consent
from consent.selectors.consents import describe_rows
from registry.core.jcs import Json
from registry.models import Licence, StatementRow, Work
from registry.statements import open_statements
from web.interchange.ema_export import Title
from web.interchange.grant_rows import Written

BATCH: Final = 200
MAX_WORKS: Final = 5_000  # whose identifiers are looked up for one file
_DRAFTED: Final = ("language", "text_sha256", "private_sha256")  # what drafting adds to a body


def own_grants(party: str, kind: str) -> Iterator[Written]:
    """Return a party's licences or consents, a batch of them in memory at a time."""
    return (
        _batches(_licences(party), _standing_licences)
        if kind == "licences"
        else _batches(_consents(party), _standing_consents)
    )


def titles_of(grants: Sequence[Written]) -> dict[str, Title]:
    """Return what the works of these licences are called and are."""
    works = {str(subject["id"]) for grant in grants for subject in _subjects(grant) if subject["kind"] == "work"}
    digests = {row.digest: str(row.id) for row in Work.objects.filter(id__in=works)}
    opened = open_statements(digests)
    return {
        digests[digest]: Title(title=str(held.statement.body["title"]), kind=str(held.statement.body["kind"]))
        for digest, held in opened.items()
    }


def works_by_identifier(party: str) -> dict[str, str]:
    """Return the ids of the works that a party registered, by every identifier that it gave for them."""
    rows = StatementRow.objects.filter(type="work.registered", issuer=party).order_by("-accepted_at")
    found: dict[str, str] = {}
    for opened in open_statements(rows.values_list("digest", flat=True)[:MAX_WORKS]).values():
        identifiers = opened.statement.body["identifiers"]
        assert isinstance(identifiers, dict)
        found |= {str(value): str(opened.statement.body["work"]) for value in identifiers.values()}
    return found


def _subjects(grant: Written) -> list[dict[str, Any]]:
    subjects = grant.body.get("subjects", [])
    assert isinstance(subjects, list)
    return [subject for subject in subjects if isinstance(subject, dict)]


def _licences(party: str) -> QuerySet[Licence]:
    return Licence.objects.filter(Q(licensor=party) | Q(licensee=party), ended=None)


def _consents(party: str) -> QuerySet[Consent]:
    return Consent.objects.filter(Q(performer=party) | Q(grantee=party), countered=None)


def _batches(rows: QuerySet[Any], standing: Callable[[list[Any]], dict[str, bool]]) -> Iterator[Written]:
    after: tuple[datetime, str] | None = None
    while page := list(_after(rows, after).order_by("accepted_at", "digest")[:BATCH]):
        offered = standing(page)
        opened = open_statements(offered)
        for row in page:
            if row.digest in opened:
                statement = opened[row.digest].statement
                body: dict[str, Json] = {k: v for k, v in statement.body.items() if k not in _DRAFTED}
                yield Written(reference=row.digest, type=statement.type, body=body, offered=offered[row.digest])
        after = page[-1].accepted_at, page[-1].digest


def _after(rows: QuerySet[Any], after: tuple[datetime, str] | None) -> QuerySet[Any]:
    if after is None:
        return rows
    at, digest = after
    return rows.filter(Q(accepted_at__gt=at) | Q(accepted_at=at, digest__gt=digest))


def _standing_licences(page: list[Licence]) -> dict[str, bool]:
    return {row.digest: False for row in page}


def _standing_consents(page: list[Consent]) -> dict[str, bool]:
    """Map the consents that nobody withdrew to whether they are offers still."""
    standing = {row["digest"] for row in describe_rows(page) if row["revoked"] is None}
    return {
        row.digest: row.type == "consent.granted" and row.basis == "contract" and row.accepted is None
        for row in page
        if row.digest in standing
    }
