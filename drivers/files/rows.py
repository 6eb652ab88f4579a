"""One row of a result file to one reading. Nothing is judged: zeros, placeholders and odd physics pass through."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from drivers.files.cells import Cell, cell_text, is_blank, unwrap
from drivers.files.layout import Layout
from drivers.files.singles import is_not_given, number_of, shortest, significant_digits
from drivers.files.table import Row
from drivers.files.times import date_text, is_time, time_text
from drivers.readings import Flash, FlashKind, FlashSource, Garbled, IvValues

_NUMBERS = ("Pm", "Voc", "Isc", "Vpm", "Ipm", "Peak", "Temp")  # the five in the order of `IvValues.five`
_IN_FLASH = frozenset({"SerialNo", "Date", "TTime", *_NUMBERS})


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where and when rows were read. `monotonic_ns` is the moment of reading; row numbers are added to keep order."""

    device: str
    file: str
    wall: datetime
    monotonic_ns: int


class RowReader:
    """Turns the rows of one file into readings. Holds the column positions, looked up once."""

    def __init__(self, layout: Layout, provenance: Provenance) -> None:
        self._from = provenance
        self._serial, self._date, self._time, self._tag = (
            layout.names.index(name) for name in ("SerialNo", "Date", "TTime", "curveTag")
        )
        self._numbers = [(name, layout.place(name)) for name in _NUMBERS]
        self._others = [(name, place) for place, name in enumerate(layout.names) if name not in _IN_FLASH]

    def read(self, row: Row) -> Flash | Garbled:
        """Return the flash of a row, or the row itself as `Garbled` with the reason why it is none."""
        if row.flaw:
            return self._garbled(row, row.flaw)
        try:
            return self._flash(row)
        except _NoFlash as error:
            return self._garbled(row, str(error))

    def _flash(self, row: Row) -> Flash:
        cells = row.cells
        self._check_fit(cells)
        numbers, odd = self._read_numbers(cells)
        return Flash(
            device=self._from.device,
            raw=row.raw,
            wall=self._from.wall,
            monotonic_ns=self._from.monotonic_ns + row.number,
            source=FlashSource.LATE,
            kind=_kind(cells[self._tag]),
            serial_text=_serial(cells[self._serial]),
            date_text=date_text(cells[self._date]),
            time_text=time_text(cells[self._time]),
            values=_five(numbers[:5]),
            irradiance_w_m2=_value(numbers[5]),
            temperature_c=_value(numbers[6]),
            origin=self._origin(row),
            extra={name: cell_text(cells[place]) for name, place in self._others} | odd,
        )

    def _check_fit(self, cells: Sequence[Cell]) -> None:
        """Refuse a row whose cells stand under other names than their own."""
        tag = cells[self._tag]
        if not isinstance(tag, str) or number_of(tag) is not None or is_time(tag):
            raise _NoFlash(f"the header does not fit this row: column curveTag holds {cell_text(tag)!r}")
        serial = cells[self._serial]
        if isinstance(serial, date | time):
            raise _NoFlash(f"the header does not fit this row: column SerialNo holds {cell_text(serial)!r}")

    def _read_numbers(self, cells: Sequence[Cell]) -> tuple[list[str | None], dict[str, str]]:
        """Return the seven numbers as shortest texts, and by name the texts that stand for "no number"."""
        numbers: list[str | None] = []
        odd: dict[str, str] = {}
        for name, place in self._numbers:
            cell = "" if place is None else cells[place]
            number = _number(cell, name)
            numbers.append(number)
            if number is None and not is_blank(cell):
                odd[name] = cell_text(cell)
        return numbers, odd

    def _garbled(self, row: Row, why: str) -> Garbled:
        return Garbled(
            device=self._from.device,
            raw=row.raw,
            wall=self._from.wall,
            monotonic_ns=self._from.monotonic_ns + row.number,
            reason=f"{self._from.file}, row {row.number}: {why}.",
        )

    def _origin(self, row: Row) -> str:
        return f"{self._from.file}#{row.number}"


class _NoFlash(Exception):
    """A row does not hold a flash; the text says why."""


def _number(cell: Cell, name: str) -> str | None:
    if isinstance(cell, float | int) and not isinstance(cell, bool):
        return shortest(cell) if abs(cell) < float("inf") else None
    text = cell_text(cell)
    if not text:
        return None
    value = number_of(text)
    if value is not None:
        return shortest(value)
    if is_not_given(text):
        return None
    raise _NoFlash(f"column {name} holds {text[:40]!r}, which is no number")


def _value(number: str | None) -> float | None:
    return None if number is None else float(number)


def _five(numbers: Sequence[str | None]) -> IvValues:
    pmax_w, voc_v, isc_a, vmp_v, imp_a = map(_value, numbers)
    digits = min((significant_digits(number) for number in numbers if number is not None), default=0)
    return IvValues(pmax_w, voc_v, isc_a, vmp_v, imp_a, significant_digits=digits)


def _serial(cell: Cell) -> str | None:
    text = unwrap(cell_text(cell))
    return text if text.strip() else None


def _kind(tag: Cell) -> FlashKind:
    calibration = isinstance(tag, str) and unwrap(tag).strip().casefold() == "cali"
    return FlashKind.CALIBRATION if calibration else FlashKind.PANEL
