"""Draw pages as PDF."""

from contextlib import closing
from datetime import datetime
from pathlib import Path

import barcode
from fpdf import FPDF
from fpdf.enums import RenderStyle
from fpdf.fonts import TTFFont

from daemon.printing.barcodes import black_runs
from daemon.printing.lettering import ENCODING, FALLBACK_SCALE, is_western
from daemon.printing.shapes import Box, Code, Page, Shape, Words

_FALLBACK = Path(barcode.__file__).parent / "fonts" / "DejaVuSansMono.ttf"
_OTHER = "other"
_MISSING = "□"


def to_pdf(pages: tuple[Page, ...], title: str, made: datetime | None = None) -> bytes:
    """Give the pages as one PDF; the same pages made at the same moment (None: now) are the same bytes.

    Names beyond Western letters are set in DejaVu Sans Mono; a letter that it lacks too (Chinese, say) is printed as
    an empty box: such a name prints in full from HTML.
    """
    with closing(_Document()) as document:
        document.set_title(title)
        if made is not None:
            document.set_creation_date(made)
        for page in pages:
            document.add_page(format=(page.width, page.height))
            for shape in page.shapes:
                document.draw(shape)
        return bytes(document.output())


def unprintable(text: str) -> str:
    """Give the letters of a text that a PDF shows as empty boxes."""
    if is_western(text):
        return ""
    with closing(_Document()) as document:
        known = document.known_letters()
        return "".join(dict.fromkeys(letter for letter in text if ord(letter) not in known))


class _Document(FPDF):
    def __init__(self) -> None:
        super().__init__(unit="mm")
        self.set_auto_page_break(auto=False)
        self.set_margin(0)
        self.core_fonts_encoding = ENCODING

    def close(self) -> None:
        font = self.fonts.get(_OTHER)
        if isinstance(font, TTFFont):
            font.close()

    def known_letters(self) -> frozenset[int]:
        if _OTHER not in self.fonts:
            self.add_font(_OTHER, fname=_FALLBACK)
        font = self.fonts[_OTHER]
        return frozenset(font.cmap) if isinstance(font, TTFFont) else frozenset()

    def draw(self, shape: Shape) -> None:
        match shape:
            case Box():
                self._box(shape)
            case Words():
                self._words(shape)
            case Code():
                self._code(shape)

    def _box(self, box: Box) -> None:
        self.set_line_width(0.2)
        if box.dashed:
            self.set_dash_pattern(dash=1.2, gap=1.2)
        if box.fill:
            self.set_fill_color(box.fill)
        if box.outline:
            self.set_draw_color(box.outline)
        style = RenderStyle.coerce(("F" if box.fill else "") + ("D" if box.outline else ""))
        self.rect(box.x, box.y, box.w, box.h, style=style, round_corners=box.radius > 0, corner_radius=box.radius)
        self.set_dash_pattern()

    def _words(self, words: Words) -> None:
        text, size_pt = words.text, words.size_pt
        if is_western(text):
            self.set_font("helvetica", style="B" if words.bold else "", size=size_pt)
        else:
            known = self.known_letters()
            self.set_font(_OTHER, size=size_pt * FALLBACK_SCALE)
            text = "".join(letter if ord(letter) in known else _MISSING for letter in text)
        self.set_text_color(words.colour)
        shift = {"start": 0.0, "middle": 0.5, "end": 1.0}[words.anchor]
        self.text(words.x - shift * self.get_string_width(text), words.y, text)

    def _code(self, code: Code) -> None:
        module, row = code.w / code.symbol.width, code.h / len(code.symbol.rows)
        self.set_fill_color(0)
        for number, first, modules in black_runs(code.symbol):
            self.rect(code.x + first * module, code.y + number * row, modules * module, row, style="F")
