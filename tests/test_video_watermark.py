"""The watermark: read after re-encoding with its key, not found without it, and hardly seen."""

from io import BytesIO

import av
import numpy as np
import numpy.typing as npt
import pytest

from generation.video.compose import compose
from generation.video.config import Config
from generation.video.pack import read_pack
from generation.video.watermark import BITS, THRESHOLD, detect, embed
from library.draw import fresh_pack

Frames = npt.NDArray[np.uint8]
KEY, PAYLOAD = b"a key of the tests", 0xC0FFEE42
PACK = read_pack(fresh_pack(34_000, performers=2))


def film(seed: int) -> Frames:
    clip = compose(PACK, seed, Config.starter())
    frames = ((clip.frames_TCHW + 1) * 127.5).round().byte().permute(0, 2, 3, 1)
    return np.ascontiguousarray(frames.numpy())


def reencoded(frames: Frames, crf: int) -> Frames:
    out = BytesIO()
    with av.open(out, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=12, options={"crf": str(crf), "threads": "1"})
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt = "yuv420p"
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode(None))
    out.seek(0)
    with av.open(out) as container:
        return np.stack([frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)])


FILMS = [film(seed) for seed in range(6)]
MARKED = [embed(frames, KEY, PAYLOAD) for frames in FILMS]


def test_the_payload_is_read_after_h264() -> None:
    for marked in MARKED:
        payload, score = detect(reencoded(marked, 23), KEY)
        assert payload == PAYLOAD
        assert score > THRESHOLD


def test_the_payload_is_read_after_rescaling_and_brightening() -> None:
    for marked in MARKED:
        doubled = marked.repeat(2, axis=1).repeat(2, axis=2)
        brighter = np.clip(doubled.astype(float) * 1.08 + 6, 0, 255).astype(np.uint8)
        assert detect(brighter, KEY)[0] == PAYLOAD


@pytest.mark.parametrize("keys", [2, pytest.param(16, marks=pytest.mark.nightly)])
def test_nothing_is_found_in_unmarked_video_or_with_another_key(keys: int) -> None:
    unmarked = [detect(frames, b"key %d" % k)[1] for frames in FILMS for k in range(keys)]
    foreign = [detect(marked, b"key %d" % k)[1] for marked in MARKED for k in range(keys)]
    assert max(unmarked) < THRESHOLD
    assert max(foreign) < THRESHOLD


def test_the_mark_is_hardly_seen() -> None:
    for frames, marked in zip(FILMS, MARKED, strict=True):
        error = ((frames.astype(float) - marked) ** 2).mean()
        assert 10 * np.log10(255**2 / error) > 40


def test_a_payload_that_does_not_fit_is_refused() -> None:
    embed(FILMS[0][:1], KEY, 2**BITS - 1)
    for bad in (-1, 2**BITS):
        with pytest.raises(ValueError, match="bits"):
            embed(FILMS[0][:1], KEY, bad)
