"""Merkle proofs: published vectors, the slow twin, and proofs that were damaged."""

import base64
import json
from pathlib import Path
from random import Random

import pytest

from registry.core.errors import BadProof
from registry.core.merkle import (
    EMPTY_ROOT,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    root,
    verify_consistency,
    verify_inclusion,
)
from tests import reference, vectors

ENTRIES = [f"entry {number}".encode() for number in range(40)]
LEAVES = [leaf_hash(entry) for entry in ENTRIES]


def _bytes(text: str | None) -> bytes:
    return base64.b64decode(text or "")


@pytest.mark.parametrize("path", vectors.files("merkle/inclusion"))
def test_inclusion_proofs_are_judged_as_published(path: Path) -> None:
    case = json.loads(path.read_text())
    arguments = (
        case["leafIdx"],
        case["treeSize"],
        _bytes(case["leafHash"]),
        [_bytes(value) for value in case["proof"] or []],
        _bytes(case["root"]),
    )
    if case["wantErr"]:
        with pytest.raises(BadProof):
            verify_inclusion(*arguments)
    else:
        verify_inclusion(*arguments)


@pytest.mark.parametrize("path", vectors.files("merkle/consistency"))
def test_consistency_proofs_are_judged_as_published(path: Path) -> None:
    case = json.loads(path.read_text())
    arguments = (
        case["size1"],
        case["size2"],
        _bytes(case["root1"]),
        _bytes(case["root2"]),
        [_bytes(value) for value in case["proof"] or []],
    )
    if case["wantErr"]:
        with pytest.raises(BadProof):
            verify_consistency(*arguments)
    else:
        verify_consistency(*arguments)


@vectors.needs_vectors
def test_all_196_published_cases_are_there_and_both_outcomes_are_common() -> None:
    paths = [*(vectors.VECTORS / "merkle").glob("**/*.json")]
    refused = sum(json.loads(path.read_text())["wantErr"] for path in paths)
    assert len(paths) == 196
    assert 10 < refused < 190


def test_the_root_of_nothing_is_the_hash_of_nothing() -> None:
    assert root([]) == EMPTY_ROOT == reference.merkle_root([])


def test_roots_and_proofs_agree_with_the_definitions_of_rfc_6962() -> None:
    for size in range(1, len(ENTRIES) + 1):
        entries, leaves = ENTRIES[:size], LEAVES[:size]
        assert root(leaves) == reference.merkle_root(entries)
        for number in range(size):
            assert list(inclusion_proof(number, leaves)) == reference.merkle_path(number, entries)
            assert list(consistency_proof(number + 1, leaves)) == reference.merkle_proof(number + 1, entries)


def test_every_proof_of_every_small_tree_is_accepted() -> None:
    for size in range(1, len(LEAVES) + 1):
        whole = root(LEAVES[:size])
        for number in range(size):
            verify_inclusion(number, size, LEAVES[number], inclusion_proof(number, LEAVES[:size]), whole)
            proof = consistency_proof(number + 1, LEAVES[:size])
            verify_consistency(number + 1, size, root(LEAVES[: number + 1]), whole, proof)


def _damage(proof: list[bytes], random: Random) -> list[bytes]:
    """Return the proof with one fault; all faults of the published cases and a few more."""
    damaged = list(proof)
    kind = random.choice(["flip", "drop", "double", "append", "prepend", "swap", "cut"])
    at = random.randrange(len(proof)) if proof else 0
    if kind == "append" or not proof:
        return [*damaged, random.randbytes(32)]
    if kind == "prepend":
        return [random.randbytes(32), *damaged]
    if kind == "flip":
        damaged[at] = bytes([damaged[at][0] ^ 1 << random.randrange(8)]) + damaged[at][1:]
    elif kind == "drop":
        del damaged[at]
    elif kind == "double":
        damaged.insert(at, damaged[at])
    elif kind == "cut":
        damaged[at] = damaged[at][:31]
    else:
        other = random.randrange(len(damaged))
        damaged[at], damaged[other] = damaged[other], damaged[at]
    return damaged


def test_no_damaged_inclusion_proof_is_accepted() -> None:
    random = Random(1)
    refused = 0
    for _ in range(3000):
        size = random.randint(1, len(LEAVES))
        number = random.randrange(size)
        proof = list(inclusion_proof(number, LEAVES[:size]))
        damaged = _damage(proof, random)
        if damaged == proof:
            continue
        with pytest.raises(BadProof):
            verify_inclusion(number, size, LEAVES[number], damaged, root(LEAVES[:size]))
        refused += 1
    assert refused > 2500


def test_no_damaged_consistency_proof_is_accepted() -> None:
    random = Random(2)
    refused = 0
    for _ in range(3000):
        size = random.randint(2, len(LEAVES))
        old_size = random.randint(1, size - 1)
        proof = list(consistency_proof(old_size, LEAVES[:size]))
        damaged = _damage(proof, random)
        if damaged == proof:
            continue
        with pytest.raises(BadProof):
            verify_consistency(old_size, size, root(LEAVES[:old_size]), root(LEAVES[:size]), damaged)
        refused += 1
    assert refused > 2500


def test_a_proof_holds_for_its_own_place_only() -> None:
    size = 21
    whole = root(LEAVES[:size])
    for number in range(size):
        proof = inclusion_proof(number, LEAVES[:size])
        for other in range(size):
            if other != number:
                with pytest.raises(BadProof):
                    verify_inclusion(other, size, LEAVES[number], proof, whole)


def test_nothing_is_proven_about_or_from_an_empty_tree() -> None:
    with pytest.raises(BadProof):
        verify_inclusion(0, 0, LEAVES[0], [], EMPTY_ROOT)
    with pytest.raises(BadProof):
        verify_consistency(0, 1, EMPTY_ROOT, LEAVES[0], [])
    with pytest.raises(BadProof):
        inclusion_proof(0, [])
    with pytest.raises(BadProof):
        consistency_proof(0, LEAVES)
