"""
Check the shipped library offline, byte by byte.

1. Every envelope verifies with a key of its issuer that was enrolled before it; every text is the one that was signed.
2. The pins are exactly the digests of these statements.
3. Every registered file lies in the library with that SHA-256, size and metadata, and ``assets.json`` says which.
4. ``decide`` allows training on every file of the training split, for the operator, on nothing but these statements.
5. Of a shipped library: ``manifest.json`` is the manifest of those decisions.

Raises ``ValueError`` or a ``DomainError`` at the first fault.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from consent.core.facts import facts_from
from consent.core.request import TrainingRequest
from consent.core.vouched import Vouched
from generation.training.grounds import manifest_of
from generation.training.manifest import Manifest
from registry.core.envelope import Envelope, PublicKey, Statement, parse_statement, verify_signatures
from registry.core.jcs import canonical, parse_json, sha256_hex
from registry.core.terms import TERRITORIES
from registry.ingest import read_media

MAX_CHAPTER_BYTES = 16 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What was found in order."""

    digests: tuple[str, ...]  # in the order of submission
    manifest: Manifest


def check(library: Path, *, shipped: bool = False) -> Checked:
    """Check the library in this folder; ``shipped``: its manifest too."""
    envelopes, statements = _read(library)
    pins = json.loads((library / "pins.json").read_text("utf-8"))
    _require(pins["digests"] == sorted(one.digest for one in statements), "the pins are not these statements")
    assets = json.loads((library / "assets.json").read_text("utf-8"))
    _check_files(library, assets, statements)
    manifest = _decided(envelopes, statements, assets, pins["operator"])
    if shipped:
        told = (library / "manifest.json").read_bytes()
        _require(told == canonical(manifest.format()), "the manifest is not that of the decisions")
    return Checked(digests=tuple(one.digest for one in statements), manifest=manifest)


def submissions(library: Path) -> list[dict[str, Any]]:
    """Return every `{"envelope","text","private"}`, in the order of submission."""
    chapters = sorted((library / "envelopes").glob("*.json"))
    return [one for path in chapters for one in _list(parse_json(path.read_bytes(), max_bytes=MAX_CHAPTER_BYTES))]


def _list(value: Any) -> list[dict[str, Any]]:
    _require(isinstance(value, list), "a chapter is no list")
    return list(value)


def _read(library: Path) -> tuple[list[Envelope], list[Statement]]:
    keys: dict[str, tuple[str, PublicKey]] = {}  # key id -> whose it is, and the key
    envelopes, statements = [], []
    for one in submissions(library):
        envelope = Envelope.parse(one["envelope"])
        statement = parse_statement(envelope.payload)
        if statement.type == "party.registered":
            key = PublicKey.parse(statement.body["key"])
            _require(statement.body["party"] == statement.issuer and key.keyid not in keys, "a key enrols one party")
            keys[key.keyid] = statement.issuer, key
        verify_signatures(envelope, {keyid: key for keyid, (party, key) in keys.items() if party == statement.issuer})
        _require(statement.body["text_sha256"] == sha256_hex(one["text"].encode()), "a text is not the one signed")
        _require(statement.body["private_sha256"] is None and one["private"] is None, "the library has no private part")
        envelopes.append(envelope)
        statements.append(statement)
    return envelopes, statements


def _check_files(library: Path, assets: list[dict[str, str]], statements: Sequence[Statement]) -> None:
    registered = {str(one.body["asset"]): one.body for one in statements if one.type == "asset.registered"}
    _require([one["asset"] for one in assets] == list(registered), "`assets.json` is not what is registered")
    for one in assets:
        body, path = registered[one["asset"]], library / "assets" / one["file"]
        data = path.read_bytes()
        sha256 = hashlib.sha256(data).hexdigest()
        _require(sha256 == one["sha256"] == body["sha256"] and len(data) == body["size"], f"`{one['file']}` differs")
        with path.open("rb") as file:
            _require(read_media(file).format() == body["media"], f"the metadata of `{one['file']}` differs")


def _decided(
    envelopes: list[Envelope], statements: list[Statement], assets: list[dict[str, str]], operator: str
) -> Manifest:
    """Decide as a registry would that took in these statements, in this order, and nothing else."""
    grants = {one.digest for one in statements if one.type in ("licence.granted", "consent.granted")}
    vouched = Vouched(
        tree_size=len(statements),
        indices={one.digest: place for place, one in enumerate(statements)},
        no_revocation_of=frozenset(grants),
        prompt_matches=(),
        cap_counts={},
    )
    samples = sorted((one["sha256"], one["asset"]) for one in assets if one["split"] == "train")
    request = TrainingRequest(
        salt=bytes(16),
        for_=operator,
        territory=TERRITORIES.mask(["US"]),
        engine="starter",
        manifest_sha256="0" * 64,  # of what is being made; no decision looks at it
        epochs=1,
        assets=tuple((asset, sha256) for sha256, asset in samples),
    )
    return manifest_of(request, facts_from(envelopes, vouched), max(one.issued_at for one in statements))


def _require(stands: bool, otherwise: str) -> None:
    if not stands:
        raise ValueError(f"the sample library is damaged: {otherwise}")
