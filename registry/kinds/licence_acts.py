"""
What becomes of a licence: `licence.confirmed`, `licence.denied`, `licence.terminated`, `option.exercised`.

The licensor's key confirms or denies a recorded licence, once. Denial and termination narrow and are final, and end in
the same transaction all that hangs under the licence. Options are the licensee's to take up, once, in their dates.
"""

from registry.core.licences import LicenceConfirmed, LicenceDenied, LicenceTerminated
from registry.core.licences import OptionExercised as OptionRecord
from registry.core.rights import PARSERS
from registry.core.times import format_time
from registry.errors import Conflict, Inadmissible, Unknown
from registry.kinds import boxes
from registry.kinds.conflicts import refuse_clashes, tell_others
from registry.kinds.kind import Context, Kind, Locks, Look, Voice
from registry.kinds.licences import licensor_if_person
from registry.locks import Head, bump, party_head
from registry.models import Licence, LicenceBox, OptionExercised
from registry.selectors.licences import (
    hanging_under,
    holder_at,
    holders_of,
    require_licence,
    require_standing,
    terms_at,
    terms_of,
)
from registry.texts.grants import describe_licence_act, describe_option

Answer = LicenceConfirmed | LicenceDenied | LicenceTerminated


def _licensor(record: Answer, look: Look) -> frozenset[str]:
    return frozenset({require_licence(record.licence).licensor})


def _answering(record: Answer, look: Look) -> Voice:
    acts = [terms.record.every_act for terms in terms_of(require_licence(record.licence))]
    return Voice(principals=_licensor(record, look), power="grant", acts=acts[0] if acts else 0)


def _ending(record: Answer, look: Look) -> Voice:
    return Voice(principals=_licensor(record, look), power="revoke")


def _heads(record: Answer | OptionRecord, issuer: str) -> Locks:
    licensor = party_head(require_licence(record.licence).licensor)
    return Locks(exclusive=frozenset({Head("grant", record.licence), licensor}))


def _check_answer(context: Context) -> None:
    """Confirm or deny a recorded licence that has no answer yet."""
    licence = require_licence(context.record.licence)
    if licence.type != "licence.recorded":
        raise Inadmissible(
            "the licensor's own licence needs no answer", code="not_a_recorded_licence", field="body.licence"
        )
    require_standing(licence.digest)
    if licence.confirmed is not None:
        raise Conflict("the licence was confirmed already", code="already_confirmed", field="body.licence")


def _check_confirmed(context: Context) -> None:
    _check_answer(context)
    licence = require_licence(context.record.licence)
    rows = boxes.boxes_of(licence, at=context.at)
    refuse_clashes(rows, at=context.at, asker=licence.licensor, field="body.licence")


def _check_terminated(context: Context) -> None:
    require_standing(context.record.licence)


def _apply_confirmed(context: Context) -> None:
    Licence.objects.filter(digest=context.record.licence).update(confirmed=context.digest)
    licence = require_licence(context.record.licence)
    boxes.rewrite(licence, by=context.digest, at=context.at)
    tell_others(licence, LicenceBox.objects.filter(licence=licence.digest))


def _apply_denied(context: Context) -> None:
    Licence.objects.filter(digest=context.record.licence).update(denied=context.digest)
    _end(context)


def _apply_terminated(context: Context) -> None:
    Licence.objects.filter(digest=context.record.licence).update(terminated=context.digest)
    _end(context)


def _end(context: Context) -> None:
    """End a licence with all that hangs under it; whoever decides on any of these reads the head of this one."""
    ended = hanging_under(context.record.licence)
    Licence.objects.filter(digest__in=ended, ended=None).update(ended=context.digest)
    boxes.drop(ended, by=context.digest)
    bump([Head("grant", context.record.licence)])


def _licensees(record: OptionRecord, look: Look) -> frozenset[str]:
    licence = require_licence(record.licence)
    return frozenset(one.party for one in holders_of(licence.digest, licence.licensee))


def _check_option(context: Context) -> None:
    record: OptionRecord = context.record
    licence = require_standing(record.licence)
    if holder_at(licence.digest, licence.licensee, context.at) != context.statement.issuer:
        raise Inadmissible("only who holds the licence now takes up its options", code="not_the_licensee")
    option = next((one for one in terms_at(licence, context.at).options if one.option == record.option), None)
    if option is None:
        raise Unknown(kind="option", id=record.option, field="body.option")
    if OptionExercised.objects.filter(licence=licence.digest, option=record.option).exists():
        raise Conflict("the option was taken up already", code="already_exercised", field="body.option")
    opens, closes = option.exercise
    if min(context.at, context.statement.issued_at) < opens:
        raise Inadmissible(f"the option opens at `{format_time(opens)}`", code="option_too_early", field="body.option")
    if max(context.at, context.statement.issued_at) >= closes:
        raise Inadmissible(f"the option closed at `{format_time(closes)}`", code="option_too_late", field="body.option")
    refuse_clashes(
        boxes.boxes_of(licence, at=context.at, exercised=[record.option]),
        at=context.at,
        asker=context.statement.issuer,
        before=boxes.boxes_of(licence, at=context.at),
        field="body.option",
    )


def _apply_option(context: Context) -> None:
    record: OptionRecord = context.record
    OptionExercised.objects.create(
        digest=context.digest, licence=record.licence, option=record.option, accepted_at=context.at
    )
    licence = require_licence(record.licence)
    boxes.rewrite(licence, by=context.digest, at=context.at)
    tell_others(licence, LicenceBox.objects.filter(licence=licence.digest))


LICENCE_CONFIRMED = Kind(
    type="licence.confirmed",
    effect="widens",
    parse=PARSERS["licence.confirmed"],
    issuers=_licensor,
    speaks=_answering,
    subject=lambda record: licensor_if_person(record.licence),
    heads=_heads,
    check=_check_confirmed,
    apply=_apply_confirmed,
    describe=describe_licence_act,
    tables=(Licence, LicenceBox),
)

LICENCE_DENIED = Kind(
    type="licence.denied",
    effect="narrows",
    parse=PARSERS["licence.denied"],
    issuers=_licensor,
    speaks=_answering,
    subject=lambda record: licensor_if_person(record.licence),
    heads=_heads,
    check=_check_answer,
    apply=_apply_denied,
    describe=describe_licence_act,
    tables=(Licence, LicenceBox),
)

LICENCE_TERMINATED = Kind(
    type="licence.terminated",
    effect="narrows",
    parse=PARSERS["licence.terminated"],
    issuers=_licensor,
    speaks=_ending,
    subject=lambda record: licensor_if_person(record.licence),
    heads=_heads,
    check=_check_terminated,
    apply=_apply_terminated,
    describe=describe_licence_act,
    tables=(Licence, LicenceBox),
)

OPTION_EXERCISED = Kind(
    type="option.exercised",
    effect="widens",
    parse=PARSERS["option.exercised"],
    issuers=_licensees,
    subject=lambda record: licensor_if_person(record.licence),
    heads=_heads,
    check=_check_option,
    apply=_apply_option,
    describe=describe_option,
    tables=(OptionExercised, LicenceBox),
)

KINDS = (LICENCE_CONFIRMED, LICENCE_DENIED, LICENCE_TERMINATED, OPTION_EXERCISED)
