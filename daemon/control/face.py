"""What the control API asks of a line. The daemon's line has this face; so have stand-ins in tests."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol, TypeVar
from uuid import UUID

from daemon.config import PortPart, ScannerPart
from daemon.scantest.forms import Form
from daemon.shadow.desk import ShadowDesk
from drivers.readings import Answer, DeviceState, Scan
from drivers.tap import Ear, Tap
from stations.gather import Surroundings
from stations.office.outcome import Desk, Outcome
from stations.office.visits import WrittenFile
from stations.workflow.state import StationState
from stations.workflow.turn import Place
from storage.export.signing import KeySigner
from storage.postgres.link import Link
from storage.redis.cache import Cache
from storage.redis.client import LinkState
from storage.sqlite.view import View
from storage.sync.status import Backlog, SyncStatus

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceStanding:
    """One device as it is; `since` is when it came to be so. `tested`: its scans do not reach its station now."""

    name: str
    kind: str
    station: int | None
    state: DeviceState
    port: str | None = None
    reason: str = ""
    todo: str = ""
    since: datetime
    tested: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceAccount:
    """One device with what it hangs on and what it said last, for whoever looks after devices.

    `binding` is the port it is bound to, by the names of the configuration; empty for a folder of files. `rebound`:
    not the configuration names it but a binding made since. `unreadable` counts among the last `frames`. `profile` is
    how its codes are framed where a test found it otherwise than configured. `types`: it types
    like a keyboard.
    """

    standing: DeviceStanding
    binding: Mapping[str, str]
    rebound: bool = False
    types: bool = False
    said_at: datetime | None = None
    said: str = ""
    frames: int = 0
    unreadable: int = 0
    profile: Form | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreStanding:
    """The store as it is: `ok`, `low` (somebody should look) or `refusing` (nothing is saved)."""

    state: str = "ok"
    reason: str = ""
    todo: str = ""
    free_mb: int | None = None
    days_left: float | None = None


StickState = Literal["plugged", "working", "good", "bad"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StickStanding:
    """What is said of one USB stick now; `device` is the kernel's name of its disk, `share` how much is done, 0 to 1.

    `text` goes on behind the name, which may be empty: `Stick BLUE: writing 43 %`, `USB stick: plugged in.`. `since` is
    when its state came to be so.
    """

    device: str
    name: str
    state: StickState
    text: str
    share: float | None = None
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The machine's side of a line at the moment `at`."""

    at: datetime
    version: str
    started_at: datetime
    store: StoreStanding = StoreStanding()
    devices: tuple[DeviceStanding, ...] = ()
    sticks: tuple[StickStanding, ...] = ()


class Runner(Protocol):
    """The line's decisions; `stations.runner.LineRunner` is one."""

    async def request(self, os_user: str, is_root: bool, decide: Callable[[View, Desk], Outcome[T]]) -> T:
        """Make an office decision and commit it. Raises Refused, NotDurable."""

    async def read(self, fn: Callable[[View], T]) -> T:
        """Read what is committed. Raises StorageError."""

    def state(self, station_number: int) -> StationState:
        """Give a station's state, with what its screen says now."""

    @property
    def surroundings(self) -> Surroundings:
        """Rules, criteria and names in force."""

    @property
    def notices(self) -> tuple[str, ...]:
        """What the whole line was told, oldest first."""

    def watching(self) -> AbstractContextManager[asyncio.Event]:
        """Give an event that is set whenever anything changed; the watcher clears it."""


class CentralFace(Protocol):
    """The exchange with the central server; `daemon.central.Central` is one."""

    @property
    def address(self) -> str:
        """Where the server is, without secrets."""

    @property
    def status(self) -> SyncStatus:
        """How the exchange is, from memory."""

    @property
    def redis(self) -> LinkState | None:
        """How the tie to Redis is, from memory; None: this line has none."""

    @property
    def cache(self) -> Cache | None:
        """Where answers to questions are kept for a moment; None: this line has none."""

    async def backlog(self) -> Backlog:
        """Tell what waits to go up."""

    def ring(self) -> None:
        """Carry at once."""

    async def drained(self, within_s: float) -> bool:
        """Carry at once; say whether everything went up within a time."""

    async def retry(self, seqs: Sequence[int]) -> None:
        """Have parked changes tried once more. Raises CentralAway."""

    async def discard(self, seq: int, by: UUID, reason: str) -> None:
        """Let a parked change be."""

    def questions(self) -> AbstractAsyncContextManager[Link]:
        """Lend a connection for reading. Raises CentralAway."""


class SticksFace(Protocol):
    """The USB sticks at this PC; `daemon.line.stickdesk.StickDesk` is it."""

    def named(self, device: str, name: str, stick_uuid: UUID | None) -> None:
        """Take who a stick is."""

    def working(self, device: str, state: str, share: float | None) -> None:
        """Take how far the work on a stick is."""

    def began(self, stick_uuid: UUID, export_uuid: UUID) -> None:
        """Take which export goes to a stick."""

    def wrote(self, export_uuid: UUID, file: WrittenFile) -> None:
        """Take a file that stands whole on a stick."""

    def files(self, export_uuid: UUID) -> tuple[WrittenFile, ...]:
        """Give the files that were told of an export and are not yet kept with a visit."""

    def ended(self, device: str, name: str, *, good: bool, text: str) -> None:
        """Take what became of a stick: tell every screen, the log, and whoever hears the scanners."""


class BenchFace(Protocol):
    """The scanners being tested; `daemon.line.workbench.Workbench` is it."""

    def scanner(self, name: str) -> ScannerPart | None:
        """Give a scanner as it is read now; None: there is none of this name."""

    def testing(self, name: str) -> AbstractContextManager[Ear]:
        """Take a scanner from its station and listen to it; at the end it goes back. Raises AlreadyTested."""

    async def set_profile(self, name: str, form: Form, by: str) -> None:
        """Read a scanner so from now on, durably and at once. Raises OSError."""

    async def drop_profile(self, name: str) -> bool:
        """Read a scanner as its configuration says again, at once; False: it was. Raises OSError."""


class LineFace(Protocol):
    """A line as its control API sees it."""

    @property
    def place(self) -> Place:
        """Which line this is."""

    @property
    def runner(self) -> Runner | None:
        """The line's decisions; None while the store cannot be opened: only status and views are answered then."""

    @property
    def central(self) -> CentralFace | None:
        """The exchange with the central server; None: this line has none."""

    @property
    def sticks(self) -> SticksFace:
        """What the USB sticks at this PC are doing."""

    @property
    def shadow(self) -> ShadowDesk | None:
        """The desk of a shadow run; None: this line does real work."""

    def signer(self) -> KeySigner:
        """Give the key with which this line signs what it exports; at its first use it is made, which takes a moment.

        Raises KeyUnfit.
        """

    @property
    def bench(self) -> BenchFace:
        """Where scanners are tested."""

    @property
    def tap(self) -> Tap:
        """Where the wires of the devices are listened in on."""

    def standing(self) -> Standing:
        """Tell how machine, devices and store are, from memory: never waits."""

    def accounts(self) -> tuple[DeviceAccount, ...]:
        """Tell of every device what it hangs on and what it said last, from memory."""

    async def bind(self, name: str, port: PortPart, by: str) -> None:
        """Bind a device to a port, durably; its driver goes there by itself. Raises OSError."""

    async def unbind(self, name: str) -> bool:
        """Bind a device as its configuration says again; False: it was. Raises OSError."""

    async def take(self, station: int, reading: Scan) -> Answer:
        """Take a scan through to its commit, as if a scanner had sent it."""
