"""Licences and their subjects."""

from registry.core.rights import Subject
from registry.errors import Unknown
from registry.models import Asset, Licence, Work
from registry.selectors.assets import require_asset
from registry.selectors.projects import require_work


def require_subject(subject: Subject, *, field: str) -> None:
    """Refuse a work or asset that is not registered."""
    if subject.kind == "asset":
        require_asset(subject.id, field=field)
    else:
        require_work(subject.id, field=field)


def require_subjects(subjects: tuple[Subject, ...], *, field: str) -> None:
    """Refuse if one of many works and assets is not registered; names the first."""
    for kind, model in (("asset", Asset), ("work", Work)):
        wanted = [subject.id for subject in subjects if subject.kind == kind]
        held = set(model.objects.filter(id__in=wanted).values_list("id", flat=True))
        for id_ in wanted:
            if id_ not in held:
                raise Unknown(kind=kind, id=id_, field=field)


def require_licence(digest: str, *, field: str = "body.licence") -> Licence:
    row = Licence.objects.filter(digest=digest).first()
    if row is None:
        raise Unknown(kind="licence", id=digest, field=field)
    return row
