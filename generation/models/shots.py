"""
One take of a shot: what was asked for, where it stands, and the papers it gathers.

The row is the queue: a worker takes what has something ``todo`` and no living lease, and gets a new ``fence``. Whoever
writes with an older fence writes nothing. Frames, preview and output are encrypted files of the vault under ids of
their own. What was logged about a shot is in ``generation.models.records``.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from generation.core.states import OPEN, STATES
from registry.models.ids import IdField

RENDER, SCREEN, RELEASE = "render", "screen", "release"  # what a worker has to do next


class Shot(models.Model):
    id = IdField(primary_key=True)  # UUIDv7
    project = IdField()
    for_party = IdField()  # the request's `for`
    requested_by = IdField()  # the person of the token
    requested_party = IdField()  # the party it acted for
    shot_code = models.CharField(max_length=80)
    take = models.IntegerField()
    prompt = models.TextField()
    spec = models.JSONField()  # ShotSpec.format(), with the seed
    performers = ArrayField(IdField())  # named, shown by a reference, or named by the prompt
    may_show_person = models.BooleanField()
    unknown_words = ArrayField(models.TextField(), default=list)  # of the prompt, that the engine does not know

    state = models.CharField(max_length=20)
    todo = models.CharField(max_length=8, null=True)
    decision = models.JSONField()  # the newest decision about this shot, docs/formats.md section 5
    outcome = models.CharField(max_length=12, null=True)  # of a `shot.closed`
    outcome_detail = models.TextField(null=True)

    engine = models.CharField(max_length=80)
    weights = models.CharField(max_length=64)  # SHA-256 of the file
    step = models.IntegerField(default=0)
    steps = models.IntegerField(default=0)

    fence = models.BigIntegerField(default=0)
    attempts = models.IntegerField(default=0)  # leases taken since something was last finished
    leased_by = models.TextField(null=True)
    lease_until = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    not_before = models.DateTimeField(null=True)  # what waits for somebody else is not tried again at once

    clearance = models.CharField(max_length=64, null=True)  # digest of its `clearance.issued`
    clearance_grounds = models.JSONField(null=True)  # [[digest, assurance], …]
    clearance_request = models.JSONField(null=True)
    clearance_vouched = models.JSONField(null=True)
    clearance_digests = models.JSONField(null=True)
    asked = models.JSONField(default=dict)  # "<ground>:<spec|result>" -> when its approval was asked for
    release = models.CharField(max_length=64, null=True)  # digest of its `shot.released`
    release_request = models.JSONField(null=True)
    release_vouched = models.JSONField(null=True)
    release_digests = models.JSONField(null=True)

    frames = IdField(null=True)  # files of the vault
    preview = IdField(null=True)
    carried = models.JSONField(default=list)  # places of the references whose pixels were carried over
    output = IdField(null=True)
    output_sha256 = models.CharField(max_length=64, null=True)
    sealed_grounds = models.JSONField(null=True)  # [[digest, assurance], …] that stand in the file's credential
    checks = models.JSONField(default=dict)  # screen -> pass | unchecked | fail
    findings = models.JSONField(default=dict)  # screen -> Finding.format()
    review_due = models.BooleanField(default=False)
    reviewed_by = IdField(null=True)  # a person
    reviewed_at = models.DateTimeField(null=True)
    verdict = models.CharField(max_length=8, null=True)  # pass | reject
    review_note = models.TextField(null=True)

    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["for_party", "-id"], name="shot_by_party"),
            models.Index(fields=["project", "-id"], name="shot_by_project"),
            models.Index(fields=["lease_until"], name="shot_todo", condition=Q(todo__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=sorted(STATES)), name="shot_state"),
            models.CheckConstraint(
                condition=Q(todo__isnull=True) | Q(todo__in=(RENDER, SCREEN, RELEASE), state__in=sorted(OPEN)),
                name="shot_todo_while_open",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=sorted(OPEN)) | Q(clearance__isnull=False), name="shot_queued_by_clearance"
            ),
            models.CheckConstraint(
                condition=~Q(state="released")
                | Q(release__isnull=False, output__isnull=False, output_sha256__isnull=False),
                name="shot_released_with_papers",
            ),
        ]
