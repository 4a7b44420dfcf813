"""
Papers without a server: a small log in memory, real signatures, and a real sealed file.

``papers()`` tells the cleared case of ``tests.decisions`` to its end: the registry clears the shot, a file is encoded
and sealed, the registry releases it, everything gets its receipt. A test changes one thing on the way, as whoever holds
that key could (``Changes``), or damages what came out.
"""

import base64
import copy
import functools
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from consent.core.decision import Decision, decide
from consent.core.facts import facts_from
from consent.core.request import parse_request, request_sha256
from consent.core.vouched import Vouched
from generation.core.credential import Credential, Ingredient, relationship_of
from generation.media.certificates import Chain, chain
from generation.media.encoding import encode
from generation.media.sealing import seal
from registry.core.checkpoint import Checkpoint, NoteSigner, Proof, VerifierKey, sign_checkpoint
from registry.core.envelope import Envelope, canonical, format_statement, sha256_hex, sign_statement
from registry.core.merkle import inclusion_proof, leaf_hash, root
from registry.core.times import format_time
from registry.custody.files import FileKeys
from tests.custody_keys import places
from tests.decisions import AT, WEIGHTS, Body, World, id_of, key_of, public, shot

ORIGIN = "papers.example/log"
RELEASED_AT = AT + timedelta(minutes=20)
TRAINING_ROOT = "c" * 64
OUTPUT_SALT = "AQEBAQEBAQEBAQEBAQEBAQ=="


@dataclass
class Log:
    """A transparency log that fits in a list."""

    key: str = "log"  # a name
    entries: list[bytes] = field(default_factory=list)

    def append(self, envelope: Envelope, type_: str) -> int:
        entry = {"digest": envelope.digest, "envelope": envelope.envelope_sha256, "type": type_, "v": 1}
        self.entries.append(canonical(entry))
        return len(self.entries) - 1

    def proof(self, index: int) -> str:
        """Return the receipt of an entry under a checkpoint of everything so far."""
        leaves = [leaf_hash(entry) for entry in self.entries]
        checkpoint = Checkpoint(origin=ORIGIN, size=len(leaves), root=root(leaves))
        note = sign_checkpoint(checkpoint, NoteSigner.of(ORIGIN, key_of(self.key))).decode()
        return Proof(index=index, hashes=inclusion_proof(index, leaves), checkpoint_text=note).format().decode()


def untouched(_: Any) -> None:
    """Change nothing."""


@dataclass(frozen=True, kw_only=True)
class Changes:
    """What a dishonest hand does on the way; each function changes its argument in place."""

    registry: str = "registry"  # whose key signs for the registry
    clearance: Callable[[Body], None] = untouched  # the body, before it is signed
    release: Callable[[Body], None] = untouched
    release_request: Callable[[Body], None] = untouched
    credential: Callable[[Credential], Credential] = lambda credential: credential
    told: Callable[[Body], None] = untouched  # what both decisions are told
    before_release: Callable[[World], None] = untouched  # what happens between clearance and release
    output: Callable[[bytes], bytes] = lambda mp4: mp4  # the file that is released
    chain: Chain | None = None


HONEST = Changes()


@dataclass(kw_only=True)
class Papers:
    bundle: dict[str, Any]
    mp4: bytes
    trust: dict[str, Any]  # from elsewhere, as a user has it
    log: Log

    def copy(self) -> "Papers":
        return copy.deepcopy(self)

    def statement(self, type_: str) -> dict[str, Any]:
        """Return the bundle's first statement of a type, to be damaged."""
        return next(s for s in self.bundle["statements"] if payload_of(s)["type"] == type_)

    def write(self, folder: Path) -> tuple[Path, Path, Path]:
        """Write bundle, file and trust."""
        paths = folder / "bundle.json", folder / "out.mp4", folder / "trust.json"
        paths[0].write_text(json.dumps(self.bundle))
        paths[1].write_bytes(self.mp4)
        paths[2].write_text(json.dumps(self.trust))
        return paths


