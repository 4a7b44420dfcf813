"""
Who takes part: a projection of `party.registered`, `identity.vouched`, `key.added` and `key.revoked`.

Names and other personal data are not here: they are read from the opened statement. ``NameIndex`` holds keyed hashes of
names, so that a prompt can be matched without a name standing in the clear.
"""

from django.db import models

from registry.models.ids import IdField


class Party(models.Model):
    id = IdField(primary_key=True)
    kind = models.CharField(max_length=12)  # person | organisation
    digest = models.CharField(max_length=64, unique=True)  # of its party.registered

    class Meta:
        db_table = "registry_party"


class Affiliation(models.Model):
    """What `party` said of itself; it counts either way round."""

    pk = models.CompositePrimaryKey("party", "affiliate")
    party = IdField()
    affiliate = IdField()

    class Meta:
        db_table = "registry_affiliation"
        indexes = [models.Index(fields=["affiliate"], name="affiliation_by_affiliate")]


class Key(models.Model):
    keyid = models.CharField(max_length=64, primary_key=True)
    party = IdField()
    kind = models.CharField(max_length=12)
    spki = models.BinaryField()
    credential = models.JSONField(null=True)  # of a passkey: its id, origins and relying party
    added = models.DateTimeField()
    added_by = models.CharField(max_length=64)  # digest of the statement that brought it
    recovered_by = IdField(null=True)  # the agent who issued it, under an authority to recover
    ripe_at = models.DateTimeField(null=True)  # a recovered key counts from then on
    revoked = models.DateTimeField(null=True)
    revoked_by = models.CharField(max_length=64, null=True)  # digest of its key.revoked
    compromised_from = models.BigIntegerField(null=True)  # place in the log from which on it permits nothing

    class Meta:
        db_table = "registry_key"
        indexes = [models.Index(fields=["party"], name="key_by_party")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(revoked__isnull=True, revoked_by__isnull=True)
                | models.Q(revoked__isnull=False, revoked_by__isnull=False),
                name="key_revoked_by_a_statement",
            ),
            models.CheckConstraint(
                condition=models.Q(recovered_by__isnull=True, ripe_at__isnull=True)
                | models.Q(recovered_by__isnull=False, ripe_at__isnull=False),
                name="key_recovered_ripens",
            ),
        ]


class Vouch(models.Model):
    digest = models.CharField(max_length=64, primary_key=True)
    party = IdField()
    voucher = IdField()
    level = models.CharField(max_length=12)  # email | document | in_person
    challenge = IdField(null=True)  # that the person answered

    class Meta:
        db_table = "registry_vouch"
        indexes = [models.Index(fields=["party"], name="vouch_by_party")]
        constraints = [
            models.CheckConstraint(condition=~models.Q(party=models.F("voucher")), name="vouched_by_somebody_else"),
            models.UniqueConstraint(fields=["challenge"], name="a_challenge_serves_once"),
        ]


class NameIndex(models.Model):
    """HMAC of a party's whole name, casefolded; the key is derived from `KEK`."""

    pk = models.CompositePrimaryKey("party", "word_hmac")
    party = IdField()
    word_hmac = models.BinaryField()

    class Meta:
        db_table = "registry_name"
        indexes = [models.Index(fields=["word_hmac"], name="name_by_hmac")]
