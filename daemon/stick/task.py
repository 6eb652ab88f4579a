"""One line's part of a visit, and what is known of the visit so far."""

from dataclasses import dataclass, field

from daemon.stick.decide import Came
from daemon.stick.line import Line, LineLost
from daemon.stick.plan import Plan
from drivers.stick import StickDevice
from storage.export.durable import Written
from storage.export.room import size_words
from storage.records import StickOutcome


def gave_up(line: str, error: LineLost) -> Came:
    """Say what comes of a line that could not go on."""
    outcome = StickOutcome.INTERNAL if error.running else StickOutcome.LINE_NOT_RUNNING
    return Came(line, outcome, f"{error} Its part is not complete.")


@dataclass(slots=True)
class Task:
    """One line's export. `files` are whole on the stick; `all_files` is empty until everything is written.

    `spoiled` names the folder in which it cannot be gone on with: it goes into another one.
    """

    line: Line
    plan: Plan
    folder: str = ""
    spoiled: str = ""
    files: tuple[Written, ...] = ()
    all_files: tuple[Written, ...] = ()
    public_key: bytes | None = None
    lost: LineLost | None = None

    def begin_anew(self) -> None:
        """Leave the folder it was in for another one."""
        self.spoiled, self.folder = self.folder or self.plan.folder, ""
        self.files, self.all_files, self.public_key = (), (), None

    @property
    def came(self) -> Came:
        """What came of it, where everything that was written was read back."""
        name = self.line.name
        if self.lost is not None:
            return gave_up(name, self.lost)
        if not self.plan.rows:
            return Came(name, StickOutcome.NOTHING_NEW, f"{name}: nothing new.")
        return Came(name, StickOutcome.EXPORTED, f"{name}: {self._size_words}.")

    @property
    def _size_words(self) -> str:
        return f"{len(self.files)} files, {size_words(sum(file.bytes for file in self.files))}"


@dataclass(slots=True)
class Minutes:
    """What is known of a visit so far, for whoever reports it, however it ends.

    `came` has what came of each line, once the visit came to its end.
    """

    device: StickDevice | None = None
    tasks: tuple[Task, ...] = ()
    came: dict[str, Came] = field(default_factory=dict)
