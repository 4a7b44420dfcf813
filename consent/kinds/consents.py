"""
Consents, offers and what is said of them: `consent.granted`, `consent.recorded`, `grant.accepted`, `consent.ratified`.

A new consent locks its performer's head, so that decisions see it in order; it widens, so no epoch moves but those of
the consents that it replaces. An offer is accepted once, unless it was countered, withdrawn, or is over.

A guardian or an agent with the power to grant signs for the performer; what only the living person gives, nobody else
signs, and what law 10 forbids, nobody does.
"""

from consent.core.ages import OF_AGE, SEXUAL, age_on
from consent.core.record import PARSERS, Consent, ConsentRatified, GrantAccepted
from consent.models import CharacterIndex, ConsentRequest
from consent.models import Consent as ConsentRow
from consent.selectors.grants import acts_in, is_over, is_revoked, require_consent, terms_of
from consent.texts import describe_accepted, describe_consent, describe_ratified, describe_recorded
from registry.core.approvals import APPROVERS
from registry.core.events import AnyScope, Timed
from registry.core.scope import Scope
from registry.core.terms import ACTS
from registry.errors import Conflict, Forbidden, Inadmissible, OwnKeyNeeded, Unknown
from registry.kinds.kind import Context, Kind, Locks, Look, Voice
from registry.kinds.papers import mention
from registry.locks import Head, bump, party_head
from registry.models import DocumentMention
from registry.names import name_hmac
from registry.selectors.parties import kind_of, party_records, require_person
from registry.selectors.projects import require_project
from registry.statements import open_statement

ALWAYS_OWN = ACTS.mask(("train", "finetune"))  # acts that only the living person allows


def _heads(record: Consent, issuer: str) -> Locks:
    named = {*record.supersedes, *({record.counters} if record.counters else ())}
    exclusive = {Head("grant", digest) for digest in named} | {Head("person", record.performer)}
    return Locks(exclusive=frozenset(exclusive), shared=frozenset({party_head(record.grantee)}))


def _voice(record: Consent, look: Look) -> Voice:
    return Voice(principals=frozenset({record.performer}), power="grant", acts=acts_in(record.scopes))


def _check_granted(context: Context) -> None:
    record: Consent = context.record
    _check_terms(context)
    _check_age(context)
    if context.under is not None and record.performer not in context.signers:
        _refuse_what_is_theirs_alone(record)
    if record.answers is not None and not _is_asked(record):
        raise Unknown(kind="request", id=record.answers, field="body.answers")


def _check_terms(context: Context) -> None:
    """Refuse terms that name nobody and nothing."""
    record: Consent = context.record
    require_person(record.performer, field="body.performer")
    kind_of(record.grantee, field="body.grantee")
    if record.grantee == record.performer:
        raise Inadmissible("nobody needs their own consent", code="self_granted", field="body.grantee")
    own = ConsentRow.objects.filter(performer=record.performer, grantee=record.grantee, digest__in=record.supersedes)
    if own.count() != len(record.supersedes):
        raise Inadmissible(
            "only one's own consents to the same grantee can be replaced", code="not_own_grant", field="body.supersedes"
        )
    for number, approval in enumerate(record.approvals):
        if approval.by not in APPROVERS:
            kind_of(approval.by, field=f"body.approvals[{number}].by")
    for number, project in enumerate(sorted(record.future_projects)):
        require_project(project, field=f"body.future_projects[{number}]")


def _check_age(context: Context) -> None:
    """Refuse a minor without a guardian, and a guardian of somebody of age."""
    record: Consent = context.record
    age = _age_of(record.performer, context)
    if age is not None and age >= OF_AGE:
        if record.minor is not None:
            raise Inadmissible("the performer is of age", code="not_a_minor", field="body.minor")
        return
    if age is not None and record.minor is None:
        raise Inadmissible("the performer is a minor", code="guardian_needed", field="body.minor")
    if record.minor is not None:
        _refuse_never_allowed(record)
        _require_guardians(context, all_sign=record.minor.guardians == "all")


