"""
The log as rows: what was appended, which number it got, and what was signed over it.

A statement's row is its leaf: ``Leaf`` is a view of it, which writes the entry from what the row says. A ``Run`` gives
numbers to neighbours in ``seq`` at once, so that an entry takes no row for its number; ``Entry`` is the view that says
it entry by entry. Statements, runs and checkpoints are only inserted, which PostgreSQL itself holds against the
application's role. ``Unnumbered`` is the publisher's queue beside them: the leaves that have no number yet, written
with the leaf and taken out with its number. It says nothing that the others do not say, and is there so that a pass
costs what it numbers, not what the log holds.
"""

from django.db import models

from registry.models.digests import DigestField


class Leaf(models.Model):
    """One entry as its service appended it: a view of the statements."""

    seq = models.BigIntegerField(primary_key=True)  # drawn after the locks: who waited for a lock has the higher one
    digest = DigestField(unique=True)  # of the statement: one envelope a digest
    entry = models.BinaryField()  # canonical JSON, as the entry bundles serve it

    class Meta:
        managed = False
        db_table = "registry_leaf"


class Run(models.Model):
    """
    Numbers given at once: entry ``index + n`` is the leaf ``seq + n``, for each n below ``count``.

    PostgreSQL refuses a run that meets another one in its numbers, or in its leaves (the migration says so).
    """

    index = models.BigIntegerField(primary_key=True)
    seq = models.BigIntegerField(unique=True)
    count = models.IntegerField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(count__gt=0), name="run_of_some")]


class Entry(models.Model):
    """The number of a leaf in the tree, dense from 0, given once: a view of the runs."""

    index = models.BigIntegerField(primary_key=True)
    leaf = models.OneToOneField(Leaf, on_delete=models.DO_NOTHING, related_name="numbered", db_constraint=False)
    leaf_hash = models.BinaryField()

    class Meta:
        managed = False
        db_table = "registry_entry"


class Unnumbered(models.Model):
    """A leaf that waits for its number."""

    leaf = models.OneToOneField(
        Leaf, on_delete=models.DO_NOTHING, primary_key=True, related_name="waiting", db_constraint=False
    )


class Checkpoint(models.Model):
    """What the log's key signed: the first ``size`` entries have this root."""

    size = models.BigIntegerField(primary_key=True)
    root = models.BinaryField()
    note = models.TextField()  # the signed note, verbatim
    published_at = models.DateTimeField()
