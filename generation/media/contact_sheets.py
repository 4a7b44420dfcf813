"""
A contact sheet: the shot at a glance, as an editor pins it up.

Frames in rows with their number and timecode, the shot's code above, the digest by which the log knows the file below.
Takes that are long are sampled evenly, first and last frame always among them.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from generation.media.encoding import Frames, as_frames

MAX_FRAMES = 16
COLUMNS = 4
CELL_WIDTH = 400  # pixels of one frame on the sheet
MARGIN, GUTTER, CAPTION, HEADER, FOOTER = 48, 20, 34, 104, 76
BACKGROUND, PANEL, INK, DIM, LINE = "#101114", "#1a1c21", "#f2f0ea", "#8b8e97", "#2b2e35"


def contact_sheet(
    frames_TCHW: object,
    *,
    fps: tuple[int, int] = (24, 1),
    title: str = "",
    subtitle: str = "",
    digest: str = "",
    note: str = "",
) -> bytes:
    """Return a PNG. ``title`` is the shot's code and take, ``digest`` the file's, the rest is shown as given."""
    frames = as_frames(frames_TCHW)
    chosen = _chosen(len(frames))
    cell = (CELL_WIDTH, round(CELL_WIDTH * frames.shape[2] / frames.shape[3]))
    columns = min(COLUMNS, len(chosen))
    rows = -(-len(chosen) // columns)
    sheet = Image.new("RGB", _sheet_size(columns, rows, cell), BACKGROUND)
    draw = ImageDraw.Draw(sheet)
    subtitle = subtitle.replace("×", "x")  # the font that Pillow brings has no ×
    _header(draw, sheet.width, title, subtitle)
    for place, index in enumerate(chosen):
        column, row = place % columns, place // columns
        left = MARGIN + column * (cell[0] + GUTTER)
        top = HEADER + row * (cell[1] + CAPTION + GUTTER)
        _frame(sheet, draw, frames[index], (left, top), cell, index, fps)
    _footer(draw, sheet.size, digest, note)
    written = io.BytesIO()
    sheet.save(written, "PNG", optimize=True)
    return written.getvalue()


def timecode(index: int, fps: tuple[int, int]) -> str:
    """Write a frame's place as HH:MM:SS:FF, without dropping (24000/1001 counts as 24)."""
    base = round(fps[0] / fps[1])
    seconds, frame = divmod(index, base)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}:{frame:02}"


def _chosen(count: int) -> Sequence[int]:
    if count <= MAX_FRAMES:
        return range(count)
    return [round(place) for place in np.linspace(0, count - 1, MAX_FRAMES)]


def _sheet_size(columns: int, rows: int, cell: tuple[int, int]) -> tuple[int, int]:
    width = 2 * MARGIN + columns * cell[0] + (columns - 1) * GUTTER
    return width, HEADER + rows * (cell[1] + CAPTION + GUTTER) + FOOTER


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size=size)


def _header(draw: ImageDraw.ImageDraw, width: int, title: str, subtitle: str) -> None:
    draw.text((MARGIN, 34), title, font=_font(34), fill=INK)
    draw.text((width - MARGIN, 46), subtitle, font=_font(20), fill=DIM, anchor="ra")
    draw.line((MARGIN, HEADER - 16, width - MARGIN, HEADER - 16), fill=LINE)


def _frame(
    sheet: Image.Image,
    draw: ImageDraw.ImageDraw,
    frame_CHW: Frames,
    at: tuple[int, int],
    cell: tuple[int, int],
    index: int,
    fps: tuple[int, int],
) -> None:
    picture = Image.fromarray(np.ascontiguousarray(frame_CHW.transpose(1, 2, 0)))
    left, top = at
    right, bottom = left + cell[0], top + cell[1]
    sheet.paste(picture.resize(cell, Image.Resampling.LANCZOS), at)
    draw.rectangle((left, bottom, right - 1, bottom + CAPTION - 1), fill=PANEL)
    draw.text((left + 12, bottom + CAPTION / 2), f"{index:03}", font=_font(17), fill=INK, anchor="lm")
    draw.text((right - 12, bottom + CAPTION / 2), timecode(index, fps), font=_font(17), fill=DIM, anchor="rm")


def _footer(draw: ImageDraw.ImageDraw, size: tuple[int, int], digest: str, note: str) -> None:
    width, height = size
    line = height - FOOTER + 6
    draw.line((MARGIN, line, width - MARGIN, line), fill=LINE)
    if digest:
        draw.text((MARGIN, line + 24), f"sha256  {digest}", font=_font(18), fill=DIM)
    draw.text((width - MARGIN, line + 24), note, font=_font(18), fill=DIM, anchor="ra")