def _refuse_never_allowed(record: Consent) -> None:
    """INVARIANT (never-allowed): whoever signs, no consent shows a minor in nudity or sexual content."""
    for number, scope in enumerate(record.scopes):
        if (_box(scope).depicts | _box(scope).scene) & SEXUAL:
            field = f"body.scopes[{number}].content"
            raise Inadmissible("nothing allows nudity or sexual content of a minor", code="never_allowed", field=field)


def _require_guardians(context: Context, *, all_sign: bool) -> None:
    under = context.under
    if under is None or under.role != "guardian":
        raise Forbidden("the performer is a minor: a guardian signs for them", code="guardian_needed")
    if all_sign and not under.agents <= context.signers:
        raise Forbidden("the consent asks for the signature of all guardians", code="guardian_needed")


def _refuse_what_is_theirs_alone(record: Consent) -> None:
    for number, scope in enumerate(record.scopes):
        box = _box(scope)
        field = f"body.scopes[{number}]"
        if box.acts & ALWAYS_OWN:
            raise OwnKeyNeeded(party=record.performer, what="training", field=f"{field}.acts")
        if (box.depicts | box.scene) & SEXUAL:
            raise OwnKeyNeeded(party=record.performer, what="nudity or sexual content", field=f"{field}.content")


def _is_asked(record: Consent) -> bool:
    """Say whether it answers a request or a record of the same two."""
    two = {"performer": record.performer}
    asked = ConsentRequest.objects.filter(digest=record.answers, asker=record.grantee, **two)
    recorded = ConsentRow.objects.filter(digest=record.answers, type="consent.recorded", grantee=record.grantee, **two)
    return asked.exists() or recorded.exists()


def _check_recorded(context: Context) -> None:
    record: Consent = context.record
    _check_terms(context)
    age = _age_of(record.performer, context)
    if record.minor is not None or (age is not None and age < OF_AGE):
        _refuse_never_allowed(record)
    if record.signed_on is not None and record.signed_on > context.at.date():
        raise Inadmissible("the document was signed on a day to come", code="bad_value", field="body.signed_on")
    if record.counters is not None:
        offer = require_consent(record.counters, field="body.counters")
        if (offer.performer, offer.grantee, offer.type) != (record.performer, record.grantee, "consent.granted"):
            raise Inadmissible("only an offer to oneself is countered", code="not_an_offer", field="body.counters")
        _require_open_offer(offer, context, field="body.counters")


def _apply(context: Context) -> None:
    record: Consent = context.record
    ConsentRow.objects.create(
        digest=context.digest,
        type=context.statement.type,
        performer=record.performer,
        grantee=record.grantee,
        basis=record.basis,
        accepted_at=context.at,
        answers=record.answers,
        counters=record.counters,
        at_majority=None if record.minor is None else record.minor.at_majority,
    )
    if record.role is not None:
        CharacterIndex.objects.create(
            consent=context.digest, performer=record.performer, word_hmac=name_hmac(record.role)
        )
    if record.counters is not None:
        ConsentRow.objects.filter(digest=record.counters, countered=None).update(countered=context.digest)
    ordered = None if record.minor is None else record.minor.court_order_sha256
    for sha256 in {record.document_sha256, ordered}:
        mention(context, sha256, readers=(record.performer, record.grantee))
    bump(Head("grant", digest) for digest in record.supersedes)  # at commit the old grant shrinks to old and new


def _grantee(record: GrantAccepted, look: Look) -> frozenset[str]:
    return frozenset({str(require_consent(record.grant).grantee)})


def _grantees_voice(record: GrantAccepted, look: Look) -> Voice:
    return Voice(principals=_grantee(record, look), power="negotiate")


def _check_accepted(context: Context) -> None:
    _require_open_offer(require_consent(context.record.grant), context, field="body.grant")


def _require_open_offer(offer: ConsentRow, context: Context, *, field: str) -> None:
    """Refuse what is no offer, or one that is taken, countered, withdrawn or over."""
    if offer.basis != "contract":
        raise Inadmissible("this consent stands without acceptance", code="not_an_offer", field=field)
    if offer.accepted is not None:
        raise Conflict("this offer is accepted already", code="already_accepted", field=field)
    if offer.countered is not None:
        raise Conflict("this offer was countered", code="offer_countered", field=field)
    if is_revoked(offer):
        raise Conflict("this offer was withdrawn", code="offer_revoked", field=field)
    terms = terms_of(offer.digest)
    if terms is not None and is_over(terms.scopes, context.at):
        raise Conflict("every window of this offer has ended", code="offer_expired", field=field)


