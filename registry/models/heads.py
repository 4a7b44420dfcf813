"""
Heads, which give acts on rights their order, and clearances, which say on which heads they rest.

A head is a row to lock: reading shares it, changing takes it alone, and a narrowing act raises its epoch. A clearance
keeps the epochs that its decision saw; one that differs later means: decide again (``registry.locks``).
"""

from django.db import models

from registry.models.ids import IdField


class Head(models.Model):
    pk = models.CompositePrimaryKey("kind", "ident")
    # asset work person organisation grant key project weights policy authority union shot identifier
    kind = models.CharField(max_length=16)
    ident = models.CharField(max_length=64, db_column="id")  # Django keeps the name `id` for whole primary keys
    epoch = models.BigIntegerField(default=0)

    class Meta:
        db_table = "registry_head"


class ClearanceRow(models.Model):
    """A logged decision that may open the vault, until it expires or is closed."""

    digest = models.CharField(max_length=64, primary_key=True)
    kind = models.CharField(max_length=8)  # shot | train
    assets = models.JSONField()  # [[asset, sha256], …]
    heads = models.JSONField()  # [[kind, id, epoch], …]
    expires_at = models.DateTimeField()
    shot = IdField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=64, null=True)
    replaced_by = models.CharField(max_length=64, null=True)

    class Meta:
        db_table = "registry_clearance"
        indexes = [models.Index(fields=["shot"], name="clearance_by_shot")]
