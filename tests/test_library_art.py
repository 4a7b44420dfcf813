"""The sample library's files are what its code draws, and nothing else."""

import json
from io import BytesIO
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from library.draw import ASSETS, DEMO_SEED, fresh_pack, png_of
from library.draw_plates import draw_plate
from library.draw_records import MOTIONS
from library.draw_sheets import draw_sheet

INDEX = json.loads((ASSETS / "index.json").read_text())
SIZE_LIMIT = 6 * 2**20
# Floating point may round a pixel the other way on another machine; a changed drawing differs by far more.
TOLERANCE = 2


def entries(folder: str) -> list[dict[str, object]]:
    return [entry for entry in INDEX if str(entry["file"]).startswith(folder)]


def pixels_of(entry: dict[str, object]) -> np.ndarray:
    with Image.open(ASSETS / str(entry["file"])) as image:
        return np.array(image).astype(int)


def test_the_index_lists_every_file_and_every_file_is_listed() -> None:
    files = {str(p.relative_to(ASSETS)) for p in ASSETS.rglob("*") if p.is_file()} - {"index.json"}
    assert files == {entry["file"] for entry in INDEX}
    assert sum((ASSETS / f).stat().st_size for f in files) < SIZE_LIMIT


@pytest.mark.parametrize("entry", entries("plates/")[::6], ids=lambda e: str(e["file"]))
def test_a_plate_is_what_the_code_draws(entry: dict[str, object]) -> None:
    tod, terrain = entry["words"]  # type: ignore[misc]  # an index is plain JSON
    drawn = draw_plate(int(str(entry["seed"])), tod, terrain).astype(int)
    assert np.abs(pixels_of(entry) - drawn).max() <= TOLERANCE


@pytest.mark.parametrize("entry", entries("sheets/")[::6], ids=lambda e: str(e["file"]))
def test_a_sheet_is_what_the_code_draws(entry: dict[str, object]) -> None:
    assert np.abs(pixels_of(entry) - draw_sheet(int(str(entry["seed"]))).astype(int)).max() <= TOLERANCE


def test_every_png_says_for_the_trainer_what_it_is() -> None:
    for entry in (*entries("plates/"), *entries("sheets/")):
        with Image.open(ASSETS / str(entry["file"])) as image:
            told = json.loads(str(image.info["proviso"]))
        assert told["kind"] == ("plate" if str(entry["file"]).startswith("plates/") else "sheet")
        assert told.get("words", entry["words"]) == entry["words"]


def test_the_demo_cast_is_held_out_and_no_seed_is_used_twice() -> None:
    for folder in ("plates/", "sheets/"):
        seeds = [int(str(e["seed"])) for e in entries(folder)]
        assert len(set(zip(seeds, (str(e["words"]) for e in entries(folder)), strict=True))) == len(seeds)
        for entry in entries(folder):
            assert (entry["split"] == "heldout") == (int(str(entry["seed"])) >= DEMO_SEED)


def test_fresh_packs_never_hold_shipped_art() -> None:
    with pytest.raises(ValueError, match="shipped"):
        fresh_pack(DEMO_SEED, performers=1)


def test_each_figure_is_named_and_each_place_is_empty() -> None:
    assert all(len(e["people"]) == 1 for e in entries("sheets/"))  # type: ignore[arg-type]  # plain JSON
    assert all(e["people"] == [] for e in entries("plates/"))
    people = [str(e["people"]) for e in entries("sheets/")]
    assert len(set(people)) == len(people)


def test_a_cell_holds_one_standing_figure_with_air_around() -> None:
    for entry in entries("sheets/"):
        alpha = pixels_of(entry)[:, :64, 3]
        rows, columns = np.nonzero(alpha.max(1))[0], np.nonzero(alpha.max(0))[0]
        assert rows[0] < 10
        assert 88 <= rows[-1] <= 94  # the feet stand where the stage's geometry says
        assert columns[0] > 4
        assert columns[-1] < 59


def test_motion_and_voice_records_are_real_media() -> None:
    assert len(entries("motions/")) == len(MOTIONS)
    for entry in entries("motions/"):
        with av.open(str(ASSETS / str(entry["file"]))) as container:
            frames = [f.to_ndarray(format="rgb24") for f in container.decode(video=0)]
        assert len(frames) == 24
        assert max(np.abs(frames[0].astype(int) - frame).max() for frame in frames) > 50  # it moves
    for entry in entries("voices/"):
        with av.open(str(ASSETS / str(entry["file"]))) as container:
            sound = np.concatenate([f.to_ndarray().ravel() for f in container.decode(audio=0)])
        assert len(sound) == 48_000
        assert np.abs(sound.astype(float)).max() > 3000


def test_a_png_is_the_same_bytes_each_time() -> None:
    pixels = draw_sheet(1)
    data = png_of(pixels, '{"kind": "sheet"}')
    assert data == png_of(pixels, '{"kind": "sheet"}')
    assert Image.open(BytesIO(data)).size == (576, 96)
    assert Path(ASSETS / "sheets" / "sample-performer-01.png").read_bytes() == data
