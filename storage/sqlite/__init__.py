"""One line's memory in one SQLite file: a green light means what stands here is on the disk."""

from storage.sqlite.answers import Change, FindingCount, History, PanelCount, ResultCount
from storage.sqlite.clock import Clock, ClockState, Moment, SystemClock
from storage.sqlite.store import Decision, Store
from storage.sqlite.view import View

__all__ = [
    "Change",
    "Clock",
    "ClockState",
    "Decision",
    "FindingCount",
    "History",
    "Moment",
    "PanelCount",
    "ResultCount",
    "Store",
    "SystemClock",
    "View",
]
