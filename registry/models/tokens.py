"""Tokens of the API: a person acting for a party. Only a hash of the secret is kept."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from registry.models.ids import IdField


class Token(models.Model):
    id = IdField(primary_key=True)  # UUIDv7
    secret_sha256 = models.CharField(max_length=64, unique=True)
    person = IdField()  # who holds it
    party = IdField()  # for whom they act
    scopes = ArrayField(models.CharField(max_length=12))
    made_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)  # an enrolment token serves once
    used_for = models.CharField(max_length=64, null=True)  # digest of the statement it let in

    class Meta:
        db_table = "registry_token"
        indexes = [models.Index(fields=["party"], name="token_by_party")]
