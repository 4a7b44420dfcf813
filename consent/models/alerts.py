"""What is about to end, told once to each side: 90, 30 and 7 days ahead."""

from django.db import models

from registry.models.ids import IdField


class Alert(models.Model):
    """INVARIANT (exactly-once): one row for a party, what ends, when, and how long ahead it is told."""

    id = IdField(primary_key=True)  # UUIDv7
    party = IdField()  # who is told
    kind = models.CharField(max_length=16)  # grant | option | holdback | ends_unless | approval | majority
    about = models.CharField(max_length=64)  # digest of the grant; of a majority: of the person's registration
    detail = models.CharField(max_length=120)  # name of the option, the shot and `spec` or `result`; else empty
    ends_at = models.DateTimeField()
    days = models.SmallIntegerField()  # ahead: 90, 30 or 7
    made_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = IdField(null=True)  # the person

    class Meta:
        db_table = "consent_alert"
        constraints = [
            models.UniqueConstraint(
                fields=["party", "kind", "about", "detail", "ends_at", "days"], name="one_alert_of_the_same_end"
            )
        ]
