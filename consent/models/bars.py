"""
What is never or not now allowed, by its subject: projections of `restriction.*` and `suspension.*`.

A strike is one row, whoever is a member: who is, the members' own statements say (``registry.models.Membership``, or an
authority of role `union`). What is barred, and in what part a suspension was lifted, stays in the statements.
"""

from django.db import models

from registry.models.ids import IdField


class Restriction(models.Model):
    """A performer's standing "never"."""

    id = IdField(primary_key=True)
    digest = models.CharField(max_length=64, unique=True)
    performer = IdField()
    lifted = models.CharField(max_length=64, null=True)  # digest of its restriction.lifted

    class Meta:
        indexes = [models.Index(fields=["performer"], name="restriction_by_performer")]


class Suspension(models.Model):
    """A dated "not now"."""

    id = IdField(primary_key=True)
    digest = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=10)  # strike | court | holdback | personal
    issuer = IdField()
    on_kind = models.CharField(max_length=10)  # performer | union | work | asset | grantee
    on_id = IdField()
    lifted = models.CharField(max_length=64, null=True)  # digest of the suspension.lifted that ended all of it

    class Meta:
        indexes = [models.Index(fields=["on_id"], name="suspension_by_subject")]


class SuspensionLifting(models.Model):
    """A lifting, of all of a suspension or of a part of it."""

    digest = models.CharField(max_length=64, primary_key=True)
    suspension = IdField()

    class Meta:
        indexes = [models.Index(fields=["suspension"], name="lifting_by_suspension")]
