"""Assets, who is in them and what they are made of: projections of the statements about media files."""

from django.db import models

from registry.models.ids import IdField


class Asset(models.Model):
    id = IdField(primary_key=True)
    digest = models.CharField(max_length=64, unique=True)  # of its asset.registered
    registrant = IdField()
    kind = models.CharField(max_length=12)
    title = models.CharField(max_length=500)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()  # bytes
    work = IdField(null=True)
    media = models.JSONField()  # Media.format()
    inventory = models.JSONField()  # people, music, artworks, marks, locations -> none | listed | unknown
    inventory_digest = models.CharField(max_length=64)  # of the statement that declared it last

    class Meta:
        db_table = "registry_asset"
        indexes = [
            models.Index(fields=["sha256"], name="asset_by_sha256"),
            models.Index(fields=["work"], name="asset_by_work"),
            models.Index(fields=["registrant"], name="asset_by_registrant"),
        ]


class Appearance(models.Model):
    """A performer is in an asset; `claimed`: the performer says so, and it refuses until recorded."""

    digest = models.CharField(max_length=64, primary_key=True)
    asset = IdField()
    performer = IdField()
    aspects = models.IntegerField()  # mask of performer aspects
    spans = models.JSONField(null=True)  # [[first, after the last], …] in frames; null is the whole asset
    recognisable = models.BooleanField()  # a claim is taken at its word
    claimed = models.BooleanField()

    class Meta:
        db_table = "registry_appearance"
        indexes = [
            models.Index(fields=["asset"], name="appearance_by_asset"),
            models.Index(fields=["performer"], name="appearance_by_performer"),
        ]


class Component(models.Model):
    """`component` is part of `asset`."""

    digest = models.CharField(max_length=64, primary_key=True)
    asset = IdField()
    component = IdField()
    aspects = models.IntegerField()  # mask of asset aspects
    spans = models.JSONField(null=True)

    class Meta:
        db_table = "registry_component"
        indexes = [
            models.Index(fields=["asset"], name="component_by_asset"),
            models.Index(fields=["component"], name="component_by_component"),
        ]
        constraints = [
            models.CheckConstraint(condition=~models.Q(asset=models.F("component")), name="component_of_another")
        ]
