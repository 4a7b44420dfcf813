"""
What a party is told: every statement that somebody else signed for it.

``Notice`` is a projection and can be rebuilt; what was read stands in a table of its own, since no statement says so.
"""

from django.db import models

from registry.models.ids import IdField


class Notice(models.Model):
    pk = models.CompositePrimaryKey("party", "digest")
    party = IdField()  # who is told
    digest = models.CharField(max_length=64)  # of the statement
    type = models.CharField(max_length=32)
    signed_by = IdField()  # its issuer
    at = models.DateTimeField()

    class Meta:
        db_table = "registry_notice"
        indexes = [models.Index(fields=["party", "-at", "digest"], name="notice_by_party")]


class NoticeRead(models.Model):
    """That a party has read a notice, and when it first said so."""

    pk = models.CompositePrimaryKey("party", "digest")
    party = IdField()
    digest = models.CharField(max_length=64)
    read_at = models.DateTimeField()

    class Meta:
        db_table = "registry_notice_read"
