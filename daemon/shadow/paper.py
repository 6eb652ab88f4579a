"""What the paper says: a verdict a row, and the rows nobody can read."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from storage.records import Verdict

Five = tuple[float | None, float | None, float | None, float | None, float | None]
"""Pmax, Voc, Isc, Vmp, Imp in W, V, A, V, A; None where nothing is written."""

NO_VALUES: Final[Five] = (None, None, None, None, None)
VALUE_NAMES: Final = ("Pmax", "Voc", "Isc", "Vmp", "Imp")


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperVerdict:
    """One verdict as the paper has it. `key` names it, whichever file it comes in; `row` is its line in that file.

    `serial` is folded to the form serials are compared in, `written` is how it stands there. `at` is None where the
    paper gives no time of day, `day` where it gives no date either.
    """

    key: str
    row: int
    serial: str
    written: str
    station: int
    result: Verdict
    note: str = ""
    operator: str = ""
    day: date | None = None
    at: datetime | None = None
    values: Five = NO_VALUES
    order: str = ""
    pallet: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """A row that cannot be read, by its line in the file; `why` is a sentence with what to do."""

    row: int
    why: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A file as it was understood: what can be read stands, whatever else is wrong with the file."""

    verdicts: tuple[PaperVerdict, ...]
    faults: tuple[Fault, ...]


class SheetUnfit(Exception):
    """A file is no paper at all; `todo` says what one looks like."""

    def __init__(self, message: str, todo: str) -> None:
        super().__init__(message)
        self.todo = todo
