"""Which challenges a party may see, and whether one shows what a vouch says of it."""

from datetime import datetime

from django.db.models import Q, QuerySet

from registry.errors import Conflict, Inadmissible, Unknown
from registry.models import Challenge, Vouch

FIELD = "body.challenge"


def challenges_of(person: str, *, party: str) -> QuerySet[Challenge]:
    """Return the challenges of a person that concern a party: all of its own, and those in which it vouches."""
    return Challenge.objects.filter(Q(voucher=party) | Q(party=party), party=person)


def require_challenge(challenge: str, *, party: str) -> Challenge:
    """Return a challenge that concerns a party; raises ``Unknown`` for anybody else, whether or not it is there."""
    row = Challenge.objects.filter(Q(voucher=party) | Q(party=party), id=challenge).first()
    if row is None:
        raise Unknown(kind="challenge", id=challenge, status=404)
    return row


def require_answered(challenge: str, *, party: str, voucher: str, at: datetime) -> None:
    """Refuse a vouch that names a challenge of somebody else, one that was not answered in time, or one used before."""
    row = Challenge.objects.filter(id=challenge).first()
    if row is None:
        raise Unknown(kind="challenge", id=challenge, field=FIELD)
    if row.party != party or row.voucher != voucher:
        raise Inadmissible(
            "the challenge is another person's, or another voucher's", code="foreign_challenge", field=FIELD
        )
    if row.answered_at is None and at >= row.expires_at:
        raise Inadmissible("the challenge ended without an answer", code="challenge_expired", field=FIELD)
    if row.answered_at is None:
        raise Inadmissible("the challenge has no answer yet", code="challenge_unanswered", field=FIELD)
    if Vouch.objects.filter(challenge=challenge).exists():
        raise Conflict("another vouch rests on this challenge already", code="challenge_used", field=FIELD)
