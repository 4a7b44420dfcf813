"""
Draw the sample library once: background plates, sprite sheets, motion records and voices, and their index.

    python -m library.draw            draws everything into library/assets and writes index.json
    python -m library.draw --pack OUT writes the training pack of the assets meant for training

The files are shipped; nobody needs to run this again, and a test does, to show that the files are what this draws.
Each PNG carries a text chunk `proviso` with what the trainer needs to know of it. Assets whose split is `heldout` are
the demo cast's: never part of a training pack.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from generation.video.pack import PackItem, build_pack
from library.draw_paper import PALETTES, Pixels
from library.draw_plates import TERRAINS, TIMES, draw_plate
from library.draw_records import MOTIONS, VOICES, draw_motion, sing_voice
from library.draw_sheets import draw_sheet

ASSETS = Path(__file__).parent / "assets"
VARIANTS = 3  # plates of each hour and place in the training split
PERFORMERS = 48
DEMO_SEED = 9000  # seeds from here on are held out of training
DEMO_PLATES = (
    ("dusk", "city"),
    ("day", "hills"),
    ("night", "forest"),
    ("dawn", "forest"),
    ("day", "city"),
    ("night", "hills"),
)
DEMO_PERFORMERS = 6

Entry = dict[str, object]


def describe_plate(tod: str, terrain: str) -> str:
    """The text chunk of a plate's PNG."""
    light = [round(c, 4) for c in PALETTES[tod].light]
    return json.dumps({"kind": "plate", "words": [tod, terrain], "light": light}, sort_keys=True)


def png_of(pixels: Pixels, description: str) -> bytes:
    info = PngInfo()
    info.add_text("proviso", description)
    out = BytesIO()
    Image.fromarray(pixels).save(out, "PNG", optimize=True, pnginfo=info)
    return out.getvalue()


def plates() -> Iterator[tuple[Entry, bytes]]:
    shipped = [
        (
            TERRAINS.index(terrain) * 100 + TIMES.index(tod) * 10 + variant,
            tod,
            terrain,
            "train",
            f"{tod}-{terrain}-{variant + 1}",
        )
        for tod in TIMES
        for terrain in TERRAINS
        for variant in range(VARIANTS)
    ]
    shipped += [
        (DEMO_SEED + k, tod, terrain, "heldout", f"demo-{tod}-{terrain}")
        for k, (tod, terrain) in enumerate(DEMO_PLATES)
    ]
    for seed, tod, terrain, split, name in shipped:
        entry: Entry = {
            "file": f"plates/{name}.png",
            "kind": "still",
            "title": f"Background plate, {terrain} at {tod}" + (" (demo)" if split == "heldout" else f", {name[-1]}"),
            "people": [],
            "words": [tod, terrain],
            "split": split,
            "seed": seed,
            "geometry": {"layers": 4, "parallax": [0.12, 0.3, 0.6, 1.0], "half_width": 3.0, "half_height": 1.5},
        }
        yield entry, png_of(draw_plate(seed, tod, terrain), describe_plate(tod, terrain))


def sheets() -> Iterator[tuple[Entry, bytes]]:
    cast = [(k, f"sample-performer-{k:02d}", "train") for k in range(1, PERFORMERS + 1)]
    cast += [(DEMO_SEED + k, f"demo-performer-{k:02d}", "heldout") for k in range(1, DEMO_PERFORMERS + 1)]
    for seed, slug, split in cast:
        entry: Entry = {
            "file": f"sheets/{slug}.png",
            "kind": "still",
            "title": f"Sprite sheet of {slug.replace('-', ' ')}",
            "people": [slug],
            "words": ["walks", "stands"],
            "split": split,
            "seed": seed,
            "geometry": {"cells": 9, "cell": [64, 96], "span": 1.1, "headroom": 0.06},
        }
        yield entry, png_of(draw_sheet(seed), json.dumps({"kind": "sheet"}))


def records() -> Iterator[tuple[Entry, bytes]]:
    for k, action in enumerate(MOTIONS):
        slug = f"sample-performer-{k + 1:02d}"
        entry: Entry = {
            "file": f"motions/{action}.mp4", "kind": "motion", "title": f"Motion record, {action}", "people": [slug],
            "words": [action], "split": "none", "seed": k, "geometry": {"frames": 24, "fps": [12, 1], "size": [96, 96]},
        }  # fmt: skip
        yield entry, draw_motion(action)
    for k, voice in enumerate(VOICES):
        slug = f"sample-performer-{k + 1:02d}"
        entry = {
            "file": f"voices/{voice}.flac", "kind": "voice", "title": f"Voice record, {voice}", "people": [slug],
            "words": ["voice"], "split": "none", "seed": k, "geometry": {"seconds": 3, "rate": 16000},
        }  # fmt: skip
        yield entry, sing_voice(voice)


def read_item(path: Path) -> PackItem:
    """Decode a shipped PNG for the pack."""
    data = path.read_bytes()
    with Image.open(BytesIO(data)) as image:
        description = str(image.info["proviso"])
        pixels = np.array(image.convert("RGBA"))
    return PackItem(sha256=hashlib.sha256(data).hexdigest(), pixels=pixels, description=description)


def training_pack() -> bytes:
    """Build the training pack from the shipped assets of the training split."""
    index = json.loads((ASSETS / "index.json").read_text())
    return build_pack(read_item(ASSETS / entry["file"]) for entry in index if entry["split"] == "train")


def fresh_pack(first_seed: int, *, performers: int, hours: tuple[str, ...] = TIMES) -> bytes:
    """Build a pack that no training saw: a plate for each hour and place, and performers, from seeds not shipped."""
    if first_seed <= DEMO_SEED + 100:
        raise ValueError(f"seeds to {DEMO_SEED + 100} are the shipped library's")
    drawn = [
        (draw_plate(first_seed, tod, terrain), describe_plate(tod, terrain)) for tod in hours for terrain in TERRAINS
    ]
    drawn += [(draw_sheet(first_seed + k), json.dumps({"kind": "sheet"})) for k in range(performers)]
    return build_pack(
        PackItem(sha256=hashlib.sha256(pixels.tobytes()).hexdigest(), pixels=pixels, description=description)
        for pixels, description in drawn
    )


def draw_library() -> None:
    entries = []
    for make in (plates, sheets, records):
        for entry, data in make():
            path = ASSETS / str(entry["file"])
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            entries.append(entry)
    (ASSETS / "index.json").write_text(json.dumps(entries, indent=1, sort_keys=True) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description="draw the sample library")
    parser.add_argument("--pack", type=Path, help="write the training pack here instead of drawing")
    out = parser.parse_args().pack
    if out is None:
        draw_library()
        return
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(training_pack())


if __name__ == "__main__":
    main()
