"""Tiles: Tessera's published log rebuilt byte for byte, proofs read from tiles, and an edge that survives crashes."""

import json
from collections.abc import Callable
from random import Random

import pytest

from registry.core.checkpoint import VerifierKey, open_checkpoint
from registry.core.errors import BadProof
from registry.core.merkle import (
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    root,
    verify_inclusion,
)
from registry.core.tiles import (
    ENTRIES,
    Edge,
    Tile,
    consistency_proof_from,
    decode_bundle,
    encode_bundle,
    inclusion_proof_from,
    parse_tile_path,
    proof_tiles,
    tile_path,
    tiles_of,
)
from tests.vectors import VECTORS, needs_vectors

TESSERA = VECTORS / "tessera-log"
TESSERA_KEY = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"


def _reader(files: dict[str, bytes]) -> Callable[[Tile], bytes]:
    return lambda tile: files[tile.path]


def _publish(entries: list[bytes], batches: list[int]) -> tuple[Edge, dict[str, bytes]]:
    edge, files = Edge.empty(), {}
    for start, stop in zip([0, *batches], [*batches, len(entries)], strict=True):
        edge, new = edge.extend(entries[start:stop])
        files |= new
    return edge, files


@needs_vectors
def test_every_checkpoint_of_tesseras_log_is_signed_and_has_the_root_of_its_entries() -> None:
    key = VerifierKey.parse(TESSERA_KEY)
    sizes = []
    for path in sorted(TESSERA.glob("checkpoint*")):
        checkpoint = open_checkpoint(path.read_bytes(), key)
        entries = (
            decode_bundle((TESSERA / tile_path(ENTRIES, 0, checkpoint.size)).read_bytes()) if checkpoint.size else ()
        )
        assert checkpoint.root == root([leaf_hash(entry) for entry in entries])
        sizes.append(checkpoint.size)
    assert sorted(sizes) == [*range(16), 15]


@needs_vectors
def test_tesseras_tiles_and_bundles_are_rebuilt_byte_for_byte() -> None:
    latest = json.loads((TESSERA / ".state" / "treeState").read_text())["size"]
    entries = decode_bundle((TESSERA / tile_path(ENTRIES, 0, latest)).read_bytes())
    edge, files = Edge.empty(), {}
    for entry in entries:
        edge, new = edge.extend([entry])
        files |= new
    published = {
        str(path.relative_to(TESSERA)): path.read_bytes() for path in (TESSERA / "tile").rglob("*") if path.is_file()
    }
    assert len(published) > 20
    assert {path: files[path] for path in published} == published


def test_the_order_of_batches_leaves_the_same_full_tiles_and_the_same_edge() -> None:
    entries = [f"{number}".encode() for number in range(70_000)]
    once, files_once = _publish(entries, [])
    batched, files_batched = _publish(entries, [1, 255, 256, 257, 65_535, 65_536, 65_537, 69_999])
    assert once == batched
    assert files_once.items() <= files_batched.items()
    assert once.root == root([leaf_hash(entry) for entry in entries])
    assert tile_path(1, 0) in files_once
    assert tile_path(2, 0, 1) in files_once


@pytest.mark.parametrize("size", [0, 1, 2, 255, 256, 257, 511, 512, 1000])
def test_an_edge_is_read_back_from_the_tiles_of_its_size(size: int) -> None:
    edge, files = _publish([f"{number}".encode() for number in range(size)], [])
    assert Edge.read(size, _reader(files)) == edge


def test_an_edge_read_back_extends_to_the_same_files_as_one_kept() -> None:
    entries = [f"{number}".encode() for number in range(1200)]
    kept, files = _publish(entries[:700], [])
    assert Edge.read(700, _reader(files)).extend(entries[700:]) == kept.extend(entries[700:])


def test_an_edge_whose_bundle_and_tile_disagree_is_refused() -> None:
    _, files = _publish([b"a", b"b", b"c"], [])
    files[tile_path(ENTRIES, 0, 3)] = encode_bundle([b"a", b"b", b"d"])
    with pytest.raises(BadProof):
        Edge.read(3, _reader(files))


def test_proofs_read_from_tiles_are_those_of_the_whole_tree() -> None:
    random = Random(3)
    size = 66_000
    entries = [f"{number}".encode() for number in range(size)]
    leaves = [leaf_hash(entry) for entry in entries]
    edge, files = _publish(entries, [])
    for index in [0, 255, 256, 65_535, 65_536, size - 1, *(random.randrange(size) for _ in range(6))]:
        asked: list[Tile] = []
        proof = inclusion_proof_from(index, size, lambda tile, asked=asked: asked.append(tile) or files[tile.path])
        assert proof == inclusion_proof(index, leaves)
        verify_inclusion(index, size, leaves[index], proof, edge.root)
        assert sorted(asked) == list(proof_tiles(index, size))
        assert len(asked) <= 5
    for old_size in (1, 256, 300, 65_536, 65_999):
        assert consistency_proof_from(old_size, size, _reader(files)) == consistency_proof(old_size, leaves)


def test_a_tile_that_is_cut_off_gives_no_proof() -> None:
    _, files = _publish([f"{number}".encode() for number in range(300)], [])
    files = {path: data[:-1] for path, data in files.items()}
    with pytest.raises(BadProof):
        inclusion_proof_from(7, 300, _reader(files))


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(level=0, n=0), "tile/0/000"),
        (Tile(level=0, n=1234067), "tile/0/x001/x234/067"),
        (Tile(level=3, n=1000, width=5), "tile/3/x001/000.p/5"),
        (Tile(level=ENTRIES, n=999, width=255), "tile/entries/999.p/255"),
    ],
)
def test_a_tile_path_is_written_and_read_as_the_format_says(tile: Tile, path: str) -> None:
    assert tile.path == path
    assert parse_tile_path(path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/0",
        "tile/00/000",
        "tile/0/x000/001",
        "tile/0/1000",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/05",
        "tile/8/000",
        "tile/-1/000",
        "tile/0/000/",
        "/tile/0/000",
        "tile/0/../000",
        "tile/0/٠٠٠",
        "tile/entries/000.p/300",
        "tile/0/" + "x001/" * 40 + "000",
    ],
)
def test_any_other_spelling_of_a_tile_path_is_refused(path: str) -> None:
    with pytest.raises(BadProof):
        parse_tile_path(path)


def test_a_bundle_is_read_as_it_was_written() -> None:
    entries = (b"", b"one", b"x" * 65_535)
    assert decode_bundle(encode_bundle(entries)) == entries


@pytest.mark.parametrize("data", [b"", b"\x00", b"\x00\x02a", b"\x00\x01ab", b"\x00\x00" * 257])
def test_a_bundle_that_is_cut_off_or_too_long_is_refused(data: bytes) -> None:
    with pytest.raises(BadProof):
        decode_bundle(data)


def test_an_entry_too_long_for_its_length_field_is_refused() -> None:
    with pytest.raises(BadProof):
        encode_bundle([b"x" * 65_536])


def test_empty_tiles_are_never_named() -> None:
    assert tiles_of(0) == []
    assert [tile.path for tile in tiles_of(256)] == ["tile/1/000.p/1"]
    assert [tile.path for tile in tiles_of(257)] == ["tile/0/001.p/1", "tile/1/000.p/1", "tile/entries/001.p/1"]
