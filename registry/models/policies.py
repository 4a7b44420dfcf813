"""What a party asks of grants, and whom the registry takes for a court officer: projections of `policy.set`."""

from django.db import models

from registry.models.ids import IdField


class Policy(models.Model):
    """The policy of a party that holds: its latest."""

    party = IdField(primary_key=True)
    digest = models.CharField(max_length=64, unique=True)

    class Meta:
        db_table = "registry_policy"


class CourtOfficer(models.Model):
    """Who may declare and lift a court's suspension and settle disputes; named by a party's policy."""

    pk = models.CompositePrimaryKey("named_by", "officer")
    named_by = IdField()  # counts only where this is the registry's own party
    officer = IdField()

    class Meta:
        db_table = "registry_court_officer"
        indexes = [models.Index(fields=["officer"], name="court_officer")]
