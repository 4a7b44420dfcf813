"""
Taking back, and disputing that: `consent.revoked`, `revocation.disputed`.

A withdrawal narrows: it raises the epochs of the grants it names, or of the performer where it withdraws everything for
a grantee, and every clearance that rests on them decides again. From when it bites, and for which acts, the grant says
(``consent.core.settled.withdrawals``); one that could bite nowhere is refused, so that nobody believes they have taken
back what they have not.
"""

from consent.core.record import PARSERS, Consent, ConsentRevoked, RevocationDisputed
from consent.models import Consent as ConsentRow
from consent.models import Revocation, RevokedGrant
from consent.selectors.grants import acts_in, terms_of
from consent.texts import describe_revocation_disputed, describe_revoked
from registry.core.terms import ACTS
from registry.errors import Inadmissible, Unknown
from registry.kinds.kind import Context, Kind, Locks, Look, Voice
from registry.kinds.papers import mention
from registry.locks import Head, bump, party_head
from registry.models import Assignment, Dispute, DocumentMention
from registry.selectors.parties import require_person
from registry.selectors.policies import court_officers

ALWAYS_AT_WILL = ACTS.mask(("scan", "store", "train", "finetune"))  # acts on biometric templates


def _check_revoked(context: Context) -> None:
    record: ConsentRevoked = context.record
    require_person(record.performer, field="body.performer")
    if record.grantee is not None:
        party_head(record.grantee)
        return
    rows = ConsentRow.objects.filter(performer=record.performer, digest__in=record.grants or ())
    held = {row.digest: row for row in rows}
    for number, digest in enumerate(record.grants or ()):
        field = f"body.grants[{number}]"
        if digest not in held:
            raise Unknown(kind="grant", id=digest, field=field)
        _require_revocable(held[digest], context, field=field)


def _require_revocable(row: ConsentRow, context: Context, *, field: str) -> None:
    """Refuse to take back what its own terms keep; an offer that nobody accepted binds nobody."""
    terms = terms_of(row.digest)
    if terms is None or row.basis == "consent" or row.accepted is None or _at_will_in_part(terms, context):
        return
    if terms.revocation.kind == "not_during_term":
        raise Inadmissible("this consent cannot be taken back before it ends", code="not_revocable", field=field)
    breach = context.record.cause == "breach" and context.record.evidence_sha256 is not None
    if terms.revocation.kind == "for_breach" and not breach:
        raise Inadmissible(
            "this consent is taken back for a breach only, with evidence", code="breach_needed", field=field
        )


def _at_will_in_part(terms: Consent, context: Context) -> bool:
    cooling = terms.cooling_off_until is not None and context.statement.issued_at < terms.cooling_off_until
    return cooling or bool(acts_in(terms.scopes) & ALWAYS_AT_WILL)


def _apply_revoked(context: Context) -> None:
    record: ConsentRevoked = context.record
    row = Revocation.objects.create(
        digest=context.digest, performer=record.performer, grantee=record.grantee, cause=record.cause
    )
    RevokedGrant.objects.bulk_create(
        RevokedGrant(grant=grant, revocation=context.digest) for grant in record.grants or ()
    )
    mention(context, record.evidence_sha256, readers=_granted(row) | court_officers())
    bump(_narrowed(record))


def _narrowed(record: ConsentRevoked) -> frozenset[Head]:
    if record.grants is not None:
        return frozenset(Head("grant", grant) for grant in record.grants)
    return frozenset({Head("person", record.performer)})


def _require_revocation(record: RevocationDisputed) -> Revocation:
    row = Revocation.objects.filter(digest=record.revocation).first()
    if row is None:
        raise Unknown(kind="revocation", id=record.revocation, field="body.revocation")
    return row


def _grantees(record: RevocationDisputed, look: Look) -> frozenset[str]:
    return _granted(_require_revocation(record))


def _granted(row: Revocation) -> frozenset[str]:
    """Return whoever was granted, or assigned, what was taken back."""
    named = RevokedGrant.objects.filter(revocation=row.digest).values("grant")
    grantees = {str(one) for one in ConsentRow.objects.filter(digest__in=named).values_list("grantee", flat=True)}
    grantees |= {str(one) for one in Assignment.objects.filter(grant__in=named).values_list("to", flat=True)}
    return frozenset(grantees | ({str(row.grantee)} if row.grantee is not None else set()))


def _check_disputed(context: Context) -> None:
    if _require_revocation(context.record).cause != "breach":
        raise Inadmissible(
            "only a withdrawal for a breach can be disputed", code="not_disputable", field="body.revocation"
        )


def _apply_disputed(context: Context) -> None:
    row = _require_revocation(context.record)
    Dispute.objects.create(
        digest=context.digest,
        kind="revocation",
        target=row.digest,
        by=context.statement.issuer,
        against=row.performer,
        issued_at=context.statement.issued_at,
    )
    mention(context, context.record.evidence_sha256, readers={row.performer} | court_officers())


CONSENT_REVOKED = Kind(
    type="consent.revoked",
    effect="narrows",
    parse=PARSERS["consent.revoked"],
    issuers=lambda record, look: {record.performer},
    subject=lambda record: record.performer,
    heads=lambda record, issuer: Locks(
        shared=frozenset({Head("person", record.performer)}), exclusive=_narrowed(record)
    ),
    check=_check_revoked,
    apply=_apply_revoked,
    describe=describe_revoked,
    tables=(Revocation, RevokedGrant, DocumentMention),
    speaks=lambda record, look: Voice(principals=frozenset({record.performer}), power="revoke"),
)
REVOCATION_DISPUTED = Kind(
    type="revocation.disputed",
    effect="widens",
    parse=PARSERS["revocation.disputed"],
    issuers=_grantees,
    subject=lambda record: _require_revocation(record).performer,
    heads=lambda record, issuer: Locks(exclusive=frozenset({Head("person", _require_revocation(record).performer)})),
    check=_check_disputed,
    apply=_apply_disputed,
    describe=describe_revocation_disputed,
    tables=(Dispute, DocumentMention),
)

KINDS = (CONSENT_REVOKED, REVOCATION_DISPUTED)
