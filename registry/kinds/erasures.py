"""
What an erasure takes out of the registry's projections.

Rows that a statement about the person made go with the statement. So does what others were told of it, and whatever
hangs on the person alone. What stays are ids: that the party existed, and the statements of others that name it.

Replaying gives the same: the rows of what does not open were never made, and the same statement takes out the rest.
The consent app has its own (``consent.kinds.erasures``), which calls this.
"""

from collections.abc import Collection
from typing import Final

from django.db.models import Model

from registry.core.erasure import Erasure
from registry.locks import Head, bump
from registry.models import (
    Affiliation,
    Amendment,
    Appearance,
    Asset,
    Assignment,
    Authority,
    AuthorityAgent,
    Catalogue,
    CatalogueMember,
    Confirmation,
    CourtOfficer,
    Dispute,
    DocumentMention,
    Event,
    Followed,
    IdentifierClaim,
    Key,
    Licence,
    LicenceBox,
    LicenceSubject,
    Membership,
    NameIndex,
    Notice,
    OptionExercised,
    Policy,
    Thread,
    TitleClaim,
    Vouch,
)
from registry.threads import LEADS, Ref, Threads, refs

ModelClass = type[Model]
# Rows of one statement, by the field that holds its digest.
BY_STATEMENT: Final[tuple[tuple[ModelClass, str], ...]] = (
    (Amendment, "digest"),
    (Appearance, "digest"),
    (Assignment, "digest"),
    (Catalogue, "digest"),
    (CatalogueMember, "digest"),
    (Confirmation, "digest"),
    (Dispute, "digest"),
    (DocumentMention, "digest"),
    (Event, "digest"),
    (Followed, "licence"),
    (IdentifierClaim, "digest"),
    (Licence, "digest"),
    (LicenceBox, "licence"),
    (LicenceSubject, "licence"),
    (Notice, "digest"),
    (OptionExercised, "digest"),
    (Policy, "digest"),
    (Thread, "digest"),
    (TitleClaim, "digest"),
    (Vouch, "digest"),
)
# Rows of one person, by the field that holds their id.
BY_PERSON: Final[tuple[tuple[ModelClass, str], ...]] = (
    (Affiliation, "party"),
    (CourtOfficer, "named_by"),
    (Key, "party"),
    (Membership, "party"),
    (NameIndex, "party"),
    (Notice, "party"),
)
TABLES: Final = (
    *(model for model, _ in BY_STATEMENT),
    *(model for model, _ in BY_PERSON),
    Asset,
    Authority,
    AuthorityAgent,
)


def forget(record: Erasure) -> None:
    """Take out what an erasure leaves no ground for. Joins the transaction."""
    Asset.objects.filter(id__in=record.assets).update(title="")  # who names a scan, names who was scanned
    if record.cause == "held":
        bump(Head("asset", asset) for asset in record.assets)
    if record.cause != "asked" or record.subject is None:
        return
    _forget_statements(record.statements)
    for model, field in BY_PERSON:
        model._default_manager.filter(**{field: record.subject}).delete()
    _forget_ties(record.subject)
    bump(
        {
            Head("person", record.subject),
            *(Head("asset", one.asset) for one in record.appearances),
            *(Head(kind, ident) for kind, ident in record.titles),
        }
    )


def threads_of(record: Erasure) -> Threads:
    """Whoever reads anything about the person, or about what they were in, reads that they were erased."""
    if record.cause != "asked" or record.subject is None:
        return Threads()
    person = frozenset({Ref("performer", record.subject), Ref("party", record.subject)})
    things = refs("asset", (one.asset for one in record.appearances)) | {Ref(*title) for title in record.titles}
    return Threads(found=person | things, leads=person)


def _forget_statements(digests: Collection[str]) -> None:
    authorities = list(Authority.objects.filter(digest__in=digests).values_list("id", flat=True))
    AuthorityAgent.objects.filter(authority__in=authorities).delete()
    Authority.objects.filter(id__in=authorities).delete()
    IdentifierClaim.objects.filter(lost_to__in=digests).update(lost_to=None)
    for model, field in BY_STATEMENT:
        model._default_manager.filter(**{f"{field}__in": digests}).delete()


def _forget_ties(subject: str) -> None:
    """
    Take out to whose agents grants to the person led: by their affiliations, which they stated of themselves.

    No request is theirs any more, so that nobody misses how they are tied.
    """
    granted = Thread.objects.filter(kind="to", ident__endswith=f">{subject}").values("digest")
    Thread.objects.filter(digest__in=granted, way=LEADS, kind="principal").delete()
