"""
Requests for consent: who asks whom, until when, and what became of it.

These are messages, not statements: nothing about rights rests on them, and `fsck` does not rebuild them. What is asked
is sealed under the key of the person asked. A request is answered by a `consent.granted` that names its digest, which
``Consent.answers`` holds; it expires by the clock; neither is kept here.
"""

from django.db import models

from registry.models.ids import IdField


class ConsentRequest(models.Model):
    id = IdField(primary_key=True)  # UUIDv7
    digest = models.CharField(max_length=64, unique=True)  # SHA-256 of what is asked, canonical
    asker = IdField()
    performer = IdField()  # as the asker named them: nobody need be registered under this id
    heard = models.BooleanField()  # False: nobody is there, or the asker is muted; the asker is not told
    asked = models.BinaryField()  # sealed JSON
    sent_at = models.DateTimeField()
    to_performer_at = models.DateTimeField()  # from when on the performer sees it too; a representative sees it first
    expires_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["asker", "-id"], name="request_by_asker"),
            models.Index(fields=["performer", "-id"], name="request_by_performer"),
        ]


class RequestEvent(models.Model):
    """A step in the life of a request; each happens once."""

    pk = models.CompositePrimaryKey("request", "state")
    request = IdField()
    state = models.CharField(max_length=10)  # sent | passed_on | seen | declined
    at = models.DateTimeField()
    by = IdField()
    reason = models.CharField(max_length=16, null=True)  # of a refusal, from a closed list


class Mute(models.Model):
    """A person does not want to hear from an asker."""

    pk = models.CompositePrimaryKey("person", "asker")
    person = IdField()
    asker = IdField()
    at = models.DateTimeField()
