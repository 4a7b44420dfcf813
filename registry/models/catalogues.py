"""Catalogues, which gather works and assets under one id, and events that windows follow."""

from django.db import models

from registry.models.ids import IdField


class Catalogue(models.Model):
    id = IdField(primary_key=True)
    digest = models.CharField(max_length=64)  # of its first catalogue.registered
    owner = IdField()
    title = models.CharField(max_length=500)  # as registered last

    class Meta:
        db_table = "registry_catalogue"
        indexes = [models.Index(fields=["owner"], name="catalogue_by_owner")]


class CatalogueMember(models.Model):
    """A work or asset in a catalogue; it is never taken out."""

    pk = models.CompositePrimaryKey("catalogue", "member_kind", "member_id")
    catalogue = IdField()
    member_kind = models.CharField(max_length=8)  # asset | work
    member_id = IdField()
    digest = models.CharField(max_length=64)  # of the catalogue.registered that added it
    accepted_at = models.DateTimeField()

    class Meta:
        db_table = "registry_catalogue_member"
        indexes = [models.Index(fields=["member_id"], name="catalogue_by_member")]


class Event(models.Model):
    """One party's word that something happened; several of the same may stand beside each other."""

    digest = models.CharField(max_length=64, primary_key=True)
    event = models.CharField(max_length=24)
    subject_kind = models.CharField(max_length=8)  # work | project | party
    subject_id = IdField()
    territory = models.CharField(max_length=2, null=True)
    issuer = IdField()
    accepted_at = models.DateTimeField()

    class Meta:
        db_table = "registry_event"
        indexes = [models.Index(fields=["subject_id", "event"], name="event_by_subject")]
