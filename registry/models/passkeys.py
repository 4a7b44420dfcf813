"""
What passkeys take memory for: the challenge that a new one answers, and how far the counter of each has come.

Neither is a projection: no statement says it, and a rebuilt registry does without.
"""

from django.db import models

from registry.models.ids import IdField


class PasskeyChallenge(models.Model):
    """A challenge that the registry made, for one new passkey of a party."""

    challenge = models.CharField(max_length=64, primary_key=True)  # 32 random bytes, hex
    party = IdField()
    made_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "registry_passkey_challenge"
        indexes = [models.Index(fields=["ends_at"], name="passkey_challenge_by_end")]


class PasskeyCounter(models.Model):
    """The signature counter of a passkey as it last signed; one that keeps none has no row."""

    keyid = models.CharField(max_length=64, primary_key=True)
    counter = models.BigIntegerField()
    seen_at = models.DateTimeField()

    class Meta:
        db_table = "registry_passkey_counter"
        constraints = [models.CheckConstraint(condition=models.Q(counter__gt=0), name="passkey_counter_counts")]
