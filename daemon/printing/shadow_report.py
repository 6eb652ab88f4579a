"""The report of a shadow run on paper: for the meeting that decides, with the lines to sign at its end."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from daemon.printing.lettering import fitted, width_mm
from daemon.printing.shapes import A4_MM, GREY, HAIRLINE, INK, MIST, PAPER, RED, Anchor, Box, Page, Shape, Words
from daemon.shadow.words import by_cause, days_words, percent, totals, what
from stations.rules.routing import STATIONS

Json = Mapping[str, Any]

_LEFT, _RIGHT = 14.0, A4_MM[0] - 14.0
_TOP, _BOTTOM = 44.0, 280.0
_SIZE_PT, _STEP_MM = 9.0, 4.3


@dataclass(frozen=True, slots=True)
class _Strip:
    """A piece of the report that stays together: shapes from 0 down, and how high it is."""

    height: float
    shapes: tuple[Shape, ...]


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of a table; one that wraps takes what room it needs downwards."""

    title: str
    x: float
    wide: float
    anchor: Anchor = "start"


def report_pages(found: Json, between: str, printed_on: str) -> tuple[Page, ...]:
    """Lay out what `shadow.report` says on A4 pages."""
    pages = list(_paged(_strips(found)))
    return tuple(
        Page(*A4_MM, (*_head(found, between), *shapes, *_foot(number, len(pages), printed_on)))
        for number, shapes in enumerate(pages, 1)
    )


def _strips(found: Json) -> Iterator[_Strip]:
    yield _text(found["sentence"], 13, bold=True)
    for sentence in days_words(found):
        yield _text(sentence, 10)
    yield from _facts(found)
    yield from _table("Stations", _STATIONS, (_station(one) for one in found["stations"]))
    yield from _table("Days", _DAYS, (_day(one) for one in found["days"]))
    open_ = [one for one in found["differences"] if not one["explained"]]
    explained = [one for one in found["differences"] if one["explained"]]
    causes = ((str(one["count"]), one["cause"].replace("_", " "), one["words"]) for one in by_cause(open_))
    yield from _table("Open differences by cause", _CAUSES, causes)
    yield from _table("Open differences", _OPEN, ((*_which(one), what(one)) for one in open_))
    yield from _table("Explained differences", _EXPLAINED, map(_explained, explained))
    yield from _table("Panels of the line without paper", _BARE, _bare(found["without_paper"]))
    yield from _table("Rows of paper nobody could read", _UNREAD, map(_unread, found["unread"]))
    yield _signed()


_STATIONS: Final = (
    _Column("Station", 14, 60), _Column("Verdicts", 96, 24, "end"), _Column("Agree", 120, 24, "end"),
    _Column("%", 144, 24, "end"),
)  # fmt: skip
_DAYS: Final = (
    _Column("Day", 14, 60), _Column("Panels", 96, 24, "end"), _Column("With paper", 120, 24, "end"),
    _Column("Agree", 144, 24, "end"), _Column("Open", 168, 24, "end"),
)  # fmt: skip
_CAUSES: Final = (_Column("Open", 24, 12, "end"), _Column("Cause", 28, 45), _Column("Most likely", 74, 120))
_OPEN: Final = (
    _Column("ID", 14, 18), _Column("Day", 32, 18), _Column("Serial", 51, 32), _Column("St", 87, 6, "end"),
    _Column("What differs, and why most likely", 90, 106),
)  # fmt: skip
_EXPLAINED: Final = (*_OPEN[:4], _Column("Right", 90, 14), _Column("By", 105, 18), _Column("Reason", 124, 72))
_BARE: Final = tuple(_Column("", x, 36) for x in (14.0, 51.0, 88.0, 125.0, 162.0))
_UNREAD: Final = (_Column("Where", 14, 58), _Column("Why", 74, 120))


def _station(one: Json) -> tuple[str, ...]:
    name = f"{one['station']} {STATIONS[one['station']]}"
    return name, str(one["verdicts"]), str(one["agreeing"]), percent(one["percent"])


def _day(one: Json) -> tuple[str, ...]:
    return tuple(str(one[key]) for key in ("day", "panels", "with_paper", "agreeing", "open"))


def _which(one: Json) -> tuple[str, ...]:
    return one["id"], one["day"], one["serial"], str(one["station"] or "")


def _explained(one: Json) -> tuple[str, ...]:
    why = one["explained"]
    return (*_which(one), why["right"], why["by"], f"{why['reason']} ({what(one)})")


def _bare(serials: Sequence[str]) -> Iterator[tuple[str, ...]]:
    for at in range(0, len(serials), len(_BARE)):
        some = serials[at : at + len(_BARE)]
        yield (*some, *[""] * (len(_BARE) - len(some)))


def _unread(one: Json) -> tuple[str, ...]:
    return f"{one['sheet']}:{one['row']}", one["why"]


def _head(found: Json, between: str) -> tuple[Shape, ...]:
    return (
        Box(x=_LEFT, y=10, w=_RIGHT - _LEFT, h=11, fill=RED, radius=1.5),
        Words(x=A4_MM[0] / 2, y=17.6, text=found["shadow"], size_pt=16, colour=PAPER, bold=True, anchor="middle"),
        Words(x=_LEFT, y=33, text="Paper and line", size_pt=22, bold=True),
        Words(x=_RIGHT, y=33, text=f"Line {found['line']} of {found['site']}", size_pt=12, colour=GREY, anchor="end"),
        Words(x=_RIGHT, y=38.5, text=between, size_pt=9, colour=GREY, anchor="end"),
    )


