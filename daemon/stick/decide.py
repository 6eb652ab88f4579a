"""What is to be done with a stick, from what is seen and heard: tables and pure functions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from daemon.stick.endings import Ending, ending
from drivers.stick import StickDevice, StickVolume, writable_volume
from drivers.stick.errors import (
    AlsoAKeyboard,
    NoMedium,
    NotAStick,
    SeveralPartitions,
    StickError,
    StickGone,
    VolumeBusy,
    VolumeForbidden,
    VolumeReadOnly,
    VolumeUnreadable,
    VolumeUnsupported,
)
from storage.export.target import TargetBroken, TargetError, TargetForeign, TargetFull, TargetGone, TargetReadOnly
from storage.records import StickOutcome

OUTCOME_OF: Final[Mapping[type[Exception], StickOutcome]] = {
    StickGone: StickOutcome.PULLED_EARLY,
    NotAStick: StickOutcome.INTERNAL,
    NoMedium: StickOutcome.UNREADABLE,
    AlsoAKeyboard: StickOutcome.ALSO_A_KEYBOARD,
    SeveralPartitions: StickOutcome.SEVERAL_PARTITIONS,
    VolumeUnsupported: StickOutcome.UNSUPPORTED_FILE_SYSTEM,
    VolumeUnreadable: StickOutcome.UNREADABLE,
    VolumeReadOnly: StickOutcome.READ_ONLY,
    VolumeBusy: StickOutcome.INTERNAL,
    VolumeForbidden: StickOutcome.INTERNAL,
    TargetGone: StickOutcome.PULLED_EARLY,
    TargetFull: StickOutcome.FULL,
    TargetReadOnly: StickOutcome.READ_ONLY,
    TargetBroken: StickOutcome.UNREADABLE,
    TargetForeign: StickOutcome.UNREADABLE,
}
"""What each thing that can be wrong with a stick comes to; special cases of it come to the same."""

_OWN_WORDS: Final = (StickError, TargetForeign)
"""Whose own sentence is the better one; the others are about single files."""


def ending_of(error: StickError | TargetError) -> Ending:
    """Give the ending that an error of the stick or of writing to it comes to."""
    outcome = next((OUTCOME_OF[kind] for kind in type(error).__mro__ if kind in OUTCOME_OF), StickOutcome.INTERNAL)
    if isinstance(error, _OWN_WORDS) and outcome is not StickOutcome.PULLED_EARLY:
        return ending(outcome, str(error), error.todo)
    if isinstance(error, TargetReadOnly):  # one that is write-protected is not mounted for writing
        return ending(outcome, _TURNED, _WORN)
    return ending(outcome).noting(str(error)) if outcome is StickOutcome.FULL else ending(outcome)


_TURNED: Final = "The stick stopped taking data in the middle: its export is not complete."
_WORN: Final = "Plug it in again. If it stops again, it is damaged or worn out: take another stick."


def volume_or_ending(device: StickDevice) -> StickVolume | Ending:
    """Give the one volume an export may go on, or why there is none: said of known and unknown sticks alike."""
    try:
        volume = writable_volume(device)
    except StickError as error:
        return ending_of(error)
    return ending(StickOutcome.READ_ONLY) if device.read_only or volume.read_only else volume


@dataclass(frozen=True, slots=True)
class Heard:
    """What one line of this computer answered when it was asked about a stick.

    `line` as people call it. `stick_uuid` None: it does not know the stick, and `reason` says so; `absent`: no answer
    came that helps, `reason` says of one that runs why.
    """

    line: str
    stick_uuid: str | None = None
    reason: str = ""
    absent: bool = False


def unwelcome(heard: Sequence[Heard]) -> Ending | None:
    """Say why a stick gets nothing at all; None where some line knows it."""
    answered = [one for one in heard if not one.absent]
    if any(one.stick_uuid for one in answered):
        return None
    if not answered:
        return ending(StickOutcome.LINE_NOT_RUNNING).noting(
            *(f"{one.line}: {one.reason}" for one in heard if one.reason)
        )
    reasons = dict.fromkeys(one.reason for one in answered if one.reason)
    return ending(StickOutcome.NOT_ENROLLED).noting(*reasons)


@dataclass(frozen=True, slots=True)
class Came:
    """What came of one line on a stick that is known: exported, nothing_new, or why it is not on it, in words."""

    line: str
    outcome: StickOutcome
    words: str


def stranger(heard: Heard) -> Came:
    """Say what comes of a line that was asked and gives nothing."""
    if heard.absent:
        words = f"{heard.line}: {heard.reason}" if heard.reason else f"{heard.line} is not running."
        return Came(heard.line, StickOutcome.LINE_NOT_RUNNING, f"{words} Nothing of it was taken.")
    words = f"{heard.line} does not know this stick: nothing of it was taken."
    return Came(heard.line, StickOutcome.NOT_ENROLLED, words)


def concluded(came: Sequence[Came], *, wrote: bool) -> Ending:
    """Give the one ending of a visit in which no line's export failed because of the stick.

    `wrote`: something was written to it, be it complete or not.
    """
    outcomes = {one.outcome for one in came}
    words = [one.words for one in came]
    missing = next((one for one in _MISSING if one in outcomes), None)
    if missing is None:
        exported = StickOutcome.EXPORTED in outcomes
        return ending(StickOutcome.EXPORTED if exported else StickOutcome.NOTHING_NEW).noting(*words)
    left = _PART if wrote else _NOTHING
    return ending(missing, _SOME if StickOutcome.EXPORTED in outcomes else left, _AGAIN).noting(*words)


_MISSING: Final = (StickOutcome.INTERNAL, StickOutcome.LINE_NOT_RUNNING)
_SOME: Final = "Safe to remove, but not everything is on the stick."
_PART: Final = "What was written to the stick is not complete."
_NOTHING: Final = "The export is not complete."
_AGAIN: Final = "See what the line says (sunline status), then take the stick out and plug it in again."
