"""
Erasures: who asked for one, what had to be kept and is sealed, and what is gone for good.

A request is a note of the registry's own, as a deposit is. What was kept is ciphertext under a key that the role
`erasure` wraps (``registry.custody``), never the KEK: rows here are of no use to whoever holds the KEK.
"""

from django.db import models
from django.db.models import Q

from registry.models.ids import IdField


class ErasureRequest(models.Model):
    """Somebody asked that a person be erased, having been told what goes and what stays."""

    id = IdField(primary_key=True)  # UUIDv7
    subject = IdField()
    by_party = IdField()  # the person, their guardian or their estate
    by_person = IdField()
    told_sha256 = models.CharField(max_length=64)  # of what they were told
    receipt_sha256 = models.CharField(max_length=64, unique=True)  # of the secret that fetches the receipt
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    statements = models.JSONField(default=list)  # digests of its erasure.done, in order

    class Meta:
        db_table = "registry_erasure_request"
        indexes = [
            models.Index(fields=["due_at"], name="erasure_due", condition=Q(cancelled_at=None, done_at=None)),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["subject"], condition=Q(cancelled_at=None), name="one_erasure_of_a_person_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(cancelled_at__isnull=True) | Q(done_at__isnull=True), name="erased_or_cancelled"
            ),
        ]


class KeptKey(models.Model):
    """The key of what was kept about one person, wrapped by the role `erasure`."""

    subject = IdField(primary_key=True)
    version = models.PositiveIntegerField()  # of the role's key
    wrapped = models.BinaryField()

    class Meta:
        db_table = "registry_kept_key"


class KeptRow(models.Model):
    """A statement about a person, or the papers of a released shot that shows them, until its time is over."""

    digest = models.CharField(max_length=64, primary_key=True)  # of the statement; of papers: their SHA-256
    subject = IdField()
    reason = models.CharField(max_length=12)  # legal_claims | legal_duty
    until = models.DateTimeField()
    sealed = models.BinaryField()  # canonical JSON under the key of what was kept about the person

    class Meta:
        db_table = "registry_kept"
        indexes = [
            models.Index(fields=["subject"], name="kept_by_subject"),
            models.Index(fields=["until"], name="kept_by_end"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(reason__in=("legal_claims", "legal_duty")), name="kept_for_a_reason"),
        ]


class OpenedKept(models.Model):
    """
    That two people opened what was kept: the wish that they signed, and what the log says of it.

    INVARIANT (append-only): the application's role may only SELECT and INSERT here.
    """

    request_sha256 = models.CharField(max_length=64, primary_key=True)
    statement = models.CharField(max_length=64)  # digest of its erasure.done
    sealed = models.BinaryField()  # the wish as it was signed, under the registry's own key: it says why
    at = models.DateTimeField()

    class Meta:
        db_table = "registry_opened_kept"


class DestroyedKey(models.Model):
    """
    A data key that must never be made again.

    INVARIANT (append-only): the application's role may only SELECT and INSERT here, and PostgreSQL refuses a data key
    of an owner that stands here, whoever wants to make it.
    """

    owner = models.TextField(primary_key=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "registry_destroyed_key"


class Leftover(models.Model):
    """A file whose key is gone and that is still to be removed; a crash after the commit leaves it to the next pass."""

    file = IdField(primary_key=True)

    class Meta:
        db_table = "registry_leftover"
