"""
The vault: bytes at rest are ciphertext, and a clearance is the only way to them.

- ``store`` encrypts a file under a data key of its own; ``open`` decrypts it to memory for a live clearance that names
  it; ``inspect`` is the one other purpose: fingerprints of a deposit, and results for those who may see them
- ``seal_text sealer`` and ``open_text`` do the same for rows, under the key of the one person they are about
- ``store_evidence`` and ``read_evidence``: files about one person, under that person's key
- ``data_key data_keys destroy_key``: keys by their owner's name; what a destroyed key sealed is gone

- ``secret``: what must not change when a key does

Data keys are wrapped by the KEK, which ``registry.custody`` keeps. File format: ``docs/formats.md`` section 9. Left
out: object stores.
"""

from registry.vault.evidence import read_evidence, store_evidence
from registry.vault.files import AlreadyStored, BytesDamaged, BytesMissing, Stored, discard, discarding, inspect, store
from registry.vault.gate import (
    BytesMismatch,
    ClearanceClosed,
    ClearanceExpired,
    ClearanceStale,
    NotCleared,
    open,  # noqa: A004 - the vault's own word: `vault.open`
)
from registry.vault.keys import KeyDestroyed, KeyUnusable, data_key, data_keys, destroy_key
from registry.vault.secrets import keep_secrets, secret
from registry.vault.texts import Sealed, TextDamaged, open_text, open_texts, open_with_keys, seal_text, sealer

__all__ = [
    "AlreadyStored",
    "BytesDamaged",
    "BytesMismatch",
    "BytesMissing",
    "ClearanceClosed",
    "ClearanceExpired",
    "ClearanceStale",
    "KeyDestroyed",
    "KeyUnusable",
    "NotCleared",
    "Sealed",
    "Stored",
    "TextDamaged",
    "data_key",
    "data_keys",
    "destroy_key",
    "discard",
    "discarding",
    "inspect",
    "keep_secrets",
    "open",
    "open_text",
    "open_texts",
    "open_with_keys",
    "read_evidence",
    "seal_text",
    "sealer",
    "secret",
    "store",
    "store_evidence",
]
