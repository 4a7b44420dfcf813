"""
What was signed, as ciphertext, and what the log says of it.

INVARIANT (append-only): the application's role may only SELECT and INSERT here; PostgreSQL refuses the rest, as the
migration that makes the tables says. INVARIANT (no-personal-data-in-the-log): envelope, text and private part are
stored under the data key of the one person they are about, else under the registry's own.

A statement's row is its leaf too: nothing that the log's entry says is kept twice (``registry.models.log``).
"""

from django.db import models
from django.db.models import Q

from registry.models.digests import DigestField
from registry.models.ids import IdField


class StatementRow(models.Model):
    """
    One statement; what a query needs stands beside the ciphertext, and holds ids only.

    Columns stand by their alignment, the widest first: each entry of the log pays for every byte between them.
    """

    seq = models.BigIntegerField(unique=True)  # of the log; PostgreSQL draws it at the insert, after the locks
    issued_at = models.DateTimeField()
    accepted_at = models.DateTimeField()  # PostgreSQL's clock, read after the locks
    issuer = IdField()
    subject = IdField(null=True)  # the data subject, whose key it is stored under
    digest = DigestField(primary_key=True)  # SHA-256 of the payload
    envelope_sha256 = DigestField()
    type = models.CharField(max_length=40)
    envelope = models.BinaryField()  # ciphertext of the envelope
    text = models.BinaryField(null=True)  # ciphertext of the text that was shown

    class Meta:
        db_table = "registry_statement"
        indexes = [
            models.Index(
                fields=["subject", "accepted_at"], name="statement_by_subject", condition=Q(subject__isnull=False)
            ),
            models.Index(fields=["issuer", "accepted_at"], name="statement_by_issuer"),
        ]


class PrivateRow(models.Model):
    """The salted part that only its hash ties to the statement."""

    digest = models.CharField(max_length=64, primary_key=True)  # of the statement
    sha256 = models.CharField(max_length=64)
    ciphertext = models.BinaryField()

    class Meta:
        db_table = "registry_private"
