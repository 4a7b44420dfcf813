"""What was approved or declined for a shot: a projection of `approval.given` and `approval.declined`."""

from django.db import models

from registry.models.ids import IdField


class Approval(models.Model):
    """One word of an approver; a later one of the same approver takes its place in decisions, not here."""

    digest = models.CharField(max_length=64, primary_key=True)
    shot = IdField()
    grant = models.CharField(max_length=64)  # the ground, or the claim of a moral right
    on = models.CharField(max_length=8)  # spec | result
    issuer = IdField()
    given = models.BooleanField()

    class Meta:
        indexes = [
            models.Index(fields=["shot"], name="approval_by_shot"),
            models.Index(fields=["grant"], name="approval_by_grant"),
        ]
