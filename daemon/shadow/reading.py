"""From the bytes of a file to what the paper says. Pure: the same bytes say the same for ever."""

import csv
import hashlib
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final
from zoneinfo import ZoneInfo

from daemon.shadow.cells import moment_of, number_of, station_of, verdict_of
from daemon.shadow.paper import VALUE_NAMES, Fault, Five, PaperVerdict, Reading, SheetUnfit
from stations.rules.serials import normalise

COLUMNS: Final = ("serial", "station", "result", "note", "operator", "time", *VALUE_NAMES, "order", "pallet")
"""The columns of a file, as the template names them."""

LARGEST_SHEET: Final = 700_000
"""Bytes of a file: some 7,000 rows."""

_NEEDED: Final = COLUMNS[:3]
_NAMES: Final[Mapping[str, str]] = {
    **{name.lower(): name for name in COLUMNS},
    **dict.fromkeys(("serialnumber", "serialno", "panel", "panelserial", "barcode", "sn"), "serial"),
    **dict.fromkeys(("stationnumber", "stationno", "stn"), "station"),
    **dict.fromkeys(("verdict", "passfail", "status", "outcome"), "result"),
    **dict.fromkeys(("notes", "defect", "defects", "comment", "comments", "remark", "remarks", "reason"), "note"),
    **dict.fromkeys(("inspector", "worker", "by", "name", "initials", "signature", "sign"), "operator"),
    **dict.fromkeys(("datetime", "timestamp", "date", "day", "when"), "time"),
    **dict.fromkeys(("clock", "hour", "timeofday"), "clock"),
    **dict.fromkeys(("pm", "pmpp", "power", "watt", "watts"), "Pmax"),
    **dict.fromkeys(("vm", "vmpp"), "Vmp"), **dict.fromkeys(("im", "impp"), "Imp"),
    **dict.fromkeys(("mo", "monumber", "ordernumber", "manufacturingorder"), "order"),
    **dict.fromkeys(("palletnumber", "palletno"), "pallet"),
}  # fmt: skip
_UNIT: Final = re.compile(r"[\[(].*?[\])]")
_MARKS: Final = re.compile(r"[^a-z0-9]")
_REMARKS: Final = ("#", "sep=")
_LONGEST_CELL: Final = 200
_MOST_COLUMNS: Final = 100
_KEY_DIGITS: Final = 12
_TODO: Final = "Begin with a line like: serial,station,result. `sunline shadow template FILE` writes one."


def read_sheet(raw: bytes, zone: ZoneInfo) -> Reading:
    """Read a file: UTF-8, UTF-16 or Windows-1252, its cells parted by comma, semicolon or tab. Raises SheetUnfit."""
    if raw.startswith(b"PK"):
        raise SheetUnfit("This is a workbook, not a CSV file.", "Save it as CSV in the spreadsheet program.")
    lines = _lines(_text(raw))
    first, head = next(((number, cells) for number, cells in lines if any(cells)), (0, []))
    places = _places(head)
    missing = [name for name in _NEEDED if name not in places]
    if missing:
        raise SheetUnfit(f"Line {first or 1} names no column {' and no column '.join(missing)}.", _TODO)
    return _read(lines, places, zone)


def _read(lines: Iterator[tuple[int, list[str]]], places: Mapping[str, int], zone: ZoneInfo) -> Reading:
    verdicts, faults, seen = [], [], Counter[tuple[object, ...]]()
    for number, cells in lines:
        if not any(cells):
            continue
        row = {name: cells[place] if place < len(cells) else "" for name, place in places.items()}
        try:
            found = _verdict(number, row, zone)
        except ValueError as error:
            faults.append(Fault(number, f"{error}."))
            continue
        content = _content(found)
        seen[content] += 1
        verdicts.append(_named(found, content, seen[content]))
    return Reading(tuple(verdicts), tuple(faults))


def _text(raw: bytes) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", "replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Give the rows with their line numbers; what begins with # is a remark, `sep=` one to a spreadsheet."""
    rows = csv.reader(io.StringIO(text.replace("\0", ""), newline=None), delimiter=_separator(text))
    while True:
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error as error:  # a cell without end
            raise SheetUnfit(f"Line {rows.line_num}: the file is no table ({error}).", _TODO) from error
        kept = [cell.strip() for cell in cells[:_MOST_COLUMNS]]
        if not (kept and kept[0].lower().startswith(_REMARKS)):
            yield rows.line_num, kept


def _separator(text: str) -> str:
    head = next((line for line in text.splitlines() if line.strip() and not line.lstrip('"').startswith("#")), "")
    return max(",;\t", key=head.count)


def _places(head: Sequence[str]) -> dict[str, int]:
    """Find the columns by their names, whatever their case, units and marks; the first of a name counts.

    A column `time` beside a column `date` is the time of day.
    """
    folded = [_MARKS.sub("", _UNIT.sub("", cell.lower())) for cell in head]
    places: dict[str, int] = {}
    for place, name in enumerate(folded):
        known = _NAMES.get(name)
        if name == "time" and any(one in ("date", "day") for one in folded):
            known = "clock"
        if known is not None:
            places.setdefault(known, place)
    return places


def _verdict(number: int, row: Mapping[str, str], zone: ZoneInfo) -> PaperVerdict:
    for name, text in row.items():
        if "\n" in text:
            raise ValueError(
                f"the cell {name} runs over several lines to here: close its quote, or put it into one line"
            )
        if len(text) > _LONGEST_CELL:
            raise ValueError(f"the cell {name} has {len(text)} characters: {_LONGEST_CELL} are allowed")
    serial = normalise(row["serial"])
    if not serial:
        raise ValueError("the serial is missing")
    day, at = moment_of(row.get("time", ""), row.get("clock", ""), zone)
    pmax, voc, isc, vmp, imp = (number_of(row.get(name, "")) for name in VALUE_NAMES)
    values: Five = (pmax, voc, isc, vmp, imp)
    return PaperVerdict(
        key="", row=number, serial=serial, written=row["serial"], station=station_of(row["station"]),
        result=verdict_of(row["result"]), note=row.get("note", ""), operator=row.get("operator", ""), day=day, at=at,
        values=values, order=row.get("order", ""), pallet=row.get("pallet", ""),
    )  # fmt: skip


def _content(found: PaperVerdict) -> tuple[object, ...]:
    moment = (str(found.day), str(found.at and found.at.time()))
    said = (found.serial, found.station, found.result.value, found.note, found.operator)
    return (*said, *moment, found.values, found.order, found.pallet)


def _named(found: PaperVerdict, content: tuple[object, ...], nth: int) -> PaperVerdict:
    """Name a row by what it says, and which of several that say the same it is: in any file it is the same row."""
    digest = hashlib.sha256(repr((content, nth)).encode("utf-8", "replace")).hexdigest()
    return replace(found, key=digest[:_KEY_DIGITS])
