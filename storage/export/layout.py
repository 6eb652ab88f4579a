"""Where each file of an export lies."""

import hashlib
import re
from enum import StrEnum
from typing import Final

from storage.export.lists import ExportList
from storage.export.scope import PlantDates


class Format(StrEnum):
    """A part of an export that may be asked for alone."""

    JSON = "json"
    CSV = "csv"
    SHEETS = "sheets"


NAME: Final = "sunline"
"""Begins the name of the folder of every export."""

DOCUMENT: Final = "export.json"
README: Final = "README.txt"
MANIFEST: Final = "manifest.json"
SIGNATURE: Final = "manifest.sig"
CSV_FOLDER: Final = "csv"
SHEET_FOLDER: Final = "pallet_sheets"
SEALED: Final = ".age"
"""Ends the name of a file that only its recipient can read."""

_OURS: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,150}")
_FOREIGN: Final = re.compile(r"[^A-Za-z0-9._-]")
_LONGEST_STEM: Final = 100


def folder_name(site: str, line_number: int | None, dates: PlantDates, number: int = 1) -> str:
    """Name the folder of an export; the second and later of the same days carry a number."""
    line = f"line{line_number}" if line_number is not None else "all-lines"
    name = f"{NAME}-{site}-{line}-{dates.first.isoformat()}_{dates.last.isoformat()}"
    return name if number == 1 else f"{name}-{number}"


def csv_name(of: ExportList) -> str:
    """Name the CSV file of a list."""
    return f"{CSV_FOLDER}/{of.value}.csv"


def sheet_name(pallet_number: str) -> str:
    """Name the sheet of a pallet; of a number that cannot be a file name the rest is told by a digest."""
    stem = _FOREIGN.sub("_", pallet_number)[:_LONGEST_STEM]
    if stem != pallet_number or not _OURS.fullmatch(stem):
        stem = f"pallet-{stem}-{hashlib.sha256(pallet_number.encode('utf-8', 'replace')).hexdigest()[:12]}"
    return f"{SHEET_FOLDER}/{stem}.pdf"


def part_name(name: str, number: int) -> str:
    """Name a part of a file that was too large for one."""
    stem, dot, rest = name.partition(".")
    return f"{stem}-{number}{dot}{rest}"


def is_ours(name: str) -> bool:
    """Say whether a name can be one of an export's files: plain letters, at most one folder deep."""
    parts = name.split("/")
    return len(parts) <= 2 and all(_OURS.fullmatch(one) for one in parts)


def is_list(name: str) -> bool:
    """Say whether a file holds rows of lists: the document, a table, or a part of either."""
    return name.startswith((f"{CSV_FOLDER}/", "export.", "export-"))


def is_sheet(name: str) -> bool:
    """Say whether a file is the sheet of a pallet."""
    return name.startswith(f"{SHEET_FOLDER}/")


def is_part(name: str) -> bool:
    """Say whether a file holds a part of a list."""
    return is_list(name) and "-" in name