def _foot(number: int, count: int, printed_on: str) -> tuple[Shape, ...]:
    return (
        Words(x=_LEFT, y=290, text=printed_on, size_pt=8, colour=GREY),
        Words(x=_RIGHT, y=290, text=f"page {number} of {count}", size_pt=8, colour=GREY, anchor="end"),
    )


def _facts(found: Json) -> Iterator[_Strip]:
    for name, value in totals(found)[1:]:
        if value != "":
            texts = _wrapped(str(value), 10, 130)
            words = [Words(x=70, y=4 + n * 4.6, text=text, size_pt=10, bold=not n) for n, text in enumerate(texts)]
            label = Words(x=_LEFT, y=4, text=name, size_pt=10, colour=GREY)
            yield _Strip(5.0 + 4.6 * (len(texts) - 1), (label, *words))


def _table(title: str, columns: Sequence[_Column], rows: Iterable[Sequence[str]]) -> Iterator[_Strip]:
    """Lay out a table; its heading stays with its first row. A table without rows is left out."""
    head = _heading(title, columns)
    for number, row in enumerate(rows):
        strip = _row(columns, row, shaded=bool(number % 2))
        yield _under(head, strip) if number == 0 else strip


def _heading(title: str, columns: Sequence[_Column]) -> _Strip:
    names = (Words(x=c.x, y=14.5, text=c.title, size_pt=8, colour=GREY, anchor=c.anchor) for c in columns if c.title)
    rule = Box(x=_LEFT, y=16, w=_RIGHT - _LEFT, h=0.3, fill=HAIRLINE)
    return _Strip(17, (Words(x=_LEFT, y=9.5, text=title, size_pt=12, bold=True), *names, rule))


def _row(columns: Sequence[_Column], row: Sequence[str], *, shaded: bool) -> _Strip:
    cells = [_wrapped(text, _SIZE_PT, column.wide) for column, text in zip(columns, row, strict=True)]
    height = _STEP_MM * max(map(len, cells)) + 1.2
    words = [
        Words(x=column.x, y=3.6 + n * _STEP_MM, text=text, size_pt=_SIZE_PT, colour=INK, anchor=column.anchor)
        for column, texts in zip(columns, cells, strict=True)
        for n, text in enumerate(texts)
    ]
    ground = (Box(x=_LEFT, y=0, w=_RIGHT - _LEFT, h=height, fill=MIST),) if shaded else ()
    return _Strip(height, (*ground, *words))


def _text(text: str, size_pt: float, *, bold: bool = False) -> _Strip:
    step = size_pt * 0.48
    lines = _wrapped(text, size_pt, _RIGHT - _LEFT, bold=bold)
    words = (Words(x=_LEFT, y=step + n * step, text=line, size_pt=size_pt, bold=bold) for n, line in enumerate(lines))
    return _Strip(step * len(lines) + 3, tuple(words))


def _signed() -> _Strip:
    choices = ("The paper goes on beside the line.", "The line counts, without paper, from")
    boxes = [
        shape
        for n, text in enumerate(choices)
        for shape in (
            Box(x=_LEFT, y=15.5 + 9 * n, w=4, h=4, outline=INK),
            Words(x=_LEFT + 7, y=19 + 9 * n, text=text, size_pt=10),
        )
    ]
    lines = [Box(x=x, y=45, w=w, h=0.25, fill=INK) for x, w in ((14.0, 50.0), (70.0, 40.0), (116.0, 80.0))]
    labels = [
        Words(x=x, y=49, text=text, size_pt=8, colour=GREY)
        for x, text in ((14.0, "Name"), (70.0, "Date"), (116.0, "Signature"))
    ]
    title = Words(x=_LEFT, y=10, text="Decision", size_pt=12, bold=True)
    return _Strip(52, (title, *boxes, Box(x=80, y=28.5, w=40, h=0.25, fill=INK), *lines, *labels))


def _under(above: _Strip, below: _Strip) -> _Strip:
    return _Strip(above.height + below.height, (*above.shapes, *_moved(below, above.height)))


def _moved(strip: _Strip, down: float) -> Iterator[Shape]:
    return (replace(shape, y=shape.y + down) for shape in strip.shapes)


def _paged(strips: Iterable[_Strip]) -> Iterator[tuple[Shape, ...]]:
    page: list[Shape] = []
    y = _TOP
    for strip in strips:
        if y + strip.height > _BOTTOM and page:
            yield tuple(page)
            page, y = [], _TOP
        page += _moved(strip, y)
        y += strip.height
    yield tuple(page)


def _wrapped(text: str, size_pt: float, room_mm: float, *, bold: bool = False) -> list[str]:
    """Break a text between words into lines that fit; a word that never does is shrunk to its beginning."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if width_mm(longer, size_pt, bold=bold) <= room_mm:
            lines[-1] = longer
        else:
            short = fitted(Words(x=0, y=0, text=word, size_pt=size_pt, bold=bold), room_mm, least_pt=size_pt).text
            lines = [*lines, short] if lines[-1] else [short]
    return lines
