"""
Make the README's pictures from what ``make demo`` left: ``.venv/bin/python docs/pictures/make.py``.

The shot is the demo's contact sheet, smaller; the papers are the verifier's own lines, drawn as a terminal shows them.
"""

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

HERE = Path(__file__).resolve().parent
DEMO = HERE.parents[1] / "var" / "demo"
FONT = "DejaVuSansMono.ttf"  # of Debian's fonts-dejavu-core
SIZE, LINE, MARGIN = 20, 28, 36  # pixels
GROUND, INK, DIM, GOOD, VOUCHED = "#101114", "#f2f0ea", "#8b8e97", "#7bc47f", "#d8b45a"
SHOT_WIDTH = 1_200  # pixels


def main() -> None:
    sheet = Image.open(DEMO / "contact-sheet.png").convert("RGB")
    height = round(sheet.height * SHOT_WIDTH / sheet.width)
    sheet.resize((SHOT_WIDTH, height), Image.Resampling.LANCZOS).save(HERE / "shot.jpg", quality=90)
    lines = (DEMO / "verification.txt").read_text("utf-8").splitlines()
    lines[0] = "$ python -m generation.verify bundle.json shot-12A.mp4 --trust trust.json"
    draw_terminal(lines).save(HERE / "papers.png", optimize=True)


def draw_terminal(lines: list[str]) -> Image.Image:
    """Draw lines of text on a dark ground, outcomes in colour."""
    font = ImageFont.truetype(FONT, SIZE)
    width = round(max(font.getlength(line) for line in lines)) + 2 * MARGIN
    picture = Image.new("RGB", (width, LINE * len(lines) + 2 * MARGIN), GROUND)
    draw = ImageDraw.Draw(picture)
    ink = INK
    for number, line in enumerate(lines):
        ink = _ink(line, before=ink)
        draw.text((MARGIN, MARGIN + number * LINE), line, fill=ink, font=font)
    return picture.quantize(64)


def _ink(line: str, *, before: str) -> str:
    if line.startswith(("$", "PROVEN")):
        return INK
    if line.startswith("     "):  # the line above goes on
        return before
    if " proven " in line[:36]:
        return GOOD
    if " vouched " in line[:36]:
        return VOUCHED
    return DIM


if __name__ == "__main__":
    main()
