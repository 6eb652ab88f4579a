"""Everything an export is, where its contents come from, and who is told how far it is."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from storage.export.durable import Written
from storage.export.layout import Format, folder_name
from storage.export.lists import ExportList
from storage.export.pieces import Rows
from storage.export.scope import PlantDates, Scope
from storage.export.signing import Signer
from storage.records import Takes

_FORMATS: Final[Mapping[Takes, frozenset[Format]]] = {
    Takes.EVERYTHING: frozenset(Format),
    Takes.DATA: frozenset({Format.JSON, Format.CSV}),
    Takes.SHEETS: frozenset({Format.SHEETS}),
}

_SHEET_ROWS: Final = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportJob:
    """One export. The same job over the same rows writes the same bytes, unless it is sealed.

    `line_number` None: every line. `zone` is the name of the plant's time zone, in which `dates` are days. `as_of` is
    when the export was made, as its files say. `epoch` is the central server's, None for a line's store. `recipient`
    is an age key: with it every file of rows and sheets is encrypted.
    """

    site: str
    line_number: int | None
    dates: PlantDates
    zone: str
    scope: Scope
    as_of: datetime
    exported_by: str
    store_id: str
    counts: Mapping[ExportList, int]
    epoch: str | None = None
    formats: frozenset[Format] = frozenset(Format)
    recipient: str | None = None

    def folder_name(self, number: int = 1) -> str:
        """Name its folder; the second and later of the same days carry a number."""
        return folder_name(self.site, self.line_number, self.dates, number)


def formats_of(takes: Takes) -> frozenset[Format]:
    """Give the parts of an export that a stick may take away."""
    return _FORMATS[takes]


@dataclass(frozen=True, slots=True)
class Paper:
    """A pallet sheet that is drawn when it is needed."""

    pallet_number: str
    pdf: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Source:
    """What a store gives: rows, the sheets of the pallets, and a signature; None: the export stays unsigned."""

    rows: Rows
    papers: Iterable[Paper]
    signer: Signer | None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an export is. `kept` counts files of an earlier, interrupted run; `bytes` those written in this one."""

    doing: str
    rows: int
    rows_all: int
    sheets: int
    sheets_all: int
    bytes: int
    kept: int

    @property
    def work(self) -> int:
        """How much is through, in rows; a sheet, which is drawn, takes as long as many of them."""
        return self.rows + self.sheets * _SHEET_ROWS

    @property
    def work_all(self) -> int:
        """How much there is to do, in rows; counts are estimates, so never less than what is through."""
        return max(self.work, self.rows_all + self.sheets_all * _SHEET_ROWS)

    @property
    def share(self) -> float:
        """How much of the work is through, 0 to 1."""
        return self.work / self.work_all if self.work_all else 1.0


class Watch(Protocol):
    """Is told how an export goes on. What it raises ends the export, as an interruption does."""

    def progress(self, so_far: Progress) -> None:
        """Something was written, or is about to be."""

    def finished(self, file: Written, *, kept: bool) -> None:
        """A file is whole, durably; `kept`: since an earlier run, its digest was read back."""


class Unwatched:
    """Nobody looks."""

    def progress(self, so_far: Progress) -> None:
        """Go on."""

    def finished(self, file: Written, *, kept: bool) -> None:
        """Go on."""
