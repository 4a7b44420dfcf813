"""
The page of the clearance report: A4, letters embedded, a head and a foot on every sheet, tables that repeat their head.

Only what is drawn: what it says is in ``generation.report.pdf``. The letters cover Latin, Greek and Cyrillic; a name in
another script shows as boxes, beside an id that is certain.
"""

from collections.abc import Sequence
from datetime import datetime
from importlib import resources
from typing import Final

from fpdf import FPDF
from fpdf.enums import TableBordersLayout, XPos, YPos
from fpdf.fonts import FontFace

FONT: Final = "SourceSans"
FILES: Final = {"": "Regular", "B": "Semibold", "I": "It"}
MARGIN_MM: Final = 16
HEAD_MM: Final = 22  # from the top of the sheet to the text
BODY_PT, SMALL_PT, LARGE_PT = 9.0, 7.5, 20.0
LINE_MM: Final = 4.2
ROOM_MM, LESSER_ROOM_MM = 28, 48  # that a heading needs with the first of what follows it
INK, SOFT, PALE, ALARM = (28, 32, 38), (105, 112, 122), (236, 239, 243), (160, 32, 32)
_FACES: Final = "font_source_sans_pro"


class Sheet(FPDF):
    """A document with a running head and numbered pages."""

    def __init__(
        self, *, language: str, head: str, foot: str, page: str, of: str, at: datetime, compliance: str | None = None
    ) -> None:
        super().__init__(format="A4", enforce_compliance=compliance)
        self._head, self._foot, self._page, self._of = head, foot, page, of
        for style, name in FILES.items():
            with resources.as_file(resources.files(_FACES).joinpath(f"files/SourceSansPro-{name}.ttf")) as path:
                self.add_font(FONT, style, path)
        self.set_lang(language)
        self.set_title(head)
        self.set_creator("Proviso")
        self.set_creation_date(at)
        self.set_margins(MARGIN_MM, HEAD_MM, MARGIN_MM)
        self.set_auto_page_break(auto=True, margin=18)
        self.alias_nb_pages()
        self.add_page()

    def header(self) -> None:
        if self.page_no() == 1:
            return
        self.set_y(10)
        self._small(self._head)
        self.set_draw_color(*PALE)
        self.line(MARGIN_MM, 16, self.w - MARGIN_MM, 16)
        self.set_y(HEAD_MM)

    def footer(self) -> None:
        self.set_y(-12)
        self._small(self._foot, new_line=False)
        self.set_x(MARGIN_MM)
        self.cell(0, 4, f"{self._page} {self.page_no()} {self._of} {{nb}}", align="R")

    def heading(self, text: str, *, level: int = 2, over: bool = False) -> None:
        """Write a heading that is never left alone at the foot of a page, nor ``over`` another that begins the next."""
        size = {1: LARGE_PT, 2: 13.0, 3: 10.5}[level]
        room = (ROOM_MM if level == 2 else LESSER_ROOM_MM) + (LESSER_ROOM_MM if over else 0)
        if self.will_page_break(room):
            self.add_page()
        self.ln(0 if level == 1 else 4 if level == 2 else 2.5)
        self.set_font(FONT, "B", size)
        self.set_text_color(*INK)
        self.start_section(text, level=min(level - 1, 1), strict=False)
        self.multi_cell(0, size * 0.5, text, new_x=XPos.LMARGIN, new_y=YPos.NEXT, align="L")
        self.ln(1.2)

    def say(self, text: str, *, soft: bool = False, alarm: bool = False) -> None:
        """Write a paragraph."""
        self.set_font(FONT, "", BODY_PT)
        self.set_text_color(*(ALARM if alarm else SOFT if soft else INK))
        self.multi_cell(0, LINE_MM, text, new_x=XPos.LMARGIN, new_y=YPos.NEXT, align="L")
        self.ln(0.8)

    def pairs(self, rows: Sequence[tuple[str, str]]) -> None:
        """Write names with their values, two columns without lines."""
        self.set_text_color(*INK)
        self.set_font(FONT, "", BODY_PT)
        with self.table(
            borders_layout=TableBordersLayout.NONE,
            col_widths=(28, 72),
            first_row_as_headings=False,
            line_height=LINE_MM,
            text_align="LEFT",
            v_align="TOP",
            padding=(0.5, 1, 0.5, 0),
        ) as table:
            for name, value in rows:
                row = table.row()
                row.cell(name, style=FontFace(color=SOFT))
                row.cell(value)
        self.ln(1)

    def rows(self, head: Sequence[str], rows: Sequence[Sequence[str]], *, widths: Sequence[int]) -> None:
        """Write a table whose head stands on every page that it goes on to."""
        self.set_text_color(*INK)
        self.set_draw_color(*PALE)
        self.set_font(FONT, "", 8.3)
        with self.table(
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
            col_widths=tuple(widths),
            headings_style=FontFace(emphasis="BOLD", color=INK, fill_color=PALE),
            line_height=3.9,
            text_align="LEFT",
            v_align="TOP",
            padding=(1, 1.2, 1, 1.2),
        ) as table:
            for cells in (head, *rows):
                row = table.row()
                for cell in cells:
                    row.cell(cell)
        self.ln(2)

    def _small(self, text: str, *, new_line: bool = True) -> None:
        self.set_font(FONT, "", SMALL_PT)
        self.set_text_color(*SOFT)
        self.cell(0, 4, text, new_x=XPos.LMARGIN, new_y=YPos.NEXT if new_line else YPos.TOP)
