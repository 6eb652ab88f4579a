"""The binding sheet: the codes that put a new scanner in the place of a dead one. For technicians, kept in a drawer."""

from collections.abc import Sequence

from daemon.printing.barcodes import code128
from daemon.printing.lettering import fitted
from daemon.printing.shapes import A4_MM, GREY, INK, MIST, PAPER, Box, Page, Shape
from daemon.printing.shapes import Code as Barcode
from daemon.printing.shapes import Words as Text
from stations.rules.commands import bind_code
from stations.rules.routing import STATIONS

_MARGIN, _TOP, _PITCH_MM, _MODULE_MM = 14.0, 78.0, 46.0, 0.5
_STEPS = (
    "1. Unplug the dead scanner.   2. Plug the new one into this PC and wait five seconds.",
    "3. Scan the code of its station with the new one. Its screen says who it works for.",
    "Nothing happens? Bind it by hand: sunline device bind. Then test it: sunline device test",
)


def binding_pages(line: int, printed_on: str = "", stations: Sequence[int] = tuple(STATIONS)) -> tuple[Page, ...]:
    """Lay out the binding sheet of a line on one A4 page; codes alternate sides, so that none is hit with another."""
    shapes = [*_head(line, printed_on)]
    for row, station in enumerate(stations):
        shapes += _row(line, station, _TOP + row * _PITCH_MM, on_right=row % 2 == 0)
    return (Page(*A4_MM, tuple(shapes)),)


def _head(line: int, printed_on: str) -> tuple[Shape, ...]:
    right = A4_MM[0] - _MARGIN
    return (
        Text(x=_MARGIN, y=27.5, text="A scanner is dead?", size_pt=27, bold=True),
        Text(x=right, y=27.5, text=f"Line {line}", size_pt=19, colour=GREY, anchor="end"),
        *(Text(x=_MARGIN, y=40 + 8 * n, text=step, size_pt=12) for n, step in enumerate(_STEPS)),
        Text(x=_MARGIN, y=290, text="Keep this sheet away from the stations.", size_pt=8, colour=GREY),
        Text(x=right, y=290, text=printed_on, size_pt=8, colour=GREY, anchor="end"),
    )


def _row(line: int, station: int, y: float, *, on_right: bool) -> tuple[Shape, ...]:
    text = bind_code(line, station)
    symbol = code128(text)
    wide = symbol.width * _MODULE_MM
    left, right = _MARGIN, A4_MM[0] - _MARGIN
    code_x = right - 8 - wide if on_right else left + 8
    label_x = left if on_right else A4_MM[0] / 2 + 4
    name = Text(x=label_x + 23, y=y + 17, text=STATIONS[station], size_pt=14, bold=True)
    return (
        Box(x=left, y=y, w=right - left, h=_PITCH_MM - 6, fill=MIST, radius=2),
        Box(x=code_x - 6, y=y + 3, w=wide + 12, h=_PITCH_MM - 12, fill=PAPER, radius=2),
        Box(x=label_x + 4, y=y + 8, w=15, h=15, fill=INK, radius=2.5),
        Text(x=label_x + 11.5, y=y + 20, text=str(station), size_pt=32, colour=PAPER, bold=True, anchor="middle"),
        fitted(name, 58, least_pt=9),
        Barcode(x=code_x, y=y + 6, w=wide, h=_PITCH_MM - 23, symbol=symbol),
        Text(x=code_x + wide / 2, y=y + _PITCH_MM - 11.5, text=text, size_pt=8, anchor="middle"),
    )
