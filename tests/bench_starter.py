"""
Measure the starter engine on clips whose places and performers no training saw.

    python -m tests.bench_starter [--clips 32] [--steps 12] [--threads 1] [--weights FILE]

Prints the table of measures beside their baselines and targets, and leaves contact sheets in var/bench/. Each group of
rows in a sheet is: the truth, then what the engine made.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from generation.video import measures as m
from generation.video import text
from generation.video.compose import Clip, compose
from generation.video.conditions import Controls
from generation.video.network import Network
from generation.video.pack import Pack, read_pack
from generation.video.weights import read_weights
from library.draw import fresh_pack

WEIGHTS = Path(__file__).parent.parent / "library" / "weights" / "starter.safetensors"
OUT = Path(__file__).parent.parent / "var" / "bench"
HELD_OUT_SEED = 20_000
GROUP = 16  # references to tell apart
SHOWN = 6  # clips on a contact sheet


def clips_where(pack: Pack, network: Network, count: int, wanted: Callable[[Clip], bool]) -> list[Clip]:
    """The first clips of the held-out pack, by seed, that are as wanted, each with another performer."""
    found: list[Clip] = []
    seed = HELD_OUT_SEED
    while len(found) < count:
        clip = compose(pack, seed, network.config)
        met = any(torch.equal(clip.reference_4RR, other.reference_4RR) for other in found)
        found += [clip] if wanted(clip) and not met else []
        seed += 1
    return found


def has(clip: Clip, *words: str) -> bool:
    return any(bool(clip.words_K[text.VOCABULARY.index(word)]) for word in words)


def seen(clip: Clip) -> bool:
    return clip.figure and has(clip, *text.TIMES) and bool((clip.box_T3[:, 0].abs() < 1.5).all())


def report(name: str, value: str, *, beside: str = "", target: str = "", met: bool | None = None) -> None:
    mark = "" if met is None else ("  met" if met else "  MISSED")
    print(f"{name:<44}{value:>12}   {beside:<40}{target}{mark}", flush=True)


def measure_quality(network: Network, clips: Sequence[Clip], steps: int) -> dict[str, Tensor]:
    truth = torch.stack([c.frames_TCHW for c in clips])
    first = m.asked_by(clips, frames=[0])
    made = m.generate(network, first, steps=steps, seed=1)
    ours, freeze, warp = (
        m.psnr(made, truth),
        m.psnr(m.freeze_baseline(truth), truth),
        m.psnr(m.warp_baseline(first), truth),
    )
    report(
        "image to video, PSNR dB",
        f"{ours:.2f}",
        beside=f"freeze {freeze:.2f}, camera warp {warp:.2f}",
        target="above both",
        met=ours > max(freeze, warp),
    )
    both = m.generate(network, m.asked_by(clips, frames=[0, -1]), steps=steps, seed=2)
    inner, blend = m.psnr(both[:, 1:-1], truth[:, 1:-1]), m.psnr(m.blend_baseline(truth)[:, 1:-1], truth[:, 1:-1])
    report(
        "first and last frame, PSNR dB between",
        f"{inner:.2f}",
        beside=f"linear blend {blend:.2f}",
        target="above",
        met=inner > blend,
    )
    plate = m.generate(network, m.asked_by(clips, plate=True), steps=steps, seed=3)
    report(
        "on a plate, PSNR dB",
        f"{m.psnr(plate, truth):.2f}",
        beside="plate alone " + f"{m.psnr(torch.stack([c.stage_TCHW for c in clips]), truth):.2f}",
    )
    return {"first frame": made, "first and last": both, "plate": plate}


def measure_camera(network: Network, clips: Sequence[Clip], steps: int) -> Tensor:
    truth = torch.stack([c.stage_TCHW for c in clips])
    ceiling = m.camera_line(truth, torch.stack([c.camera_T3 for c in clips]))
    turned = m.flipped(m.asked_by(clips, frames=[0]))
    made = m.generate(network, turned, steps=steps, seed=4)
    line = m.camera_line(made, turned.camera_BT3)
    beside = f"truth {ceiling.slope:.2f} (r {ceiling.correlation:.2f}), n {line.count}"
    report("camera pan flipped, slope", f"{line.slope:.2f}", beside=beside, target=">= .8", met=line.slope >= 0.8)
    report("camera pan flipped, correlation", f"{line.correlation:.2f}", beside=f"mean error {line.error:.1f} px")
    return made


def measure_identity(network: Network, clips: Sequence[Clip], steps: int) -> Tensor:
    asked = m.asked_by(clips, backdrop=True)
    truth = torch.stack([c.frames_TCHW for c in clips])
    swapped, off = m.swapped_references(asked, 5), m.without_reference(asked)
    made = m.generate(network, swapped, steps=steps, seed=5)
    bare = m.generate(network, off, steps=steps, seed=6)

    def share(frames: Tensor, controls: Controls) -> float:
        figures = m.figure_features(frames, controls.box_BT3, controls.facing_B)
        references = m.reference_features(controls.reference_B4RR)
        groups = [slice(k, k + GROUP) for k in range(0, len(figures) - GROUP + 1, GROUP)]
        return sum(m.retrieved(figures[g], references[g]) for g in groups) / len(groups)

    with_it, ceiling, without = share(made, swapped), share(truth, asked), share(bare, asked)
    report(
        f"identity of {GROUP}, references swapped",
        f"{with_it:.2f}",
        beside=f"truth {ceiling:.2f}",
        target=">= .9",
        met=with_it >= 0.9,
    )
    report(
        f"identity of {GROUP}, reference off",
        f"{without:.2f}",
        beside=f"chance {1 / GROUP:.2f}",
        target="<= .2",
        met=without <= 0.2,
    )
    return made


def measure_captions(network: Network, clips: Sequence[Clip], steps: int) -> Tensor:
    asked = m.asked_by(clips)
    made = m.generate(network, asked, steps=steps, seed=7)
    truth = torch.stack([c.frames_TCHW for c in clips])
    right = m.hour_accuracy(made, asked.words_BK, truth, asked.words_BK)
    ceiling = m.hour_accuracy(truth, asked.words_BK, truth, asked.words_BK)
    report(
        "hour of the day from text alone",
        f"{right:.2f}",
        beside=f"truth {ceiling:.2f}, chance .25",
        target=">= .6",
        met=right >= 0.6,
    )
    return made


def contact_sheet(path: Path, clips: Sequence[Clip], made: dict[str, Tensor], shown: int = SHOWN) -> None:
    """Rows of reference and six frames: the truth, then each of what was made from it."""
    rows = []
    for k, clip in enumerate(clips[:shown]):
        for frames in (clip.frames_TCHW, *(clips_made[k] for clips_made in made.values())):
            picked = frames[torch.linspace(0, len(frames) - 1, 6).long()]
            rows.append(torch.cat([reference_tile(clip, frames.shape[2]), *picked], 2))
    sheet = ((torch.cat(rows, 1).clamp(-1, 1) + 1) * 127.5).byte().permute(1, 2, 0).numpy()
    image = Image.fromarray(np.ascontiguousarray(sheet))
    path.parent.mkdir(parents=True, exist_ok=True)
    image.resize((image.width * 2, image.height * 2), Image.Resampling.BICUBIC).save(path)


def reference_tile(clip: Clip, height: int) -> Tensor:
    colour, alpha = clip.reference_4RR[:3], clip.reference_4RR[3:]
    side = colour.shape[1]
    tile = torch.full((3, height, side), -1.0)
    tile[:, :side] = (colour * alpha - 0.3 * (1 - alpha))[:, :height]
    return tile


def main() -> None:
    parser = argparse.ArgumentParser(description="measure the starter engine on held-out clips")
    parser.add_argument("--clips", type=int, default=32)
    parser.add_argument("--steps", type=int, default=12)
    parser.add_argument("--threads", type=int, default=1, help="more only if no one else works on the machine")
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    network, provenance = read_weights(args.weights.read_bytes())
    pack = read_pack(fresh_pack(HELD_OUT_SEED, performers=GROUP))
    print(f"weights of {provenance.steps} steps; {args.clips} held-out clips; {args.steps} sampling steps")
    clips = clips_where(pack, network, args.clips, seen)
    made = measure_quality(network, clips, args.steps)
    panned = clips_where(
        pack, network, args.clips, lambda c: has(c, "pan left", "pan right") and not has(c, "zoom in", "zoom out")
    )
    turned = measure_camera(network, panned, args.steps)
    swapped = measure_identity(network, clips, args.steps)
    told = measure_captions(network, clips, args.steps)
    started = time.monotonic()
    m.generate(network, m.asked_by(clips[:1], frames=[0]), steps=args.steps, seed=8)
    spent = time.monotonic() - started
    report(f"one shot, seconds on {args.threads} threads", f"{spent:.1f}", target="< 30", met=spent < 30)
    contact_sheet(OUT / "quality.png", clips, made)
    contact_sheet(OUT / "swaps.png", clips, {"swapped": swapped, "text": told})
    contact_sheet(OUT / "camera.png", panned, {"flipped": turned})
    print(f"contact sheets in {OUT}")


if __name__ == "__main__":
    main()
