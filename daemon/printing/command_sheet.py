"""The command sheet of one station: every code an operator needs beside the panels and the badge.

Made for gloves and for laser scanners, whose beam is a long horizontal line: on a page no two codes lie at the same
height, and they alternate between the left and the right half, so that neighbours are never hit together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from daemon.printing.barcodes import code128
from daemon.printing.lettering import fitted
from daemon.printing.shapes import A4_MM, AMBER, BLUE, GREEN, GREY, HAIRLINE, INK, MIST, PAPER, RED, Box, Page, Shape
from daemon.printing.shapes import Code as Barcode
from daemon.printing.shapes import Words as Text
from stations.rules.commands import COMMANDS, DIGIT_PREFIX, Meaning, defect_code, fail_code
from stations.rules.routing import LAST_STATION

_MARGIN, _TOP, _BOTTOM = 14.0, 44.0, 283.0
_PITCH_MM = (15.0, 21.5)  # least and most height of one row
_HEADING_MM = 9.0
_GAP_MM = 6.8  # white between the bars of two rows, at least
_MODULE_MM = 0.5
_ROWS_A_PAGE = 15

_TEXT_OF = {meaning: text for text, (meaning, _) in COMMANDS.items()}


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a command sheet says. `criteria` maps the number of a criterion to its name, `defects` a code to its."""

    line: int
    station: int
    station_name: str
    criteria: Mapping[int, str]
    defects: Mapping[str, str]
    printed_on: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One code with the words beside it."""

    code: str
    label: str
    hint: str
    colour: str


@dataclass(frozen=True, slots=True)
class Section:
    """Entries under one heading."""

    heading: str
    entries: tuple[Entry, ...]


def sheet_pages(sheet: Sheet) -> tuple[Page, ...]:
    """Lay out the command sheet of a station on A4 pages."""
    pages = paginate(sections(sheet))
    return tuple(_page(sheet, page, number, len(pages)) for number, page in enumerate(pages, 1))


def sections(sheet: Sheet) -> tuple[Section, ...]:
    """Everything a station can be told, in the order a panel needs it."""
    last = sheet.station == LAST_STATION
    fails = tuple(Entry(fail_code(n), name, f"FAIL {n}", RED) for n, name in sorted(sheet.criteria.items()))
    defects = tuple(Entry(defect_code(code), name, f"Defect {code}", AMBER) for code, name in sheet.defects.items())
    then = (Meaning.DONE, Meaning.UNDO, *((Meaning.CLOSE_PALLET,) if last else ()), Meaning.SIGN_OUT)
    found = (
        Section("Good", (_command(Meaning.PASS_ALL, GREEN), _command(Meaning.COSMETIC, AMBER))),
        Section("Not good", (*fails, _command(Meaning.OTHER, RED))),
        Section("Then", tuple(_command(one, BLUE) for one in then)),
        *((Section("Values by hand", _values()),) if last else ()),
        Section("What is wrong with it", defects),
        Section("Supervisor", (_command(Meaning.RETEST, INK),)),
    )
    return tuple(section for section in found if section.entries)


_HINTS: Mapping[Meaning, str] = {
    Meaning.PASS_ALL: "everything is in order",
    Meaning.COSMETIC: "then scan what is wrong, then DONE",
    Meaning.OTHER: "then scan what is wrong, then DONE",
    Meaning.DONE: "finish, or: I have read it",
    Meaning.UNDO: "takes the last scan back",
    Meaning.RETEST: "after scanning a finished panel",
    Meaning.CLOSE_PALLET: "with fewer panels than full",
    Meaning.SIGN_OUT: "end of shift",
    Meaning.MANUAL: "the tester is off",
    Meaning.LATER: "the values come with the result file",
    Meaning.POINT: "decimal point",
    Meaning.ENTER: "after each value",
    Meaning.CLEAR: "start this value again",
}


def _command(meaning: Meaning, colour: str) -> Entry:
    text = _TEXT_OF[meaning]
    return Entry(text, COMMANDS[text][1], _HINTS[meaning], colour)


def _values() -> tuple[Entry, ...]:
    digits = tuple(Entry(f"{DIGIT_PREFIX}{digit}", str(digit), "digit", INK) for digit in (*range(1, 10), 0))
    before = (_command(Meaning.MANUAL, BLUE), _command(Meaning.LATER, BLUE))
    after = (_command(Meaning.POINT, INK), _command(Meaning.ENTER, GREEN), _command(Meaning.CLEAR, AMBER))
    return (*before, *digits, *after)


def paginate(found: Sequence[Section]) -> tuple[tuple[Section, ...], ...]:
    """Fill pages with whole sections; a section longer than a page is split evenly."""
    pages: list[list[Section]] = [[]]
    for section in (part for whole in found for part in _split(whole)):
        taken = sum(_height(one) for one in pages[-1])
        if pages[-1] and taken + _height(section) > _BOTTOM - _TOP:
            pages.append([])
        pages[-1].append(section)
    return tuple(tuple(page) for page in pages)


def _height(section: Section) -> float:
    return _HEADING_MM + len(section.entries) * _PITCH_MM[0]


def _split(section: Section) -> tuple[Section, ...]:
    count = len(section.entries)
    parts = -(-count // _ROWS_A_PAGE)
    each = -(-count // parts)
    return tuple(Section(section.heading, section.entries[at : at + each]) for at in range(0, count, each))


def _page(sheet: Sheet, page: tuple[Section, ...], number: int, count: int) -> Page:
    rows = sum(len(section.entries) for section in page)
    room = _BOTTOM - _TOP - _HEADING_MM * len(page)
    pitch = min(_PITCH_MM[1], room / rows)
    shapes, y, side = [*_head(sheet, number, count)], _TOP, 0
    for section in page:
        shapes.append(Text(x=_MARGIN, y=y + 6, text=section.heading.upper(), size_pt=9, colour=GREY, bold=True))
        shapes.append(Box(x=_MARGIN, y=y + 7.6, w=A4_MM[0] - 2 * _MARGIN, h=0.25, fill=HAIRLINE))
        y += _HEADING_MM
        for entry in section.entries:
            shapes += _row(entry, y, pitch, on_right=side % 2 == 0)
            y, side = y + pitch, side + 1
    return Page(*A4_MM, tuple(shapes))


def _head(sheet: Sheet, number: int, count: int) -> tuple[Shape, ...]:
    right = A4_MM[0] - _MARGIN
    of = f"Line {sheet.line} · sheet {number} of {count}"
    name = Text(x=44, y=27.5, text=sheet.station_name, size_pt=27, bold=True)
    return (
        Box(x=_MARGIN, y=14, w=24, h=24, fill=INK, radius=3.5),
        Text(x=_MARGIN + 12, y=33.2, text=str(sheet.station), size_pt=56, colour=PAPER, bold=True, anchor="middle"),
        fitted(name, right - 44),
        Text(x=44, y=36.5, text="Scan the panel, look, then scan what you found.", size_pt=12, colour=GREY),
        Text(x=right, y=36.5, text=of, size_pt=12, colour=GREY, anchor="end"),
        Text(
            x=_MARGIN, y=290, text="One code at a time. Print again when it is dirty or torn.", size_pt=8, colour=GREY
        ),
        Text(x=right, y=290, text=sheet.printed_on, size_pt=8, colour=GREY, anchor="end"),
    )


def _row(entry: Entry, y: float, pitch: float, *, on_right: bool) -> tuple[Shape, ...]:
    symbol = code128(entry.code)
    half = (A4_MM[0] - 2 * _MARGIN) / 2
    wide = symbol.width * min(_MODULE_MM, (half - 6) / (symbol.width + 2 * symbol.quiet))
    quiet = symbol.quiet * wide / symbol.width
    middle, left, right = A4_MM[0] / 2, _MARGIN, A4_MM[0] - _MARGIN
    label_x, code_x = (left, right - quiet - wide) if on_right else (middle, left + quiet)
    label = Text(x=label_x + 7, y=y + pitch / 2 + 0.6, text=entry.label, size_pt=19, bold=True)
    return (
        Box(x=label_x, y=y + 0.9, w=half, h=pitch - 1.8, fill=MIST, radius=2),
        Box(x=label_x + 2, y=y + 2.9, w=1.8, h=pitch - 5.8, fill=entry.colour, radius=0.9),
        fitted(label, half - 11, least_pt=9),
        Text(x=label_x + 7, y=y + pitch / 2 + 5, text=entry.hint, size_pt=9.5, colour=entry.colour),
        Barcode(x=code_x, y=y + 1.8, w=wide, h=pitch - _GAP_MM, symbol=symbol),
        Text(x=code_x + wide / 2, y=y + pitch - 1.1, text=entry.code, size_pt=7, colour=GREY, anchor="middle"),
    )
