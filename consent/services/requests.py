"""
Ask a performer for consent, and what the one who is asked does with it.

``ask`` turns the obstacles of a refusal into a request that carries a draft (``consent.core.proposals``).

1. The project is the asker's own.
2. One asker asks one person a few times a day; the limit counts requests that nobody hears too.
3. Where somebody negotiates for the person, they see it first, and the person when they pass it on or after
   ``REPRESENTATIVE_FIRST``.
4. Nobody may be registered under the id, or the person may have muted the asker: the request is kept and answered all
   the same, and nobody hears it, so that no answer tells whom the registry knows.
"""

import hashlib
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from uuid6 import uuid7

from consent.core.proposals import Proposal, read_proposal
from consent.models import ConsentRequest, Mute, RequestEvent
from consent.selectors.requests import may_see, require_open, require_received, seal
from registry.core.errors import DomainError
from registry.core.fields import Reader
from registry.core.jcs import Json
from registry.errors import Conflict, Forbidden, Inadmissible
from registry.locks import Head, lock
from registry.models import Party
from registry.selectors.authorities import representatives_of
from registry.selectors.projects import require_project

A_DAY: Final = timedelta(days=1)
MAX_A_DAY: Final = 3  # requests of one asker to one person: enough to mend a mistake, too few to press
MAX_ASKED_A_DAY: Final = 500  # requests of one asker to anybody: a large cast, not a mailing
REPRESENTATIVE_FIRST: Final = timedelta(days=3)
REASONS: Final = ("no_interest", "not_these_terms", "not_now", "ask_my_agent")


class TooManyRequests(DomainError):
    """The asker has asked often enough for a day."""

    code = "too_many_requests"
    status = 429

    def __init__(self, *, limit: int, retry_after_s: int) -> None:
        super().__init__(f"at most `{limit}` requests a day are sent on")
        self.retry_after_s = retry_after_s

    def extra(self) -> dict[str, object]:
        return {"retry_after_s": self.retry_after_s}


def ask(body: Json, *, asker: str, at: datetime) -> ConsentRequest:
    """Send a request for consent; raises a ``DomainError``."""
    proposal = read_proposal(Reader(body), id=str(uuid7()), asker=asker, at=at)
    if require_project(proposal.project, field="project").producer != asker:
        raise Inadmissible("the project is another producer's", code="not_yours", field="project")
    if proposal.performer == asker:
        raise Inadmissible("nobody needs their own consent", code="self_granted", field="performer")
    with transaction.atomic(durable=True):
        lock(exclusive=[_counter(asker)])
        _require_moderation(proposal, at)
        return _send(proposal, at)


def decline(request: str, *, party: str, reason: str | None, mute: bool, at: datetime) -> None:
    """Say no; the person alone may mute the asker with it."""
    with transaction.atomic(durable=True):
        row = require_open(require_received(request, party=party, at=at), at=at)
        if mute and party != row.performer:
            raise Forbidden("only the person asked mutes an asker", code="not_yours")
        _once(row, "declined", by=party, at=at, reason=reason)
        if mute:
            silence(person=party, asker=row.asker, at=at)


def pass_on(request: str, *, party: str, at: datetime) -> None:
    """Show the performer now what their representative saw first."""
    with transaction.atomic(durable=True):
        row = require_open(require_received(request, party=party, at=at), at=at)
        if party == row.performer:
            raise Inadmissible("the performer has it already", code="nothing_to_pass_on")
        _once(row, "passed_on", by=party, at=at)
        ConsentRequest.objects.filter(id=row.id, to_performer_at__gt=at).update(to_performer_at=at)


def see(row: ConsentRequest, *, party: str, at: datetime) -> None:
    """Take note that the one who is asked, or who acts for them, has read it."""
    if party != row.asker and may_see(row, party=party, at=at):
        event = RequestEvent(request=row.id, state="seen", by=party, at=at)
        RequestEvent.objects.bulk_create([event], ignore_conflicts=True)


def silence(*, person: str, asker: str, at: datetime) -> None:
    """Hear no more from an asker; what was sent before stays."""
    Mute.objects.bulk_create([Mute(person=person, asker=asker, at=at)], ignore_conflicts=True)


def listen(*, person: str, asker: str) -> None:
    """Hear from an asker again."""
    Mute.objects.filter(person=person, asker=asker).delete()


def _require_moderation(proposal: Proposal, at: datetime) -> None:
    """Refuse one request too many; says when the next may be sent."""
    lately = ConsentRequest.objects.filter(asker=proposal.asker, sent_at__gt=at - A_DAY)
    for rows, limit in ((lately.filter(performer=proposal.performer), MAX_A_DAY), (lately, MAX_ASKED_A_DAY)):
        sent = list(rows.order_by("-sent_at").values_list("sent_at", flat=True)[:limit])
        if len(sent) == limit:
            wait = sent[-1] + A_DAY - at
            raise TooManyRequests(limit=limit, retry_after_s=max(1, -(-wait // timedelta(seconds=1))))


def _send(proposal: Proposal, at: datetime) -> ConsentRequest:
    agents = representatives_of(proposal.performer, power="negotiate", at=at)
    row = ConsentRequest.objects.create(
        id=proposal.id,
        digest=proposal.digest,
        asker=proposal.asker,
        performer=proposal.performer,
        heard=_is_heard(proposal),
        asked=seal(proposal),
        sent_at=at,
        to_performer_at=at + REPRESENTATIVE_FIRST if agents else at,
        expires_at=at + timedelta(days=proposal.lasts_days),
    )
    RequestEvent.objects.create(request=row.id, state="sent", by=row.asker, at=at)
    return row


def _is_heard(proposal: Proposal) -> bool:
    known = Party.objects.filter(id=proposal.performer, kind="person").exists()
    return known and not Mute.objects.filter(person=proposal.performer, asker=proposal.asker).exists()


def _once(row: ConsentRequest, state: str, *, by: str, at: datetime, reason: str | None = None) -> None:
    event = RequestEvent(request=row.id, state=state, by=by, at=at, reason=reason)
    RequestEvent.objects.bulk_create([event], ignore_conflicts=True)  # waits for a rival's transaction
    if RequestEvent.objects.filter(request=row.id, state=state, by=by, at=at).count() != 1:
        raise Conflict("that was said already", code=f"already_{state}")


def _counter(asker: str) -> Head:
    """Return what the requests of one asker queue at, so that the limit holds in a race."""
    return Head("request", hashlib.sha256(asker.encode()).hexdigest())
