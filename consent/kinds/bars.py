"""
Never and not now: `restriction.declared`, `restriction.lifted`, `suspension.declared`, `suspension.lifted`.

A restriction is the performer's own: no agent, guardian or estate declares or lifts one. A suspension names one subject
and raises one epoch, however many it binds: a strike the union's, which every decision about a member has locked.

Who may suspend: a union its members; a court officer, with the document, whatever the court said; whoever holds title
in a work or asset that; a performer, or who may revoke for them, themselves.
"""

from consent.core.bar_bodies import (
    PARSERS,
    RestrictionDeclared,
    RestrictionLifted,
    SuspensionDeclared,
    SuspensionLifted,
    parse_restriction,
)
from consent.models import Restriction, Suspension, SuspensionLifting
from consent.texts import (
    describe_restriction,
    describe_restriction_lifted,
    describe_suspension,
    describe_suspension_lifted,
)
from registry.core.fields import Reader
from registry.core.subjects import Subject
from registry.errors import AlreadyRegistered, Conflict, Inadmissible, Unknown
from registry.kinds.kind import Context, Kind, Locks, Look, Names, Voice
from registry.kinds.papers import mention
from registry.locks import Head, bump, clock, party_head
from registry.models import DocumentMention, StatementRow, TitleClaim
from registry.selectors.assets import require_asset
from registry.selectors.parties import as_data_subject, kind_of, require_person
from registry.selectors.policies import court_officers
from registry.selectors.projects import require_project, require_work
from registry.selectors.rights import claims_held
from registry.statements import open_statement

BINDS = {
    "strike": ("union",),
    "court": ("performer", "union", "work", "asset", "grantee"),
    "holdback": ("work", "asset"),
    "personal": ("performer",),
}


def _check_restriction(context: Context) -> None:
    record: RestrictionDeclared = context.record
    require_person(record.performer, field="body.performer")
    if Restriction.objects.filter(id=record.restriction).exists():
        raise AlreadyRegistered(kind="restriction", id=record.restriction, field="body.restriction")


def _apply_restriction(context: Context) -> None:
    record: RestrictionDeclared = context.record
    Restriction.objects.create(id=record.restriction, digest=context.digest, performer=record.performer)
    bump([Head("person", record.performer)])


def _require_restriction(record: RestrictionLifted) -> Restriction:
    row = Restriction.objects.filter(id=record.restriction).first()
    if row is None:
        raise Unknown(kind="restriction", id=record.restriction, field="body.restriction")
    return row


def _check_restriction_lifted(context: Context) -> None:
    if _require_restriction(context.record).lifted is not None:
        raise Conflict("the restriction is lifted already", code="already_lifted", field="body.restriction")


def _apply_restriction_lifted(context: Context) -> None:
    Restriction.objects.filter(id=context.record.restriction).update(lifted=context.digest)


def _describe_restriction_lifted(record: RestrictionLifted, language: str, names: Names) -> str:
    """Write the text with what was forbidden, before whoever may read that: ``names`` knows the statement by a name."""
    digest = Restriction.objects.filter(id=record.restriction).values_list("digest", flat=True).first()
    opened = None if digest is None or names(digest) == digest else open_statement(digest)
    barred = () if opened is None else parse_restriction(Reader(opened.statement.body, "body")).scopes
    return describe_restriction_lifted(record, language, names, barred=barred)


def _head(kind: str, id_: str) -> Head:
    """Return what decisions about a suspension's subject have locked."""
    if kind in ("performer", "grantee"):
        return party_head(id_)
    return Head(kind, id_)


def _who_suspends(record: SuspensionDeclared, look: Look) -> frozenset[str]:
    kind, id_ = record.on.kind, record.on.id
    if record.kind == "court":
        return court_officers()
    if record.kind == "holdback":
        holds = claims_held(look.issuer, Subject(kind=kind, id=id_), at=clock())
        return frozenset({look.issuer} if holds else ())
    return frozenset({id_})


def _suspenders_voice(record: SuspensionDeclared, look: Look) -> Voice | None:
    if record.kind != "personal":
        return None
    return Voice(principals=frozenset({record.on.id}), power="revoke")


def _check_suspension(context: Context) -> None:
    record: SuspensionDeclared = context.record
    if Suspension.objects.filter(id=record.suspension).exists():
        raise AlreadyRegistered(kind="suspension", id=record.suspension, field="body.suspension")
    if record.on.kind not in BINDS[record.kind]:
        raise Inadmissible(
            f"a suspension of kind `{record.kind}` binds {' or '.join(f'`{one}`' for one in BINDS[record.kind])}",
            code="bad_value",
            field="body.on.kind",
        )
    if record.by not in (context.statement.issuer, *((record.on.id,) if record.kind == "personal" else ())):
        raise Inadmissible("it is declared by another than its issuer", code="not_the_issuer", field="body.by")
    _require_subject(record)
    for number, project in enumerate(sorted(record.excepted_projects)):
        require_project(project, field=f"body.excepted_projects[{number}]")


def _require_subject(record: SuspensionDeclared) -> None:
    kind, id_, field = record.on.kind, record.on.id, "body.on.id"
    if kind == "performer":
        require_person(id_, field=field)
    elif kind == "union":
        if kind_of(id_, field=field) != "organisation":
            raise Inadmissible("a union is an organisation", code="not_an_organisation", field=field)
    elif kind == "work":
        require_work(id_, field=field)
    elif kind == "asset":
        require_asset(id_, field=field)
    else:
        kind_of(id_, field=field)


