"""Whether what a statement about rights names is registered, and who holds a claim of title."""

from collections.abc import Iterable
from datetime import datetime

from registry.core.events import Following
from registry.core.fields import Reader
from registry.core.subjects import Subject
from registry.core.titles import TitleClaim as TitleClaimRecord
from registry.core.titles import parse_title_claim
from registry.errors import Conflict, Unknown
from registry.models import Asset, Assignment, Catalogue, TitleClaim, Work
from registry.selectors.assets import require_asset
from registry.selectors.licences import holder_at
from registry.selectors.parties import kind_of
from registry.selectors.projects import require_project, require_work
from registry.statements import open_statements

_MODELS = (("asset", Asset), ("catalogue", Catalogue), ("work", Work))


def require_subject(subject: Subject, *, field: str) -> None:
    """Refuse a work or asset that is not registered."""
    if subject.kind == "asset":
        require_asset(subject.id, field=field)
    else:
        require_work(subject.id, field=field)


def require_subjects(subjects: Iterable[Subject], *, field: str) -> None:
    """Refuse if one of many works, assets and catalogues is not registered; names the first."""
    named = list(subjects)
    for kind, model in _MODELS:
        wanted = [subject.id for subject in named if subject.kind == kind]
        held = set(model.objects.filter(id__in=wanted).values_list("id", flat=True)) if wanted else set()
        for id_ in wanted:
            if id_ not in held:
                raise Unknown(kind=kind, id=id_, field=field)


def require_followed(subject: tuple[str, str], *, field: str) -> None:
    """Refuse an event of a work, project or party that is not registered."""
    kind, id_ = subject
    if kind == "work":
        require_work(id_, field=field)
    elif kind == "project":
        require_project(id_, field=field)
    else:
        kind_of(id_, field=field)


def require_all_followed(followings: Iterable[Following], *, field: str) -> None:
    for subject in sorted({following.subject for following in followings}):
        require_followed(subject, field=field)


def require_claim(digest: str, *, field: str) -> TitleClaim:
    """Return a claim of title that was not ended by an upheld dispute."""
    row = TitleClaim.objects.filter(digest=digest).first()
    if row is None:
        raise Unknown(kind="claim", id=digest, field=field)
    if row.ended is not None:
        raise Conflict("a dispute of the claim was upheld", code="claim_ended", field=field)
    return row


def claims_held(party: str, subject: Subject, *, at: datetime) -> list[tuple[str, TitleClaimRecord]]:
    """Return, with their digests, the claims in a work or asset that a party holds: its own and those passed to it."""
    passed = Assignment.objects.filter(kind="title", to=party).values("grant")
    rows = TitleClaim.objects.filter(subject_kind=subject.kind, subject_id=subject.id, ended=None)
    digests = [
        row.digest
        for row in rows.filter(claimant=party) | rows.filter(digest__in=passed)
        if holder_at(row.digest, row.claimant, at) == party
    ]
    opened = open_statements(digests)
    return [(digest, parse_title_claim(Reader(one.statement.body, "body"))) for digest, one in sorted(opened.items())]
