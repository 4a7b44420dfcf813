"""
What was signed, as ciphertext.

INVARIANT (append-only): the application's role may only SELECT and INSERT here; PostgreSQL refuses the rest, as the
migration that makes the tables says. INVARIANT (no-personal-data-in-the-log): envelope, text and private part are
stored under the data key of the one person they are about, else under the registry's own.
"""

from django.db import models

from registry.models.ids import IdField


class StatementRow(models.Model):
    """One statement; what a query needs stands beside the ciphertext, and holds ids only."""

    digest = models.CharField(max_length=64, primary_key=True)  # SHA-256 of the payload
    type = models.CharField(max_length=40)
    issuer = IdField()
    issued_at = models.DateTimeField()
    accepted_at = models.DateTimeField()  # PostgreSQL's clock, read after the locks
    subject = IdField(null=True)  # the data subject, whose key it is stored under
    envelope = models.BinaryField()  # ciphertext of the canonical envelope
    text = models.BinaryField(null=True)  # ciphertext of the text that was shown
    envelope_sha256 = models.CharField(max_length=64)

    class Meta:
        db_table = "registry_statement"
        indexes = [
            models.Index(fields=["subject", "accepted_at"], name="statement_by_subject"),
            models.Index(fields=["issuer", "accepted_at"], name="statement_by_issuer"),
        ]


class PrivateRow(models.Model):
    """The salted part that only its hash ties to the statement."""

    digest = models.CharField(max_length=64, primary_key=True)  # of the statement
    sha256 = models.CharField(max_length=64)
    ciphertext = models.BinaryField()

    class Meta:
        db_table = "registry_private"
