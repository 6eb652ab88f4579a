"""What people write into the cells of a table, read without guessing. Each reader raises ValueError with a sentence."""

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from storage.records import Verdict

_VERDICTS: Final[Mapping[str, Verdict]] = {
    **dict.fromkeys(("PASS", "PASSED", "P", "OK", "GOOD", "√", "✓", "✔"), Verdict.PASS),
    **dict.fromkeys(("FAIL", "FAILED", "F", "NG", "REWORK", "×", "✗", "X"), Verdict.FAIL),
    **dict.fromkeys(("B", "B-GRADE", "B GRADE", "GRADE B", "COSMETIC"), Verdict.COSMETIC),
}
_STATIONS: Final = ("ASSEMBLY", "FRAMING", "JUNCTION", "PERFORMANCE")
_NUMBERED: Final = re.compile(r"(?:STATION|STN|ST|S)?[ .#_-]*([1-4])(?:\.0)?(?:\W+[^\W\d].*)?")
_NUMBER: Final = re.compile(r"([0-9]{1,6})(?:[.,]([0-9]{1,9}))?\s*(?:W|WP|V|A|WATT|VOLT|AMP)?", re.IGNORECASE)
_ISO: Final = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})")
_DOTTED: Final = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})")
_SLASHED: Final = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
_CLOCK: Final = re.compile(r"([0-9]{1,2})[:.h]([0-9]{2})(?::([0-9]{2}))?(?:\.[0-9]+)?\s*(AM|PM)?", re.IGNORECASE)
_NOON: Final = 12


def verdict_of(text: str) -> Verdict:
    """Read a verdict."""
    found = _VERDICTS.get(text.strip().upper())
    if found is None:
        raise ValueError(f"{text.strip()[:20]!r} is no verdict: write PASS, FAIL or B")
    return found


def station_of(text: str) -> int:
    """Read a station, by its number or its name."""
    folded = text.strip().upper()
    if found := _NUMBERED.fullmatch(folded):
        return int(found[1])
    for number, name in enumerate(_STATIONS, 1):
        if folded.startswith(name):
            return number
    raise ValueError(f"{text.strip()[:20]!r} is no station: write 1, 2, 3 or 4")


def number_of(text: str) -> float | None:
    """Read a measured value, with a decimal point or comma; None for an empty cell."""
    folded = text.strip()
    if not folded or folded in ("-", "–"):
        return None
    found = _NUMBER.fullmatch(folded)
    if found is None:
        raise ValueError(f"{folded[:20]!r} is no value: write a number like 315.2")
    return float(f"{found[1]}.{found[2] or 0}")


def moment_of(text: str, clock: str, zone: ZoneInfo) -> tuple[date | None, datetime | None]:
    """Read a date with or without a time of day, in one cell or two, by the plant's clock.

    A time of day without a date says nothing. 11/12/2026 may be two days: that is refused.
    """
    together = f"{text.strip()} {clock.strip()}".strip().replace("T", " ", 1)
    if not together:
        return None, None
    head, _, rest = together.partition(" ")
    if _CLOCK.fullmatch(together):
        return None, None
    day = _day(head)
    clock_text = rest.strip()
    if not clock_text:
        return day, None
    return day, datetime.combine(day, _time(clock_text), zone)


def _day(text: str) -> date:
    for pattern, order in ((_ISO, (1, 2, 3)), (_DOTTED, (3, 2, 1))):
        if found := pattern.fullmatch(text):
            return _date(text, *(int(found[place]) for place in order))
    if found := _SLASHED.fullmatch(text):
        first, second, year = int(found[1]), int(found[2]), int(found[3])
        if first <= _NOON and second <= _NOON and first != second:
            raise ValueError(f"{text} may be two different days: write it like 2026-11-23")
        month, day = (second, first) if first > _NOON else (first, second)
        return _date(text, year, month, day)
    raise ValueError(f"{text[:20]!r} is no date: write it like 2026-11-23 14:30")


def _date(text: str, year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError as error:
        raise ValueError(f"there is no day {text}") from error


def _time(text: str) -> time:
    found = _CLOCK.fullmatch(text)
    if found is None:
        raise ValueError(f"{text[:20]!r} is no time of day: write it like 14:30")
    hour, half = int(found[1]), (found[4] or "").upper()
    if half and not 1 <= hour <= _NOON:
        raise ValueError(f"there is no time {text}")
    hour = hour % _NOON + _NOON * (half == "PM") if half else hour
    try:
        return time(hour, int(found[2]), int(found[3] or 0))
    except ValueError as error:
        raise ValueError(f"there is no time {text}") from error
