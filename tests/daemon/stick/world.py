"""A computer with lines and a stick, all made up, in which something goes wrong at a step of one's choice."""

import errno
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from daemon.control.protocol import ControlError
from daemon.stick.decide import Heard
from daemon.stick.endings import Ending
from daemon.stick.line import LineLost, Report
from daemon.stick.patience import Patience
from daemon.stick.plan import Plan
from daemon.stick.service import Service
from daemon.stick.volume import FolderVolume
from drivers.stick import FsType, StickDevice, StickVolume, UsbInterface
from drivers.stick.errors import StickGone, VolumeDirty, VolumeGone
from stations.office.visits import may_have_written
from storage.export import ExportList, Piece, Scope
from storage.export.durable import Folder, Written
from storage.export.job import Source
from storage.export.verify import verify
from storage.records import StickOutcome
from tests.storage.export import samples
from tests.storage.export.faulty import Counting

HASTY = Patience(
    look_s=0.002, settle_s=0.02, stuck_s=20.0, some_s=0.0, all_s=0.0, again_s=0.02, told_s=0.02, again_look_s=0.001
)
VOLUME = StickVolume(
    name="sdz1", file=Path("/dev/sdz1"), number="8:401", size_bytes=1 << 30, fs_type=FsType.VFAT, fs_uuid="ABCD-1234"
)
DEVICE = StickDevice(
    name="sdz", file=Path("/dev/sdz"), usb_serial="4C530001", vendor_id="0781", product_id="5567",
    manufacturer="SanDisk", product="Cruzer", size_bytes=1 << 30, read_only=False, volumes=(VOLUME,),
    interfaces=(UsbInterface("08"),),
)  # fmt: skip


class Fault(StrEnum):
    """What can go wrong."""

    NONE = "none"
    ONE_ERROR = "one error of the medium"
    BROKEN = "the medium fails for good"
    FULL = "no room any more"
    WRITE_PROTECTED = "suddenly write-protected"
    YANKED = "pulled"
    LINE_GONE = "the first line's daemon ends"
    LINE_RESTARTS = "the first line's daemon starts again"
    STOPPED = "the service is stopped"
    BUG = "a fault in this program"


_ERRNO = {
    Fault.ONE_ERROR: errno.EIO,
    Fault.BROKEN: errno.EIO,
    Fault.FULL: errno.ENOSPC,
    Fault.WRITE_PROTECTED: errno.EROFS,
}
_WRITING = frozenset({"create", "mkdir", "write", "rename", "unlink", "fsync"})
_AWAY = 3


@dataclass
class World:
    """What goes wrong, and when: at the step with this number, counted over everything that is done.

    `spoiled` is a folder of the stick that cannot be opened, whenever: it gives `turns`, else an error of the medium.
    `dirty`: somebody else did not close the stick in order.
    """

    folder: Path
    fault: Fault = Fault.NONE
    at: int = 0
    device: StickDevice = DEVICE
    steps: int = 0
    there: bool = True
    away: int = 0
    mounts: int = 0
    rot: Callable[[], None] | None = None
    spoiled: str = ""
    dirty: bool = False
    turns: int = 0
    stopped: threading.Event = field(default_factory=threading.Event)
    took: list[str] = field(default_factory=list)

    def step(self, what: str) -> None:
        """Something is about to be done."""
        self.steps += 1
        self.took.append(what)
        if self.steps == self.at:
            self._strike()

    def _strike(self) -> None:
        match self.fault:
            case Fault.YANKED:
                self.there = False
            case Fault.LINE_GONE:
                self.away = 1 << 30
            case Fault.LINE_RESTARTS:
                self.away = _AWAY
            case Fault.STOPPED:
                self.stopped.set()
            case Fault.BUG:
                raise ZeroDivisionError

    @property
    def struck(self) -> bool:
        return 0 < self.at <= self.steps

    def medium(self, call: str) -> None:
        """A call goes to the medium. Raises OSError as it would."""
        self.step(call)
        if not self.there:
            raise OSError(errno.EIO, os.strerror(errno.EIO), call)
        number = _ERRNO.get(self.fault)
        writes_only = self.fault in (Fault.FULL, Fault.WRITE_PROTECTED)
        if number is None or not self.struck or (writes_only and call not in _WRITING):
            return
        if self.fault is not Fault.ONE_ERROR or self.steps == self.at:
            raise OSError(number, os.strerror(number), call)


