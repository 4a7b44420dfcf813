"""The composer and the pack: pure functions, and true to what they say of a clip."""

import hashlib
import itertools

import pytest
import torch

from generation.video import stage, text
from generation.video.compose import Clip, compose
from generation.video.config import Config
from generation.video.pack import PackItem, build_pack, read_pack
from library.draw import ASSETS, fresh_pack, read_item
from library.draw_sheets import draw_sheet

torch.set_num_threads(1)  # small tensors: threads would only wait for each other

SEED = 30_000
PACK = read_pack(fresh_pack(SEED, performers=3, hours=("day",)))
CONFIG = Config.tiny()


def clips(count: int) -> list[Clip]:
    return [compose(PACK, seed, CONFIG) for seed in range(count)]


def test_a_clip_is_a_pure_function_of_its_seed() -> None:
    for a, b in zip(clips(6), clips(6), strict=True):
        assert torch.equal(a.frames_TCHW, b.frames_TCHW)
        assert torch.equal(a.reference_4RR, b.reference_4RR)
        assert torch.equal(a.words_K, b.words_K)
    assert not torch.equal(clips(2)[0].frames_TCHW, clips(2)[1].frames_TCHW)


def test_the_figure_is_in_its_box_and_nowhere_else() -> None:
    with_figure = 0
    for clip in clips(24):
        changed = (clip.frames_TCHW - clip.stage_TCHW).abs().amax(1) > 0.02
        x, y = stage.screen_grid(CONFIG.height, CONFIG.width)
        u, v = stage.figure_coordinates(clip.box_T3[None], torch.tensor([clip.facing]), x, y)
        inside = ((u.abs() < 0.42) & (v > -0.12) & (v < 1.14))[0]
        assert not (changed & ~inside).any()
        with_figure += int(bool(changed.any()))
        if not clip.figure:
            assert not changed.any()
    assert 12 <= with_figure < 24  # both kinds were seen


def test_the_caption_says_whether_somebody_is_there_and_which_way_they_go() -> None:
    seen = set()
    for clip in clips(40):
        words = {text.VOCABULARY[int(i)] for i in clip.words_K.nonzero()[:, 0]}
        assert ("nobody" in words) != clip.figure
        if "walks" in words:
            assert ("rightwards" in words) == (clip.facing > 0)
        seen |= words
    assert {"walks", "stands", "nobody", "still", "leftwards", "rightwards"} <= seen


def test_a_pack_is_the_same_bytes_in_whatever_order_the_assets_come() -> None:
    plate = read_item(ASSETS / "plates" / "day-city-1.png")
    sheets = [read_item(ASSETS / "sheets" / f"sample-performer-{k:02d}.png") for k in (1, 2)]
    packs = {build_pack(order) for order in itertools.permutations([plate, *sheets])}
    assert len(packs) == 1
    (data,) = packs
    pack = read_pack(data)
    assert pack.sha256 == hashlib.sha256(data).hexdigest()
    assert {sheet.sha256 for sheet in pack.sheets} == {sheet.sha256 for sheet in sheets}
    assert pack.plates[0].words == ("day", "city")


def test_a_pack_refuses_an_asset_given_twice_or_of_another_shape() -> None:
    sheet = PackItem(sha256="a" * 64, pixels=draw_sheet(SEED), description='{"kind": "sheet"}')
    plate = read_item(ASSETS / "plates" / "day-city-1.png")
    build_pack([sheet, plate])
    odd = PackItem(sha256="b" * 64, pixels=sheet.pixels[:, :-1], description=sheet.description)
    for bad in ([sheet, sheet, plate], [sheet, plate, odd], [sheet], []):
        with pytest.raises(ValueError, match=r"twice|geometry|at least"):
            build_pack(bad)
