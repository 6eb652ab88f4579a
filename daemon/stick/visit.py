"""What is done with one plugged stick, from the first look to "safe to remove". Called in the guard's thread."""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

from daemon.control.protocol import ControlError
from daemon.stick.decide import Came, Heard, concluded, ending_of, stranger, unwelcome, volume_or_ending
from daemon.stick.endings import Ending
from daemon.stick.guard import Pulse, Watched
from daemon.stick.line import Line, LineLost, lost
from daemon.stick.patience import USUAL, Patience
from daemon.stick.plan import Plan
from daemon.stick.task import Minutes, Task, gave_up
from daemon.stick.volume import Volume
from daemon.stick.writing import Keeper, disown, export_folder, read_back, under, write_export
from drivers.stick import StickDevice, StickVolume
from drivers.stick.errors import StickError
from storage.errors import CentralAway, CentralUnfit
from storage.export.calls import Os
from storage.export.durable import Folder, Written
from storage.export.job import Progress
from storage.export.run import RowsBroken
from storage.export.target import TargetBroken, TargetError, TargetReadOnly

log = logging.getLogger(__name__)

_LOST: Final = (LineLost, ControlError, RowsBroken, CentralAway, CentralUnfit)
"""How a source ends in the middle."""
_TRIES: Final = 3
_WRITTEN_SHARE: Final = 0.8
"""Reading back is quicker than writing."""


class Port(Watched, Protocol):
    """Where the stick is plugged in."""

    def look(self) -> StickDevice:
        """Tell who it is. Raises StickError."""
        ...

    def volume(self, device: StickDevice, volume: StickVolume) -> Volume:
        """Give its file system, to be mounted."""
        ...


