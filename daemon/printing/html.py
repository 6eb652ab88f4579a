"""Draw pages as one HTML file with inline SVG: opens and prints anywhere, loads nothing."""

from html import escape

from daemon.printing.barcodes import black_runs
from daemon.printing.shapes import MM_PER_PT, Box, Code, Page, Shape, Words

_STYLE = """
body{margin:0;background:#e6e9ee}
svg{display:block;margin:8mm auto;background:#fff;box-shadow:0 1px 6px #0003;font-family:Helvetica,Arial,"Noto Sans","Noto Sans CJK SC",sans-serif}
@media print{body{background:none}svg{margin:0;box-shadow:none;break-after:page}}
"""  # noqa: E501


def to_html(pages: tuple[Page, ...], title: str) -> str:
    """Give the pages as one self-contained HTML document, one SVG a page, in millimetres."""
    width, height = (pages[0].width, pages[0].height) if pages else (210.0, 297.0)
    size = f"@page{{size:{width:g}mm {height:g}mm;margin:0}}"
    body = "\n".join(page_svg(page) for page in pages)
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{size}{_STYLE}</style>'
    return f'<!doctype html>\n<html lang="en"><head>{head}</head><body>\n{body}\n</body></html>\n'


def page_svg(page: Page) -> str:
    """Give one page as SVG whose user unit is a millimetre."""
    size = f'width="{page.width:g}mm" height="{page.height:g}mm" viewBox="0 0 {page.width:g} {page.height:g}"'
    inside = "\n".join(_svg(shape) for shape in page.shapes)
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>\n{inside}\n</svg>'


def _svg(shape: Shape) -> str:
    match shape:
        case Box():
            return _box(shape)
        case Words():
            return _words(shape)
        case Code():
            return _code(shape)


def _box(box: Box) -> str:
    dashes = ' stroke-dasharray="1.2"' if box.dashed else ""
    line = f' stroke="{box.outline}" stroke-width="0.2"{dashes}' if box.outline else ""
    place = f'x="{box.x:.3f}" y="{box.y:.3f}" width="{box.w:.3f}" height="{box.h:.3f}" rx="{box.radius:g}"'
    return f'<rect {place} fill="{box.fill or "none"}"{line}/>'


def _words(words: Words) -> str:
    weight = ' font-weight="bold"' if words.bold else ""
    anchor = f' text-anchor="{words.anchor}"' if words.anchor != "start" else ""
    place = f'x="{words.x:.3f}" y="{words.y:.3f}" font-size="{words.size_pt * MM_PER_PT:.3f}"'
    return f'<text {place} fill="{words.colour}"{weight}{anchor}>{escape(words.text)}</text>'


def _code(code: Code) -> str:
    module, row = code.w / code.symbol.width, code.h / len(code.symbol.rows)
    path = "".join(
        f"M{code.x + first * module:.4f} {code.y + number * row:.4f}"
        f"h{modules * module:.4f}v{row:.4f}h-{modules * module:.4f}z"
        for number, first, modules in black_runs(code.symbol)
    )
    return f'<path data-code="{escape(code.symbol.text)}" d="{path}" fill="#000"/>'
