"""
What becomes of released shots.

``ShotGround ClearedUse Withdrawal`` are projections of `shot.released`, `use.cleared` and `shot.withdrawn`, rebuilt
from the statements by their kinds. ``ShotUse`` is a use as it was asked for, with what is needed to decide it again;
``Told`` what producers are told of withdrawals.
"""

from django.db import models
from django.db.models import Q

from registry.models.ids import IdField

CLEARED, PENDING, REFUSED = "cleared", "pending", "refused"  # states of a use


class ShotGround(models.Model):
    """A release or a cleared use rests on a grant, or on a claim of title."""

    pk = models.CompositePrimaryKey("grant", "statement")
    grant = models.CharField(max_length=64)
    statement = models.CharField(max_length=64)  # digest of the shot.released or use.cleared
    shot = IdField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["shot"], name="ground_by_shot")]


class ClearedUse(models.Model):
    use = IdField(primary_key=True)
    digest = models.CharField(max_length=64, unique=True)
    shot = IdField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["shot"], name="cleared_use_by_shot")]


class Withdrawal(models.Model):
    """INVARIANT (exactly-once): PostgreSQL refuses a second withdrawal of a shot."""

    shot = IdField(primary_key=True)
    digest = models.CharField(max_length=64, unique=True)
    at = models.DateTimeField()


class ShotUse(models.Model):
    """Another use of a released shot, and the newest decision about it."""

    id = IdField(primary_key=True)  # UUIDv7
    shot = IdField()
    requested_by = IdField()  # the person of the token
    requested_party = IdField()  # the party it acted for
    use = models.JSONField()  # Use.format(), with what the shot shows
    state = models.CharField(max_length=8)
    decision = models.JSONField()
    request = models.JSONField()
    vouched = models.JSONField()
    digests = models.JSONField()
    statement = models.CharField(max_length=64, null=True)  # digest of its use.cleared
    created_at = models.DateTimeField()
    decided_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["shot", "-id"], name="use_of_a_shot")]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=(CLEARED, PENDING, REFUSED)), name="use_state"),
            models.CheckConstraint(
                condition=Q(state=CLEARED, statement__isnull=False) | (~Q(state=CLEARED) & Q(statement__isnull=True)),
                name="use_cleared_by_a_statement",
            ),
        ]


class Told(models.Model):
    """
    That a right which a released shot rests on was withdrawn, told to its producer once.

    `tail` is what the grant says about work that was released: `keep pull finish`; null: the withdrawal does not count.
    """

    id = IdField(primary_key=True)  # UUIDv7
    party = IdField()  # the shot's `for`
    project = IdField()
    shot = IdField()
    grant = models.CharField(max_length=64)
    cause = models.CharField(max_length=64)  # digest of the withdrawal
    tail = models.CharField(max_length=6, null=True)
    effective_at = models.DateTimeField(null=True)
    looked_at = models.DateTimeField(null=True)  # since then, whether the shot must go was last asked
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["project", "-id"], name="told_by_project"),
            models.Index(fields=["effective_at"], name="told_to_pull", condition=Q(tail="pull")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["shot", "grant", "cause"], name="told_once_of_a_withdrawal"),
        ]
