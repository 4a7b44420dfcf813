"""
What accruals need beside signed terms: amounts and days that producers state, and who was told of better pay.

What is owed is not kept: it is computed from the terms, the releases and what is stated, whenever somebody asks.
"""

from django.db import models

from registry.models.ids import IdField


class Basis(models.Model):
    """
    What a producer states about one release or use, so that pay by the day or by percentage can be computed.

    The newest counts, all are kept. INVARIANT (append-only): the application's role may only SELECT and INSERT here.
    """

    id = IdField(primary_key=True)  # UUIDv7
    statement = models.CharField(max_length=64)  # digest of the shot.released or use.cleared
    shot = IdField()
    stated = models.BinaryField()  # ciphertext under the registry's own key: base amounts are nobody else's business
    by_person = IdField()
    by_party = IdField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["statement", "-id"], name="basis_by_statement")]


class Compared(models.Model):
    """A release or use whose grants were compared with the others of their most-favoured-nation groups."""

    statement = models.CharField(max_length=64, primary_key=True)
    at = models.DateTimeField()


class FavouredAlert(models.Model):
    """
    Somebody in a party's most-favoured-nation group has better pay in a project, or pay that cannot be compared.

    `other` is there so that one comparison alerts once; it is shown to nobody.
    """

    id = IdField(primary_key=True)  # UUIDv7
    party = IdField()  # who is told
    project = IdField()
    grant = models.CharField(max_length=64)  # theirs, or the one they received
    other = models.CharField(max_length=64)
    kind = models.CharField(max_length=16)  # better | not_comparable
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["party", "-id"], name="favoured_by_party")]
        constraints = [
            models.UniqueConstraint(fields=["party", "project", "grant", "other"], name="one_alert_of_a_comparison")
        ]
