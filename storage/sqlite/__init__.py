"""One line's memory in one SQLite file: a green light means what stands here is on the disk."""

from storage.sqlite.answers import Change, FindingCount, History, PanelCount, ResultCount
from storage.sqlite.clock import Clock, ClockState, Moment, SystemClock
from storage.sqlite.disk import Disk, DiskHealth, Room
from storage.sqlite.readers import Readers
from storage.sqlite.seed import seed_records
from storage.sqlite.store import Decision, Store
from storage.sqlite.view import View
from storage.sqlite.writer import Writer

__all__ = [
    "Change",
    "Clock",
    "ClockState",
    "Decision",
    "Disk",
    "DiskHealth",
    "FindingCount",
    "History",
    "Moment",
    "PanelCount",
    "Readers",
    "ResultCount",
    "Room",
    "Store",
    "SystemClock",
    "View",
    "Writer",
    "seed_records",
]
