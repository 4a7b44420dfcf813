"""
Projections of `shot.released`, `shot.closed` and `weights.trained`, rebuilt from the statements by their kinds.

A shot has one end: its id is the primary key of ``Release`` and of ``Closure``, and the kinds refuse one beside the
other. ``Manifest`` is no projection: it holds the training manifests whose hash the log knows.
"""

from django.db import models

from registry.models.ids import IdField


class Release(models.Model):
    """INVARIANT (exactly-once): PostgreSQL refuses a second release of a shot."""

    shot = IdField(primary_key=True)
    digest = models.CharField(max_length=64, unique=True)
    clearance = models.CharField(max_length=64)
    output_sha256 = models.CharField(max_length=64, db_index=True)
    weights = models.CharField(max_length=64)
    reviewed_by = IdField(null=True)
    at = models.DateTimeField()


class Closure(models.Model):
    shot = IdField(primary_key=True)
    digest = models.CharField(max_length=64, unique=True)
    clearance = models.CharField(max_length=64)
    outcome = models.CharField(max_length=12)
    at = models.DateTimeField()


class Weights(models.Model):
    weights = models.CharField(max_length=64, primary_key=True)  # SHA-256 of the file
    digest = models.CharField(max_length=64, unique=True)
    engine = models.CharField(max_length=80)
    root = models.CharField(max_length=64)
    manifest_sha256 = models.CharField(max_length=64)
    run = models.CharField(max_length=8)  # here | shipped
    clearance = models.CharField(max_length=64)
    at = models.DateTimeField()


class Manifest(models.Model):
    """A training manifest (``docs/formats.md`` section 5), by the SHA-256 of its canonical form."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    body = models.JSONField()
