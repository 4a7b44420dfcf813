"""Consents and their withdrawal, by digest: which statements to open, and for whom. What they say stays sealed."""

from django.db import models

from registry.models.ids import IdField


class Consent(models.Model):
    """A consent; `accepted` is the digest of the grantee's acceptance, where the basis is a contract."""

    digest = models.CharField(max_length=64, primary_key=True)
    performer = IdField()
    grantee = IdField()
    basis = models.CharField(max_length=10)  # contract | consent
    accepted_at = models.DateTimeField()  # when the registry took it
    accepted = models.CharField(max_length=64, null=True)

    class Meta:
        indexes = [
            models.Index(fields=["performer", "grantee"], name="consent_by_pair"),
            models.Index(fields=["grantee", "accepted_at"], name="consent_by_grantee"),
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

    class Meta:
        indexes = [models.Index(fields=["performer", "grantee"], name="revocation_by_pair")]


class RevokedGrant(models.Model):
    """A grant that a withdrawal names."""

    pk = models.CompositePrimaryKey("grant", "revocation")
    grant = models.CharField(max_length=64)
    revocation = models.CharField(max_length=64)
