"""What counts of all that was kept: sheets nobody withdrew, as they are read, and the newest explanations. Pure."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from daemon.shadow.keeping import Explanation, Kept, Sheet, Withdrawal
from daemon.shadow.paper import Fault, PaperVerdict, Reading, SheetUnfit
from daemon.shadow.reading import read_sheet
from daemon.shadow.report import Explained
from daemon.shadow.sides import PaperSheet

_ID_DIGITS: Final = 8
_REMEMBERED: Final = 512


@dataclass(frozen=True, slots=True)
class ReadSheet:
    """A sheet and how it is understood. `id` is made of its bytes; `unfit` says why it is no paper at all."""

    sheet: Sheet
    id: str
    reading: Reading
    unfit: str = ""


@dataclass(frozen=True, slots=True)
class Papers:
    """All the paper that counts, in the order it came in, and what was explained, by the id of the difference."""

    sheets: tuple[ReadSheet, ...]
    explained: dict[str, Explained]

    @property
    def sides(self) -> tuple[PaperSheet, ...]:
        """The sheets as they are held against the line."""
        return tuple(PaperSheet(one.sheet.name, one.sheet.at, one.reading.verdicts) for one in self.sheets)

    @property
    def rows(self) -> frozenset[str]:
        """The keys of all rows."""
        return frozenset(row.key for one in self.sheets for row in one.reading.verdicts)

    @property
    def unread(self) -> tuple[tuple[str, Fault], ...]:
        """The rows nobody could read, each with the name of its sheet."""
        return tuple((one.sheet.name, fault) for one in self.sheets for fault in one.reading.faults)

    def places(self) -> dict[str, str]:
        """Say of each row where it stands: `monday.csv:12`."""
        return {row.key: place_of(one.sheet.name, row) for one in reversed(self.sheets) for row in one.reading.verdicts}


def place_of(name: str, row: PaperVerdict) -> str:
    """Say where a row stands."""
    return f"{name}:{row.row}"


def papers(facts: Sequence[Kept], zone: ZoneInfo) -> Papers:
    """Work out what counts. A sheet that came in again after it was withdrawn counts again; a row never does."""
    withdrawn = [one for one in facts if isinstance(one, Withdrawal)]
    rows = frozenset(one.what for one in withdrawn)
    sheets = tuple(
        _without(found, rows)
        for one in facts
        if isinstance(one, Sheet)
        for found in (understood(one, zone),)
        if not any(it.what == found.id and it.at >= one.at for it in withdrawn)
    )
    found = {
        one.difference: Explained(one.right, one.reason, one.by, one.at)
        for one in facts
        if isinstance(one, Explanation)
    }
    return Papers(sheets, found)


def understood(sheet: Sheet, zone: ZoneInfo) -> ReadSheet:
    """Read a sheet; one that is no paper at all has no rows."""
    reading, unfit = _read(sheet.raw, zone)
    return ReadSheet(sheet, hashlib.sha256(sheet.raw).hexdigest()[:_ID_DIGITS], reading, unfit)


@lru_cache(_REMEMBERED)
def _read(raw: bytes, zone: ZoneInfo) -> tuple[Reading, str]:
    try:
        return read_sheet(raw, zone), ""
    except SheetUnfit as unfit:
        return Reading((), ()), f"{unfit} {unfit.todo}"


def _without(found: ReadSheet, rows: frozenset[str]) -> ReadSheet:
    kept = tuple(row for row in found.reading.verdicts if row.key not in rows)
    return replace(found, reading=replace(found.reading, verdicts=kept))