def _apply_suspension(context: Context) -> None:
    record: SuspensionDeclared = context.record
    Suspension.objects.create(
        id=record.suspension,
        digest=context.digest,
        kind=record.kind,
        issuer=context.statement.issuer,
        on_kind=record.on.kind,
        on_id=record.on.id,
    )
    mention(context, record.document_sha256, readers=_bound(record))
    bump([_head(record.on.kind, record.on.id)])


def _bound(record: SuspensionDeclared) -> frozenset[str]:
    """Return who reads the paper of a suspension: whom it binds, or who registered or claims what it is on."""
    kind, id_, field = record.on.kind, record.on.id, "body.on.id"
    if kind not in ("asset", "work"):
        return frozenset({id_})
    digest = require_asset(id_, field=field).digest if kind == "asset" else require_work(id_, field=field).digest
    registered = StatementRow.objects.filter(digest=digest).values_list("issuer", flat=True)
    claimed = TitleClaim.objects.filter(subject_kind=kind, subject_id=id_).values_list("claimant", flat=True)
    return frozenset(map(str, (*registered, *claimed)))


def _suspended_person(kind: str, id_: str) -> str | None:
    return as_data_subject(id_) if kind in ("performer", "grantee") else None


def _require_suspension(record: SuspensionLifted) -> Suspension:
    row = Suspension.objects.filter(id=record.suspension).first()
    if row is None:
        raise Unknown(kind="suspension", id=record.suspension, field="body.suspension")
    return row


def _who_lifts(record: SuspensionLifted, look: Look) -> frozenset[str]:
    """Whoever declared it; of their own "not now" the performer; of a court's any officer."""
    row = _require_suspension(record)
    return frozenset({_suspender(row)}) | (court_officers() if row.kind == "court" else frozenset())


def _suspender(row: Suspension) -> str:
    """Return whose suspension it is: an agent declares the performer's."""
    return row.on_id if row.kind == "personal" else row.issuer


def _lifters_voice(record: SuspensionLifted, look: Look) -> Voice | None:
    """Nobody speaks for an officer of a court but another one."""
    row = _require_suspension(record)
    return None if row.kind == "court" else Voice(principals=frozenset({_suspender(row)}), power="grant")


def _check_suspension_lifted(context: Context) -> None:
    record: SuspensionLifted = context.record
    if _require_suspension(record).lifted is not None:
        raise Conflict("the suspension is lifted already", code="already_lifted", field="body.suspension")
    for number, project in enumerate(sorted(record.projects or ())):
        require_project(project, field=f"body.projects[{number}]")


def _apply_suspension_lifted(context: Context) -> None:
    record: SuspensionLifted = context.record
    SuspensionLifting.objects.create(digest=context.digest, suspension=record.suspension)
    if record.scopes is None and record.projects is None:
        Suspension.objects.filter(id=record.suspension).update(lifted=context.digest)


def _lifting_heads(record: SuspensionLifted, issuer: str) -> Locks:
    row = _require_suspension(record)
    return Locks(exclusive=frozenset({_head(row.on_kind, row.on_id)}))


def _of_lifted(record: SuspensionLifted) -> str | None:
    row = _require_suspension(record)
    return _suspended_person(row.on_kind, row.on_id)


RESTRICTION_DECLARED = Kind(
    type="restriction.declared",
    effect="narrows",
    parse=PARSERS["restriction.declared"],
    issuers=lambda record, look: {record.performer},
    subject=lambda record: record.performer,
    heads=lambda record, issuer: Locks(exclusive=frozenset({Head("person", record.performer)})),
    check=_check_restriction,
    apply=_apply_restriction,
    describe=describe_restriction,
    tables=(Restriction,),
    speaks=lambda record, look: Voice(principals=frozenset({record.performer}), power=None),
)
RESTRICTION_LIFTED = Kind(
    type="restriction.lifted",
    effect="widens",
    parse=PARSERS["restriction.lifted"],
    issuers=lambda record, look: {_require_restriction(record).performer},
    subject=lambda record: _require_restriction(record).performer,
    heads=lambda record, issuer: Locks(exclusive=frozenset({Head("person", _require_restriction(record).performer)})),
    check=_check_restriction_lifted,
    apply=_apply_restriction_lifted,
    describe=_describe_restriction_lifted,
    tables=(Restriction,),
    speaks=lambda record, look: Voice(principals=frozenset({_require_restriction(record).performer}), power=None),
)
SUSPENSION_DECLARED = Kind(
    type="suspension.declared",
    effect="narrows",
    parse=PARSERS["suspension.declared"],
    issuers=_who_suspends,
    subject=lambda record: _suspended_person(record.on.kind, record.on.id),
    heads=lambda record, issuer: Locks(exclusive=frozenset({_head(record.on.kind, record.on.id)})),
    check=_check_suspension,
    apply=_apply_suspension,
    describe=describe_suspension,
    tables=(Suspension, DocumentMention),
    speaks=_suspenders_voice,
)
SUSPENSION_LIFTED = Kind(
    type="suspension.lifted",
    effect="widens",
    parse=PARSERS["suspension.lifted"],
    issuers=_who_lifts,
    subject=_of_lifted,
    heads=_lifting_heads,
    check=_check_suspension_lifted,
    apply=_apply_suspension_lifted,
    describe=describe_suspension_lifted,
    tables=(Suspension, SuspensionLifting),
    speaks=_lifters_voice,
)

KINDS = (RESTRICTION_DECLARED, RESTRICTION_LIFTED, SUSPENSION_DECLARED, SUSPENSION_LIFTED)
