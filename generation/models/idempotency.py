"""
The first answer to a call that bore an Idempotency-Key, written in the transaction that did what was asked.

A call in progress has no row yet; it holds an advisory lock of the key (``generation.services.idempotency``).
"""

from django.db import models

from registry.models.ids import IdField


class IdempotencyKey(models.Model):
    pk = models.CompositePrimaryKey("party", "key")
    party = IdField()
    key = models.CharField(max_length=255)
    body_sha256 = models.CharField(max_length=64)
    status = models.SmallIntegerField()
    answer = models.JSONField()
    created_at = models.DateTimeField()
