"""
Papers: contracts and evidence, kept encrypted, and who read them.

A deposit is of one party; what others may read of it follows from the statements that name its SHA-256
(``DocumentMention``, a projection). Readings are only inserted.
"""

from django.db import models

from registry.models.ids import IdField


class Document(models.Model):
    """One paper as one party deposited it; the bytes are in the vault under this id."""

    id = IdField(primary_key=True)
    party = IdField()
    sha256 = models.CharField(max_length=64, db_index=True)  # of the plain bytes
    size = models.BigIntegerField()  # plain bytes
    mime = models.CharField(max_length=40)
    stored_at = models.DateTimeField()

    class Meta:
        db_table = "registry_document"
        constraints = [models.UniqueConstraint(fields=["party", "sha256"], name="one_document_of_the_same_bytes")]


class DocumentMention(models.Model):
    """A statement of its issuer names a paper, and with it a party who may read the issuer's copy."""

    pk = models.CompositePrimaryKey("digest", "sha256", "reader")
    digest = models.CharField(max_length=64)  # of the statement
    sha256 = models.CharField(max_length=64)
    issuer = IdField()
    reader = IdField()

    class Meta:
        db_table = "registry_document_mention"
        indexes = [models.Index(fields=["sha256", "reader"], name="mention_by_document")]


class DocumentReading(models.Model):
    """Somebody opened a paper."""

    id = models.BigAutoField(primary_key=True)
    document = IdField()
    sha256 = models.CharField(max_length=64)
    party = IdField()
    person = IdField()
    at = models.DateTimeField()

    class Meta:
        db_table = "registry_document_reading"
        indexes = [models.Index(fields=["sha256", "at"], name="reading_by_document")]
