"""
Licences and their amendments: `licence.granted`, `licence.recorded`, `licence.amended`.

A granted licence is the licensor's own word. A recorded one is the licensee's word about a paper; what it promises
binds nobody else until the licensor's key confirms it. An amendment is the licensor's; it replaces all terms from a
date on. What is promised to somebody else is refused (``registry.kinds.conflicts``), and PostgreSQL holds it besides.
"""

from datetime import UTC, datetime, time

from registry.core.approvals import APPROVERS
from registry.core.licences import Licence as LicenceRecord
from registry.core.licences import LicenceAmended
from registry.core.rights import PARSERS
from registry.errors import Inadmissible
from registry.kinds.boxes import boxes_of, rewrite
from registry.kinds.chains import check_sublicence, check_within
from registry.kinds.conflicts import refuse_clashes, tell_others
from registry.kinds.kind import Context, Kind, Locks, Look, Voice
from registry.kinds.papers import mention
from registry.locks import Head, bump, party_head
from registry.models import Amendment, Assignment, DocumentMention, Followed, Licence, LicenceBox, LicenceSubject
from registry.selectors.events import followings_of
from registry.selectors.licences import chain_above, require_licence, require_standing, terms_of
from registry.selectors.parties import as_data_subject, kind_of
from registry.selectors.rights import require_all_followed, require_subjects
from registry.statements import open_statement
from registry.texts.licences import describe_amendment, describe_licence, describe_recorded_licence

TABLES = (Licence, LicenceSubject, LicenceBox, Followed, DocumentMention)


def _voice(record: LicenceRecord, look: Look) -> Voice:
    return Voice(principals=frozenset({record.licensor}), power="grant", acts=record.every_act)


def _heads(record: LicenceRecord, issuer: str) -> Locks:
    return Locks(
        shared=frozenset({party_head(record.licensee), *_chain_heads(record), *_followed_heads(record)}),
        exclusive=frozenset({party_head(record.licensor), *_container_heads(record)}),
    )


def _chain_heads(record: LicenceRecord) -> set[Head]:
    return set() if record.parent is None else {Head("grant", one.digest) for one in chain_above(record.parent)}


def _container_heads(record: LicenceRecord) -> set[Head]:
    """What a licence reaches must not grow while it is written down."""
    return {Head(subject.kind, subject.id) for subject in record.subjects if subject.kind != "asset"}


def _followed_heads(record: LicenceRecord) -> set[Head]:
    named = {following.subject for following in followings_of(record)}
    return {party_head(id_) if kind == "party" else Head(kind, id_) for kind, id_ in named}


def _check(context: Context) -> None:
    record: LicenceRecord = context.record
    kind_of(record.licensor, field="body.licensor")
    kind_of(record.licensee, field="body.licensee")
    if record.licensor == record.licensee:
        raise Inadmissible("a licence has two parties", code="self_licensed", field="body.licensee")
    if record.signed_on is not None and record.signed_on > context.at.date():
        raise Inadmissible("the licence was signed on a day to come", code="bad_value", field="body.signed_on")
    _check_terms(record, field="body")
    if record.parent is not None:
        check_sublicence(record, record.parent, at=context.at)
    if context.statement.type == "licence.granted":
        refuse_clashes(boxes_of(_row(context), at=context.at), at=context.at, asker=record.licensor)


def _check_terms(record: LicenceRecord, *, field: str) -> None:
    """Refuse terms that name what is not registered."""
    require_subjects(record.subjects, field=f"{field}.subjects")
    require_all_followed(followings_of(record), field=f"{field}.scopes")
    for approval in record.approvals:
        if approval.by not in APPROVERS:
            kind_of(approval.by, field=f"{field}.approvals")


def _row(context: Context) -> Licence:
    record: LicenceRecord = context.record
    return Licence(
        digest=context.digest,
        type=context.statement.type,
        licensor=record.licensor,
        licensee=record.licensee,
        accepted_at=context.at,
        parent=record.parent,
        exclusivity=record.exclusivity,
        signed_on=record.signed_on,
    )


def _apply(context: Context) -> None:
    record: LicenceRecord = context.record
    licence = _row(context)
    licence.save(force_insert=True)
    _remember(licence.digest, record)
    mention(context, record.document_sha256, readers=(record.licensor, record.licensee))
    rewrite(licence, by=context.digest, at=context.at)
    tell_others(licence, LicenceBox.objects.filter(licence=licence.digest))


def _remember(licence: str, record: LicenceRecord) -> None:
    """Note what a licence reaches and which events it follows; an amendment adds to both."""
    LicenceSubject.objects.bulk_create(
        (
            LicenceSubject(licence=licence, subject_kind=subject.kind, subject_id=subject.id)
            for subject in record.subjects
        ),
        ignore_conflicts=True,
    )
    Followed.objects.bulk_create(
        (
            Followed(licence=licence, subject_kind=kind, subject_id=id_)
            for kind, id_ in sorted({following.subject for following in followings_of(record)})
        ),
        ignore_conflicts=True,
    )