class Calls(Counting):
    """The operating system's calls in this world."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world

    def before(self, name: str) -> None:
        self.world.medium(name)

    def open_folder(self, name: str, within: int) -> int:
        """A folder that a pull has spoiled is there, and cannot be read."""
        if name == self.world.spoiled:
            raise OSError(self.world.turns or errno.EIO, os.strerror(errno.EIO), name)
        return super().open_folder(name, within)

    def fsync(self, fd: int) -> None:
        """Nothing here survives a power cut, and nothing has to."""


@dataclass
class FakeVolume:
    """A folder that can be pulled."""

    world: World

    @contextmanager
    def mounted(self, *, read_only: bool, recover: bool = False) -> Iterator[Path]:
        self.world.step("mount")
        self._check()
        if self.world.dirty and not (read_only or recover):
            raise VolumeDirty("It was not closed in order.")
        self.world.mounts += 1
        if read_only and self.world.rot is not None:
            self.world.rot()
        with FolderVolume(self.world.folder).mounted(read_only=read_only, recover=recover) as path:
            yield path
        self.world.step("unmount")
        self._check()

    def power_off(self) -> bool:
        self.world.took.append("power off")
        return True

    def _check(self) -> None:
        if not self.world.there:
            raise VolumeGone("It was pulled.")


@dataclass
class FakePort:
    """Where the stick is plugged in."""

    world: World

    def present(self) -> bool:
        return self.world.there

    def activity(self) -> int:
        return 0

    def look(self) -> StickDevice:
        self.world.step("look")
        if not self.world.there:
            raise StickGone("It was pulled.")
        return self.world.device

    def volume(self, device: StickDevice, volume: StickVolume) -> FakeVolume:
        assert (device, volume) == (self.world.device, self.world.device.volumes[0])
        return FakeVolume(self.world)


@dataclass
class FakeLine:
    """A line and what it remembers; `fallible`: it is the one whose daemon goes away."""

    name: str
    world: World
    number: int = 1
    knows: bool = True
    fallible: bool = False
    down: bool = False
    forgets: bool = False
    rows: int = 2
    done: dict[str, str] = field(default_factory=dict)
    exports: int = 0
    is_open: bool = False
    reports: list[Report] = field(default_factory=list)
    ended: list[StickOutcome] = field(default_factory=list)
    told: list[tuple[str, float]] = field(default_factory=list)

    def greet(self, device: StickDevice, volume: StickVolume) -> Heard:
        assert volume in device.volumes
        if self._is_away("greet"):
            return Heard(self.name, absent=True)
        return Heard(self.name, "stick-1" if self.knows else None, "" if self.knows else "Nobody enrolled it.")

    def plan(self, stick_uuid: str, *, full: bool) -> Plan:
        assert (stick_uuid, full) == ("stick-1", False)
        self._assert_here("plan")
        resumed = self.is_open
        if not self.is_open:
            self.exports, self.is_open, self.done, self.ended = self.exports + 1, True, {}, []
        counts = dict.fromkeys(ExportList, self.rows)
        job = replace(samples.JOB, line_number=self.number, counts=counts)
        return Plan(
            export_uuid=f"{self.number}-{self.exports}", stick_uuid=stick_uuid, job=job, resumed=resumed,
            interrupted=resumed and (bool(self.done) or may_have_written(self.ended)),
            done={} if self.forgets else dict(self.done),
        )  # fmt: skip

    def source(self, plan: Plan) -> Source:
        self._assert_here("source")
        rows = _Rows(samples.FakeRows(samples.rows(self.rows)), self)
        return Source(rows, samples.papers(self.rows), samples.SIGNER)

    def wrote(self, plan: Plan, file: Written) -> None:
        self._assert_here("wrote")
        self.done[file.name] = file.sha256

    def tell(self, device: str, state: str, share: float) -> bool:
        assert (device, 0 <= share <= 1) == ("sdz", True)
        self.told.append((state, share))
        return not self.down

    def report(self, report: Report) -> bool:
        if self.down or (self.fallible and self.world.away):
            return False
        self.reports.append(report)
        self.ended.append(report.outcome)
        if report.outcome is StickOutcome.EXPORTED:
            assert report.export_uuid == f"{self.number}-{self.exports}"
            self.is_open, self.rows = False, 0
        return True

    def _is_away(self, what: str) -> bool:
        self.world.step(what)
        if not self.fallible or not self.world.away:
            return self.down
        self.world.away -= 1
        return True

    def _assert_here(self, what: str) -> None:
        if self._is_away(what):
            raise LineLost(f"{self.name} does not answer any more.")


@dataclass
class _Rows(samples.FakeRows):
    """Rows over a socket that may break."""

    def __init__(self, rows: samples.FakeRows, line: FakeLine) -> None:
        super().__init__(rows.lists)
        self.line = line

    def pieces(self, of: ExportList, scope: Scope, after: str = "") -> Iterator[Piece]:
        for piece in super().pieces(of, scope, after):
            if self.line._is_away("rows"):
                raise ControlError("absent", "The daemon ended in the middle of an answer.")
            yield piece


def insert(world: World, *lines: FakeLine) -> Ending:
    """Plug the stick in, once, with whatever is to go wrong."""
    service = Service("sdz", FakePort(world), lines, patience=HASTY, calls=Calls(world), stopped=world.stopped)
    return service.run()


def again(world: World) -> None:
    """Make everything work again."""
    world.fault, world.at, world.steps, world.there, world.away = Fault.NONE, 0, 0, True, 0
    world.rot, world.spoiled, world.dirty, world.turns = None, "", False, 0
    world.stopped = threading.Event()
    world.took.clear()


def contents(folder: Path) -> dict[str, bytes]:
    """Give everything on the stick, by name."""
    return {str(one.relative_to(folder)): one.read_bytes() for one in sorted(folder.rglob("*")) if one.is_file()}


def complete_folders(folder: Path) -> list[str]:
    """Give the folders that say they are complete; each of them is, or the test fails."""
    found = sorted(one.parent for one in folder.glob("*/manifest.json"))
    for one in found:
        with Folder.at(str(one)) as opened:
            report = verify(opened, samples.SIGNER.public_key)
            assert report.good, (one, report)
    return [one.name for one in found]
