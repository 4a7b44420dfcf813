"""
The statement kinds of this app: consents, their acceptance and withdrawal, and the registry's own clearances.

A new consent locks its performer's head, so that decisions see it in order; it widens, so no epoch moves. A withdrawal
narrows: it raises the epochs of the grants it names, or of the performer where it withdraws everything for a grantee,
and every clearance that rests on them decides again.
"""

from consent import uses
from consent.core.cleared import ClearanceIssued, parse_clearance
from consent.core.record import Consent as ConsentRecord
from consent.core.record import (
    ConsentRevoked,
    GrantAccepted,
    parse_accepted,
    parse_consent,
    parse_revoked,
)
from consent.models import CharacterIndex, Consent, Revocation, RevokedGrant, Use
from consent.texts import describe_accepted, describe_consent, describe_revoked
from consent.threads import THREADS
from registry.errors import Conflict, Inadmissible, Unknown
from registry.kinds.kind import Context, Kind, Locks, Look, Names
from registry.kinds.threads import with_threads
from registry.locks import Head, bump, party_head
from registry.models import Party
from registry.names import name_hmac
from registry.selectors.parties import require_person
from registry.statements import open_statement


def _of_grantor(record: ConsentRecord, issuer: str) -> Locks:
    grants = frozenset(Head("grant", digest) for digest in record.supersedes)
    return Locks(exclusive=grants | {Head("person", record.performer)})


def _check_consent(context: Context) -> None:
    record: ConsentRecord = context.record
    require_person(record.performer, field="body.performer")
    if not Party.objects.filter(id=record.grantee).exists():
        raise Unknown(kind="party", id=record.grantee, field="body.grantee")
    if record.grantee == record.performer:
        raise Inadmissible("nobody needs their own consent", code="self_granted", field="body.grantee")
    own = Consent.objects.filter(performer=record.performer, grantee=record.grantee, digest__in=record.supersedes)
    if own.count() != len(record.supersedes):
        raise Inadmissible(
            "only one's own consents to the same grantee can be replaced", code="not_own_grant", field="body.supersedes"
        )


def _apply_consent(context: Context) -> None:
    record: ConsentRecord = context.record
    Consent.objects.create(
        digest=context.digest,
        performer=record.performer,
        grantee=record.grantee,
        basis=record.basis,
        accepted_at=context.at,
    )
    if record.role is not None:
        CharacterIndex.objects.create(
            consent=context.digest, performer=record.performer, word_hmac=name_hmac(record.role)
        )
    bump(Head("grant", digest) for digest in record.supersedes)  # at commit the old grant shrinks to old and new


def _grantee(record: GrantAccepted, look: Look) -> frozenset[str]:
    consent = Consent.objects.filter(digest=record.grant).first()
    if consent is None:
        raise Unknown(kind="grant", id=record.grant, field="body.grant")
    return frozenset({str(consent.grantee)})


def _check_accepted(context: Context) -> None:
    consent = Consent.objects.get(digest=context.record.grant)
    if consent.basis != "contract":
        raise Inadmissible("this consent stands without acceptance", code="not_an_offer", field="body.grant")
    if consent.accepted is not None:
        raise Conflict("this offer is accepted already", code="already_accepted", field="body.grant")


def _apply_accepted(context: Context) -> None:
    record: GrantAccepted = context.record
    Consent.objects.filter(digest=record.grant).update(accepted=context.digest)
    superseded = open_statement(record.grant)
    if superseded is not None and isinstance(replaced := superseded.statement.body["supersedes"], list):
        bump(Head("grant", str(digest)) for digest in replaced)


def _heads_of_acceptance(record: GrantAccepted, issuer: str) -> Locks:
    consent = Consent.objects.filter(digest=record.grant).first()
    if consent is None:
        raise Unknown(kind="grant", id=record.grant, field="body.grant")
    return Locks(exclusive=frozenset({Head("grant", record.grant), Head("person", str(consent.performer))}))


def _check_revoked(context: Context) -> None:
    record: ConsentRevoked = context.record
    if record.grantee is not None:
        party_head(record.grantee)
        return
    own = Consent.objects.filter(performer=record.performer, digest__in=record.grants or ()).count()
    if own != len(record.grants or ()):
        raise Unknown(kind="grant", id="", field="body.grants")


def _apply_revoked(context: Context) -> None:
    record: ConsentRevoked = context.record
    Revocation.objects.create(digest=context.digest, performer=record.performer, grantee=record.grantee)
    RevokedGrant.objects.bulk_create(
        RevokedGrant(grant=grant, revocation=context.digest) for grant in record.grants or ()
    )
    bump(_narrowed(record))


def _narrowed(record: ConsentRevoked) -> frozenset[Head]:
    if record.grants is not None:
        return frozenset(Head("grant", grant) for grant in record.grants)
    return frozenset({Head("person", record.performer)})


def _apply_clearance(context: Context) -> None:
    record: ClearanceIssued = context.record
    uses.reserve(
        (digest for digest, _ in record.grounds),
        by=record,
        clearance=context.digest,
        at=context.at,
    )


def _wordless(record: object, language: str, names: Names) -> str:
    """The registry's own statements are shown to nobody for signing."""
    return ""


CONSENT_GRANTED = Kind(
    type="consent.granted",
    effect="widens",
    parse=parse_consent,
    issuers=lambda record, look: {record.performer},
    subject=lambda record: record.performer,
    heads=_of_grantor,
    check=_check_consent,
    apply=_apply_consent,
    describe=describe_consent,
    tables=(Consent, CharacterIndex),
)
GRANT_ACCEPTED = Kind(
    type="grant.accepted",
    effect="widens",
    parse=parse_accepted,
    issuers=_grantee,
    subject=lambda record: str(Consent.objects.get(digest=record.grant).performer),
    heads=_heads_of_acceptance,
    check=_check_accepted,
    apply=_apply_accepted,
    describe=describe_accepted,
    tables=(Consent,),
)
CONSENT_REVOKED = Kind(
    type="consent.revoked",
    effect="narrows",
    parse=parse_revoked,
    issuers=lambda record, look: {record.performer},
    subject=lambda record: record.performer,
    heads=lambda record, issuer: Locks(exclusive=_narrowed(record)),
    check=_check_revoked,
    apply=_apply_revoked,
    describe=describe_revoked,
    tables=(Revocation, RevokedGrant),
)
CLEARANCE_ISSUED = Kind(
    type="clearance.issued",
    effect="records",
    parse=parse_clearance,
    issuers=lambda record, look: (),
    subject=lambda record: None,
    heads=lambda record, issuer: Locks(),
    apply=_apply_clearance,
    describe=_wordless,
    tables=(Use,),
)

KINDS = with_threads((CONSENT_GRANTED, GRANT_ACCEPTED, CONSENT_REVOKED, CLEARANCE_ISSUED), THREADS)