@dataclass(frozen=True, slots=True)
class Visit:
    """The work of one visit. `full`: everything anew, not only what is new for the stick."""

    port: Port
    lines: Sequence[Line]
    minutes: Minutes
    full: bool = False
    patience: Patience = USUAL
    calls: Os = field(default_factory=Os)
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    def work(self, pulse: Pulse) -> Ending:
        """Do all of it and give its ending; what stands against the stick is one too."""
        try:
            return self._work(pulse)
        except (StickError, TargetError) as error:
            log.warning("The stick: %s", str(error))  # the error itself would keep open what it came through
            return ending_of(error)

    def _work(self, pulse: Pulse) -> Ending:
        pulse.beat("looking at the stick")
        device = self.minutes.device = self.port.look()
        part = volume_or_ending(device)
        if isinstance(part, Ending):
            return part
        heard = self._heard(device, part, pulse)
        refused = unwelcome(heard)
        if refused is not None:
            return refused
        came = {one.line: stranger(one) for one in heard if one.stick_uuid is None}
        self.minutes.tasks = tuple(self._tasks(heard, came))
        due = [task for task in self.minutes.tasks if task.plan.rows]
        if due:
            self._export(self.port.volume(device, part), due, pulse)
        pulse.closed = True
        self.minutes.came = came | {task.line.name: task.came for task in self.minutes.tasks}
        wrote = any(task.folder for task in self.minutes.tasks)
        return concluded(tuple(self.minutes.came.values()), wrote=wrote)

    def _heard(self, device: StickDevice, part: StickVolume, pulse: Pulse) -> Sequence[Heard]:
        """Ask every line; one that does not answer is waited for, as it may be starting."""
        begun = self.clock()
        heard = {line.name: line.greet(device, part) for line in self.lines}
        for name in (name for name, one in heard.items() if one.absent):
            log.info("%s does not answer yet; it is waited for.", name)
        while True:
            absent = [line for line in self.lines if heard[line.name].absent]
            patience_s = self.patience.all_s if len(absent) == len(heard) else self.patience.some_s
            if not absent or self.clock() - begun > patience_s:
                return tuple(heard.values())
            pulse.beat("waiting for the lines to answer")
            self.sleep(self.patience.again_look_s)
            heard |= {line.name: line.greet(device, part) for line in absent}

    def _tasks(self, heard: Sequence[Heard], came: dict[str, Came]) -> Iterator[Task]:
        """Ask every line that knows the stick what it wants on it; `came` gets those that cannot say."""
        for line, one in zip(self.lines, heard, strict=True):
            if one.stick_uuid is None:
                continue
            try:
                yield Task(line, line.plan(one.stick_uuid, full=self.full))
            except LineLost as error:
                came[line.name] = gave_up(line.name, error)

    def _export(self, volume: Volume, due: Sequence[Task], pulse: Pulse) -> None:
        """Write what is due and read it back. Raises StickError and TargetError.

        On a file system without a journal a pull may leave a folder that can be neither written nor removed, or files
        that share their room: what fails after an interrupted visit is written once more, into folders of its own.
        """
        recover = any(task.plan.interrupted for task in due)
        try:
            self._export_once(volume, due, pulse, recover=recover)
        except (TargetBroken, TargetReadOnly) as error:  # drivers without a journal let nothing more be written then
            if not recover or not self.port.present():
                raise
            log.warning("The interrupted export cannot be gone on with (%s); it is written anew.", str(error))
            called_complete = [task.folder for task in due if task.all_files]
            for task in due:
                task.begin_anew()
            self._export_once(volume, due, pulse, recover=recover, disowned=called_complete)

    def _export_once(
        self, volume: Volume, due: Sequence[Task], pulse: Pulse, *, recover: bool, disowned: Sequence[str] = ()
    ) -> None:
        """Write what is due, then read all of it back from the medium. `disowned` are no complete exports any more."""
        progress = _Shares(due, pulse)
        with volume.mounted(read_only=False, recover=recover) as path, Folder.at(str(path), self.calls) as top:
            for name in disowned:
                disown(top, name)
            for task in due:
                self._write(task, top, progress)
            progress.pulse.beat("finishing", _WRITTEN_SHARE)
        written = [task for task in due if task.all_files]
        if not written:
            return
        with volume.mounted(read_only=True) as path, Folder.at(str(path), self.calls) as top:
            for task in written:
                progress.pulse.beat(f"reading back {task.line.name}")
                with top.open(task.folder) as folder:
                    read_back(folder, task.all_files, task.public_key, progress.read)

    def _write(self, task: Task, top: Folder, progress: "_Shares") -> None:
        """Write a line's export; one whose daemon goes away in the middle is gone on with when it is back."""
        for _ in range(_TRIES):
            try:
                self._write_once(task, top, progress)
            except _LOST as error:
                task.lost = lost(task.line.name, error)
                log.warning("%s", str(task.lost))
                if not task.lost.may_return or not self._is_back(task, progress.pulse):
                    return
            else:
                task.lost = None
                return

    def _write_once(self, task: Task, top: Folder, progress: "_Shares") -> None:
        plan, source = task.plan, task.line.source(task.plan)
        with export_folder(top, plan, task.spoiled) as folder:
            task.folder, task.files = folder.name, ()

            def finished(file: Written, kept: bool) -> None:
                named = under(folder.name, file)
                task.files += (named,)
                if not kept:
                    task.line.wrote(plan, named)

            everything = write_export(plan, source, folder, Keeper(progress.of(task), finished))
        task.public_key = source.signer.public_key if source.signer is not None else None
        task.all_files = everything

    def _is_back(self, task: Task, pulse: Pulse) -> bool:
        """Wait for a line whose daemon went away, and ask it again what it wants."""
        begun = self.clock()
        while self.clock() - begun <= self.patience.again_s:
            pulse.beat(f"waiting for {task.line.name} to come back")
            self.sleep(self.patience.again_look_s)
            try:
                task.plan = _knowing(task, task.line.plan(task.plan.stick_uuid, full=self.full))
            except LineLost as error:
                if not error.may_return:
                    task.lost = error
                    return False
            else:
                return True
        return False


def _knowing(task: Task, plan: Plan) -> Plan:
    """Add what this visit finished: a daemon that was killed has forgotten it."""
    if plan.export_uuid != task.plan.export_uuid:
        return plan
    return replace(plan, done={**plan.done, **{file.name: file.sha256 for file in task.files}})


class _Shares:
    """How far a visit is, over all its lines."""

    def __init__(self, due: Sequence[Task], pulse: Pulse) -> None:
        self.pulse = pulse
        self._shares = dict.fromkeys((task.line.name for task in due), 0.0)

    def of(self, task: Task) -> Callable[[Progress], None]:
        """Give what one line's export tells how far it is."""

        def told(so_far: Progress) -> None:
            self._shares[task.line.name] = so_far.share
            share = sum(self._shares.values()) / len(self._shares)
            self.pulse.beat(f"writing {task.line.name}", share * _WRITTEN_SHARE)

        return told

    def read(self, size: int) -> None:
        """Go on: some bytes were read back."""
        del size
        self.pulse.beat(share=min(1.0, self.pulse.share + 0.01))
