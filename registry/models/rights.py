"""Title claims and licences: projections that say which statements to open, and what became of them."""

from django.db import models

from registry.models.ids import IdField


class TitleClaim(models.Model):
    digest = models.CharField(max_length=64, primary_key=True)
    claimant = IdField()
    subject_kind = models.CharField(max_length=8)  # asset | work
    subject_id = IdField()
    right = models.CharField(max_length=12)
    nature = models.CharField(max_length=10)  # economic | moral

    class Meta:
        db_table = "registry_title"
        indexes = [
            models.Index(fields=["subject_id"], name="title_by_subject"),
            models.Index(fields=["claimant"], name="title_by_claimant"),
        ]


class Licence(models.Model):
    """A licence by its digest; `confirmed`, `denied`, `terminated` are the digests of the statements that did it."""

    digest = models.CharField(max_length=64, primary_key=True)
    type = models.CharField(max_length=20)  # licence.granted | licence.recorded
    licensor = IdField()
    licensee = IdField()
    accepted_at = models.DateTimeField()
    confirmed = models.CharField(max_length=64, null=True)
    denied = models.CharField(max_length=64, null=True)
    terminated = models.CharField(max_length=64, null=True)

    class Meta:
        db_table = "registry_licence"
        indexes = [
            models.Index(fields=["licensee", "accepted_at"], name="licence_by_licensee"),
            models.Index(fields=["licensor", "accepted_at"], name="licence_by_licensor"),
        ]


class LicenceSubject(models.Model):
    """What a licence reaches."""

    pk = models.CompositePrimaryKey("licence", "subject_kind", "subject_id")
    licence = models.CharField(max_length=64)
    subject_kind = models.CharField(max_length=8)  # asset | work
    subject_id = IdField()

    class Meta:
        db_table = "registry_licence_subject"
        indexes = [models.Index(fields=["subject_id"], name="licence_by_subject")]
