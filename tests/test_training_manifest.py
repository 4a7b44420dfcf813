"""The manifest: one spelling, one root, and proofs that a file was in the training set or was not."""

from __future__ import annotations

import copy
import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generation.training.manifest import Manifest, Sample, check_proof
from registry.core.errors import DomainError
from registry.core.jcs import canonical
from tests import reference


def digest(number: int) -> str:
    return hashlib.sha256(b"%d" % number).hexdigest()


def manifest_of(numbers: set[int]) -> Manifest:
    samples = [Sample(sha256=digest(n), grounds=tuple(sorted({digest(n % 3), digest(-1)}))) for n in numbers]
    return Manifest(samples=tuple(sorted(samples, key=lambda sample: sample.sha256)))


@given(st.sets(st.integers(0, 500), min_size=1, max_size=70))
def test_parse_and_format_are_inverse(numbers: set[int]) -> None:
    manifest = manifest_of(numbers)
    assert Manifest.parse(manifest.format()) == manifest
    assert Manifest.parse(manifest.format()).format() == manifest.format()
    assert manifest.sha256 == hashlib.sha256(canonical(manifest.format())).hexdigest()


@given(st.sets(st.integers(0, 500), min_size=1, max_size=70))
def test_the_root_is_the_merkle_root_of_its_slow_twin(numbers: set[int]) -> None:
    manifest = manifest_of(numbers)
    entries = [canonical({"grounds": list(s.grounds), "sha256": s.sha256}) for s in manifest.samples]
    assert manifest.root == reference.merkle_root(entries).hex()


@given(st.sets(st.integers(0, 500), min_size=1, max_size=70), st.integers(0, 500))
def test_every_file_is_proven_present_or_absent(numbers: set[int], asked: int) -> None:
    manifest = manifest_of(numbers)
    proof = manifest.proof(digest(asked))
    assert check_proof(proof, root=manifest.root) is (asked in numbers)
    for number in numbers:
        assert check_proof(manifest.proof(digest(number)), root=manifest.root) is True


def test_the_edges_of_the_set_are_proven_too() -> None:
    manifest = manifest_of(set(range(9)))
    for beyond in ("0" * 64, "f" * 64):
        proof: Any = manifest.proof(beyond)
        assert len(proof["entries"]) == 1
        assert check_proof(proof, root=manifest.root) is False


@given(st.sets(st.integers(0, 500), min_size=2, max_size=40), st.data())
def test_no_forged_proof_denies_a_file_of_the_set(numbers: set[int], data: st.DataObject) -> None:
    manifest = manifest_of(numbers)
    target = data.draw(st.sampled_from(sorted(digest(n) for n in numbers)))
    others = [s for s in manifest.samples if s.sha256 != target]
    shown = data.draw(st.lists(st.sampled_from(others), min_size=1, max_size=2, unique_by=lambda s: s.sha256))
    entries: list[Any] = []
    for sample in shown:  # genuine entries with genuine paths, under any size and place the liar likes
        honest: Any = manifest.proof(sample.sha256)
        (entry,) = copy.deepcopy(honest["entries"])
        entry["index"] = data.draw(st.integers(0, 45))
        entries.append(entry)
    size = data.draw(st.integers(1, 45))
    forged = {
        "v": 1, "root": manifest.root, "sha256": target, "present": False, "size": size, "entries": entries,
    }  # fmt: skip
    with pytest.raises(DomainError):
        check_proof(forged, root=manifest.root)


def test_a_proof_that_was_changed_proves_nothing() -> None:
    manifest = manifest_of(set(range(20)))
    honest: Any = manifest.proof(digest(3))
    absent: Any = manifest.proof(digest(99))
    for spoil in (
        lambda p: p | {"present": False},
        lambda p: p | {"sha256": digest(4)},
        lambda p: p | {"root": digest(0)},
        lambda p: p | {"size": 21, "entries": [{**p["entries"][0], "index": 20}]},
        lambda p: p | {"entries": [{**p["entries"][0], "path": p["entries"][0]["path"][:-1]}]},
        lambda p: p | {"entries": [{**p["entries"][0], "entry": {"grounds": [digest(1)], "sha256": digest(3)}}]},
        lambda p: p | {"entries": []},
        lambda p: p | {"note": "trust me"},
    ):
        with pytest.raises(DomainError):
            check_proof(spoil(copy.deepcopy(honest)), root=manifest.root)
    with pytest.raises(DomainError):
        check_proof(absent | {"present": True}, root=manifest.root)
    with pytest.raises(DomainError):
        check_proof(absent | {"entries": absent["entries"][::-1]}, root=manifest.root)


@pytest.mark.parametrize(
    "spoilt",
    [
        {"v": 1, "assets": []},
        {"v": 2, "assets": [{"grounds": [digest(0)], "sha256": digest(1)}]},
        {"v": 1, "assets": [{"grounds": [], "sha256": digest(1)}]},
        {"v": 1, "assets": [{"grounds": [digest(0)], "sha256": digest(1)}] * 2},
        {"v": 1, "assets": [{"grounds": sorted([digest(0), digest(2)])[::-1], "sha256": digest(1)}]},
        {"v": 1, "assets": [{"grounds": [digest(0)], "sha256": digest(1), "title": "Plate"}]},
    ],
    ids=["empty", "another-version", "without-grounds", "twice", "unsorted-grounds", "unknown-field"],
)
def test_a_manifest_of_another_spelling_is_refused(spoilt: dict[str, Any]) -> None:
    with pytest.raises(DomainError):
        Manifest.parse(spoilt)
