"""The sheet that travels with a pallet: which panels it holds, their five values and when they were finished."""

from dataclasses import dataclass

from daemon.printing.barcodes import code128
from daemon.printing.lettering import fitted
from daemon.printing.shapes import A4_MM, GREY, HAIRLINE, INK, MIST, PAPER, RED, Anchor, Box, Code, Page, Shape, Words
from storage.records import SHADOW_WORDS, numbered_in_shadow

LATER = "LATER"
"""Stands for values that come with the result file."""

_LEFT, _RIGHT = 14.0, A4_MM[0] - 14.0
_TABLE_TOP, _ROW_MM, _ROWS = 66.0, 7.6, 26


@dataclass(frozen=True, slots=True)
class PalletRow:
    """One panel. The five values are W, V, A, V, A; None where they are still to come."""

    position: int
    serial: str
    values: tuple[float | None, float | None, float | None, float | None, float | None]
    result: str
    operator: str
    time: str


@dataclass(frozen=True, slots=True)
class PalletSheet:
    """One pallet as its records say. `holds` are reasons it may not leave."""

    number: str
    order: str
    panel_type: str
    status: str
    closed: str
    rows: tuple[PalletRow, ...]
    holds: tuple[str, ...] = ()
    printed_on: str = ""


_COLUMNS: tuple[tuple[str, float, Anchor], ...] = (
    ("#", 21, "end"),
    ("Serial", 26, "start"),
    ("Pmax W", 80, "end"),
    ("Voc V", 93, "end"),
    ("Isc A", 106, "end"),
    ("Vmp V", 119, "end"),
    ("Imp A", 132, "end"),
    ("", 136, "start"),
    ("By", 149, "start"),
    ("Finished", _RIGHT, "end"),
)


def pallet_pages(sheet: PalletSheet) -> tuple[Page, ...]:
    """Lay out a pallet sheet on A4 pages, at least one."""
    chunks = [sheet.rows[at : at + _ROWS] for at in range(0, len(sheet.rows), _ROWS)] or [()]
    return tuple(_page(sheet, chunk, number, len(chunks)) for number, chunk in enumerate(chunks, 1))


def _page(sheet: PalletSheet, rows: tuple[PalletRow, ...], number: int, count: int) -> Page:
    shapes = [*_head(sheet), *_cells(_TABLE_TOP, tuple(name for name, _, _ in _COLUMNS), heading=True)]
    shapes.append(Box(x=_LEFT, y=_TABLE_TOP + 2.6, w=_RIGHT - _LEFT, h=0.4, fill=INK))
    for index, row in enumerate(rows):
        y = _TABLE_TOP + 8.2 + index * _ROW_MM
        if index % 2:
            shapes.append(Box(x=_LEFT, y=y - 5.1, w=_RIGHT - _LEFT, h=_ROW_MM, fill=MIST))
        shapes += _cells(y, _texts(row))
    of = f"{sheet.number} · page {number} of {count}"
    shapes.append(Words(x=_LEFT, y=290, text=of, size_pt=8, colour=GREY))
    shapes.append(Words(x=_RIGHT, y=290, text=sheet.printed_on, size_pt=8, colour=GREY, anchor="end"))
    return Page(*A4_MM, tuple(shapes))


def _head(sheet: PalletSheet) -> tuple[Shape, ...]:
    facts = (("Order", sheet.order), ("Type", sheet.panel_type), ("Panels", str(len(sheet.rows))))
    labels = [
        shape
        for index, (label, text) in enumerate(facts)
        for shape in _fact(label, text, _LEFT + (0, 50, 76)[index], 46.0)
    ]
    closed = _fact("Closed" if sheet.closed else "Status", sheet.closed or sheet.status, _LEFT + 104, 46)
    held = " · ".join(sheet.holds)
    warning = (fitted(Words(x=_LEFT, y=58, text=f"ON HOLD: {held}", size_pt=13, colour=RED, bold=True), 182),)
    return (
        Words(x=_LEFT, y=19, text="PALLET", size_pt=10, colour=GREY, bold=True),
        *(_shadow_title(sheet.number) if numbered_in_shadow(sheet.number) else _title(sheet.number)),
        Box(x=_LEFT, y=37.5, w=_RIGHT - _LEFT, h=0.25, fill=HAIRLINE),
        *labels,
        *closed,
        *(warning if held else ()),
    )


def _title(number: str) -> tuple[Shape, ...]:
    symbol = code128(number)
    wide = symbol.width * 0.4
    return (
        fitted(Words(x=_LEFT, y=30, text=number, size_pt=27, bold=True), _RIGHT - _LEFT - wide - 10),
        Code(x=_RIGHT - wide, y=14, w=wide, h=17, symbol=symbol),
        Words(x=_RIGHT - wide / 2, y=34.5, text=number, size_pt=8, colour=GREY, anchor="middle"),
    )


def _shadow_title(number: str) -> tuple[Shape, ...]:
    """Give the sheet of a shadow run no barcode: nothing may take it for the paper of a real pallet."""
    wide = 112.0
    return (
        Words(x=_LEFT, y=30, text=number, size_pt=19, bold=True),
        Box(x=_RIGHT - wide, y=8, w=wide, h=13, fill=RED, radius=1.5),
        Words(x=_RIGHT - wide / 2, y=16.8, text=SHADOW_WORDS, size_pt=18, colour=PAPER, bold=True, anchor="middle"),
    )


def _fact(label: str, text: str, x: float, y: float) -> tuple[Shape, ...]:
    return (
        Words(x=x, y=y - 3, text=label, size_pt=8, colour=GREY),
        Words(x=x, y=y + 3, text=text, size_pt=14, bold=True),
    )


def _texts(row: PalletRow) -> tuple[str, ...]:
    digits = (1, 2, 3, 2, 3)
    values = ["–" if v is None else f"{v:.{n}f}" for v, n in zip(row.values, digits, strict=True)]
    if all(value is None for value in row.values):
        values[0] = LATER
    return (str(row.position), row.serial, *values, row.result, row.operator, row.time)


def _cells(y: float, texts: tuple[str, ...], *, heading: bool = False) -> list[Shape]:
    size_pt, colour = (8.0, GREY) if heading else (10.0, INK)
    found: list[Shape] = []
    for text, (name, x, anchor) in zip(texts, _COLUMNS, strict=True):
        words = Words(
            x=x, y=y, text=text, size_pt=size_pt, colour=colour, anchor=anchor, bold=not heading and name == "Serial"
        )
        found.append(fitted(words, 18 if name == "By" else 46))
    return found
