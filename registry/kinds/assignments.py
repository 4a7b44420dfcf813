"""
A grant or a title passes to somebody else: `grant.assigned`.

Who holds it on the day from which it passes hands it over. Licences and consents pass only where they say so; an
economic title always does, a moral right never. What is promised exclusively stays promised: it passes to nobody whom
another promise bars.
"""

from dataclasses import dataclass

from registry.core.licences import GrantAssigned
from registry.core.rights import PARSERS
from registry.errors import Inadmissible, Unknown
from registry.kinds.boxes import boxes_of, rewrite
from registry.kinds.chains import refuse_loop
from registry.kinds.conflicts import refuse_clashes, tell_others
from registry.kinds.kind import Context, Kind, Locks, Look
from registry.kinds.papers import mention
from registry.locks import Head, bump, party_head
from registry.models import Amendment, Assignment, DocumentMention, Licence, LicenceBox, StatementRow, TitleClaim
from registry.selectors.licences import chain_above, holder_at, require_licence, require_standing, terms_at
from registry.selectors.parties import as_data_subject, kind_of
from registry.selectors.rights import require_claim
from registry.statements import open_statement
from registry.texts.grants import describe_assignment

FIELD = "body.grant"


@dataclass(frozen=True, slots=True, kw_only=True)
class Passing:
    """What passes: whose word it rests on, to whom it was given first, and where its changes are told."""

    kind: str  # licence | consent | title
    grantor: str
    first: str
    head: Head
    assignable: bool


def passing(record: GrantAssigned) -> Passing:
    """Find what passes; raises ``Unknown``."""
    licence = Licence.objects.filter(digest=record.grant).first()
    if licence is not None:
        return _licence(licence, record)
    claim = TitleClaim.objects.filter(digest=record.grant).first()
    if claim is not None:
        head = Head(claim.subject_kind, claim.subject_id)
        assignable = claim.nature == "economic"  # a moral right stays its author's
        return Passing(kind="title", grantor=claim.claimant, first=claim.claimant, head=head, assignable=assignable)
    return _consent(record)


def _licence(licence: Licence, record: GrantAssigned) -> Passing:
    terms = terms_at(licence, record.effective_from)
    return Passing(
        kind="licence",
        grantor=licence.licensor,
        first=licence.licensee,
        head=Head("grant", licence.digest),
        assignable=terms.assignable,
    )


def _consent(record: GrantAssigned) -> Passing:
    opened = open_statement(record.grant)
    if opened is None or opened.statement.type != "consent.granted":
        raise Unknown(kind="grant", id=record.grant, field=FIELD)
    body = opened.statement.body
    return Passing(
        kind="consent",
        grantor=str(body["performer"]),
        first=str(body["grantee"]),
        head=Head("grant", record.grant),
        assignable=body.get("assignable") is True,
    )


def _issuers(record: GrantAssigned, look: Look) -> frozenset[str]:
    return frozenset({holder_at(record.grant, passing(record).first, record.effective_from)})


def _heads(record: GrantAssigned, issuer: str) -> Locks:
    found = passing(record)
    exclusive = {found.head, Head("grant", record.grant), party_head(found.grantor)}
    return Locks(shared=frozenset({party_head(record.to)} - exclusive), exclusive=frozenset(exclusive))


def _check(context: Context) -> None:
    record: GrantAssigned = context.record
    found = passing(record)
    kind_of(record.to, field="body.to")
    if not found.assignable:
        raise Inadmissible("the grant does not say that it may be assigned", code="not_assignable", field=FIELD)
    if holder_at(record.grant, found.first, record.effective_from) != context.statement.issuer:
        raise Inadmissible("only who holds the grant on that day assigns it", code="not_the_holder", field=FIELD)
    if record.to == context.statement.issuer:
        raise Inadmissible("a grant passes to somebody else", code="self_assigned", field="body.to")
    if found.kind == "title":
        require_claim(record.grant, field=FIELD)
    elif record.to == found.grantor:
        raise Inadmissible("a grant does not pass to whoever gave it", code="self_assigned", field="body.to")
    if found.kind == "licence":
        _check_licence(context, record)


def _check_licence(context: Context, record: GrantAssigned) -> None:
    licence = require_standing(record.grant, field=FIELD)
    if licence.parent is not None:
        refuse_loop(record.to, chain_above(licence.parent), field="body.to")
    rows = boxes_of(licence, at=context.at, assigned=[_row(context)])
    promised = [row for row in rows if row.bars in ("sole", "exclusive") and row.firm]
    refuse_clashes(promised, at=context.at, asker=context.statement.issuer, field=FIELD)


def _row(context: Context) -> Assignment:
    record: GrantAssigned = context.record
    return Assignment(
        digest=context.digest,
        grant=record.grant,
        kind=passing(record).kind,
        giver=context.statement.issuer,
        to=record.to,
        effective_from=record.effective_from,
        accepted_at=context.at,
    )


def _apply(context: Context) -> None:
    record: GrantAssigned = context.record
    found = passing(record)
    _row(context).save(force_insert=True)
    mention(context, record.document_sha256, readers=(found.grantor, found.first, record.to))
    _show_papers(context)
    if found.kind == "licence":
        licence = require_licence(record.grant)
        rewrite(licence, by=context.digest, at=context.at)
        tell_others(licence, LicenceBox.objects.filter(licence=licence.digest))
    bump({found.head, Head("grant", record.grant)})


def _show_papers(context: Context) -> None:
    """Let whom it passes to read what was signed for the grant so far."""
    record: GrantAssigned = context.record
    amended = Amendment.objects.filter(licence=record.grant).values_list("digest", flat=True)
    named = DocumentMention.objects.filter(digest__in=[record.grant, *amended]).exclude(sha256=record.document_sha256)
    for sha256, issuer in sorted(set(named.values_list("sha256", "issuer"))):
        mention(context, sha256, readers=(record.to,), issuer=issuer)


def _subject(record: GrantAssigned) -> str | None:
    """Return the grantor, if a person; of what another statement is about, that one's."""
    found = passing(record)
    if found.kind != "consent":
        return as_data_subject(found.grantor)
    row = StatementRow.objects.filter(digest=record.grant).values_list("subject", flat=True).first()
    return None if row is None else str(row)


GRANT_ASSIGNED = Kind(
    type="grant.assigned",
    effect="widens",
    parse=PARSERS["grant.assigned"],
    issuers=_issuers,
    subject=_subject,
    heads=_heads,
    check=_check,
    apply=_apply,
    describe=describe_assignment,
    tables=(Assignment, LicenceBox, DocumentMention),
)

KINDS = (GRANT_ASSIGNED,)
