"""A folder of result files as a device: it is searched for, watched, read, and never written to."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from drivers.errors import Unreadable
from drivers.files.batches import batches
from drivers.files.listing import Seen, look
from drivers.files.resultfile import LARGEST_BYTES, FileChanging, ResultFile, printable, take
from drivers.files.settling import Due, Settling, Stage
from drivers.files.sidethread import NoAnswer, SideThread
from drivers.instrument import Answer, Emit
from drivers.readings import DeviceState, DeviceStatus, Garbled, Reading

Known = Callable[[str], Awaitable[bool]]
"""Tells whether every row of the content with this SHA-256 digest (hexadecimal) has been stored."""

SHORTEST_SETTLE_S = 0.15
"""A writer that appends over a network share pauses this long within one row."""

_HEAD_BYTES = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderSettings:
    """How a folder is watched.

    A file is read when it has rested for `settle_s`. One that is unfinished or unreadable is read again when it has
    rested for `patience_s`, and then taken as it is. A folder that takes longer than `answer_within_s` to answer is
    unreachable.
    """

    poll_s: float = 2.0
    settle_s: float = 0.5
    patience_s: float = 10.0
    answer_within_s: float = 10.0
    largest_bytes: int = LARGEST_BYTES

    def __post_init__(self) -> None:
        if self.settle_s < SHORTEST_SETTLE_S:
            raise ValueError(f"settle_s is {self.settle_s}, it must be at least {SHORTEST_SETTLE_S}")


@dataclass(frozen=True, slots=True)
class _Trouble:
    """What a person should know about one file."""

    reason: str
    todo: str


_NONE = _Trouble("", "")


class ResultFolder:
    """Watches one folder and emits the rows of every new or changed result file as `FileRows`, in order.

    What was stored before is recognised by content: `known` is asked for each digest. A changed file is emitted
    from its first row again. A file that cannot be read is emitted once per version as `Garbled`, with its head.
    """

    def __init__(self, name: str, folder: Path, known: Known, settings: FolderSettings | None = None) -> None:
        self._name = name
        self._folder = folder
        self._known = known
        self._settings = settings or FolderSettings()
        self._side = SideThread(f"The folder {printable(str(folder))}")
        self._settling = Settling(self._settings.settle_s, self._settings.patience_s)
        self._troubles: dict[str, _Trouble] = {}
        self._status = self._stamp(DeviceState.SEARCHING)

    @property
    def name(self) -> str:
        """The configured name, unique on the line."""
        return self._name

    @property
    def status(self) -> DeviceStatus:
        """The last state change."""
        return self._status

    async def run(self, emit: Emit) -> None:
        """Watch until cancelled. A folder that is gone is looked for again at every poll; nothing ends the watch."""
        try:
            while True:
                await self._poll(emit)
                await asyncio.sleep(self._pause_s())
        finally:
            self._status = self._stamp(DeviceState.STOPPED)

    async def answer(self, reading: Reading, answer: Answer) -> None:
        """Do nothing: nobody stands at a folder."""

    async def arm(self, serial: str | None) -> bool:
        """Answer True: late rows are matched by their serial, nothing needs arming."""
        return True

    async def sound(self, *, good: bool) -> bool:
        """Answer True: nobody stands at a folder."""
        return True

    async def _poll(self, emit: Emit) -> None:
        """Look once, and read what is due. What goes wrong with the folder becomes a status."""
        try:
            listing = await self._side.call(lambda: look(self._folder), timeout_s=self._settings.answer_within_s)
        except (OSError, NoAnswer) as error:
            await self._report(emit, DeviceState.SEARCHING, self._unreachable(error))
        else:
            await self._read_due(listing, emit)

    async def _read_due(self, listing: tuple[Seen, ...], emit: Emit) -> None:
        present = {seen.name for seen in listing}
        self._troubles = {name: trouble for name, trouble in self._troubles.items() if name in present}
        try:
            for due in self._settling.update(listing, time.monotonic()):
                await self._report(emit, DeviceState.ONLINE, self._first_trouble())
                await self._read(due, emit)
            await self._report(emit, DeviceState.ONLINE, self._first_trouble())
        except NoAnswer as error:
            await self._report(emit, DeviceState.SEARCHING, self._unreachable(error))

    async def _read(self, due: Due, emit: Emit) -> None:
        """Read one file that rests. What the disk does not give now is tried again at the next poll."""
        try:
            file = await self._take(due.seen)
        except Unreadable as error:
            stage = await self._refuse(due, b"", error, emit)
        except (FileNotFoundError, FileChanging):
            return
        except OSError as error:
            self._troubles[due.seen.name] = _withheld(due.seen, error)
            return
        else:
            stage = await self._import(file, due, emit)
        self._settling.settle(due.seen, stage)

    async def _import(self, file: ResultFile, due: Due, emit: Emit) -> Stage:
        """Emit the rows of a file unless they are all stored, and return how far it got."""
        self._troubles.pop(due.seen.name, None)
        if await self._known(file.digest):
            return Stage.DONE
        try:
            return await self._emit_rows(file, due, emit)
        except Unreadable as error:
            return await self._refuse(due, file.content[:_HEAD_BYTES], error, emit)

    async def _refuse(self, due: Due, head: bytes, error: Unreadable, emit: Emit) -> Stage:
        """Say that a file cannot be read, once nobody can still be writing it."""
        if not due.complete:
            return Stage.HELD
        self._troubles[due.seen.name] = _Trouble(str(error), error.todo)
        await emit(self._garbled(head, error))
        return Stage.DONE

    async def _take(self, seen: Seen) -> ResultFile:
        path, largest = self._folder / seen.name, self._settings.largest_bytes
        file = await self._side.call(
            lambda: take(path, largest_bytes=largest), timeout_s=self._settings.answer_within_s
        )
        if len(file.content) != seen.size:
            raise FileChanging(f"{file.name} is not the version that has rested.")
        return file

    async def _emit_rows(self, file: ResultFile, due: Due, emit: Emit) -> Stage:
        """Emit the batches one by one, each parsed beside the loop once the one before has been taken over."""
        found = await self._side.call(lambda: batches(file, self._name, complete=due.complete))
        count, ended = 0, False
        while batch := await self._side.call(lambda: next(found, None)):
            await emit(batch)
            count, ended = count + len(batch.rows), batch.last
        if ended and not count:
            self._troubles[due.seen.name] = _Trouble(f"{file.name} has no rows.", "")
        return Stage.DONE if ended else Stage.HELD

    def _pause_s(self) -> float:
        settings = self._settings
        return min(settings.poll_s, settings.settle_s) if self._settling.fresh else settings.poll_s

    async def _report(self, emit: Emit, state: DeviceState, trouble: _Trouble) -> None:
        """Emit the state of the folder when it is not what was said last."""
        last = self._status
        if (last.state, last.reason, last.todo) != (state, trouble.reason, trouble.todo):
            self._status = self._stamp(state, trouble)
            await emit(self._status)

    def _first_trouble(self) -> _Trouble:
        """Name the first file in trouble, and how many more there are."""
        troubles = [self._troubles[name] for name in sorted(self._troubles)]
        if len(troubles) < 2:
            return troubles[0] if troubles else _NONE
        return _Trouble(f"{troubles[0].reason} {len(troubles) - 1} more files need a look.", troubles[0].todo)

    def _unreachable(self, error: OSError | NoAnswer) -> _Trouble:
        folder = printable(str(self._folder))
        match error:
            case NoAnswer():
                return _Trouble(str(error), error.todo)
            case FileNotFoundError() | NotADirectoryError():
                return _Trouble(f"The folder {folder} is not there.", "Check the mount of the tester's folder.")
            case PermissionError():
                return _Trouble(
                    f"The folder {folder} may not be read.", "Give the service's user the right to read it."
                )
            case _:
                return _Trouble(f"The folder {folder} cannot be read: {error.strerror or error}.", NoAnswer.todo)

    def _garbled(self, head: bytes, error: Unreadable) -> Garbled:
        now_ns = time.monotonic_ns()
        return Garbled(
            device=self._name, raw=head, wall=datetime.now(UTC), monotonic_ns=now_ns, reason=f"{error} {error.todo}"
        )

    def _stamp(self, state: DeviceState, trouble: _Trouble = _NONE) -> DeviceStatus:
        return DeviceStatus(
            device=self._name,
            state=state,
            wall=datetime.now(UTC),
            monotonic_ns=time.monotonic_ns(),
            port=printable(str(self._folder)),
            reason=trouble.reason,
            todo=trouble.todo,
        )


def _withheld(seen: Seen, error: OSError) -> _Trouble:
    reason = f"{printable(seen.name)} cannot be opened: {error.strerror or error}."
    return _Trouble(reason, "Close the program that holds it and let the service's user read it.")
