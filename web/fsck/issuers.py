"""
Ask, of every statement, whether its issuer could say it: for itself, or for somebody who had given it that power.

Asked as it is replayed, of the rows that the statements before it made: whoever writes an authority or an ending into
the database that no statement brought, has nobody's word here. INVARIANT (signed-by-its-owner). Left out: how many
agents signed together, and windows and disputes of their authority, which decisions ask
(``consent.core.settled.standing``); and those few kinds of which the day decides who may say them.
"""

from typing import Final

from django.core.exceptions import ObjectDoesNotExist

from registry.core.errors import DomainError
from registry.kinds.kind import ANY_PARTY, Look, Voice
from registry.models import Authority, AuthorityAgent
from web.fsck.statements import Said

BY_THE_DAY: Final = frozenset(
    {
        "approval.declined",
        "approval.given",
        "grant.assigned",
        "option.exercised",
        "suspension.declared",
        "suspension.lifted",
        "title.resolved",
    }
)


def may_issue(one: Said) -> bool:
    """Say whether the issuer could say this; so it is taken where what it is about cannot be read any more."""
    if one.kind.effect == "records" or one.statement.type in BY_THE_DAY:
        return True  # the registry's own bear its key (``signatures``)
    look = Look(issuer=one.statement.issuer)
    try:
        allowed = frozenset(one.kind.issuers(one.record, look))
        if allowed == ANY_PARTY or look.issuer in allowed:
            return True
        voice = one.kind.speaks(one.record, look)
    except (DomainError, ObjectDoesNotExist):
        return True  # what it is about was erased; where it was not, the replay fails and is named
    return voice is not None and voice.power is not None and _speaks(look.issuer, voice)


def _speaks(issuer: str, voice: Voice) -> bool:
    """Say whether an authority with this power, which nobody had ended by then, names the issuer among its agents."""
    own = AuthorityAgent.objects.filter(agent=issuer).values("authority")
    found = Authority.objects.filter(
        id__in=own, principal__in=voice.principals, powers__contains=[voice.power], ended=None
    )
    return found.exists()
