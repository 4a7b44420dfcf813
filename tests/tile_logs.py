"""A log as files in a directory, as any web server or bucket serves it: plain entries, signed by both its keys."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from registry.core.checkpoint import Checkpoint, NoteSigner, Proof, sign_checkpoint
from registry.core.entry import entry_bytes
from registry.core.tiles import Edge, Tile, inclusion_proof_from
from tests.decision_bodies import key_of

ORIGIN = "tiles.example/log"


def post_quantum(name: str) -> MLDSA44PrivateKey:
    return MLDSA44PrivateKey.from_seed_bytes(hashlib.sha256(f"pq {name}".encode()).digest())


def entry(number: int) -> bytes:
    """Return an entry as the log has them."""
    named = [hashlib.sha256(b"%d %d" % (number, part)).hexdigest() for part in (0, 1)]
    return entry_bytes(digest=named[0], envelope_sha256=named[1], type="work.registered")


@dataclass(kw_only=True)
class TileLog:
    """The files below ``folder``; every test may do to them what it likes."""

    folder: Path
    key: str = "log"
    signs: tuple[str, ...] = ("ed25519", "mldsa44")
    witnesses: tuple[str, ...] = ()
    edge: Edge = field(default_factory=Edge.empty)

    @property
    def signers(self) -> list[NoteSigner]:
        both = {
            "ed25519": NoteSigner.of(ORIGIN, key_of(self.key)),
            "mldsa44": NoteSigner.of(ORIGIN, post_quantum(self.key)),
        }
        return [both[kind] for kind in self.signs]

    @property
    def trust(self) -> dict[str, Any]:
        return {"log": [signer.key.format() for signer in self.signers], "registry": [], "c2pa": []}

    def append(self, entries: Sequence[bytes]) -> None:
        """Add entries, write the files of the new size and its checkpoint; earlier partial files stay."""
        self.edge, files = self.edge.extend(entries)
        for path, data in files.items():
            place = self.folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
        self.sign(self.edge.root)

    def sign(self, root: bytes, *, size: int | None = None) -> None:
        """Write a checkpoint over this root, whatever the files say."""
        checkpoint = Checkpoint(origin=ORIGIN, size=self.edge.size if size is None else size, root=root)
        cosigning = [NoteSigner.witness(name, key_of(name)) for name in self.witnesses]
        note = sign_checkpoint(checkpoint, *self.signers, *cosigning, time_s=1_795_000_000)
        (self.folder / "checkpoint").write_bytes(note)

    def proof(self, index: int) -> Proof:
        """Return the receipt of an entry under the newest checkpoint."""
        hashes = inclusion_proof_from(index, self.edge.size, lambda tile: self.read(tile))
        note = (self.folder / "checkpoint").read_text()
        return Proof(index=index, hashes=hashes, checkpoint_text=note)

    def read(self, tile: Tile) -> bytes:
        return (self.folder / tile.path).read_bytes()

    def write_trust(self, path: Path, **more: Any) -> str:
        path.write_text(json.dumps(self.trust | more))
        return str(path)
