"""
Which papers a party may read, and whether a statement's evidence is there.

A party reads what it deposited, and the copy of whoever named the paper in a statement that concerns the party: the two
sides of a grant and to whom it was assigned, those of a dispute or of an authority, whom a suspension binds. Who acts
for such a party reads what it reads. Naming a hash opens nobody's paper but one's own: a stranger who learns a hash
could otherwise claim a deal to read the contract.
"""

from datetime import datetime

from registry.errors import Inadmissible
from registry.models import Authority, AuthorityAgent, Document, DocumentMention
from registry.selectors.authorities import standing


def readable(sha256: str, *, party: str, at: datetime) -> Document | None:
    """Return a copy that the party may read, its own first; None where there is none for it."""
    for reader in (party, *_spoken_for(party, at)):
        own = Document.objects.filter(sha256=sha256, party=reader).first()
        if own is not None:
            return own
        named = DocumentMention.objects.filter(sha256=sha256, reader=reader).values("issuer")
        copy = Document.objects.filter(sha256=sha256, party__in=named).order_by("id").first()
        if copy is not None:
            return copy
    return None


def require_evidence(sha256: str, *, party: str, field: str) -> None:
    """Refuse a statement whose issuer did not deposit the paper that it rests on."""
    if not Document.objects.filter(sha256=sha256, party=party).exists():
        raise Inadmissible("the evidence was not deposited by whoever names it", code="no_evidence", field=field)


def _spoken_for(agent: str, at: datetime) -> list[str]:
    """Return whom a party acts for now, with the power to look."""
    own = AuthorityAgent.objects.filter(agent=agent).values("authority")
    ids = list(Authority.objects.filter(id__in=own).values_list("id", flat=True))
    return sorted({one.principal for one in standing(ids, moments=[at], at=at) if "view" in one.powers})
