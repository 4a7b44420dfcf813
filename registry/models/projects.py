"""Projects, which form trees, and works: projections of `project.registered` and `work.registered`."""

from django.db import models

from registry.models.ids import IdField


class Project(models.Model):
    id = IdField(primary_key=True)
    digest = models.CharField(max_length=64, unique=True)
    title = models.CharField(max_length=500)
    kind = models.CharField(max_length=12)  # franchise | series | season | episode | film
    producer = IdField()
    parent = IdField(null=True)

    class Meta:
        db_table = "registry_project"
        indexes = [models.Index(fields=["parent"], name="project_by_parent")]


class Work(models.Model):
    id = IdField(primary_key=True)
    digest = models.CharField(max_length=64, unique=True)
    title = models.CharField(max_length=500)

    class Meta:
        db_table = "registry_work"
