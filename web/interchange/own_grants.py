"""
The grants that a party gave or holds and that stand, oldest first, as they are written to a file.

What was denied, terminated, withdrawn, countered or replaced is left out: a file that lists it as if it stood would be
believed.
For the same reason a licence goes out as it stands at this moment: with the terms of the amendment that holds now, with
the boxes of the options that were taken up, and, as a consent, by whom it is held. What is still to come is left out.
What was erased has nothing left to write.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db.models import Q, QuerySet

from consent.models import Consent
from consent.selectors.consents import describe_rows
from registry.core.jcs import Json
from registry.locks import clock
from registry.models import Assignment, Licence, StatementRow, Work
from registry.models.threads import LEADS, Thread
from registry.selectors.holdings import licences_of
from registry.selectors.licences import History, histories_of, holder_at
from registry.statements import Opened, open_statements
from web.interchange.drafts import sorted_boxes
from web.interchange.ema_export import Title
from web.interchange.grant_rows import Written

BATCH: Final = 200
MAX_WORKS: Final = 5_000  # whose identifiers are looked up for one file
_DRAFTED: Final = ("language", "text_sha256", "private_sha256")  # what drafting adds to a body
_Standing = Callable[[list[Any]], Iterable[Written]]


def own_grants(party: str, kind: str) -> Iterator[Written]:
    """Return a party's licences or consents as they stand now, a batch of them in memory at a time."""
    at = clock()
    if kind == "licences":
        return _batches(licences_of(party).filter(ended=None), lambda page: _standing_licences(page, party, at))
    return _batches(_consents(party), lambda page: _standing_consents(page, party, at))


def titles_of(grants: Sequence[Written]) -> dict[str, Title]:
    """Return what the works of these licences are called and are."""
    works = {
        str(subject["id"])
        for grant in grants
        for subject in _objects(grant.body.get("subjects"))
        if subject["kind"] == "work"
    }
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


def _consents(party: str) -> QuerySet[Consent]:
    assigned = Assignment.objects.filter(to=party, kind="consent").values("grant")
    sides = Q(performer=party) | Q(grantee=party) | Q(digest__in=assigned)
    return Consent.objects.filter(sides, countered=None)


def _batches(rows: QuerySet[Any], standing: _Standing) -> Iterator[Written]:
    after: tuple[datetime, str] | None = None
    while page := list(_after(rows, after).order_by("accepted_at", "digest")[:BATCH]):
        yield from standing(page)
        after = page[-1].accepted_at, page[-1].digest


def _after(rows: QuerySet[Any], after: tuple[datetime, str] | None) -> QuerySet[Any]:
    if after is None:
        return rows
    at, digest = after
    return rows.filter(Q(accepted_at__gt=at) | Q(accepted_at=at, digest__gt=digest))


def _standing_licences(page: list[Licence], party: str, at: datetime) -> Iterator[Written]:
    histories = histories_of(page)
    own = [row for row in page if party in (row.licensor, histories[row.digest].holder(at))]
    opened = open_statements([*(row.digest for row in own), *(histories[row.digest].terms_from(at) for row in own)])
    for row in own:
        history = histories[row.digest]
        if row.digest in opened and history.terms_from(at) in opened:
            yield Written(reference=row.digest, type=row.type, body=_licence(history, opened, at))


def _licence(history: History, opened: Mapping[str, Opened], at: datetime) -> dict[str, Json]:
    """Return the body that says what stands: terms of now, holder of now, and what was taken up among the boxes."""
    body = signed = _body(opened[history.digest])
    if isinstance(amended := _body(opened[history.terms_from(at)]).get("terms"), dict):
        body = amended | {name: signed[name] for name in ("document_sha256", "signed_on") if name in signed}
    taken = {one.option for one in history.options}
    options, boxes = _objects(body["options"]), _objects(body["scopes"])
    for option in options:
        if option["option"] in taken:
            boxes += [box for box in _objects(option["scopes"]) if box not in boxes]
    left: list[Json] = [option for option in options if option["option"] not in taken]
    return body | {"licensee": history.holder(at), "scopes": sorted_boxes(boxes), "options": left}


def _standing_consents(page: list[Consent], party: str, at: datetime) -> Iterator[Written]:
    """Return the consents that nobody withdrew or replaced, and whether they are offers still."""
    gone = {row["digest"] for row in describe_rows(page) if row["revoked"] is not None} | _replaced(page)
    passed = set(Assignment.objects.filter(grant__in=[row.digest for row in page]).values_list("grant", flat=True))
    holders = {
        row.digest: holder_at(row.digest, row.grantee, at) if row.digest in passed else row.grantee for row in page
    }
    own = [row for row in page if row.digest not in gone and party in (row.performer, holders[row.digest])]
    opened = open_statements(row.digest for row in own)
    for row in own:
        if row.digest in opened:
            body = _body(opened[row.digest]) | {"grantee": holders[row.digest]}
            yield Written(reference=row.digest, type=row.type, body=body, offered=_offered(row))


def _replaced(page: list[Consent]) -> set[str]:
    """Return the consents in whose place another stands between the same two people; an offer takes no place yet."""
    digests = [row.digest for row in page]
    among = Consent.objects.filter(
        performer__in={row.performer for row in page}, grantee__in={row.grantee for row in page}
    )
    naming = Thread.objects.filter(digest__in=among.values("digest"), way=LEADS, kind="grant", ident__in=digests)
    later = [row for row in among.filter(digest__in=naming.values("digest")) if not _offered(row)]
    opened = open_statements(row.digest for row in later)
    sides = {row.digest: (row.performer, row.grantee) for row in page}
    return {
        old
        for row in later
        if row.digest in opened and isinstance(olds := opened[row.digest].statement.body["supersedes"], list)
        for old in map(str, olds)
        if sides.get(old) == (row.performer, row.grantee)
    }


def _offered(row: Consent) -> bool:
    return row.type == "consent.granted" and row.basis == "contract" and row.accepted is None


def _body(opened: Opened) -> dict[str, Json]:
    return {name: value for name, value in opened.statement.body.items() if name not in _DRAFTED}


def _objects(value: Json) -> list[dict[str, Json]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
