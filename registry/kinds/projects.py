"""Projects, which form trees of one producer, and works: `project.registered`, `work.registered`."""

from registry.core.record import Project as ProjectRecord
from registry.core.record import Work as WorkRecord
from registry.core.record import parse_project, parse_work
from registry.errors import AlreadyRegistered, Inadmissible
from registry.kinds.kind import ANY_PARTY, Context, Kind, Locks
from registry.locks import Head
from registry.models import Project, Work
from registry.selectors.projects import require_project
from registry.texts.projects import describe_project, describe_work


def _heads(record: ProjectRecord, issuer: str) -> Locks:
    parents = set() if record.parent is None else {Head("project", record.parent)}
    return Locks(shared=frozenset(parents), exclusive=frozenset({Head("project", record.project)}))


def _check(context: Context) -> None:
    record: ProjectRecord = context.record
    if Project.objects.filter(id=record.project).exists():
        raise AlreadyRegistered(kind="project", id=record.project, field="body.project")
    if record.parent is None:
        return
    if require_project(record.parent, field="body.parent").producer != record.producer:
        raise Inadmissible("the parent project is another producer's", code="not_yours", field="body.parent")


def _apply(context: Context) -> None:
    record: ProjectRecord = context.record
    Project.objects.create(
        id=record.project,
        digest=context.digest,
        title=record.title,
        kind=record.kind,
        producer=record.producer,
        parent=record.parent,
    )


def _check_work(context: Context) -> None:
    if Work.objects.filter(id=context.record.work).exists():
        raise AlreadyRegistered(kind="work", id=context.record.work, field="body.work")


def _apply_work(context: Context) -> None:
    record: WorkRecord = context.record
    Work.objects.create(id=record.work, digest=context.digest, title=record.title)


PROJECT_REGISTERED = Kind(
    type="project.registered",
    effect="widens",
    parse=parse_project,
    issuers=lambda record, look: {record.producer},
    subject=lambda record: None,
    heads=_heads,
    check=_check,
    apply=_apply,
    describe=describe_project,
    tables=(Project,),
)

WORK_REGISTERED = Kind(
    type="work.registered",
    effect="widens",
    parse=parse_work,
    issuers=lambda record, look: ANY_PARTY,
    subject=lambda record: None,
    heads=lambda record, issuer: Locks(exclusive=frozenset({Head("work", record.work)})),
    check=_check_work,
    apply=_apply_work,
    describe=describe_work,
    tables=(Work,),
)

KINDS = (PROJECT_REGISTERED, WORK_REGISTERED)
