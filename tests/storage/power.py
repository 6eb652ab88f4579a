"""Power cuts and sick disks, simulated: a virtual file system that records or spoils what SQLite asks of the disk.

    with record(path) as recorder:
        store = Store.open(path, ..., vfs=recorder.vfs)
        store.write(batch)
        recorder.acknowledge("what was promised")
    for cut in cuts(recorder, 200, seed=1):
        survivor = rebuild(cut, folder)         # a path; open it and compare with cut.acknowledged

A cut keeps what was synced. Of every later write each 512-byte sector is kept, dropped or torn by chance.
"""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import apsw

SECTOR = 512
_numbers = count()


@dataclass(frozen=True, slots=True)
class Write:
    file: str
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Truncate:
    file: str
    size: int


@dataclass(frozen=True, slots=True)
class Sync:
    file: str


@dataclass(frozen=True, slots=True)
class Acknowledge:
    label: str


Event = Write | Truncate | Sync | Acknowledge


@dataclass(slots=True)
class Recorder:
    """What one file and its log went through since the recording began; `vfs` names the file system to open it with."""

    path: Path
    vfs: str
    base: dict[str, bytes]
    events: list[Event] = field(default_factory=list)

    def acknowledge(self, label: str) -> None:
        """Note that from here on somebody relies on this."""
        self.events.append(Acknowledge(label))


@contextmanager
def record(path: Path) -> Iterator[Recorder]:
    """Record what happens to the database at a path, as long as the context lasts."""
    recorder = Recorder(path, f"record-{next(_numbers)}", _content(path))
    vfs = _RecordingVFS(recorder)
    try:
        yield recorder
    finally:
        vfs.unregister()


@dataclass(frozen=True, slots=True)
class Cut:
    """One moment at which the power went: what had been promised, and the bytes the disk was left with."""

    at: int
    acknowledged: tuple[str, ...]
    files: dict[str, bytes]


def cuts(recorder: Recorder, number: int, seed: int) -> Iterator[Cut]:
    """Give `number` cuts at random moments, in order."""
    rng = random.Random(seed)
    moments = sorted(rng.randrange(1, len(recorder.events) + 1) for _ in range(number))
    disk = _Disk({name: bytearray(data) for name, data in recorder.base.items()})
    promised: list[str] = []
    done = 0
    for moment in moments:
        for event in recorder.events[done:moment]:
            if isinstance(event, Acknowledge):
                promised.append(event.label)
            else:
                disk.take(event)
        done = moment
        yield Cut(moment, tuple(promised), disk.cut(rng))


def rebuild(cut: Cut, folder: Path) -> Path:
    """Write the bytes of a cut into a folder and give the database's path there."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    for name, data in cut.files.items():
        (folder / name).write_bytes(data)
    return folder / min(cut.files, key=len)


@dataclass(slots=True)
class _Disk:
    """What is certainly on the disk, and what may be."""

    safe: dict[str, bytearray]
    pending: list[Write | Truncate] = field(default_factory=list)

    def take(self, event: Write | Truncate | Sync) -> None:
        if not isinstance(event, Sync):
            self.pending.append(event)
            return
        for one in self.pending:
            if one.file == event.file:
                _apply(self.safe, one)
        self.pending = [one for one in self.pending if one.file != event.file]

    def cut(self, rng: random.Random) -> dict[str, bytes]:
        files = {name: bytearray(data) for name, data in self.safe.items()}
        for one in self.pending:
            if isinstance(one, Truncate):
                if rng.random() < 0.5:
                    _apply(files, one)
            else:
                for piece in _sectors(one):
                    _maybe(files, piece, rng)
        return {name: bytes(data) for name, data in files.items()}


def _maybe(files: dict[str, bytearray], piece: Write, rng: random.Random) -> None:
    fate = rng.random()
    if fate < 0.45:
        _apply(files, piece)
    elif fate < 0.6:
        torn = piece.data[: rng.randrange(len(piece.data) + 1)]
        _apply(files, Write(piece.file, piece.offset, torn))


def _sectors(write: Write) -> Iterator[Write]:
    place, end = write.offset, write.offset + len(write.data)
    while place < end:
        border = min(end, (place // SECTOR + 1) * SECTOR)
        yield Write(write.file, place, write.data[place - write.offset : border - write.offset])
        place = border


def _apply(files: dict[str, bytearray], event: Write | Truncate) -> None:
    data = files.setdefault(event.file, bytearray())
    if isinstance(event, Truncate):
        del data[event.size :]
        return
    if len(data) < event.offset:
        data.extend(bytes(event.offset - len(data)))
    data[event.offset : event.offset + len(event.data)] = event.data


def _content(path: Path) -> dict[str, bytes]:
    names = [path, path.with_name(path.name + "-wal")]
    return {each.name: each.read_bytes() for each in names if each.exists()}


class _RecordingVFS(apsw.VFS):
    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        super().__init__(recorder.vfs, "")

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:  # noqa: N802
        return _RecordingFile(self._recorder, name, flags)


class _RecordingFile(apsw.VFSFile):
    def __init__(self, recorder: Recorder, name: str | apsw.URIFilename | None, flags: list[int]) -> None:
        super().__init__("", name, flags)
        path = Path(_text(name))
        self._name = path.name
        self._events = recorder.events if path.name.startswith(recorder.path.name) else []

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        self._events.append(Write(self._name, offset, bytes(data)))
        super().xWrite(data, offset)

    def xTruncate(self, newsize: int) -> None:  # noqa: N802
        self._events.append(Truncate(self._name, newsize))
        super().xTruncate(newsize)

    def xSync(self, flags: int) -> None:  # noqa: N802
        super().xSync(flags)
        self._events.append(Sync(self._name))


class SickDisk(apsw.VFS):
    """A disk that fails on demand: set `sync_error` or `write_error` to what it is to raise, and None to heal it.

    `writes_left` counts down first, so that the error comes at a chosen write.
    """

    def __init__(self) -> None:
        self.vfs = f"sick-{next(_numbers)}"
        self.sync_error: type[apsw.Error] | None = None
        self.write_error: type[apsw.Error] | None = None
        self.writes_left = 0
        super().__init__(self.vfs, "")

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:  # noqa: N802
        return _SickFile(self, name, flags)


class _SickFile(apsw.VFSFile):
    def __init__(self, disk: SickDisk, name: str | apsw.URIFilename | None, flags: list[int]) -> None:
        super().__init__("", name, flags)
        self._disk = disk

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        if self._disk.write_error:
            self._disk.writes_left -= 1
            if self._disk.writes_left < 0:
                raise self._disk.write_error("the disk took no write")
        super().xWrite(data, offset)

    def xSync(self, flags: int) -> None:  # noqa: N802
        if self._disk.sync_error:
            raise self._disk.sync_error("the disk took no sync")
        super().xSync(flags)


def _text(name: str | apsw.URIFilename | None) -> str:
    return name if isinstance(name, str) else name.filename() if name else ""
