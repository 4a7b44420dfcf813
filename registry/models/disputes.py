"""
Open and settled disputes of a title, an authority or a revocation: a projection that says which statements to open.

`title.disputed`, `authority.disputed` and `revocation.disputed` open one, `title.resolved` settles it. Whether an open
one has lapsed is a matter of the clock, so it is not kept here.
"""

from django.db import models

from registry.models.ids import IdField


class Dispute(models.Model):
    digest = models.CharField(max_length=64, primary_key=True)  # of the statement that opened it
    kind = models.CharField(max_length=12)  # title | authority | revocation
    target = models.CharField(max_length=64)  # digest of the claim or revocation; id of the authority
    by = IdField()  # who disputes
    against = IdField()  # the other side: who claimed, who granted the authority, who revoked
    issued_at = models.DateTimeField()  # it lapses so long after this
    resolved = models.CharField(max_length=64, null=True)  # digest of its title.resolved
    outcome = models.CharField(max_length=12, null=True)  # withdrawn | dismissed | upheld | settled

    class Meta:
        db_table = "registry_dispute"
        indexes = [models.Index(fields=["target"], name="dispute_by_target")]
