"""
Who states which identifier, who confirmed it, and the challenges by which a voucher sees that somebody is there.

Identifiers stand here as keyed hashes only (``registry.names``). Claims and confirmations are projections of
`party.registered`, `alias.declared` and `identity.vouched`. A challenge is the registry's own note, as a deposit is:
the answer's bytes are in the vault, under the person's key.
"""

from django.db import models

from registry.models.ids import IdField


class IdentifierClaim(models.Model):
    """A party states that an identifier is its own."""

    pk = models.CompositePrimaryKey("digest", "value_hmac")
    digest = models.CharField(max_length=64)  # of the statement
    value_hmac = models.BinaryField()
    party = IdField()
    scheme = models.CharField(max_length=8)  # alias | hand | isni
    word_hmac = models.BinaryField(null=True)  # of an alias: by which a prompt names its party
    disclaimed_by = models.CharField(max_length=64, null=True)  # digest of the alias.declared that gives it up
    lost_to = models.CharField(max_length=64, null=True)  # digest of the vouch that says it is another party's

    class Meta:
        db_table = "registry_identifier_claim"
        indexes = [
            models.Index(fields=["value_hmac"], name="claim_by_identifier"),
            models.Index(fields=["party"], name="identifier_by_party"),
            models.Index(fields=["word_hmac"], name="alias_by_word"),
        ]


class Confirmation(models.Model):
    """A vouch confirms that an identifier is its party's."""

    pk = models.CompositePrimaryKey("digest", "value_hmac")
    digest = models.CharField(max_length=64)  # of the identity.vouched
    value_hmac = models.BinaryField()
    party = IdField()
    voucher = IdField()

    class Meta:
        db_table = "registry_confirmation"
        indexes = [models.Index(fields=["value_hmac"], name="confirmation_by_identifier")]


class Challenge(models.Model):
    """A passcode that a person is to say or to write, so that a voucher sees that they are there now."""

    id = IdField(primary_key=True)
    party = IdField()  # the person
    voucher = IdField()
    kind = models.CharField(max_length=8)  # spoken | written
    passcode = models.CharField(max_length=120)
    made_by = IdField()
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    answer = IdField(null=True)  # the file in the vault
    answered_at = models.DateTimeField(null=True)
    sha256 = models.CharField(max_length=64, null=True)  # of the plain bytes of the answer
    size = models.BigIntegerField(null=True)  # plain bytes
    mime = models.CharField(max_length=40, null=True)

    class Meta:
        db_table = "registry_challenge"
        indexes = [
            models.Index(fields=["party", "made_at"], name="challenge_by_party"),
            models.Index(fields=["voucher", "made_at"], name="challenge_by_voucher"),
        ]
        constraints = [
            models.CheckConstraint(condition=~models.Q(party=models.F("voucher")), name="challenged_by_somebody_else"),
            models.CheckConstraint(
                condition=models.Q(answered_at__isnull=True, sha256__isnull=True)
                | models.Q(answered_at__isnull=False, sha256__isnull=False, answered_at__lt=models.F("expires_at")),
                name="answered_before_it_expired",
            ),
            models.UniqueConstraint(fields=["sha256"], name="no_answer_is_given_twice"),
        ]
