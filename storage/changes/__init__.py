"""What both stores know of a change: its record as text, its stamps, and the clocks they come from; no database."""

from storage.changes.change import NOBODY, Arrival, Change, FeedPosition, Stamp
from storage.changes.clock import Clock, ClockState, LogicalClock, Moment, SystemClock
from storage.changes.forms import BODY_VERSION, OF_KIND, Form, form_of
from storage.changes.kinds import KINDS, TABLES

__all__ = [
    "BODY_VERSION",
    "KINDS",
    "NOBODY",
    "OF_KIND",
    "TABLES",
    "Arrival",
    "Change",
    "Clock",
    "ClockState",
    "FeedPosition",
    "Form",
    "LogicalClock",
    "Moment",
    "Stamp",
    "SystemClock",
    "form_of",
]
