"""
What the vault holds: wrapped keys, the bytes that were deposited, and how they look to a near-copy search.

The bytes themselves are encrypted files (``registry.vault``). Destroying a ``DataKey`` makes everything under it
unreadable for ever and leaves every proof valid, so these tables are not insert-only.
"""

from django.db import models

from registry.models.ids import IdField


class DataKey(models.Model):
    """An AES-256 key, wrapped by the KEK and bound to its owner's name."""

    owner = models.TextField(primary_key=True)  # `asset:<id>`, `party:<id>`, `registry` or `secret:<purpose>`
    wrapped = models.BinaryField()  # version of the KEK, 4 bytes big-endian ‖ what that version made of the key
    created_at = models.DateTimeField()


class CustodyKey(models.Model):
    """A version of one of the registry's own keys, where a KMS keeps them: no private key stands here in the clear."""

    role = models.CharField(max_length=12)
    number = models.PositiveIntegerField()
    waits = models.BooleanField()  # nothing uses it yet
    public = models.BinaryField(null=True)  # SPKI, of a role that signs
    kms_key = models.TextField()  # the KMS key that signs or wraps, or under which `sealed` is encrypted
    sealed = models.BinaryField(null=True)  # the private key as the KMS encrypted it; null where it never leaves it
    since = models.DateTimeField()

    class Meta:
        db_table = "registry_custody_key"
        constraints = [models.UniqueConstraint(fields=["role", "number"], name="one_key_a_version")]


class Deposit(models.Model):
    """One file that a party gave to be kept; whether it becomes an asset, a statement says."""

    asset = IdField(primary_key=True)  # UUIDv7, chosen by the registry
    party = IdField()
    sha256 = models.CharField(max_length=64, db_index=True)  # of the plain bytes
    size = models.BigIntegerField()  # plain bytes
    media = models.JSONField()  # `Media.format()`, as the registry read it
    stored_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["party", "sha256"], name="one_deposit_of_the_same_bytes")]


class Fingerprint(models.Model):
    """The PDQ hash of a picture or of a sampled frame, and of its mirror image."""

    asset = IdField(db_index=True)
    frame = models.BigIntegerField()  # 0 for a picture
    mirrored = models.BooleanField()
    pdq = models.BinaryField()  # 32 bytes
    quality = models.SmallIntegerField()  # 0 to 100; a flat picture has hardly any

    class Meta:
        constraints = [models.UniqueConstraint(fields=["asset", "frame", "mirrored"], name="one_hash_a_frame")]
