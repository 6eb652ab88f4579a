"""From the text of one result to a flash, after a dialect."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from drivers.readings import Flash, FlashKind, FlashSource, IvValues
from drivers.tester.cells import Cells, WrongShape, split_cells
from drivers.tester.dialect import Dialect, FieldSettings, Meaning
from drivers.tester.numbers import NotANumber, Printed, read_number

_TEXTS = frozenset({Meaning.SERIAL, Meaning.DATE, Meaning.TIME, Meaning.KIND})
_FIVE = (Meaning.PMAX, Meaning.VOC, Meaning.ISC, Meaning.VMP, Meaning.IMP)


@dataclass(frozen=True, slots=True)
class Result:
    """What one result says: texts and numbers by meaning, null tokens left out, the rest as text."""

    texts: Mapping[Meaning, str]
    numbers: Mapping[Meaning, Printed]
    extra: Mapping[str, str]


def read_result(text: str, dialect: Dialect, header: Sequence[str] | None = None) -> Result:
    """Return what the text of one frame says. Raises WrongShape with a plain half-sentence when it cannot be read."""
    cells = split_cells(text, dialect, header)
    named = [(item.is_, item, cell) for item, cell in cells.known if item.is_ is not None]
    texts = {is_: _unwrapped(cell) for is_, _, cell in named if is_ in _TEXTS and not _null(cell, dialect)}
    read = {is_: _number(item, cell, dialect) for is_, item, cell in named if is_ not in _TEXTS}
    numbers = {is_: number for is_, number in read.items() if number is not None}
    return Result(texts, numbers, _extra(cells))


def to_flash(result: Result, dialect: Dialect, raw: bytes, device: str, wall: datetime, monotonic_ns: int) -> Flash:
    """Return the live flash that `result` describes."""
    five = {meaning: result.numbers.get(meaning) for meaning in _FIVE}
    digits = [printed.digits for printed in five.values() if printed is not None]
    values = IvValues(
        **{meaning.value: None if printed is None else printed.value for meaning, printed in five.items()},
        significant_digits=min(digits, default=0),
    )
    return Flash(
        device=device,
        raw=raw,
        wall=wall,
        monotonic_ns=monotonic_ns,
        source=FlashSource.LIVE,
        kind=_kind(result, dialect),
        serial_text=result.texts.get(Meaning.SERIAL),
        date_text=result.texts.get(Meaning.DATE),
        time_text=result.texts.get(Meaning.TIME),
        values=values,
        irradiance_w_m2=_value(result, Meaning.IRRADIANCE),
        temperature_c=_value(result, Meaning.TEMPERATURE),
        origin=device,
        extra=result.extra,
    )


def _number(item: FieldSettings, cell: str, dialect: Dialect) -> Printed | None:
    try:
        return read_number(cell, decimal=dialect.decimal, unit=item.unit, scale=item.scale, nulls=dialect.nulls)
    except NotANumber as error:
        raise WrongShape(f"{item.label} reads {cell!r}, which is no number") from error


def _extra(cells: Cells) -> dict[str, str]:
    unnamed = {item.label: cell for item, cell in cells.known if item.is_ is None}
    return unnamed | dict(cells.extra)


def _kind(result: Result, dialect: Dialect) -> FlashKind:
    marks = {mark.casefold() for mark in dialect.calibration}
    return FlashKind.CALIBRATION if result.texts.get(Meaning.KIND, "").casefold() in marks else FlashKind.PANEL


def _value(result: Result, meaning: Meaning) -> float | None:
    printed = result.numbers.get(meaning)
    return None if printed is None else printed.value


def _null(cell: str, dialect: Dialect) -> bool:
    return cell.casefold() in {token.casefold() for token in dialect.nulls}


def _unwrapped(cell: str) -> str:
    """Take the spreadsheet wrapper `="…"` off a serial."""
    return cell[2:-1] if cell.startswith('="') and cell.endswith('"') else cell