def payload_of(statement: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(base64.b64decode(statement["envelope"]["payload"]))
    return found


def world() -> World:
    """Return the cleared case, with weights whose training is told in full."""
    found = World()
    found.steps["weights"].body = {
        "weights": WEIGHTS,
        "engine": "starter",
        "root": TRAINING_ROOT,
        "manifest_sha256": "d" * 64,
        "run": "shipped",
        "clearance": "e" * 64,
    }
    return found


@functools.cache
def frames() -> np.ndarray:
    """Eight frames of a disc that crosses a field, _TCHW."""
    y, x = np.mgrid[0:64, 0:64]
    pictures = []
    for t in range(8):
        disc = (x - 8 - 6 * t) ** 2 + (y - 32) ** 2 < 81
        pictures.append(np.stack([np.where(disc, 230, 40 + x), np.where(disc, 200, 90 + y // 2), 160 - y]))
    return np.stack(pictures).astype(np.uint8)


@functools.cache
def unsealed() -> bytes:
    return encode(frames(), fps=(24, 1), size=(64, 64))


def ingredients(request: Body) -> tuple[Ingredient, ...]:
    return tuple(
        Ingredient(role=r["role"], relationship=relationship_of(r["role"]), sha256=r["sha256"])
        for r in request["references"]
    )


def decided(world_: World, request: Body, tree_size: int, told: Callable[[Body], None], at: datetime) -> Body:
    """Decide as the registry would; return what the statement and the bundle say of it."""
    signed = world_.envelopes()
    vouched = world_.vouches(signed).format() | {"tree_size": tree_size}
    told(vouched)
    facts = facts_from(signed.values(), Vouched.parse(vouched))
    decision: Decision = decide(parse_request(request), facts, at)
    return {
        "request": request,
        "vouched": vouched,
        "digests": sorted(envelope.digest for envelope in signed.values()),
        "decision": decision,
    }


def _record(log: Log, type_: str, body: Body, at: datetime, signer: str) -> tuple[Envelope, int]:
    payload = format_statement(
        type=type_,
        id=id_of(f"{type_} {at}"),
        issued_at=at,
        issuer=id_of("registry"),
        nonce=bytes(16),
        body=body,
    )
    envelope = sign_statement(payload, key_of(signer))
    return envelope, log.append(envelope, type_)


def _said(decision: Decision, request: Body, at: datetime) -> Body:
    """Return the fields that clearance and release share."""
    return {
        "request_sha256": request_sha256(request),
        "at": format_time(at),
        "facts_digest": decision.facts_digest,
        "tree_size": decision.tree_size,
        "grounds": [list(ground) for ground in decision.grounds],
    }


def papers(
    chain_: Chain,
    world_: World | None = None,
    *,
    changes: Changes = HONEST,
    log: Log | None = None,
    request: Body | None = None,
    places: dict[str, int] | None = None,
    stamps_at: str | None = None,
) -> Papers:
    """Tell the story from the first statement to the papers."""
    told_by = world() if world_ is None else world_
    log = Log() if log is None else log
    request = shot() if request is None else request
    envelopes = told_by.envelopes()
    indices = {
        envelopes[name].digest: log.append(envelopes[name], step.type)
        for name, step in told_by.steps.items()
        if step.logged
    }
    clearing = decided(told_by, request, len(log.entries), changes.told, AT)
    issued, issued_at = _record(log, "clearance.issued", _clearance(clearing, changes), AT, changes.registry)
    credential = changes.credential(_credential(issued, log.proof(issued_at), clearing))
    sealing = changes.chain or chain_
    mp4 = changes.output(seal(unsealed(), credential=credential, chain=sealing, engine="starter", stamps_at=stamps_at))

    changes.before_release(told_by)
    for name, envelope in told_by.envelopes().items():
        if envelope.digest not in indices and told_by.steps[name].logged:
            indices[envelope.digest] = log.append(envelope, told_by.steps[name].type)
    asked = _release_request(request, clearing, changes)
    releasing = decided(told_by, asked, len(log.entries), _placing(indices, changes.told), RELEASED_AT)
    body = _release(releasing, issued.digest, sha256_hex(mp4), changes)
    released, released_at = _record(log, "shot.released", body, RELEASED_AT, changes.registry)

    indices |= {issued.digest: issued_at, released.digest: released_at} | (places or {})
    statements = [*told_by.envelopes().values(), issued, released]
    trust = trust_of(chain_, log.key)
    bundle = {
        "v": 1,
        "output_sha256": sha256_hex(mp4),
        "trust": copy.deepcopy(trust),
        "statements": [
            {"envelope": e.format(), "proof": log.proof(indices[e.digest]) if e.digest in indices else None}
            for e in statements
        ],
        "clearance": _in_bundle(issued, clearing),
        "release": _in_bundle(released, releasing),
    }
    return Papers(bundle=json.loads(json.dumps(bundle)), mp4=mp4, trust=trust, log=log)


def trust_of(chain_: Chain, log_key: str = "log", registry: Sequence[str] = ("registry",)) -> dict[str, Any]:
    return {
        "log": [VerifierKey.of(ORIGIN, key_of(log_key)).format()],
        "registry": [public(name)["spki"] for name in registry],
        "c2pa": [chain_.root_pem],
    }


def new_chain(folder: Path) -> Chain:
    return chain_in(folder, at=datetime.now(UTC))


def chain_in(folder: Path, *, at: datetime) -> Chain:
    """Return the chain of a folder with the key beside it."""
    return chain(folder, FileKeys(dict(places(folder))).signer("credential"), at=at)


def resealed(chain_: Chain, credential: Credential) -> bytes:
    return seal(unsealed(), credential=credential, chain=chain_, engine="starter")


def _placing(indices: dict[str, int], then: Callable[[Body], None]) -> Callable[[Body], None]:
    """Tell a later decision where statements really stand: the clearance lies between old and new ones."""

    def told(vouched: Body) -> None:
        for digest, index in vouched["indices"].items():
            vouched["indices"][digest] = None if index is None else indices[digest]
        then(vouched)

    return told


def _clearance(clearing: Body, changes: Changes) -> Body:
    request = clearing["request"]
    body = _said(clearing["decision"], request, AT) | {
        "clearance": id_of("clearance"),
        "kind": "shot",
        "expires_at": format_time(AT + timedelta(hours=1)),
        "assets": sorted([r["asset"], r["sha256"]] for r in request["references"]),
        "shot": request["shot"],
        "replaces": None,
        "manifest_sha256": None,
        "seconds": request["seconds"],
        "epochs": 0,
    }
    changes.clearance(body)
    return body


def _credential(issued: Envelope, proof: str, clearing: Body) -> Credential:
    used = ingredients(clearing["request"])
    return Credential(
        clearance=issued.digest,
        proof=proof,
        grounds=clearing["decision"].grounds,
        weights=clearing["request"]["weights"],
        training_root=TRAINING_ROOT,
        ingredients=used,
        composite=any(ingredient.relationship == "componentOf" for ingredient in used),
    )


def _release_request(request: Body, clearing: Body, changes: Changes) -> Body:
    asked = copy.deepcopy(request) | {"kind": "release", "salt": OUTPUT_SALT}
    asked["rests_on"] = [digest for digest, _ in clearing["decision"].grounds]
    changes.release_request(asked)
    return asked


def _release(releasing: Body, clearance: str, output: str, changes: Changes) -> Body:
    request = releasing["request"]
    body = _said(releasing["decision"], request, RELEASED_AT) | {
        "shot": request["shot"],
        "clearance": clearance,
        "output_sha256": output,
        "checks": {"near_copy": "pass", "lookalike": "unchecked"},
        "reviewed_by": id_of("reviewer"),
        "weights": request["weights"],
    }
    changes.release(body)
    return body


def _in_bundle(envelope: Envelope, decided_: Body) -> Body:
    return {"digest": envelope.digest} | {name: decided_[name] for name in ("request", "vouched", "digests")}
