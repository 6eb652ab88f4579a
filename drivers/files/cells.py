"""What stands in one cell of a result file, whatever kind of file it came from."""

import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from drivers.files.singles import number_text

Cell = str | int | float | bool | date | datetime | time | timedelta
"""One cell: text from a CSV; text, number, date or time from a workbook. Blank is the empty text."""

_FORMULA = re.compile(r'\s*[=＝]\s*["＂](.*)["＂]\s*', re.DOTALL)


def is_blank(cell: Cell) -> bool:
    """Tell whether nothing but white space stands in the cell."""
    return isinstance(cell, str) and not cell.strip()


def used_width(cells: Sequence[Cell]) -> int:
    """Count the cells up to the last one that is not blank."""
    return max((place for place, cell in enumerate(cells, start=1) if not is_blank(cell)), default=0)


def cell_text(cell: Cell) -> str:
    """Write a cell as text, without loss: text as given, numbers shortest, dates and times in ISO form."""
    match cell:
        case str():
            return cell
        case bool():
            return "TRUE" if cell else "FALSE"
        case int() | float():
            return number_text(cell)
        case datetime():
            return cell.isoformat(sep=" ")
        case date() | time():
            return cell.isoformat()
        case _:
            return str(cell)


def unwrap(text: str) -> str:
    """Take a text out of the formula `="…"` that exports wrap serials in; any other text comes back unchanged."""
    found = _FORMULA.fullmatch(text)
    return found[1].replace('""', '"') if found else text
