"""
The gate: nothing is trained on that was not decided for `train`, and nothing is opened but by that decision.

1. Read what stands, and decide for every sample by itself: that makes the manifest, or names what refuses.
2. In one transaction: decide under locks on all of them together, log `clearance.issued` with the manifest's hash, and
   see that the manifest is still the same; keep it.
3. Open each sample by that clearance, decode it, and build the training pack: a pure function of the samples.

INVARIANT (closed-conditioning): ``open_sample`` is the trainer's only way to a file; ``vault.open`` lets it through for
the assets of a live training clearance and for nothing else.

A crash after step 2 leaves a clearance that nobody uses and that expires. Left out: the weights
(``generation.services.training``).
"""

import io
from dataclasses import dataclass
from typing import Final

from django.db import transaction
from PIL import Image

from consent.core.facts import Facts, facts_from
from consent.core.request import TrainingRequest
from consent.services import Cleared, Deliberation, issue_training_clearance, preflight, reconsider
from consent.services.clearing import new_salt
from consent.services.selecting import Selection, select_for_training
from generation.models import Manifest as ManifestRow
from generation.training.grounds import TrainingRefused, manifest_of
from generation.training.manifest import Manifest
from generation.training.samples import Pairs
from generation.video.pack import PackItem, build_pack
from registry import vault
from registry.core.clearance import Clearance
from registry.core.errors import DomainError
from registry.core.jcs import Json
from registry.ingest.decode import decode_picture
from registry.statements import open_statements

UNDECIDED: Final = "0" * 64  # stands for the manifest while it is being made; no decision looks at it
TOGETHER: Final = "all together"
MAX_TRIES: Final = 4  # the grounds change under our hands only while somebody signs about a sample
TEXT_CHUNK: Final = "proviso"  # of a PNG: what the composer must know of the picture (``generation.video.pack``)


class NoTrainingPicture(DomainError):
    """An asset that may be trained on, but that the trainer can make nothing of."""

    code = "no_training_picture"
    status = 422

    def __init__(self, *, asset: str, problem: str) -> None:
        super().__init__(f"asset `{asset}` is no plate or sheet of the starter engine: {problem}")


class SamplesChanged(DomainError):
    """The grounds of the samples kept changing while the run was being decided."""

    code = "contended"
    status = 503

    def __init__(self) -> None:
        super().__init__("the grounds of the samples kept changing: try again")


class TrainingRootDiffers(DomainError):
    """What this registry decides does not make the manifest that the weights are said to come from."""

    code = "training_root_differs"
    status = 409

    def __init__(self, *, found: str, expected: str) -> None:
        super().__init__(f"the training root of this registry is `{found}`, the shipped one is `{expected}`")


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """A training run that may begin."""

    samples: Pairs
    manifest: Manifest
    request: Json
    clearance: Clearance


class _Changed(Exception):
    """Between the manifest and the clearance something was signed about a sample; the transaction is rolled back."""


def admit(
    samples: Pairs, *, for_: str, territory: str, engine: str, epochs: int = 1, expected_root: str | None = None
) -> Admitted:
    """
    Decide on a run over these samples, log the clearance, keep the manifest. Its own transaction.

    Raises ``TrainingRefused``, which names every asset that may not be used, or ``TrainingRootDiffers`` where the
    manifest is not the one that is expected; then nothing was logged or opened.
    """
    for _ in range(MAX_TRIES):
        draft = _request(
            samples, for_=for_, territory=territory, engine=engine, epochs=epochs, manifest_sha256=UNDECIDED
        )
        found = preflight(draft)
        manifest = _manifest(found)
        if not found.decision.cleared:  # each sample by itself is allowed
            raise TrainingRefused(refused={TOGETHER: found.decision})
        if expected_root is not None and manifest.root != expected_root:
            raise TrainingRootDiffers(found=manifest.root, expected=expected_root)
        try:
            return _clear({**draft, "salt": new_salt(), "manifest_sha256": manifest.sha256}, samples, manifest)
        except _Changed:
            continue
    raise SamplesChanged


def selectable(samples: Pairs, *, for_: str, territory: str, epochs: int = 1) -> Selection:
    """
    Say which of many samples a run may be made of, each by itself; a manifest is then made of what is allowed.

    Most are settled in one pass over what single grants cover (``consent.services.selecting``). Binds nobody.
    """
    return select_for_training(samples, for_=for_, territory=territory, epochs=epochs)


def renew(admitted: Admitted) -> None:
    """Decide once more, after the run. Joins the caller's transaction; raises ``TrainingRefused``."""
    found = reconsider(admitted.request, prompt="", clearance=admitted.clearance.digest)
    _manifest(found)  # raises with the assets' names
    if not found.decision.cleared:
        raise TrainingRefused(refused={TOGETHER: found.decision})


def open_sample(clearance: Clearance, asset: str) -> PackItem:
    """Open one sample by a live training clearance and decode it. Raises what the vault and the decoder raise."""
    data = vault.open(clearance, asset)
    sha256 = clearance.sha256_of(asset)
    assert sha256 is not None  # the vault has just found it there
    pixels = decode_picture(data)
    with Image.open(io.BytesIO(data)) as image:
        description = image.info.get(TEXT_CHUNK)
    if not isinstance(description, str):
        raise NoTrainingPicture(asset=asset, problem=f"it has no text chunk `{TEXT_CHUNK}`")
    return PackItem(sha256=sha256, pixels=pixels, description=description)


def export_pack(admitted: Admitted) -> bytes:
    """Open every sample of a run and build its pack. Raises ``NoTrainingPicture`` and what the vault raises."""
    items = [open_sample(admitted.clearance, asset) for asset, _ in admitted.samples]
    try:
        return build_pack(items)
    except (ValueError, KeyError) as error:
        raise NoTrainingPicture(asset="of the run", problem=str(error)) from error


def _request(
    samples: Pairs, *, for_: str, territory: str, engine: str, epochs: int, manifest_sha256: str
) -> dict[str, Json]:
    return {
        "v": 1,
        "kind": "train",
        "salt": new_salt(),
        "for": for_,
        "territory": territory,
        "engine": engine,
        "epochs": epochs,
        "manifest_sha256": manifest_sha256,
        "assets": [{"asset": asset, "sha256": sha256} for asset, sha256 in samples],
    }


def _clear(request: Json, samples: Pairs, manifest: Manifest) -> Admitted:
    with transaction.atomic(durable=True):
        found = issue_training_clearance(request, manifest_sha256=manifest.sha256)
        if not isinstance(found, Cleared) or _manifest(found).sha256 != manifest.sha256:
            raise _Changed
        ManifestRow.objects.get_or_create(sha256=manifest.sha256, defaults={"body": manifest.format()})
    return Admitted(samples=samples, manifest=manifest, request=request, clearance=found.clearance)


def _manifest(found: Deliberation) -> Manifest:
    """Decide for each sample by itself, on the facts of the whole."""
    return manifest_of(TrainingRequest.parse(found.request), _facts(found), found.at)


def _facts(found: Deliberation) -> Facts:
    return facts_from((one.envelope for one in open_statements(found.digests).values()), found.vouched)
