"""What can come of a stick that is plugged in, in words for whoever stands there. One of them ends every visit."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from storage.records import StickOutcome


@dataclass(frozen=True, slots=True)
class Ending:
    """How a visit ended: its outcome, one plain sentence, and what to do next."""

    outcome: StickOutcome
    message: str
    todo: str

    @property
    def words(self) -> str:
        """Everything a person is told."""
        return f"{self.message} {self.todo}"

    @property
    def exit_status(self) -> int:
        """The exit code that stands for the outcome."""
        return EXIT_STATUS[self.outcome]

    def noting(self, *notes: str) -> "Ending":
        """Give the same ending with more said."""
        return replace(self, message=" ".join((self.message, *notes)))


def ending(outcome: StickOutcome, message: str = "", todo: str = "") -> Ending:
    """End with an outcome, in its usual words where no better ones are given."""
    usual_message, usual_todo = USUAL[outcome]
    return Ending(outcome, message or usual_message, todo or usual_todo)


USUAL: Final[Mapping[StickOutcome, tuple[str, str]]] = {
    StickOutcome.EXPORTED: (
        "Safe to remove: the export is on the stick, read back and compared.",
        "Take the stick out.",
    ),
    StickOutcome.NOTHING_NEW: (
        "Safe to remove: nothing is new since the last export to this stick, nothing was written.",
        "Take the stick out.",
    ),
    StickOutcome.NOT_ENROLLED: (
        "This stick is not known here: it was not opened, and nothing was written to it.",
        "Take it out. If it is to take data away, an admin enrols it: sunline usb enrol.",
    ),
    StickOutcome.FULL: (
        "The stick is full: the export is not complete.",
        "Make room on it at another computer, or enrol a larger one; then plug it in again.",
    ),
    StickOutcome.READ_ONLY: (
        "The stick is write-protected: nothing can be written to it.",
        "Move the small lock switch on the stick, or take another stick; then plug it in again.",
    ),
    StickOutcome.UNREADABLE: (
        "The stick does not work reliably: do not trust what is on it.",
        "Take another stick.",
    ),
    StickOutcome.UNSUPPORTED_FILE_SYSTEM: (
        "The stick is not formatted in a way this computer can use.",
        "Format it as exFAT or FAT32 at another computer (this deletes what is on it), then enrol it.",
    ),
    StickOutcome.SEVERAL_PARTITIONS: (
        "The stick has several partitions, and it is not clear which one to use.",
        "Take a stick with one partition, or format this one anew with a single one.",
    ),
    StickOutcome.ALSO_A_KEYBOARD: (
        "This stick also is a keyboard: it was refused, and nothing was written to it.",
        "Take it out and do not plug it in anywhere. Give it to whoever looks after the computers.",
    ),
    StickOutcome.PULLED_EARLY: (
        "The stick was pulled out too early: its export is not complete.",
        "Plug it in again and wait for 'safe to remove': it goes on where it stopped.",
    ),
    StickOutcome.LINE_NOT_RUNNING: (
        "No line answers on this computer: nothing was written to the stick.",
        "Start the line (systemctl start sunline@1), then take the stick out and plug it in again.",
    ),
    StickOutcome.INTERNAL: (
        "The export failed through a fault in this program: it is not complete.",
        "Plug the stick in again. If it fails again, call a technician: journalctl -u 'sunline-usb@*'.",
    ),
}
"""The usual sentence of each outcome, and what to do next."""

EXIT_STATUS: Final[Mapping[StickOutcome, int]] = {
    StickOutcome.EXPORTED: 0,
    StickOutcome.NOTHING_NEW: 20,
    StickOutcome.NOT_ENROLLED: 21,
    StickOutcome.FULL: 22,
    StickOutcome.READ_ONLY: 23,
    StickOutcome.UNREADABLE: 24,
    StickOutcome.UNSUPPORTED_FILE_SYSTEM: 25,
    StickOutcome.SEVERAL_PARTITIONS: 26,
    StickOutcome.ALSO_A_KEYBOARD: 27,
    StickOutcome.PULLED_EARLY: 28,
    StickOutcome.LINE_NOT_RUNNING: 29,
    StickOutcome.INTERNAL: 70,
}
"""The exit code of each outcome; the service unit takes all but the last for a success: people were told."""

SERVED_ALREADY: Final = 75
"""Exit code where another process serves this very stick: that one tells the outcome."""
