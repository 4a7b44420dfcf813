"""
Sign the sample library once, and check what is shipped.

    python -m library.sign           signs it, where it is not signed yet
    python -m library.sign --again   signs it anew: new keys, so new signatures, digests and pins
    python -m library.sign --check   checks every shipped byte, offline

Steps: read every file as the registry will; draw a key for each party, in memory; put each body into words, as its
signer reads it; sign; check the whole; write. The private keys are never written, so nobody can say anything more in
these parties' names.

Written under ``library/``: ``envelopes/NNN-chapter.json``, each a list of `{"envelope","text","private"}` in the order
of submission; ``pins.json``, the digests that may be accepted late and without enrolment tokens, and who the parties
are; ``assets.json``, which file is which asset; ``manifest.json``, the training manifest.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from consent.core.bodies import PARSERS
from consent.texts import describe_consent
from library.bodies import OFFICES, Act, Entry, File, acts, id_of, nonce_of, party_id, performers
from library.check import check
from registry.core.envelope import PublicKey, format_statement, sign_statement
from registry.core.fields import Reader
from registry.core.jcs import Json, canonical, sha256_hex
from registry.texts.assets import describe_appearance, describe_asset
from registry.texts.licences import describe_licence
from registry.texts.parties import describe_party, describe_vouch
from registry.texts.projects import describe_work
from registry.texts.titles import describe_title

LIBRARY = Path(__file__).parent

_DESCRIBE: Mapping[str, Callable[[Any, str, Callable[[str], str]], str]] = MappingProxyType(
    {
        "party.registered": describe_party,
        "identity.vouched": describe_vouch,
        "work.registered": describe_work,
        "asset.registered": describe_asset,
        "appearance.recorded": describe_appearance,
        "title.claimed": describe_title,
        "licence.granted": describe_licence,
        "consent.granted": describe_consent,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A signed library. Whoever holds ``keys`` can speak for its parties; they are not part of what is written."""

    chapters: tuple[tuple[str, tuple[dict[str, Json], ...]], ...]
    digests: tuple[str, ...]  # in the order of submission
    files: tuple[File, ...]
    keys: Mapping[str, Ed25519PrivateKey]  # slug of a party -> its key


def sign(entries: Sequence[Entry], folder: Path, *, at: datetime) -> Signed:
    """Sign the library of these files, which lie in ``folder``, with new keys."""
    files = [File.read(folder, entry) for entry in entries if entry["split"] != "heldout"]
    keys = {slug: Ed25519PrivateKey.generate() for slug in [*OFFICES, *performers(files)]}
    chapters, digests = [], []
    told = acts(files, {slug: PublicKey.of(key).format() for slug, key in keys.items()})
    names = _names([act for _, chapter in told for act in chapter])
    for name, chapter in told:
        signed = [_signed(act, keys[act.issuer], names, at=at) for act in chapter]
        chapters.append((name, tuple(submission for _, submission in signed)))
        digests += [digest for digest, _ in signed]
    return Signed(chapters=tuple(chapters), digests=tuple(digests), files=tuple(files), keys=MappingProxyType(keys))


def _names(said: Sequence[Act]) -> Mapping[str, str]:
    """How the texts call what the library registers."""
    names: dict[str, str] = {}
    for act in said:
        for kind in ("party", "work", "asset"):
            if act.type == f"{kind}.registered":
                names[str(act.body[kind])] = str(act.body.get("name") or act.body["title"])
    return names


def _signed(act: Act, key: Ed25519PrivateKey, names: Mapping[str, str], *, at: datetime) -> tuple[str, dict[str, Json]]:
    text = _DESCRIBE[act.type](PARSERS[act.type](Reader(act.body, "body")), "en", names.__getitem__)
    shown = {"language": "en", "text_sha256": sha256_hex(text.encode()), "private_sha256": None}
    payload = format_statement(
        type=act.type,
        id=id_of(f"statement {act.slug}"),
        issued_at=at,
        issuer=party_id(act.issuer),
        nonce=nonce_of(act.slug),
        body=act.body | shown,
    )
    envelope = sign_statement(payload, key)
    return envelope.digest, {"envelope": envelope.format(), "text": text, "private": None}


def write(signed: Signed, library: Path) -> None:
    """Write a signed library, and the manifest that its grants cover. Raises ``ValueError`` where it does not check."""
    envelopes = library / "envelopes"
    envelopes.mkdir(parents=True, exist_ok=True)
    for number, (name, chapter) in enumerate(signed.chapters, start=1):
        _write(envelopes / f"{number:03d}-{name}.json", list(chapter))
    parties = {slug: party_id(slug) for slug in OFFICES}
    _write(library / "pins.json", {"v": 1, **parties, "digests": sorted(signed.digests)})
    _write(library / "assets.json", [_placed(file) for file in signed.files])
    manifest = check(library).manifest
    (library / "manifest.json").write_bytes(canonical(manifest.format()))


def _placed(file: File) -> dict[str, Json]:
    return {"asset": file.asset, "file": file.entry["file"], "sha256": file.sha256, "split": file.entry["split"]}


def _write(path: Path, value: Json) -> None:
    path.write_text(json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False) + "\n", "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description="sign the sample library, or check it")
    parser.add_argument("--again", action="store_true", help="sign anew what is signed already")
    parser.add_argument("--check", action="store_true", help="check what is shipped, offline")
    args = parser.parse_args()
    if not args.check:
        if (LIBRARY / "pins.json").exists() and not args.again:
            parser.error("the library is signed already: with --again, all its digests change")
        entries = json.loads((LIBRARY / "assets" / "index.json").read_text("utf-8"))
        write(sign(entries, LIBRARY / "assets", at=datetime.now(UTC).replace(microsecond=0)), LIBRARY)
    found = check(LIBRARY, shipped=True)
    print(f"{len(found.digests)} statements, {len(found.manifest.samples)} training assets, root {found.manifest.root}")


if __name__ == "__main__":
    main()