def _licensor(record: LicenceAmended, look: Look) -> frozenset[str]:
    return frozenset({require_licence(record.licence).licensor})


def _amender(record: LicenceAmended, look: Look) -> Voice:
    return Voice(principals=_licensor(record, look), power="grant", acts=record.terms.every_act)


def _amendment_heads(record: LicenceAmended, issuer: str) -> Locks:
    licence = require_licence(record.licence)
    exclusive = {Head("grant", licence.digest), party_head(licence.licensor), *_container_heads(record.terms)}
    return Locks(
        shared=frozenset({*_chain_heads(record.terms), *_followed_heads(record.terms)} - exclusive),
        exclusive=frozenset(exclusive),
    )


def _check_amended(context: Context) -> None:
    record: LicenceAmended = context.record
    licence = require_standing(record.licence)
    if licence.type == "licence.recorded" and licence.confirmed is None:
        raise Inadmissible(
            "the licensor has not confirmed the licence, which comes first", code="not_confirmed", field="body.licence"
        )
    same = (licence.licensor, licence.licensee, licence.parent)
    if (record.terms.licensor, record.terms.licensee, record.terms.parent) != same:
        raise Inadmissible(
            "an amendment keeps licensor, licensee and parent", code="other_licence", field="body.terms.licensor"
        )
    if record.effective_from < _begins(licence):
        raise Inadmissible(
            "the amendment would take effect before the licence was given",
            code="amendment_before_licence",
            field="body.effective_from",
        )
    _check_terms(record.terms, field="body.terms")
    if licence.parent is not None:
        check_within(record.terms, require_licence(licence.parent), said_at=licence.accepted_at, field="body.terms")
    refuse_clashes(
        boxes_of(licence, at=context.at, amended=[_amendment(context)]),
        at=context.at,
        asker=licence.licensor,
        before=boxes_of(licence, at=context.at),
        field="body.terms.scopes",
    )


def _begins(licence: Licence) -> datetime:
    """Return when a licence was given: when its statement was issued, or the paper signed."""
    (root, *_) = terms_of(licence)
    if licence.type == "licence.recorded" and root.record.signed_on is not None:
        return datetime.combine(root.record.signed_on, time.min, UTC)
    opened = open_statement(licence.digest)
    assert opened is not None  # a licence whose statement was erased has no terms either
    return opened.statement.issued_at


def _amendment(context: Context) -> Amendment:
    record: LicenceAmended = context.record
    return Amendment(
        digest=context.digest,
        licence=record.licence,
        effective_from=record.effective_from,
        accepted_at=context.at,
    )


def _apply_amended(context: Context) -> None:
    record: LicenceAmended = context.record
    licence = require_licence(record.licence)
    _amendment(context).save(force_insert=True)
    _remember(licence.digest, record.terms)
    heirs = Assignment.objects.filter(grant=licence.digest).values_list("to", flat=True)
    mention(context, record.document_sha256, readers=(licence.licensor, licence.licensee, *map(str, heirs)))
    rewrite(licence, by=context.digest, at=context.at)
    bump([Head("grant", licence.digest)])
    tell_others(licence, LicenceBox.objects.filter(licence=licence.digest))


def licensor_if_person(licence: str) -> str | None:
    return as_data_subject(require_licence(licence).licensor)


LICENCE_GRANTED = Kind(
    type="licence.granted",
    effect="widens",
    parse=PARSERS["licence.granted"],
    issuers=lambda record, look: {record.licensor},
    speaks=_voice,
    subject=lambda record: as_data_subject(record.licensor),
    heads=_heads,
    check=_check,
    apply=_apply,
    describe=describe_licence,
    tables=TABLES,
)

LICENCE_RECORDED = Kind(
    type="licence.recorded",
    effect="widens",
    parse=PARSERS["licence.recorded"],
    issuers=lambda record, look: {record.licensee},
    subject=lambda record: as_data_subject(record.licensor),
    heads=_heads,
    check=_check,
    apply=_apply,
    describe=describe_recorded_licence,
    tables=TABLES,
)

LICENCE_AMENDED = Kind(
    type="licence.amended",
    effect="widens",
    parse=PARSERS["licence.amended"],
    issuers=_licensor,
    speaks=_amender,
    subject=lambda record: licensor_if_person(record.licence),
    heads=_amendment_heads,
    check=_check_amended,
    apply=_apply_amended,
    describe=describe_amendment,
    tables=(Amendment, *TABLES),
)

KINDS = (LICENCE_GRANTED, LICENCE_RECORDED, LICENCE_AMENDED)
