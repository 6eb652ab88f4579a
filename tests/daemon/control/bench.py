"""A line with a real store and runner behind a real control socket, and people to be."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from uuid_utils.compat import uuid7

from daemon.config import PortPart, ScannerPart
from daemon.control.face import BenchFace, CentralFace, DeviceAccount, DeviceStanding, Standing, StoreStanding
from daemon.control.server import ControlServer
from daemon.line.stickdesk import StickDesk
from daemon.line.workbench import AlreadyTested
from daemon.scantest.forms import Form
from daemon.shadow.desk import ShadowDesk
from drivers.readings import Answer, DeviceState, Scan
from drivers.tap import Ear, Tap
from stations.runner import LineRunner
from stations.workflow.turn import Place, TesterMode
from storage.export.ownkey import own_key
from storage.export.signing import KeySigner
from storage.records import Batch, Record
from storage.records.seeds import seed_records
from storage.sqlite import Readers, Writer

START = datetime(2025, 6, 2, 8, 0, tzinfo=UTC)


class NoTester:
    """Station 4 without a tester."""

    mode = TesterMode.NONE

    def speaks_as(self, device: str) -> bool:
        return False

    def arm(self, serial: str | None) -> None:
        """Nothing to arm."""


def now() -> datetime:
    return datetime.now(UTC)


class NoBench:
    """No scanner is tested here."""

    def scanner(self, name: str) -> ScannerPart | None:
        return None

    def testing(self, name: str) -> AbstractContextManager[Ear]:
        raise AlreadyTested(name)

    async def set_profile(self, name: str, form: Form, by: str) -> None:
        raise OSError

    async def drop_profile(self, name: str) -> bool:
        return False


class Line:
    """A line as the control API sees it."""

    def __init__(self, runner: LineRunner | None, key: Path = Path("sign.key")) -> None:
        self.key = key
        self.place = Place("IN", 1)
        self.runner = runner
        self.central: CentralFace | None = None
        self.shadow: ShadowDesk | None = None
        self.store = StoreStanding(free_mb=5000)
        self.bound: tuple[str, PortPart, str] | None = None
        self.types = False
        self.sticks = StickDesk(now, lambda: None)
        self.tap = Tap()
        self.bench: BenchFace = NoBench()
        self.device = DeviceStanding(
            name="scan-1", kind="scanner", station=1, state=DeviceState.ONLINE, port="/dev/ttyUSB0", since=START
        )

    def signer(self) -> KeySigner:
        return own_key(self.key)

    def standing(self) -> Standing:
        return Standing(
            at=now(), version="0.1.0", started_at=START, store=self.store, devices=(self.device,),
            sticks=self.sticks.standing(),
        )  # fmt: skip

    def accounts(self) -> tuple[DeviceAccount, ...]:
        return (
            DeviceAccount(
                standing=self.device,
                binding={"chip_serial": "A1"},
                types=self.types,
                said_at=START,
                said="CRS",
                frames=1,
            ),
        )

    async def bind(self, name: str, port: PortPart, by: str) -> None:
        self.bound = (name, port, by)

    async def unbind(self, name: str) -> bool:
        return name == "scan-1"

    async def take(self, station: int, reading: Scan) -> Answer:
        assert self.runner is not None
        return await self.runner.take(station, reading)

    async def scan(self, station: int, *texts: str) -> None:
        for number, text in enumerate(texts):
            reading = Scan(device=f"s{number}", raw=text.encode(), text=text, wall=now(), monotonic_ns=0)
            assert await self.take(station, reading) is Answer.GOOD


@dataclass(slots=True)
class Bench:
    """The line, its store and the socket it answers on."""

    line: Line
    writer: Writer
    path: Path
    server: ControlServer

    async def write(self, *records: Record) -> None:
        await self.writer.write(Batch(records))
        assert self.line.runner is not None
        await self.line.runner.reload()


@asynccontextmanager
async def bench(folder: Path) -> AsyncIterator[Bench]:
    """Open a line and its control socket."""
    writer = await Writer.open(folder / "line.db", site="IN", line_number=1)
    readers = Readers(folder / "line.db")
    await writer.write(Batch(seed_records("IN", START)))
    line = Line(LineRunner(writer, readers, Place("IN", 1), NoTester(), ids=uuid7, now=now), folder / "sign.key")
    assert line.runner is not None
    await line.runner.start()
    server = ControlServer(line, folder / "line.sock")
    await server.start()
    try:
        yield Bench(line, writer, server.path, server)
    finally:
        await server.stop()
        await readers.close()
        await writer.close()


@dataclass(slots=True)
class Wire:
    """A client that sends bytes and reads lines."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, body: object) -> None:
        await self.raw(orjson.dumps(body) + b"\n")

    async def raw(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def hear(self) -> dict[str, Any]:
        async with asyncio.timeout(60):
            line = await self.reader.readline()
        assert line, "the daemon hung up"
        heard: dict[str, Any] = orjson.loads(line)
        return heard

    async def ask(self, op: str, **args: object) -> dict[str, Any]:
        await self.send({"id": 7, "op": op, "args": args})
        heard = await self.hear()
        assert heard["id"] == 7
        return heard

    async def get(self, op: str, **args: object) -> Any:  # noqa: ANN401 -- JSON
        heard = await self.ask(op, **args)
        assert heard["ok"], heard
        return heard["result"]

    async def no(self, op: str, **args: object) -> dict[str, str]:
        heard = await self.ask(op, **args)
        assert not heard["ok"], heard
        error: dict[str, str] = heard["error"]
        assert error["message"]
        return error

    async def over(self) -> bool:
        async with asyncio.timeout(60):
            return await self.reader.read() == b""


@asynccontextmanager
async def wire(path: Path) -> AsyncIterator[Wire]:
    """Connect; afterwards the server has noticed that the client went."""
    before = serving()
    reader, writer = await asyncio.open_unix_connection(path, limit=8_000_000)
    await until(lambda: serving() > before)
    try:
        yield Wire(reader, writer)
    finally:
        writer.transport.abort()
        await until(lambda: serving() <= before)


async def until(true: Callable[[], bool]) -> None:
    """Wait for a condition nobody announces."""
    async with asyncio.timeout(60):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0.001)


def serving() -> int:
    """Count the clients being served."""
    return sum(task.get_name() == "control client" for task in asyncio.all_tasks())
