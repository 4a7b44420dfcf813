"""
Requests for consent as those concerned read them: the asker, the person asked, and who negotiates for them.

The asker learns what the person does and nothing else: where nobody hears a request it looks like one that waits, and
no text shows the asker a name that it did not bring.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q, QuerySet

from consent.core.proposals import Proposal, parse_proposal
from consent.models import Consent, ConsentRequest, Mute, RequestEvent
from registry import vault
from registry.core.jcs import Json, canonical, parse_json
from registry.core.times import format_time, whole_second
from registry.errors import Conflict, Unknown
from registry.selectors.authorities import principals_of
from registry.statements import owner_of


def seal(proposal: Proposal) -> bytes:
    """Encrypt what is asked under the key of the person asked."""
    return vault.seal_text(owner_of(proposal.performer), canonical(proposal.format()), _aad(proposal.id))


def open_proposals(rows: Iterable[ConsentRequest]) -> dict[str, Proposal]:
    """Open what was asked, by request; what was erased is left out."""
    held = list(rows)
    kept = vault.data_keys(owner_of(row.performer) for row in held)
    left = [row for row in held if owner_of(row.performer) in kept]
    plains = vault.open_texts([vault.Sealed(owner_of(row.performer), row.asked, _aad(row.id)) for row in left])
    return {row.id: parse_proposal(parse_json(plain)) for row, plain in zip(left, plains, strict=True)}


def asked_by(party: str) -> QuerySet[ConsentRequest]:
    return ConsentRequest.objects.filter(asker=party)


def received_by(party: str, *, at: datetime) -> QuerySet[ConsentRequest]:
    """Return what this party is asked, and what those are asked for whom it negotiates."""
    own = Q(performer=party, to_performer_at__lte=at)
    return ConsentRequest.objects.filter(
        own | Q(performer__in=principals_of(party, power="negotiate", at=at)), heard=True
    )


def require_received(request: str, *, party: str, at: datetime) -> ConsentRequest:
    """Refuse as unknown what this party is not asked."""
    row = received_by(party, at=at).filter(id=request).first()
    if row is None:
        raise Unknown(kind="request", id=request, status=404)
    return row


def require_request(request: str, *, party: str, at: datetime) -> ConsentRequest:
    """Return a request that this party sent or is asked."""
    row = asked_by(party).filter(id=request).first()
    return row if row is not None else require_received(request, party=party, at=at)


def require_open(row: ConsentRequest, *, at: datetime) -> ConsentRequest:
    """Refuse a request that is over."""
    state = states([row], at=at)[row.id]
    if state in ("answered", "declined", "expired"):
        raise Conflict(f"the request is {state}", code=f"request_{state}")
    return row


def may_see(row: ConsentRequest, *, party: str, at: datetime) -> bool:
    return received_by(party, at=at).filter(id=row.id).exists()


def muted_by(person: str) -> list[dict[str, Json]]:
    rows = Mute.objects.filter(person=person).order_by("at", "asker")
    return [{"asker": row.asker, "at": format_time(whole_second(row.at))} for row in rows]


def states(rows: Iterable[ConsentRequest], *, at: datetime) -> dict[str, str]:
    """Say where each request stands: sent, seen, answered, declined or expired."""
    held = list(rows)
    answers = _answers(held)
    said = set(RequestEvent.objects.filter(request__in=[row.id for row in held]).values_list("request", "state"))
    return {row.id: _state(row, answers, {state for request, state in said if request == row.id}, at) for row in held}


def describe_requests(rows: Iterable[ConsentRequest], *, reader: str, at: datetime) -> list[dict[str, Json]]:
    """
    Return requests with their drafts and their history; what was erased shows its ids only, and the asker is not told
    who acts for the person asked.
    """
    held = list(rows)
    opened, answers, stand = open_proposals(held), _answers(held), states(held, at=at)
    events = list(RequestEvent.objects.filter(request__in=[row.id for row in held]).order_by("at", "state"))
    return [
        {
            "id": row.id,
            "digest": row.digest,
            "asker": row.asker,
            "performer": row.performer,
            "project": opened[row.id].project if row.id in opened else None,
            "state": stand[row.id],
            "sent_at": format_time(whole_second(row.sent_at)),
            "expires_at": format_time(whole_second(row.expires_at)),
            "history": [_step(event, row, reader) for event in events if event.request == row.id],
            "answer": None if row.digest not in answers else answers[row.digest].digest,
            "draft": opened[row.id].draft() if row.id in opened else None,
        }
        for row in held
    ]


def _state(row: ConsentRequest, answers: dict[str, Consent], said: set[str], at: datetime) -> str:
    if row.digest in answers:
        return "answered"
    if "declined" in said:
        return "declined"
    if row.expires_at <= at:
        return "expired"
    return "seen" if "seen" in said else "sent"


def _step(event: RequestEvent, row: ConsentRequest, reader: str) -> Json:
    by = None if reader == row.asker and event.by != reader else event.by
    return {"state": event.state, "at": format_time(whole_second(event.at)), "by": by, "reason": event.reason}


def _answers(rows: Iterable[ConsentRequest]) -> dict[str, Consent]:
    """Map each request that was answered to the first consent that answers it, by those who were asked."""
    pairs = {row.digest: (row.performer, row.asker) for row in rows}
    found: dict[str, Consent] = {}
    for consent in Consent.objects.filter(answers__in=pairs, type="consent.granted").order_by("accepted_at"):
        if (consent.performer, consent.grantee) == pairs[consent.answers]:
            found.setdefault(consent.answers, consent)
    return found


def _aad(request: str) -> bytes:
    return f"request {request}".encode()
