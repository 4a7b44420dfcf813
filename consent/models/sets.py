"""
What a set-based pass reads: how plain subjects look to one requester, as rows of bits.

A **sheet** holds some subjects, what they ask, and the boxes of the grants they ask (``consent.core.plain``), all made
from one reading of the facts. It stands until a statement takes one of the heads alone that this reading locked, which
``Touched`` tells; then its subjects are decided one by one until a new sheet is written. Nothing here is a source: rows
are made from statements, thrown away and made again.

``Shape`` keeps each set of terms once. Deals repeat them, and comparing a wanted set with a few thousand shapes is
cheaper than with a million boxes.
"""

from typing import Any, Final

from django.contrib.postgres.fields import ArrayField
from django.db import models

from registry.models.ids import IdField

TERM_BITS: Final = 1_600  # of ``Scope.packed``, with room for terms to come


class BitsField(models.Field):
    """A bit string of ``TERM_BITS``; in Python an integer."""

    def db_type(self, connection: Any) -> str:
        return f"bit({TERM_BITS})"

    def get_prep_value(self, value: int | None) -> str | None:
        return None if value is None else f"{value:0{TERM_BITS}b}"

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> int | None:
        return None if value is None else int(value, 2)


class Sheet(models.Model):
    """Subjects settled from one reading; ``heads`` are hashes of the heads that a decision on them locks."""

    id = models.AutoField(primary_key=True)
    requester = IdField()
    heads = ArrayField(models.BigIntegerField())

    class Meta:
        db_table = "consent_sheet"
        indexes = [models.Index(fields=["requester"], name="sheet_by_requester")]


class SheetSubject(models.Model):
    """An asset or a performer; one that is not plain is here so that nobody looks at it again in vain."""

    id = models.BigAutoField(primary_key=True)
    sheet = models.IntegerField()
    kind = models.CharField(max_length=9)  # asset | performer
    ident = IdField()
    plain = models.BooleanField()

    class Meta:
        db_table = "consent_sheet_subject"
        constraints = [models.UniqueConstraint(fields=["sheet", "kind", "ident"], name="one_subject_a_sheet")]
        indexes = [models.Index(fields=["ident"], name="sheet_subject_by_ident")]


class Asking(models.Model):
    """A subject needs these aspects from a pool."""

    id = models.BigAutoField(primary_key=True)
    subject = models.BigIntegerField()
    pool = models.BigIntegerField()
    sheet = models.IntegerField(db_index=True)
    aspects = models.SmallIntegerField()  # mask

    class Meta:
        db_table = "consent_asking"


class Shape(models.Model):
    """One set of terms of every dimension but aspects."""

    id = models.AutoField(primary_key=True)
    terms = BitsField(unique=True)  # ``Scope.packed`` without its aspects

    class Meta:
        db_table = "consent_shape"


class RuleFacts(models.Model):
    """What rules may read of a grant that no day changes (``consent.core.steady``), once for all that say the same."""

    id = models.AutoField(primary_key=True)
    kind = models.CharField(max_length=7)  # consent | licence
    facts = models.TextField()  # canonical JSON

    class Meta:
        db_table = "consent_rule_facts"
        constraints = [models.UniqueConstraint(fields=["facts", "kind"], name="one_row_of_the_same_facts")]


class GrantBox(models.Model):
    """One box of a simple grant, or of a title claim, in a pool."""

    id = models.BigAutoField(primary_key=True)
    pool = models.BigIntegerField()
    start_s = models.BigIntegerField()  # seconds since 1970
    end_s = models.BigIntegerField()  # FOREVER_S: no end
    sheet = models.IntegerField(db_index=True)
    shape = models.IntegerField()
    aspects = models.SmallIntegerField()  # mask
    replica_use = models.SmallIntegerField()  # mask over REPLICA_USES
    rule_facts = models.IntegerField(null=True)  # null: a claim, of which no rule is asked
    projects = ArrayField(models.UUIDField(), null=True)  # null: every project
    grant = models.BinaryField()  # digest, 32 bytes

    class Meta:
        db_table = "consent_grant_box"


class Touched(models.Model):
    """A head was taken alone by whoever commits this row: what was read under it may be old."""

    id = models.BigAutoField(primary_key=True)
    head = models.BigIntegerField()  # hash of the head, as ``registry_lock`` queues by it

    class Meta:
        db_table = "consent_touched"
