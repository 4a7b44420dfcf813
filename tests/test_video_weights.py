"""
The shipped weights obey: the swap laws and baselines on a handful of clips that no training saw.

`python -m tests.bench_starter` measures the same on 32 clips and more steps.
"""

import hashlib
import json
from pathlib import Path

import pytest
import torch

from generation.video import measures, text
from generation.video.compose import Clip, compose
from generation.video.pack import read_pack
from generation.video.render import RenderSpec, render
from generation.video.weights import read_weights
from library.draw import fresh_pack, training_pack
from library.draw_plates import draw_plate
from library.draw_sheets import draw_sheet

pytestmark = pytest.mark.slow
torch.set_num_threads(1)  # small tensors: threads would only wait for each other

FOLDER = Path(__file__).parent.parent / "library" / "weights"
DATA = (FOLDER / "starter.safetensors").read_bytes()
TOLD = json.loads((FOLDER / "training.json").read_text())
NETWORK, PROVENANCE = read_weights(DATA)
PACK = read_pack(fresh_pack(35_000, performers=8, hours=("day", "night")))
STEPS = 4
SIZE_LIMIT = 20 * 2**20


def clips(count: int, *words: str) -> list[Clip]:
    """The first clips with one of these words, each of another performer."""
    found = []
    for seed in range(200):
        clip = compose(PACK, seed, NETWORK.config)
        told = {text.VOCABULARY[int(i)] for i in clip.words_K.nonzero()[:, 0]}
        in_view = clip.figure and bool((clip.box_T3[:, 0].abs() < 1.4).all())
        met = any(torch.equal(clip.reference_4RR, other.reference_4RR) for other in found)
        if (told & set(words) or not words) and in_view and not met and not told & {"zoom in", "zoom out"}:
            found.append(clip)
        if len(found) == count:
            break
    return found


def test_the_weights_are_the_ones_their_account_names() -> None:
    assert len(DATA) < SIZE_LIMIT
    assert TOLD["weights_sha256"] == hashlib.sha256(DATA).hexdigest()
    assert TOLD["pack_sha256"] == PROVENANCE.pack_sha256
    assert (TOLD["steps"], TOLD["seed"]) == (PROVENANCE.steps, PROVENANCE.seed)


def test_the_weights_were_trained_on_the_shipped_library_and_nothing_else() -> None:
    assert PROVENANCE.pack_sha256 == hashlib.sha256(training_pack()).hexdigest()


def test_a_shot_from_a_first_frame_beats_freezing_and_warping_it() -> None:
    some = clips(3, "pan left", "pan right")
    truth = torch.stack([c.frames_TCHW for c in some])
    asked = measures.asked_by(some, frames=[0])
    made = measures.psnr(measures.generate(NETWORK, asked, steps=STEPS, seed=1), truth)
    assert made > measures.psnr(measures.freeze_baseline(truth), truth) + 1
    assert made > measures.psnr(measures.warp_baseline(asked), truth) + 1


def test_the_camera_is_obeyed_against_the_data() -> None:
    some = clips(4, "pan left", "pan right")
    turned = measures.flipped(measures.asked_by(some, frames=[0]))
    line = measures.camera_line(measures.generate(NETWORK, turned, steps=STEPS, seed=2), turned.camera_BT3)
    assert line.count == 4
    assert line.slope > 0.8


def test_the_figure_is_whom_the_reference_shows_and_nobody_in_particular_without() -> None:
    some = clips(6)
    swapped = measures.swapped_references(measures.asked_by(some, backdrop=True), 2)
    references = measures.reference_features(swapped.reference_B4RR)

    def share(controls: measures.Controls) -> float:
        made = measures.generate(NETWORK, controls, steps=STEPS, seed=3)
        figures = measures.figure_features(made, controls.box_BT3, controls.facing_B)
        return measures.retrieved(figures, references)

    assert share(swapped) > 0.8  # one in six may be mistaken: a small group shares few colours
    assert share(measures.without_reference(swapped)) < 0.6


def test_the_words_alone_set_the_hour() -> None:
    bright = []
    for hour in ("day", "night"):
        spec = RenderSpec(prompt=f"{hour} over hills", steps=STEPS)
        generator = torch.Generator().manual_seed(4)
        bright.append(render(NETWORK, spec, generator=generator, device=torch.device("cpu")).frames_TCHW.float().mean())
    assert bright[0] > bright[1] + 25


@pytest.mark.parametrize("steps", [12])
def test_a_whole_shot_renders_and_names_its_sources(steps: int) -> None:
    spec = RenderSpec(
        prompt="walks right at night, pan right",
        steps=steps,
        backdrop=torch.from_numpy(draw_plate(35_000, "night", "city")).permute(2, 0, 1),
        reference=torch.from_numpy(draw_sheet(35_000)).permute(2, 0, 1),
    )
    made = render(NETWORK, spec, generator=torch.Generator().manual_seed(1), device=torch.device("cpu"))
    assert tuple(made.frames_TCHW.shape) == (16, 3, 72, 128)
    assert made.unknown_words == ()
    assert made.shares["backdrop"] > 0.7
    assert made.shares["reference"] > 0.01
