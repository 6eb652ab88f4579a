"""The test sheet: five codes that show what a scanner does wrong. For technicians, kept beside the binding sheet."""

from daemon.printing.barcodes import code128
from daemon.printing.lettering import fitted
from daemon.printing.shapes import A4_MM, GREY, INK, MIST, PAPER, Box, Page, Shape
from daemon.printing.shapes import Code as Barcode
from daemon.printing.shapes import Words as Text
from stations.rules.commands import TEST_CODES

_MARGIN, _TOP, _PITCH_MM = 14.0, 70.0, 42.0
_MODULE_MM = 0.42
_NUMBER_MM = 15.0
_STEPS = (
    "1. At the line's PC:  sunline device test NAME     (names: sunline device list)",
    "2. Scan the codes from the top to the bottom, as it asks. Its station does without the scanner meanwhile.",
    "3. It says what is wrong and what to do. What the line can set by itself, it has set then.",
)
_SHOWS = (
    "capital letters that keyboards swap",
    "small letters that keyboards swap",
    "digits",
    "signs that keyboards move",
    "a code as long as a badge",
)


def scanner_pages(printed_on: str = "") -> tuple[Page, ...]:
    """Lay out the test sheet on one A4 page, the same for every line; codes lie one below the other, far apart."""
    shapes = [*_head(printed_on)]
    for number, text in enumerate(TEST_CODES):
        shapes += _row(number, text, _TOP + number * _PITCH_MM)
    return (Page(*A4_MM, tuple(shapes)),)


def _head(printed_on: str) -> tuple[Shape, ...]:
    right = A4_MM[0] - _MARGIN
    return (
        Text(x=_MARGIN, y=27.5, text="What is wrong with a scanner?", size_pt=27, bold=True),
        *(
            fitted(Text(x=_MARGIN, y=40 + 8 * n, text=step, size_pt=11), right - _MARGIN)
            for n, step in enumerate(_STEPS)
        ),
        Text(x=_MARGIN, y=290, text="At a station these codes do nothing.", size_pt=8, colour=GREY),
        Text(x=right, y=290, text=printed_on, size_pt=8, colour=GREY, anchor="end"),
    )


def _row(number: int, text: str, y: float) -> tuple[Shape, ...]:
    symbol = code128(text)
    left, wide = _MARGIN + _NUMBER_MM + 12, symbol.width * _MODULE_MM
    quiet = symbol.quiet * _MODULE_MM
    height = _PITCH_MM - 6
    return (
        Box(x=_MARGIN, y=y, w=A4_MM[0] - 2 * _MARGIN, h=height, fill=MIST, radius=2),
        Box(x=left - quiet, y=y + 3, w=wide + 2 * quiet, h=height - 6, fill=PAPER, radius=2),
        Box(x=_MARGIN + 4, y=y + 8, w=_NUMBER_MM, h=_NUMBER_MM, fill=INK, radius=2.5),
        Text(
            x=_MARGIN + 4 + _NUMBER_MM / 2, y=y + 20, text=str(number + 1), size_pt=32, colour=PAPER, bold=True,
            anchor="middle",
        ),
        Barcode(x=left, y=y + 6, w=wide, h=height - 17, symbol=symbol),
        Text(x=left, y=y + height - 5.2, text=text, size_pt=8),
        Text(x=left + wide, y=y + height - 5.2, text=_SHOWS[number], size_pt=8, colour=GREY, anchor="end"),
    )  # fmt: skip
