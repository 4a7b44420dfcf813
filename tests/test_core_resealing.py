"""A receipt carried over to a newer checkpoint: without its signer, and only where the log was extended."""

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from registry.core.checkpoint import Checkpoint, NoteSigner, Proof, sign_checkpoint
from registry.core.errors import BadNote, BadProof
from registry.core.merkle import inclusion_proof, leaf_hash, root
from registry.core.resealing import reseal
from registry.core.tiles import Edge, Tile

ORIGIN = "log.example/proviso"
OLD_KEY = NoteSigner.of(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
NEW_KEY = NoteSigner.of(ORIGIN, MLDSA44PrivateKey.from_seed_bytes(bytes(range(32))))
ENTRIES = [b"entry %d" % number for number in range(600)]
LEAVES = [leaf_hash(entry) for entry in ENTRIES]
OLD = 300


def signed(size: int, signer: NoteSigner, leaves: list[bytes] = LEAVES, origin: str = ORIGIN) -> bytes:
    return sign_checkpoint(Checkpoint(origin=origin, size=size, root=root(leaves[:size])), signer)


def receipt(index: int, size: int = OLD) -> Proof:
    hashes = inclusion_proof(index, LEAVES[:size])
    return Proof(index=index, hashes=hashes, checkpoint_text=signed(size, OLD_KEY).decode())


def tiles(entries: list[bytes]) -> dict[str, bytes]:
    _, files = Edge.empty().extend(entries)
    return files


TILES = tiles(ENTRIES)


def read(tile: Tile) -> bytes:
    return TILES[tile.path]


@pytest.mark.parametrize("index", [0, 1, 255, 256, 299])
def test_a_receipt_under_an_old_key_is_carried_over_to_a_new_one(index: int) -> None:
    old = receipt(index)
    with pytest.raises(BadNote):
        old.verify(ENTRIES[index], NEW_KEY.key)
    new = reseal(old, signed(600, NEW_KEY), read, [NEW_KEY.key])
    assert new.verify(ENTRIES[index], NEW_KEY.key).size == 600
    assert Proof.parse(new.format()) == new
    with pytest.raises(BadProof):
        new.verify(ENTRIES[index - 1], NEW_KEY.key)


def test_a_receipt_may_be_carried_over_to_a_checkpoint_of_its_own_size() -> None:
    files = tiles(ENTRIES[:OLD])
    new = reseal(receipt(7), signed(OLD, NEW_KEY), lambda tile: files[tile.path], [NEW_KEY.key])
    assert new.verify(ENTRIES[7], NEW_KEY.key).size == OLD


def test_a_log_that_changed_what_it_had_shown_carries_nothing_over() -> None:
    rewritten = [*ENTRIES[:100], b"another entry", *ENTRIES[101:]]
    files, leaves = tiles(rewritten), [leaf_hash(entry) for entry in rewritten]
    with pytest.raises(BadProof):
        reseal(receipt(7), signed(600, NEW_KEY, leaves), lambda tile: files[tile.path], [NEW_KEY.key])


@pytest.mark.parametrize(
    "false",
    [
        replace(receipt(7), index=8),
        replace(receipt(7), hashes=receipt(7).hashes[:-1]),
        replace(receipt(7), index=OLD),
        replace(receipt(7), index=610),
        replace(receipt(7), index=2**62),
        replace(receipt(7), checkpoint_text=signed(OLD, OLD_KEY, LEAVES[::-1]).decode()),
        replace(receipt(7), checkpoint_text=signed(OLD, OLD_KEY, origin="other.example").decode()),
    ],
)
def test_what_was_not_proven_is_not_carried_over(false: Proof) -> None:
    with pytest.raises((BadNote, BadProof)):
        reseal(false, signed(600, NEW_KEY), read, [NEW_KEY.key])


def test_the_newer_checkpoint_is_signed_by_who_is_believed_and_not_older() -> None:
    with pytest.raises(BadNote):
        reseal(receipt(7), signed(600, OLD_KEY), read, [NEW_KEY.key])
    with pytest.raises(BadProof):
        reseal(receipt(7), signed(100, NEW_KEY), read, [NEW_KEY.key])


def test_a_damaged_tile_is_noticed() -> None:
    def torn(tile: Tile) -> bytes:
        data = TILES[tile.path]
        return data[:-1] + bytes([data[-1] ^ 1])

    with pytest.raises(BadProof):
        reseal(receipt(299), signed(600, NEW_KEY), torn, [NEW_KEY.key])
