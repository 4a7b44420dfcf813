"""Consents and their withdrawal, by digest: which statements to open, and for whom. What they say stays sealed."""

from django.db import models

from registry.models.ids import IdField


class Consent(models.Model):
    """
    A consent and what became of it.

    `accepted countered ratified` are the digests of the statements that did it: the grantee's acceptance of an offer, a
    counter-offer to it, and the performer's own word once of age. Disputes of a withdrawal are in
    ``registry.models.disputes``, assignments in ``registry.models.rights``.
    """

    digest = models.CharField(max_length=64, primary_key=True)
    type = models.CharField(max_length=20, default="consent.granted")  # or consent.recorded
    performer = IdField()
    grantee = IdField()
    basis = models.CharField(max_length=10)  # contract | consent
    accepted_at = models.DateTimeField()  # when the registry took it
    accepted = models.CharField(max_length=64, null=True)
    countered = models.CharField(max_length=64, null=True)
    counters = models.CharField(max_length=64, null=True)  # digest of the offer that this one counters
    answers = models.CharField(max_length=64, null=True)  # digest of the request or record that this one answers
    at_majority = models.CharField(max_length=16, null=True)  # of a minor: ends | continues | to_be_ratified
    ratified = models.CharField(max_length=64, null=True)

    class Meta:
        indexes = [
            models.Index(fields=["performer", "grantee"], name="consent_by_pair"),
            models.Index(fields=["grantee", "accepted_at"], name="consent_by_grantee"),
            models.Index(fields=["answers"], name="consent_by_what_it_answers", condition=~models.Q(answers=None)),
        ]


class CharacterIndex(models.Model):
    """HMAC of the role a consent names, so that a prompt that names the character is matched."""

    consent = models.CharField(max_length=64, primary_key=True)
    performer = IdField()
    word_hmac = models.BinaryField()

    class Meta:
        indexes = [models.Index(fields=["word_hmac"], name="character_by_hmac")]


class Revocation(models.Model):
    """A withdrawal; `grantee` set: of everything granted to it."""

    digest = models.CharField(max_length=64, primary_key=True)
    performer = IdField()
    grantee = IdField(null=True)
    cause = models.CharField(max_length=8, default="will")  # will | breach

    class Meta:
        indexes = [models.Index(fields=["performer", "grantee"], name="revocation_by_pair")]


class RevokedGrant(models.Model):
    """A grant that a withdrawal names."""

    pk = models.CompositePrimaryKey("grant", "revocation")
    grant = models.CharField(max_length=64)
    revocation = models.CharField(max_length=64)

    class Meta:
        indexes = [models.Index(fields=["revocation"], name="revoked_by_revocation")]
