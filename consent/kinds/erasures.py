"""The registry's own word that a person was erased: `erasure.done`. It narrows, and counts when it is committed."""

from typing import Final

from django.db.models import Model

from consent.models import (
    Approval,
    CharacterIndex,
    Consent,
    Restriction,
    Revocation,
    RevokedGrant,
    Suspension,
    SuspensionLifting,
)
from registry.core.erasure import Erasure, parse_erasure
from registry.kinds import erasures
from registry.kinds.kind import Context, own_record

ModelClass = type[Model]
BY_STATEMENT: Final[tuple[tuple[ModelClass, str], ...]] = (
    (Approval, "digest"),
    (CharacterIndex, "consent"),
    (Consent, "digest"),
    (Restriction, "digest"),
    (Revocation, "digest"),
    (RevokedGrant, "revocation"),
    (Suspension, "digest"),
    (SuspensionLifting, "digest"),
)


def _apply(context: Context) -> None:
    record: Erasure = context.record
    if record.cause == "asked":
        for model, field in BY_STATEMENT:
            model._default_manager.filter(**{f"{field}__in": record.statements}).delete()
    erasures.forget(record)


ERASURE_DONE = own_record(
    "erasure.done",
    parse=parse_erasure,
    apply=_apply,
    tables=(*erasures.TABLES, *(model for model, _ in BY_STATEMENT)),
    threads=lambda context: erasures.threads_of(context.record),
)

KINDS = (ERASURE_DONE,)
