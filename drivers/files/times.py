"""The tester's own clock, as given, in one canonical form whatever the export made of it.

The tester PC stands eight hours east of UTC while the plant is in Indiana: these texts identify a flash and are
never used for order.
"""

import re
import unicodedata
from datetime import date, datetime, time, timedelta

from drivers.files.cells import Cell, cell_text
from drivers.files.singles import number_of

_DAY_ZERO = date(1899, 12, 30)
_DAYS = range(20_000, 80_000)  # 1954 to 2119: a date stored as a bare day number
_DAY_S = 86_400
_DATE = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?(?:[ T].*)?")
_TIME = re.compile(
    r"(?P<before>上午|下午)?\s*(?P<h>[0-9]{1,2}):(?P<m>[0-9]{2}):(?P<s>[0-9]{2}(?:\.[0-9]+)?)"
    r"\s*(?P<after>[AP]\.?M\.?)?",
    re.IGNORECASE,
)
_HALVES = {"上午": "AM", "下午": "PM"}


def date_text(cell: Cell) -> str | None:
    """Write the tester's date as `2025-03-04`, or the text as given when it is no year-first date; None if blank.

    Day and month of `3/4/2025` cannot be told apart: such a text stays as it is.
    """
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    text = unicodedata.normalize("NFKC", cell_text(cell)).strip()
    return _year_first(text) or _day_number(text) or text or None


def time_text(cell: Cell) -> str | None:
    """Write the tester's time as `17:41:27`, or the text as given when it is no time of day; None if blank.

    Takes a time, a fraction of a day, and the texts `下午 5:41:27`, `上午 1:06:36`, `10:21:50PM` (上午 is AM,
    下午 is PM), rounded to whole seconds.
    """
    if isinstance(cell, datetime):
        return _of_clock(cell.time())
    if isinstance(cell, time):
        return _of_clock(cell)
    text = unicodedata.normalize("NFKC", cell_text(cell)).strip()
    return _spoken(text) or _day_fraction(text) or text or None


def is_time(text: str) -> bool:
    """Tell whether a text is a time of day in one of the tester's forms."""
    return _spoken(unicodedata.normalize("NFKC", text).strip()) is not None


def _year_first(text: str) -> str | None:
    found = _DATE.fullmatch(text)
    if not found:
        return None
    try:
        return date(int(found[1]), int(found[2]), int(found[3])).isoformat()
    except ValueError:
        return None


def _day_number(text: str) -> str | None:
    number = number_of(text)
    if number is None or int(number) not in _DAYS:
        return None
    return (_DAY_ZERO + timedelta(days=int(number))).isoformat()


def _spoken(text: str) -> str | None:
    found = _TIME.fullmatch(text)
    if not found:
        return None
    before, after = _HALVES.get(found["before"] or ""), found["after"]
    half = after.upper().replace(".", "") if after else before
    if before and half != before:
        return None
    hour, minute, second = _hour(int(found["h"]), half), int(found["m"]), float(found["s"])
    if hour is None or minute > 59 or second >= 60:
        return None
    return _clock(hour * 3600 + minute * 60 + second)


def _hour(hour: int, half: str | None) -> int | None:
    """Turn an hour and its half of the day into 0..23; None when they contradict each other."""
    if half is None or (half == "PM" and hour >= 12):
        return hour if hour < 24 else None
    if half == "PM":
        return hour + 12
    return hour % 12 if hour <= 12 else None


def _day_fraction(text: str) -> str | None:
    number = number_of(text)
    if number is None or not (0 <= number < 1 or int(number) in _DAYS):
        return None
    return _clock((number % 1) * _DAY_S)


def _of_clock(clock: time) -> str:
    return _clock(clock.hour * 3600 + clock.minute * 60 + clock.second + clock.microsecond / 1e6)


def _clock(seconds: float) -> str:
    whole = min(round(seconds), _DAY_S - 1)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"
