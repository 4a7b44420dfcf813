"""
The sheets of a record: a head with who signed, the text in full, and at the foot of the first sheet what proves it.

Only what is drawn. The text takes as many sheets as it needs; the first bears the essentials, however long it is.
PDF/A-3 (ISO 19005-3), which archives keep and courts read: letters embedded, colours defined, files attached.
"""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from html import escape
from typing import Final

import segno
from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import TTFFont
from fpdf.prefs import ViewerPreferences

from generation.report.page import ALARM, BODY_PT, FONT, INK, MARGIN_MM, PALE, SMALL_PT, SOFT, Sheet

PANEL_MM: Final = 50.0  # height of the panel at the foot of the first sheet
FOOT_MM: Final = 14.0
QR_MM: Final = 31.0
SIZES_PT: Final = (9.4, 9.0, 8.6, 8.2)  # of the text: the largest with which one sheet is enough, else the first
LEADING: Final = 0.45  # mm of a line to a point of its letters
LABEL_MM: Final = 26.0
_BULLET: Final = "- "
_FIRST: Final = 1
_KINDS: Final = "PDF/A-3U"
# The library's own says when it was run; with this one the same record gives the same bytes.
_METADATA: Final = """\
<x:xmpmeta xmlns:x="adobe:ns:meta/">
  <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
    <rdf:Description rdf:about="" xmp:CreatorTool="Proviso"
      xmp:CreateDate="{at}" xmp:ModifyDate="{at}" xmp:MetadataDate="{at}">
      <pdfaid:part>3</pdfaid:part>
      <pdfaid:conformance>U</pdfaid:conformance>
      <dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
      <dc:language><rdf:Bag><rdf:li>{language}</rdf:li></rdf:Bag></dc:language>
    </rdf:Description>
  </rdf:RDF>
</x:xmpmeta>"""

Line = tuple[str, str]  # label and value


