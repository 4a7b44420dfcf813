"""
What happened, as somebody says: `event.recorded`.

Anybody may say it; whose word counts for which grant is for the decision. Licences whose promises follow the event hold
from now on for the time that is known, instead of for ever. Where another day is recorded later and a promise would
come to meet another one, PostgreSQL keeps what it had: of the two the earlier statement counts, as in a decision.
"""

from datetime import timedelta
from typing import Final

from django.db import transaction

from registry.core.events import EventRecorded
from registry.core.rights import PARSERS
from registry.errors import ExclusiveConflict, Inadmissible
from registry.kinds.boxes import rewrite
from registry.kinds.kind import ANY_PARTY, Context, Kind, Locks
from registry.kinds.papers import mention
from registry.locks import Head, bump, party_head
from registry.models import DocumentMention, Event, Followed, Licence, LicenceBox
from registry.selectors.parties import as_data_subject, require_person
from registry.selectors.rights import require_followed
from registry.texts.catalogues import describe_event

OF_PARTIES: Final = frozenset({"change_of_control", "death"})
CLOCKS_DIFFER: Final = timedelta(days=1)  # a day that has begun somewhere


def _head(record: EventRecorded) -> Head:
    kind, id_ = record.subject
    return party_head(id_) if kind == "party" else Head(kind, id_)


def _following(record: EventRecorded) -> list[str]:
    """Return the licences that follow the event, or that a change of control of who holds them ends."""
    kind, id_ = record.subject
    found = set(Followed.objects.filter(subject_kind=kind, subject_id=id_).values_list("licence", flat=True))
    if record.event == "change_of_control":
        found |= set(LicenceBox.objects.filter(licensee=id_).values_list("licence", flat=True))
    return sorted(found)


def _heads(record: EventRecorded, issuer: str) -> Locks:
    return Locks(exclusive=frozenset({_head(record), *(Head("grant", one) for one in _following(record))}))


def _check(context: Context) -> None:
    record: EventRecorded = context.record
    kind, id_ = record.subject
    require_followed(record.subject, field=f"body.{kind}")
    if (record.event in OF_PARTIES) != (kind == "party"):
        raise Inadmissible(f"`{record.event}` does not happen to a {kind}", code="bad_value", field=f"body.{kind}")
    if record.event == "death":
        require_person(id_, field="body.party")
    if record.on > (context.at + CLOCKS_DIFFER).date():
        raise Inadmissible(f"`{record.on}` is yet to come", code="event_to_come", field="body.on")


def _apply(context: Context) -> None:
    record: EventRecorded = context.record
    kind, id_ = record.subject
    Event.objects.create(
        digest=context.digest,
        event=record.event,
        subject_kind=kind,
        subject_id=id_,
        territory=record.territory,
        issuer=context.statement.issuer,
        accepted_at=context.at,
    )
    mention(context, record.document_sha256, readers=(id_,) if kind == "party" else ())
    following = _following(record)
    for licence in Licence.objects.filter(digest__in=following, ended=None).order_by("digest"):
        _renew(licence, context)
    bump({_head(record), *(Head("grant", digest) for digest in following)})


def _renew(licence: Licence, context: Context) -> None:
    try:
        with transaction.atomic():
            rewrite(licence, by=context.digest, at=context.at)
    except ExclusiveConflict:
        return  # the rows stay as they were


EVENT_RECORDED = Kind(
    type="event.recorded",
    effect="widens",
    parse=PARSERS["event.recorded"],
    issuers=lambda record, look: ANY_PARTY,
    subject=lambda record: as_data_subject(record.subject[1]) if record.subject[0] == "party" else None,
    heads=_heads,
    check=_check,
    apply=_apply,
    describe=describe_event,
    tables=(Event, LicenceBox, DocumentMention),
)

KINDS = (EVENT_RECORDED,)
