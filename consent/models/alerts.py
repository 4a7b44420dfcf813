"""What is about to end, told once to each side: 90, 30 and 7 days ahead."""

from django.db import models

from registry.models.ids import IdField


class Alert(models.Model):
    """INVARIANT (exactly-once): one row for a party, what ends, when, and how long ahead it is told."""

    id = IdField(primary_key=True)  # UUIDv7
    party = IdField()  # who is told
    kind = models.CharField(max_length=16)  # grant | option | holdback | ends_unless | approval | majority | erasure
    about = models.CharField(
        max_length=64
    )  # digest of the grant; of a majority or an erasure: of the person's registration
    detail = models.CharField(
        max_length=120
    )  # name of the option, the shot and `spec` or `result`, the request; else empty
    ends_at = models.DateTimeField(null=True)  # null: when the person comes of age, as their own record says
    days = models.SmallIntegerField()  # ahead: 90, 30 or 7
    made_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = IdField(null=True)  # the person

    class Meta:
        db_table = "consent_alert"
        constraints = [
            models.UniqueConstraint(
                fields=["party", "kind", "about", "detail", "ends_at", "days"], name="one_alert_of_the_same_end"
            ),
            models.UniqueConstraint(
                fields=["party", "kind", "about", "detail", "days"],
                condition=models.Q(ends_at=None),  # nulls are distinct: the constraint above holds none of these
                name="one_alert_of_the_same_unsaid_end",
            ),
        ]


class Ending(models.Model):
    """
    An end that a published statement names, as later ones left it.

    The day on which a minor comes of age is not here: the person's own sealed record says it.
    """

    id = models.BigAutoField(primary_key=True)
    about = models.CharField(max_length=64)  # digest of the grant
    kind = models.CharField(max_length=16)
    detail = models.CharField(max_length=120)
    grantor = IdField()
    grantee = IdField()  # who holds it on the day of the end
    ends_at = models.DateTimeField(null=True)  # null: not known, or of age
    follows = models.CharField(max_length=120)  # the event that sets it; else empty
    plus_months = models.IntegerField()
    plus_days = models.IntegerField()
    is_recorded = models.BooleanField()  # the event that sets it has been recorded
    state = models.CharField(max_length=8)  # offered | stands | over

    class Meta:
        db_table = "consent_ending"
        indexes = [
            models.Index(fields=["about"], name="ending_by_grant"),
            models.Index(fields=["follows"], name="ending_by_event", condition=~models.Q(follows="")),
            models.Index(fields=["state", "ends_at"], name="ending_by_time"),
        ]


class EndingsRead(models.Model):
    """How far the log was read for ends: one row."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    next_index = models.BigIntegerField(default=0)

    class Meta:
        db_table = "consent_endings_read"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="endings_read_once")]
