"""Whether an export can fit at all, before anything is written."""

from typing import Final

from storage.export.durable import Folder
from storage.export.job import ExportJob
from storage.export.layout import Format
from storage.export.lists import ExportList
from storage.export.target import TargetFull

_ROW_BYTES: Final = {Format.JSON: 180, Format.CSV: 120}
_SHEET_BYTES: Final = 2_000
_REST_BYTES: Final = 4_000


def least_bytes(job: ExportJob) -> int:
    """Estimate, rather too low, what an export takes."""
    rows = sum(job.counts.values()) * sum(size for one, size in _ROW_BYTES.items() if one in job.formats)
    sheets = job.counts[ExportList.PALLETS] * _SHEET_BYTES if Format.SHEETS in job.formats else 0
    return rows + sheets + _REST_BYTES


def assert_room(job: ExportJob, folder: Folder) -> None:
    """Refuse to begin where the export cannot fit. Raises TargetFull."""
    room, least = folder.room_bytes(), least_bytes(job)
    if room < least:
        raise TargetFull(f"There is room for {size_words(room)}, and this export takes at least {size_words(least)}.")


def size_words(size: int) -> str:
    """Write a number of bytes for people."""
    for unit, scale in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= scale:
            return f"{size / scale:.1f} {unit}"
    return f"{size} bytes"