def _apply_accepted(context: Context) -> None:
    record: GrantAccepted = context.record
    ConsentRow.objects.filter(digest=record.grant).update(accepted=context.digest)
    offer = open_statement(record.grant)
    if offer is not None and isinstance(replaced := offer.statement.body["supersedes"], list):
        bump(Head("grant", str(digest)) for digest in replaced)


def _of_grant(record: GrantAccepted | ConsentRatified, issuer: str) -> Locks:
    consent = require_consent(record.grant)
    return Locks(exclusive=frozenset({Head("grant", record.grant), Head("person", str(consent.performer))}))


def _check_ratified(context: Context) -> None:
    row = require_consent(context.record.grant)
    if row.at_majority != "to_be_ratified":
        raise Inadmissible("this consent waits for no ratification", code="nothing_to_ratify", field="body.grant")
    if row.ratified is not None:
        raise Conflict("the consent is ratified already", code="already_ratified", field="body.grant")
    age = _age_of(row.performer, context)
    if age is None or age < OF_AGE:
        raise Inadmissible("only who is of age ratifies", code="not_of_age", field="issuer")
    if is_revoked(row):
        raise Conflict("the consent was withdrawn", code="consent_revoked", field="body.grant")


def _apply_ratified(context: Context) -> None:
    ConsentRow.objects.filter(digest=context.record.grant).update(ratified=context.digest)


def _performer(record: ConsentRatified, look: Look) -> frozenset[str]:
    return frozenset({str(require_consent(record.grant).performer)})


def _ratifiers_voice(record: ConsentRatified, look: Look) -> Voice:
    return Voice(principals=_performer(record, look), power=None)


def _age_of(performer: str, context: Context) -> int | None:
    """Return full years when the statement was issued; None where nobody said when they were born."""
    party = party_records([performer]).get(performer)
    if party is None or party.born is None:
        return None
    return age_on(party.born, context.statement.issued_at.date())


def _box(scope: AnyScope) -> Scope:
    return scope.box if isinstance(scope, Timed) else scope


CONSENT_GRANTED = Kind(
    type="consent.granted",
    effect="widens",
    parse=PARSERS["consent.granted"],
    issuers=lambda record, look: {record.performer},
    subject=lambda record: record.performer,
    heads=_heads,
    check=_check_granted,
    apply=_apply,
    describe=describe_consent,
    tables=(ConsentRow, CharacterIndex, DocumentMention),
    speaks=_voice,
)
CONSENT_RECORDED = Kind(
    type="consent.recorded",
    effect="widens",
    parse=PARSERS["consent.recorded"],
    issuers=lambda record, look: {record.grantee},
    subject=lambda record: record.performer,
    heads=_heads,
    check=_check_recorded,
    apply=_apply,
    describe=describe_recorded,
    tables=(ConsentRow, CharacterIndex, DocumentMention),
)
GRANT_ACCEPTED = Kind(
    type="grant.accepted",
    effect="widens",
    parse=PARSERS["grant.accepted"],
    issuers=_grantee,
    subject=lambda record: str(require_consent(record.grant).performer),
    heads=_of_grant,
    check=_check_accepted,
    apply=_apply_accepted,
    describe=describe_accepted,
    tables=(ConsentRow,),
    speaks=_grantees_voice,
)
CONSENT_RATIFIED = Kind(
    type="consent.ratified",
    effect="widens",
    parse=PARSERS["consent.ratified"],
    issuers=_performer,
    subject=lambda record: str(require_consent(record.grant).performer),
    heads=_of_grant,
    check=_check_ratified,
    apply=_apply_ratified,
    describe=describe_ratified,
    tables=(ConsentRow,),
    speaks=_ratifiers_voice,
)

KINDS = (CONSENT_GRANTED, CONSENT_RECORDED, GRANT_ACCEPTED, CONSENT_RATIFIED)
