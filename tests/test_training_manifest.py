"""The manifest: one spelling, one root, and proofs that a file was in the training set or was not."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generation.core.presence import presence
from generation.training.manifest import Manifest, Sample
from generation.training.presence import check_presence
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


def proof_of(manifest: Manifest, sha256: str) -> Any:
    return presence(manifest.format(), sha256).format()


@given(st.sets(st.integers(0, 500), min_size=1, max_size=70), st.integers(0, 500))
def test_every_file_is_proven_present_or_absent(numbers: set[int], asked: int) -> None:
    manifest = manifest_of(numbers)
    for number in (asked, *numbers):
        proof = proof_of(manifest, digest(number))
        assert check_presence(proof, sha256=digest(number), root=manifest.root) is (number in numbers)


def test_the_edges_of_the_set_are_proven_too() -> None:
    manifest = manifest_of(set(range(9)))
    for beyond in ("0" * 64, "f" * 64):
        proof = proof_of(manifest, beyond)
        assert len(proof["shown"]) == 1
        assert check_presence(proof, sha256=beyond, root=manifest.root) is False


@given(st.sets(st.integers(0, 500), min_size=2, max_size=40), st.data())
def test_no_forged_proof_denies_a_file_of_the_set(numbers: set[int], data: st.DataObject) -> None:
    """Genuine entries with genuine paths, under any size and place that the liar likes."""
    manifest = manifest_of(numbers)
    target = data.draw(st.sampled_from(sorted(digest(n) for n in numbers)))
    others = [sample.sha256 for sample in manifest.samples if sample.sha256 != target]
    near = [other for other in others if abs(_place(manifest, other) - _place(manifest, target)) <= 2]
    shown: list[Any] = []
    for other in data.draw(st.lists(st.sampled_from(near), min_size=1, max_size=2, unique=True)):
        (entry,) = proof_of(manifest, other)["shown"]
        shown.append(entry | {"index": data.draw(st.integers(0, 45))})
    size = data.draw(st.integers(1, 45))
    forged = {"contains": False, "root": manifest.root, "size": size, "shown": shown}
    with pytest.raises(DomainError):
        check_presence(forged, sha256=target, root=manifest.root)


def _place(manifest: Manifest, sha256: str) -> int:
    return [sample.sha256 for sample in manifest.samples].index(sha256)


@pytest.mark.parametrize("entries", range(2, 14))
def test_no_size_and_places_make_neighbours_of_two_entries_that_are_none(entries: int) -> None:
    """Every pair with one entry between, under every size and place: what the property above may miss by chance."""
    manifest = manifest_of(set(range(entries)))
    names = [sample.sha256 for sample in manifest.samples]
    genuine = [proof_of(manifest, name)["shown"][0] for name in names]
    for hidden in range(1, entries - 1):
        for size in range(1, entries + 4):
            for place in range(size - 1):
                shown = [genuine[hidden - 1] | {"index": place}, genuine[hidden + 1] | {"index": place + 1}]
                forged = {"contains": False, "root": manifest.root, "size": size, "shown": shown}
                with pytest.raises(DomainError):
                    check_presence(forged, sha256=names[hidden], root=manifest.root)


def test_a_proof_that_was_changed_proves_nothing() -> None:
    manifest = manifest_of(set(range(20)))
    honest, absent = proof_of(manifest, digest(3)), proof_of(manifest, digest(99))
    entry = honest["shown"][0]
    changed = [
        honest | {"contains": False},
        honest | {"root": digest(0)},
        honest | {"size": 21, "shown": [entry | {"index": 20}]},
        honest | {"shown": [entry | {"proof": entry["proof"][:-1]}]},
        honest | {"shown": [entry | {"entry": {"grounds": [digest(1)], "sha256": digest(3)}}]},
        honest | {"shown": []},
        honest | {"note": "trust me"},
    ]
    assert check_presence(honest, sha256=digest(3), root=manifest.root) is True
    for proof in changed:
        with pytest.raises(DomainError):
            check_presence(proof, sha256=digest(3), root=manifest.root)
    for proof, sha256 in ((honest, digest(4)), (absent | {"contains": True}, digest(99)), (absent, digest(3))):
        with pytest.raises(DomainError):
            check_presence(proof, sha256=sha256, root=manifest.root)
    with pytest.raises(DomainError):
        check_presence(absent | {"shown": absent["shown"][::-1]}, sha256=digest(99), root=manifest.root)


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
