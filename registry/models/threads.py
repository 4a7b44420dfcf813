"""
What a decision follows from one statement to the next.

Each statement says under which things it is *found* (the asset it is about, the grant it ends, the party whose key it
adds) and to which things it *leads* (the performer it shows, the project's parent, the licence it hangs on). Following
both from what a request names, until nothing new is met, gives every statement that its decision must read.
"""

from django.db import models
from django.db.models import Q

FOUND, LEADS = "found", "leads"


class Thread(models.Model):
    pk = models.CompositePrimaryKey("digest", "way", "kind", "ident")
    digest = models.CharField(max_length=64)  # of the statement
    way = models.CharField(max_length=5)  # found | leads
    kind = models.CharField(max_length=16)
    ident = models.TextField()

    class Meta:
        db_table = "registry_thread"
        indexes = [
            models.Index(fields=["kind", "ident"], include=["digest"], name="thread_found", condition=Q(way=FOUND)),
        ]
