"""
Train here, export for elsewhere, and take in the weights that are shipped; each ends in a logged statement.

- ``train``: decide, open, train in a process of its own, decide again, log `weights.trained {run: here}`
- ``export``: decide, open, and write the pack for a machine without a registry
- ``ensure_shipped_weights``: at set-up, decide for the shipped manifest and log `weights.trained {run: shipped}`

What was decided is in the log before a sample is opened; the weights are logged only if every sample may still be used
when they are finished. A crash in between leaves a clearance that expires, and weights that no shot may use. An
exported pack holds the samples in the clear: it is written for its owner alone, and ``train`` removes its own.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import IntegrityError, transaction

from consent import services as consent
from generation.kinds import WEIGHTS_TRAINED
from generation.models import Weights
from generation.training import gate
from generation.training.gate import Admitted
from generation.training.grounds import TrainingRefused
from generation.training.manifest import Manifest
from generation.training.samples import Pairs, library, library_operator, library_samples, operator, shipped_manifest
from generation.training.trainer import Run, run_trainer
from generation.video.files import told_by
from registry import log
from registry.core.errors import DomainError
from registry.core.jcs import canonical, sha256_hex
from registry.errors import AlreadyRegistered
from registry.locks import clock
from registry.services.record import record

ENGINE: Final = "starter"
SHIPPED_WEIGHTS: Final = Path("weights/starter.safetensors")  # in the library
OWNER_ONLY: Final = 0o600


class WeightsMissing(DomainError):
    """There are no shipped weights to take in."""

    code = "weights_missing"
    status = 503

    def __init__(self, *, path: Path) -> None:
        super().__init__(f"no weights at `{path}`: train them with `manage.py train`, or fetch the whole repository")


class ForeignWeights(DomainError):
    """The weights say that they were made from another pack."""

    code = "foreign_weights"
    status = 422

    def __init__(self, *, wanted: str, told: str) -> None:
        super().__init__(f"the weights were trained from pack `{told}`, not from `{wanted}`")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """A pack on disk, and what allowed it."""

    admitted: Admitted
    pack_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """Weights that the log knows."""

    weights: str  # SHA-256 of the file
    statement: str  # digest of `weights.trained`
    manifest: Manifest


def allowed(samples: Pairs, *, run: Run, say: Callable[[str], None]) -> Pairs:
    """
    Return those of the samples that a run may be made of, and say why of each of the others. Binds nobody.

    Raises ``TrainingRefused`` where none is left.
    """
    epochs = run.epochs(len(samples))
    found = gate.selectable(samples, for_=operator(), territory=settings.OPERATOR_TERRITORY, epochs=epochs)
    if not found.allowed:
        raise TrainingRefused(refused=found.refused)
    for asset, decision in sorted(found.refused.items()):
        say(f"left out {asset}: {', '.join(dict.fromkeys(obstacle.code for obstacle in decision.obstacles))}")
    return tuple(pair for pair in samples if pair[0] in found.allowed)


def export(samples: Pairs, path: Path, *, run: Run | None = None) -> Exported:
    """
    Decide on these samples and write their training pack, readable by its owner alone, with `manifest.json` beside it.

    ``run`` is what it is for; without one, a run as long as is usual.

    Raises ``TrainingRefused``; then nothing is written.
    """
    epochs = (run or Run(out=path.parent)).epochs(len(samples))
    admitted = gate.admit(samples, for_=operator(), territory=settings.OPERATOR_TERRITORY, engine=ENGINE, epochs=epochs)
    pack = gate.export_pack(admitted)
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_ONLY), "wb") as file:
        file.write(pack)
    path.with_name("manifest.json").write_bytes(canonical(admitted.manifest.format()))
    return Exported(admitted=admitted, pack_sha256=sha256_hex(pack))


def train(samples: Pairs, run: Run, *, say: Callable[[str], None]) -> Trained:
    """
    Train on these samples and log the weights; leaves weights, checkpoint, log and manifest in ``run.out``.

    Raises ``TrainingRefused`` before the run, or after it where a right was withdrawn meanwhile; ``TrainerFailed``.
    """
    pack = run.out / "pack.safetensors"
    exported = export(samples, pack, run=run)
    try:
        weights = run_trainer(pack, run, root=settings.BASE_DIR, say=say)
    finally:
        pack.unlink()
    _require_own(weights, exported.pack_sha256)
    with transaction.atomic(durable=True):
        gate.renew(exported.admitted)
        statement = _log(sha256_hex(weights), exported.admitted, run="here")
    return Trained(weights=sha256_hex(weights), statement=statement, manifest=exported.admitted.manifest)


def ensure_shipped_weights() -> str:
    """
    Log the shipped weights unless they are logged, and return their SHA-256. Safe to run at every start.

    The library's statements must have been submitted. Raises ``TrainingRefused``, and ``TrainingRootDiffers`` where the
    decisions of this registry do not make the shipped manifest; then nothing is logged.
    """
    path = library() / SHIPPED_WEIGHTS
    if not path.is_file():
        raise WeightsMissing(path=path)
    weights = sha256_hex(path.read_bytes())
    if Weights.objects.filter(weights=weights).exists():
        return weights
    _publish()  # decisions see only what is under a checkpoint
    admitted = gate.admit(
        library_samples(),
        for_=library_operator(),
        territory=settings.OPERATOR_TERRITORY,
        engine=ENGINE,
        epochs=Run(out=path.parent).epochs(len(library_samples())),
        expected_root=shipped_manifest().root,
    )
    try:
        with transaction.atomic(durable=True):
            _log(weights, admitted, run="shipped")
    except (AlreadyRegistered, IntegrityError):
        if not Weights.objects.filter(weights=weights).exists():
            raise
        return weights  # another server set up at the same moment
    _publish()
    return weights


def _require_own(weights: bytes, pack_sha256: str) -> None:
    told = str(told_by(weights).get("pack_sha256"))
    if told != pack_sha256:
        raise ForeignWeights(wanted=pack_sha256, told=told)


def _log(weights: str, admitted: Admitted, *, run: str) -> str:
    """Log the weights, and close the clearance, which has served. Joins the caller's transaction."""
    at = clock()
    statement = record(
        WEIGHTS_TRAINED,
        {
            "weights": weights,
            "engine": ENGINE,
            "root": admitted.manifest.root,
            "manifest_sha256": admitted.manifest.sha256,
            "run": run,
            "clearance": admitted.clearance.digest,
        },
        at=at,
    )
    consent.close(admitted.clearance.digest, by=statement, at=at)
    return statement


def _publish() -> None:
    while log.publish(at=clock()) is not None:
        pass