class RecordSheet(Sheet):
    """Pages whose first one keeps room for the panel."""

    def __init__(
        self, *, language: str, title: str, foot: str, page: str, of: str, at: datetime, text_pt: float = SIZES_PT[0]
    ) -> None:
        super().__init__(language=language, head=title, foot=foot, page=page, of=of, at=at, compliance=_KINDS)
        self.set_xmp_metadata(
            _METADATA.format(at=at.isoformat(timespec="seconds"), title=escape(title), language=language)
        )
        self.viewer_preferences = ViewerPreferences(display_doc_title=True)
        self.c_margin = 0  # text starts where rules do
        self._text_pt, self._text_mm = text_pt, LEADING * text_pt
        self.set_auto_page_break(auto=True, margin=PANEL_MM + FOOT_MM)
        self._heading, self._note, self._below, self._code, self._goes_on = "", "", "", b"", ""
        self._proofs: tuple[Line, ...] = ()

    def discard(self) -> None:
        """Let go of the files of letters; a sheet that is written does so itself."""
        for font in self.fonts.values():
            if isinstance(font, TTFFont):
                font.close()

    def prove(self, heading: str, proofs: Sequence[Line], *, address: str, below: str, note: str) -> None:
        """Say what the panel shows; before the first page ends."""
        code = io.BytesIO()
        segno.make(address, error="m", micro=False).save(code, kind="png", scale=8, border=0)
        self._code, self._below = code.getvalue(), below
        self._heading, self._proofs, self._note = heading, tuple(proofs), note

    def goes_on(self, text: str) -> None:
        """Say at the foot of the first page's text that it ends on another; before that page ends."""
        self._goes_on = text

    def header(self) -> None:
        with _left_margin(self, MARGIN_MM):
            super().header()
        if self.page_no() > _FIRST:
            self.set_auto_page_break(auto=True, margin=FOOT_MM + 6)

    def footer(self) -> None:
        with _left_margin(self, MARGIN_MM):
            if self.page_no() == _FIRST:
                self._draw_panel()
            super().footer()

    def front(self, kicker: str, title: str) -> None:
        """Write the head of the first page."""
        self.set_y(14)
        self.set_font(FONT, "B", 8.5)
        self.set_text_color(*SOFT)
        self.cell(0, 4, kicker.upper(), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(1.2)
        self.set_font(FONT, "B", 19)
        self.set_text_color(*INK)
        self.multi_cell(0, 8.2, title, new_x=XPos.LMARGIN, new_y=YPos.NEXT, align="L")
        self.ln(2)

    def labelled(self, lines: Sequence[Line]) -> None:
        """Write names with their values."""
        for name, value in lines:
            self._labelled(name, value, pt=BODY_PT, height=4.4)
        self.ln(1.5)

    def alarm(self, text: str) -> None:
        """Write what nobody may miss."""
        self.set_font(FONT, "B", 10)
        self.set_text_color(*ALARM)
        self._paragraph(text, MARGIN_MM, 5)
        self.ln(1.5)

    def rule(self) -> None:
        self.set_draw_color(*PALE)
        self.set_line_width(0.4)
        self.line(MARGIN_MM, self.get_y(), self.w - MARGIN_MM, self.get_y())
        self.ln(2.5)

    def caption(self, text: str, more: str = "") -> None:
        """Write a small heading, never left alone at the foot of a page."""
        if self.will_page_break(22):
            self.add_page()
        self.set_font(FONT, "B", 10.5)
        self.set_text_color(*INK)
        self.cell(self.get_string_width(text) + 3, 5.5, text)
        self.set_font(FONT, "", 9)
        self.set_text_color(*SOFT)
        self.cell(0, 5.5, more, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(1)

    def words(self, text: str, *, soft: bool = False) -> None:
        """Write a text line by line as it stands; the last paragraph is the sentence that is signed."""
        *lines, last = text.split("\n")
        for number, line in enumerate(lines):
            self._line(line, title=number == 0, soft=soft)
        self.ln(0.6)
        self._line(last, title=True, soft=soft)

    def remark(self, text: str, *, close: bool = False) -> None:
        """Write a note of our own; ``close``: another one follows."""
        self.set_font(FONT, "I", 8.6)
        self.set_text_color(*SOFT)
        self.multi_cell(0, 4, text, new_x=XPos.LMARGIN, new_y=YPos.NEXT, align="L")
        self.ln(0 if close else 1.5)

    def _line(self, line: str, *, title: bool, soft: bool) -> None:
        """Write one line; a bullet hangs in the margin of its own text."""
        if not line.strip():
            self.ln(1.5)
            return
        heads = line.endswith(":")
        if self.will_page_break(self._text_mm * (3 if heads else 1)):
            self.add_page()
        self.set_font(FONT, "B" if title or heads else "", self._text_pt)
        self.set_text_color(*(SOFT if soft else INK))
        shown = line.lstrip(" ")
        left = MARGIN_MM + 1.2 * (len(line) - len(shown))
        if shown.startswith(_BULLET):
            self.set_x(left)
            self.cell(self.get_string_width(_BULLET), self._text_mm, _BULLET)
            left, shown = left + self.get_string_width(_BULLET), shown[len(_BULLET) :]
        self._paragraph(shown, left, self._text_mm)
        self.ln(0.25)

    def _labelled(self, name: str, value: str, *, pt: float, height: float, right: float = MARGIN_MM) -> None:
        self.set_font(FONT, "", pt)
        self.set_text_color(*SOFT)
        self.set_x(MARGIN_MM)
        self.cell(LABEL_MM, height, name)
        self.set_text_color(*INK)
        self._paragraph(value, MARGIN_MM + LABEL_MM, height, right=right)

    def _paragraph(self, text: str, left: float, height: float, *, right: float = MARGIN_MM) -> None:
        """Write within these margins, and go on at the left one of the sheet."""
        with _left_margin(self, left):
            self.set_x(left)
            width = self.w - right - left
            self.multi_cell(width, height, text, new_x=XPos.LMARGIN, new_y=YPos.NEXT, align="L")
        self.set_x(MARGIN_MM)

    def _draw_panel(self) -> None:
        """Draw what proves the record, where the first page ends."""
        self.set_auto_page_break(auto=False)
        self.set_y(self.h - FOOT_MM - PANEL_MM)
        self.set_font(FONT, "I", SMALL_PT)
        self.set_text_color(*INK)
        self.cell(0, 3.4, self._goes_on, align="R")
        self.set_y(self.h - FOOT_MM - PANEL_MM + 4)
        self.rule()
        top = self.get_y()
        # Four modules stay white around the code (ISO/IEC 18004).
        self.image(io.BytesIO(self._code), x=self.w - MARGIN_MM - QR_MM, y=top + 1, w=QR_MM, h=QR_MM)
        self.set_font(FONT, "", 6.8)
        self.set_text_color(*SOFT)
        self.set_xy(self.w - MARGIN_MM - QR_MM, top + QR_MM + 3.9)
        self.multi_cell(QR_MM, 2.9, self._below, align="L")
        self.set_y(top)
        self.set_font(FONT, "B", 10.5)
        self.set_text_color(*INK)
        self.cell(0, 6, self._heading, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(0.8)
        for name, value in self._proofs:
            self._labelled(name, value, pt=SMALL_PT, height=3.5, right=MARGIN_MM + QR_MM + 5)
        self.ln(1.6)
        self.set_font(FONT, "", SMALL_PT)
        self.set_text_color(*SOFT)
        self._paragraph(self._note, MARGIN_MM, 3.3, right=MARGIN_MM + QR_MM + 5)


@contextmanager
def _left_margin(sheet: FPDF, left: float) -> Iterator[None]:
    before = sheet.l_margin
    sheet.set_left_margin(left)
    try:
        yield
    finally:
        sheet.set_left_margin(before)
