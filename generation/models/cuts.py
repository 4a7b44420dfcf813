"""A project's cut: which shots are in the film, as the editor's file says. Every version is kept; the newest counts."""

from django.db import models

from registry.models.ids import IdField


class Cut(models.Model):
    """INVARIANT (append-only): the application's role may only SELECT and INSERT here."""

    id = IdField(primary_key=True)  # UUIDv7
    project = IdField()
    version = models.IntegerField()
    format = models.CharField(max_length=4)  # otio | edl | csv
    name = models.CharField(max_length=200)  # title of the timeline, else of the file
    sha256 = models.CharField(max_length=64)  # of the file
    events = models.JSONField()  # Event.format() each, in the order of the file
    by_person = IdField()
    by_party = IdField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "version"], name="one_cut_of_a_version")]
