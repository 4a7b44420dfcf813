"""Title claims and licences: projections that say which statements to open, and what became of them."""

from django.db import models

from registry.models.ids import IdField


class TitleClaim(models.Model):
    """A claim by its digest. Who holds it now, its assignments say; what disputes it, ``Dispute``."""

    digest = models.CharField(max_length=64, primary_key=True)
    claimant = IdField()
    subject_kind = models.CharField(max_length=8)  # asset | work
    subject_id = IdField()
    right = models.CharField(max_length=12)
    nature = models.CharField(max_length=10)  # economic | moral
    ended = models.CharField(max_length=64, null=True)  # digest of the title.resolved that upheld a dispute of it

    class Meta:
        db_table = "registry_title"
        indexes = [
            models.Index(fields=["subject_id"], name="title_by_subject"),
            models.Index(fields=["claimant"], name="title_by_claimant"),
        ]


class Licence(models.Model):
    """
    A licence by its digest; `confirmed`, `denied`, `terminated` are the digests of the statements that did it.

    `ended` is the digest of what denied or terminated it or a licence that it hangs under: one column says whether it
    stands.
    """

    digest = models.CharField(max_length=64, primary_key=True)
    type = models.CharField(max_length=20)  # licence.granted | licence.recorded
    licensor = IdField()
    licensee = IdField()  # as signed; to whom it was assigned since, its assignments say
    accepted_at = models.DateTimeField()
    parent = models.CharField(max_length=64, null=True)  # digest of the licence it is a sublicence of
    exclusivity = models.CharField(max_length=9, default="none")  # none | sole | exclusive
    signed_on = models.DateField(null=True)  # of a recorded one
    confirmed = models.CharField(max_length=64, null=True)
    denied = models.CharField(max_length=64, null=True)
    terminated = models.CharField(max_length=64, null=True)
    ended = models.CharField(max_length=64, null=True)

    class Meta:
        db_table = "registry_licence"
        indexes = [
            models.Index(fields=["licensee", "accepted_at"], name="licence_by_licensee"),
            models.Index(fields=["licensor", "accepted_at"], name="licence_by_licensor"),
            models.Index(fields=["parent"], name="licence_by_parent"),
        ]


class LicenceSubject(models.Model):
    """What a licence reaches, by its own terms or by those of an amendment."""

    pk = models.CompositePrimaryKey("licence", "subject_kind", "subject_id")
    licence = models.CharField(max_length=64)
    subject_kind = models.CharField(max_length=9)  # asset | work | catalogue
    subject_id = IdField()

    class Meta:
        db_table = "registry_licence_subject"
        indexes = [models.Index(fields=["subject_id"], name="licence_by_subject")]


class Amendment(models.Model):
    """New terms of a licence, from a date on."""

    digest = models.CharField(max_length=64, primary_key=True)
    licence = models.CharField(max_length=64)  # the root's digest
    effective_from = models.DateTimeField()
    accepted_at = models.DateTimeField()

    class Meta:
        db_table = "registry_amendment"
        indexes = [models.Index(fields=["licence", "effective_from"], name="amendment_by_licence")]


class OptionExercised(models.Model):
    """The licensee took up an option of its licence, once."""

    digest = models.CharField(max_length=64, primary_key=True)
    licence = models.CharField(max_length=64)
    option = models.CharField(max_length=80)
    accepted_at = models.DateTimeField()

    class Meta:
        db_table = "registry_option"
        constraints = [models.UniqueConstraint(fields=["licence", "option"], name="an_option_is_exercised_once")]


class Assignment(models.Model):
    """A licence, consent or title claim passed to somebody else, from a date on."""

    digest = models.CharField(max_length=64, primary_key=True)
    grant = models.CharField(max_length=64)  # digest of the licence, consent or title claim
    kind = models.CharField(max_length=8)  # licence | consent | title
    giver = IdField()
    to = IdField()
    effective_from = models.DateTimeField()
    accepted_at = models.DateTimeField()

    class Meta:
        db_table = "registry_assignment"
        indexes = [
            models.Index(fields=["grant"], name="assignment_by_grant"),
            models.Index(fields=["to"], name="assignment_by_assignee"),
        ]


class Followed(models.Model):
    """A licence has windows that follow events of a work, project or party."""

    pk = models.CompositePrimaryKey("licence", "subject_kind", "subject_id")
    licence = models.CharField(max_length=64)
    subject_kind = models.CharField(max_length=8)  # work | project | party
    subject_id = IdField()

    class Meta:
        db_table = "registry_followed"
        indexes = [models.Index(fields=["subject_id"], name="followed_by_subject")]
