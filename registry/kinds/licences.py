"""
Licences: `licence.granted`, `licence.recorded`, `licence.confirmed`, `licence.denied`, `licence.terminated`.

A granted licence is the licensor's own word. A recorded one is the licensee's word about a paper; the licensor's key
confirms or denies it, once. Denial and termination narrow and are final.
"""

from registry.core.rights import PARSERS, LicenceConfirmed, LicenceDenied, LicenceTerminated
from registry.core.rights import Licence as LicenceRecord
from registry.errors import Conflict, Inadmissible
from registry.kinds.kind import Context, Kind, Locks, Look
from registry.locks import Head, bump, party_head
from registry.models import Licence, LicenceSubject
from registry.selectors.parties import as_data_subject, kind_of
from registry.selectors.rights import require_licence, require_subjects
from registry.texts.rights import describe_licence, describe_licence_act, describe_recorded_licence

Answer = LicenceConfirmed | LicenceDenied | LicenceTerminated


def _heads(record: LicenceRecord, issuer: str) -> Locks:
    return Locks(shared=frozenset({party_head(record.licensee)}), exclusive=frozenset({party_head(record.licensor)}))


def _check(context: Context) -> None:
    record: LicenceRecord = context.record
    kind_of(record.licensor, field="body.licensor")
    kind_of(record.licensee, field="body.licensee")
    if record.licensor == record.licensee:
        raise Inadmissible("a licence has two parties", code="self_licensed", field="body.licensee")
    if record.signed_on is not None and record.signed_on > context.at.date():
        raise Inadmissible("the licence was signed on a day to come", code="bad_value", field="body.signed_on")
    require_subjects(record.subjects, field="body.subjects")


def _apply(context: Context) -> None:
    record: LicenceRecord = context.record
    Licence.objects.create(
        digest=context.digest,
        type=context.statement.type,
        licensor=record.licensor,
        licensee=record.licensee,
        accepted_at=context.at,
    )
    LicenceSubject.objects.bulk_create(
        LicenceSubject(licence=context.digest, subject_kind=subject.kind, subject_id=subject.id)
        for subject in record.subjects
    )


def _licensor(record: Answer, look: Look) -> frozenset[str]:
    return frozenset({require_licence(record.licence).licensor})


def _answer_heads(record: Answer, issuer: str) -> Locks:
    return Locks(exclusive=frozenset({Head("grant", record.licence), party_head(issuer)}))


def _check_answer(context: Context) -> None:
    """Confirm or deny a recorded licence that has no answer yet."""
    licence = require_licence(context.record.licence)
    if licence.type != "licence.recorded":
        raise Inadmissible(
            "the licensor's own licence needs no answer", code="not_a_recorded_licence", field="body.licence"
        )
    _refuse_ended(licence)
    if licence.confirmed is not None:
        raise Conflict("the licence was confirmed already", code="already_confirmed", field="body.licence")


def _check_terminated(context: Context) -> None:
    _refuse_ended(require_licence(context.record.licence))


def _refuse_ended(licence: Licence) -> None:
    if licence.denied is not None:
        raise Conflict("the licence was denied", code="licence_denied", field="body.licence")
    if licence.terminated is not None:
        raise Conflict("the licence was terminated", code="licence_terminated", field="body.licence")


def _apply_confirmed(context: Context) -> None:
    Licence.objects.filter(digest=context.record.licence).update(confirmed=context.digest)


def _apply_denied(context: Context) -> None:
    Licence.objects.filter(digest=context.record.licence).update(denied=context.digest)
    bump([Head("grant", context.record.licence)])


def _apply_terminated(context: Context) -> None:
    Licence.objects.filter(digest=context.record.licence).update(terminated=context.digest)
    bump([Head("grant", context.record.licence)])


def _licensor_if_person(record: Answer) -> str | None:
    return as_data_subject(require_licence(record.licence).licensor)


LICENCE_GRANTED = Kind(
    type="licence.granted",
    effect="widens",
    parse=PARSERS["licence.granted"],
    issuers=lambda record, look: {record.licensor},
    subject=lambda record: as_data_subject(record.licensor),
    heads=_heads,
    check=_check,
    apply=_apply,
    describe=describe_licence,
    tables=(Licence, LicenceSubject),
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
    tables=(Licence, LicenceSubject),
)

LICENCE_CONFIRMED = Kind(
    type="licence.confirmed",
    effect="widens",
    parse=PARSERS["licence.confirmed"],
    issuers=_licensor,
    subject=_licensor_if_person,
    heads=_answer_heads,
    check=_check_answer,
    apply=_apply_confirmed,
    describe=describe_licence_act,
    tables=(Licence,),
)

LICENCE_DENIED = Kind(
    type="licence.denied",
    effect="narrows",
    parse=PARSERS["licence.denied"],
    issuers=_licensor,
    subject=_licensor_if_person,
    heads=_answer_heads,
    check=_check_answer,
    apply=_apply_denied,
    describe=describe_licence_act,
    tables=(Licence,),
)

LICENCE_TERMINATED = Kind(
    type="licence.terminated",
    effect="narrows",
    parse=PARSERS["licence.terminated"],
    issuers=_licensor,
    subject=_licensor_if_person,
    heads=_answer_heads,
    check=_check_terminated,
    apply=_apply_terminated,
    describe=describe_licence_act,
    tables=(Licence,),
)

KINDS = (LICENCE_GRANTED, LICENCE_RECORDED, LICENCE_CONFIRMED, LICENCE_DENIED, LICENCE_TERMINATED)
