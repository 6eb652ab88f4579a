"""One line's memory in one SQLite file: a green light means what stands here is on the disk."""

from storage.sqlite.answers import FindingCount, PanelCount, ResultCount
from storage.sqlite.disk import Disk, DiskHealth, Room
from storage.sqlite.readers import Readers
from storage.sqlite.store import Decision, Store
from storage.sqlite.view import View
from storage.sqlite.writer import Writer

__all__ = [
    "Decision",
    "Disk",
    "DiskHealth",
    "FindingCount",
    "PanelCount",
    "Readers",
    "ResultCount",
    "Room",
    "Store",
    "View",
    "Writer",
]
