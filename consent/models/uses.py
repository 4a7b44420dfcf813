"""What each cleared decision draws on: the count behind a cap, and the answer to "where was I used?"."""

from django.db import models

from registry.models.ids import IdField

RESERVED, SPENT, RETURNED = "reserved", "spent", "returned"


class Use(models.Model):
    """One grant relied on by one clearance: reserved at clearance, spent at release, returned when the shot closed."""

    pk = models.CompositePrimaryKey("grant", "clearance")
    grant = models.CharField(max_length=64)
    clearance = models.CharField(max_length=64)
    shot = IdField(null=True)  # null for a training run
    state = models.CharField(max_length=8)
    seconds = models.IntegerField(default=0)  # of output, of its take
    epochs = models.IntegerField(default=0)  # of its training run
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["clearance"], name="use_by_clearance"),
            models.Index(fields=["shot"], name="use_by_shot"),
        ]
