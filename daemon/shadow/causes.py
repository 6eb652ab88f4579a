"""What a difference is, and what it comes from most likely: a table, from clues to a cause."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from storage.records import Verdict


class Kind(StrEnum):
    """What differs."""

    UNKNOWN_PANEL = "unknown_panel"
    SERIAL = "serial"
    ORDER = "order"
    PALLET = "pallet"
    ONLY_PAPER = "only_paper"
    ONLY_LINE = "only_line"
    VERDICT = "verdict"
    VALUES = "values"
    TIME = "time"


class Cause(StrEnum):
    """Where a difference comes from, most likely."""

    NEVER_SCANNED = "never_scanned"
    LIKE_SEVERAL = "like_several"
    ONE_LETTER = "one_letter"
    CUT_OFF = "cut_off"
    GLUED = "glued"
    TAKEN_BACK = "taken_back"
    OTHER_PANEL = "other_panel"
    NOT_SCANNED = "not_scanned"
    REWORK_NOT_RECORDED = "rework_not_recorded"
    ATTEMPT_NOT_RECORDED = "attempt_not_recorded"
    NOT_WRITTEN = "not_written"
    REWORK_NOT_WRITTEN = "rework_not_written"
    ATTEMPT_NOT_WRITTEN = "attempt_not_written"
    COSMETIC = "cosmetic"
    MARKED_OTHERWISE = "marked_otherwise"
    SWAPPED = "swapped"
    OTHERS_VALUES = "others_values"
    EARLIER_VALUES = "earlier_values"
    WRONG_COLUMNS = "wrong_columns"
    DECIMAL_POINT = "decimal_point"
    NO_VALUES = "no_values"
    OTHER_VALUES = "other_values"
    CLOCK_OFF = "clock_off"
    AM_PM = "am_pm"
    OTHER_TIME = "other_time"
    OTHER_ORDER = "other_order"
    NOT_ON_PALLET = "not_on_pallet"
    OTHER_PALLET = "other_pallet"


WORDS: Final[Mapping[Cause, str]] = {
    Cause.NEVER_SCANNED: "the line never saw this panel",
    Cause.LIKE_SEVERAL: "the line never saw this serial; it is like {hint}",
    Cause.ONE_LETTER: "one letter of the serial is wrong on the paper",
    Cause.CUT_OFF: "a part of the serial is missing on the paper",
    Cause.GLUED: "two serials ran together on the paper",
    Cause.TAKEN_BACK: "taken back with UNDO on the line, but not on the paper",
    Cause.OTHER_PANEL: "perhaps written for {hint}, where the paper lacks it",
    Cause.NOT_SCANNED: "not scanned at this station",
    Cause.REWORK_NOT_RECORDED: "the paper has a rework that the line has not",
    Cause.ATTEMPT_NOT_RECORDED: "the paper has an attempt that the line has not",
    Cause.NOT_WRITTEN: "not written on the paper",
    Cause.REWORK_NOT_WRITTEN: "the line has a rework that the paper has not",
    Cause.ATTEMPT_NOT_WRITTEN: "the line has an attempt that the paper has not",
    Cause.COSMETIC: "a cosmetic defect that only one of them has",
    Cause.MARKED_OTHERWISE: "one of them has the wrong verdict",
    Cause.SWAPPED: "swapped with the values of {hint}",
    Cause.OTHERS_VALUES: "the paper has the values of {hint}",
    Cause.EARLIER_VALUES: "the paper has the values of another attempt",
    Cause.WRONG_COLUMNS: "the right numbers in the wrong columns of the paper",
    Cause.DECIMAL_POINT: "a decimal point slipped on the paper",
    Cause.NO_VALUES: "the line has no values",
    Cause.OTHER_VALUES: "written down wrongly, or of another flash",
    Cause.CLOCK_OFF: "the clock behind this paper is off, for most of its rows alike",
    Cause.AM_PM: "twelve hours: morning for afternoon",
    Cause.OTHER_TIME: "written down at another time than it was done",
    Cause.OTHER_ORDER: "another order",
    Cause.NOT_ON_PALLET: "on no pallet on the line",
    Cause.OTHER_PALLET: "on another pallet than the panels beside it",
}
"""Each cause in words; `hint` is the serial, or serials, it has to do with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clues:
    """What is known of a difference. Of what does not belong to its kind nothing is said."""

    line: Verdict | None = None
    paper: Verdict | None = None
    here_on_line: int = 0
    here_on_paper: int = 0
    taken_back: bool = False
    alike: tuple[str, ...] = ()
    swapped: bool = False
    owners: tuple[str, ...] = ()
    own_earlier: bool = False
    permuted: bool = False
    power_of_ten: bool = False
    has_values: bool = True
    clock_off: bool = False
    half_a_day: bool = False
    lies_on_pallet: bool = True


Rule = tuple[Callable[[Clues], bool], Cause]

TABLE: Final[Mapping[Kind, tuple[Rule, ...]]] = {
    Kind.UNKNOWN_PANEL: (
        (lambda it: bool(it.alike), Cause.LIKE_SEVERAL),
        (lambda _: True, Cause.NEVER_SCANNED),
    ),
    Kind.ONLY_PAPER: (
        (lambda it: it.taken_back, Cause.TAKEN_BACK),
        (lambda it: bool(it.alike), Cause.OTHER_PANEL),
        (lambda it: it.here_on_line == 0, Cause.NOT_SCANNED),
        (lambda it: it.paper is Verdict.FAIL, Cause.REWORK_NOT_RECORDED),
        (lambda _: True, Cause.ATTEMPT_NOT_RECORDED),
    ),
    Kind.ONLY_LINE: (
        (lambda it: it.here_on_paper == 0, Cause.NOT_WRITTEN),
        (lambda it: it.line is Verdict.FAIL, Cause.REWORK_NOT_WRITTEN),
        (lambda _: True, Cause.ATTEMPT_NOT_WRITTEN),
    ),
    Kind.VERDICT: (
        (lambda it: {it.line, it.paper} == {Verdict.PASS, Verdict.COSMETIC}, Cause.COSMETIC),
        (lambda _: True, Cause.MARKED_OTHERWISE),
    ),
    Kind.VALUES: (
        (lambda it: not it.has_values, Cause.NO_VALUES),
        (lambda it: it.swapped, Cause.SWAPPED),
        (lambda it: it.own_earlier, Cause.EARLIER_VALUES),
        (lambda it: bool(it.owners), Cause.OTHERS_VALUES),
        (lambda it: it.permuted, Cause.WRONG_COLUMNS),
        (lambda it: it.power_of_ten, Cause.DECIMAL_POINT),
        (lambda _: True, Cause.OTHER_VALUES),
    ),
    Kind.TIME: (
        (lambda it: it.clock_off, Cause.CLOCK_OFF),
        (lambda it: it.half_a_day, Cause.AM_PM),
        (lambda _: True, Cause.OTHER_TIME),
    ),
    Kind.ORDER: ((lambda _: True, Cause.OTHER_ORDER),),
    Kind.PALLET: (
        (lambda it: not it.lies_on_pallet, Cause.NOT_ON_PALLET),
        (lambda _: True, Cause.OTHER_PALLET),
    ),
}
"""The first rule of a kind that fits names the cause. For a badly written serial it is how it is like the right one."""


def cause_of(kind: Kind, clues: Clues) -> Cause:
    """Decide the likely cause of a difference."""
    return next(cause for fits, cause in TABLE[kind] if fits(clues))
