"""Projects as trees, and works."""

from django.db import connection

from registry.errors import Unknown
from registry.models import Project, Work


def find_project(project: str) -> Project | None:
    return Project.objects.filter(id=project).first()


def require_project(project: str, *, field: str | None = None) -> Project:
    row = find_project(project)
    if row is None:
        raise Unknown(kind="project", id=project, field=field)
    return row


def require_work(work: str, *, field: str | None = None) -> Work:
    row = Work.objects.filter(id=work).first()
    if row is None:
        raise Unknown(kind="work", id=work, field=field)
    return row


def with_descendants(project: str) -> list[str]:
    """Return a project's id and those of all projects below it, sorted."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE below (id) AS (SELECT %s::uuid UNION "
            "SELECT p.id FROM registry_project p JOIN below b ON p.parent = b.id) SELECT id::text FROM below",
            [project],
        )
        return sorted(id_ for (id_,) in cursor.fetchall())


def children_of(project: str) -> list[Project]:
    return list(Project.objects.filter(parent=project).order_by("id"))
