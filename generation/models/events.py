"""
What happened to a shot, in order, for those who watch it.

INVARIANT (append-only): the application's role may only SELECT and INSERT here. Whoever inserts holds the shot's row,
so that ``seq`` and the order of the commits agree: a reader who has seen a number has seen all before it.
"""

from django.db import models

from registry.models.ids import IdField


class ShotEvent(models.Model):
    seq = models.BigAutoField(primary_key=True)
    shot = IdField()
    at = models.DateTimeField()
    event = models.CharField(max_length=20)  # the new state, or `step viewed reviewed sealed retried`
    data = models.JSONField()

    class Meta:
        indexes = [models.Index(fields=["shot", "seq"], name="event_by_shot")]
