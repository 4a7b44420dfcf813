"""
The log as rows: what was appended, which number it got, and what was signed over it.

All three tables are only inserted into, which PostgreSQL itself holds against the application's role. ``Unnumbered`` is
the publisher's queue beside them: the leaves that have no number yet, written with the leaf and taken out with its
entry. It says nothing that ``Leaf`` and ``Entry`` do not say, and is there so that a pass costs what it numbers, not
what the log holds.
"""

from django.db import models


class Leaf(models.Model):
    """One entry as its service appended it, in the transaction that wrote the statement."""

    seq = models.BigAutoField(primary_key=True)  # drawn after the locks: who waited for a lock has the higher one
    digest = models.CharField(max_length=64, unique=True)  # of the statement: one envelope a digest
    entry = models.BinaryField()  # canonical JSON, as the entry bundles serve it


class Entry(models.Model):
    """The number of a leaf in the tree: dense from 0, given once."""

    index = models.BigIntegerField(primary_key=True)
    leaf = models.OneToOneField(Leaf, on_delete=models.PROTECT, related_name="numbered")
    leaf_hash = models.BinaryField()


class Unnumbered(models.Model):
    """A leaf that waits for its number."""

    leaf = models.OneToOneField(Leaf, on_delete=models.PROTECT, primary_key=True, related_name="waiting")


class Checkpoint(models.Model):
    """What the log's key signed: the first ``size`` entries have this root."""

    size = models.BigIntegerField(primary_key=True)
    root = models.BinaryField()
    note = models.TextField()  # the signed note, verbatim
    published_at = models.DateTimeField()
