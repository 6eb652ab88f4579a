"""Devices that leave and come back under other names, as often as a factory does it in years."""

import asyncio
import contextlib
import errno
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from drivers.backoff import Backoff
from drivers.bell import Bell
from drivers.device import SupervisedDevice
from drivers.errors import LinkLost, PortAbsent
from drivers.hotplug import Hotplug
from drivers.instrument import Answer
from drivers.plugged import plugged_link
from drivers.ports import PortIdentity, PortInfo
from drivers.protocol import Chunk, Output
from drivers.readings import DeviceState, DeviceStatus, Reading, Scan

if TYPE_CHECKING:
    from tests.drivers.conftest import FakeMachine, PtyPeer

FULL = 1000
SMALL = 40
DEVICES = 4


class Lines:
    """A wire syntax for tests: a line is a scan."""

    idle_after_s = None
    speaks_unasked = False
    _rest = b""

    def opened(self) -> bytes:
        self._rest = b""
        return b""

    def feed(self, chunk: Chunk) -> Output:
        *lines, self._rest = (self._rest + chunk.data).split(b"\r")
        stamp = {"wall": chunk.wall, "monotonic_ns": chunk.monotonic_ns}
        return Output(tuple(Scan(device="s", raw=line, text=line.decode(), **stamp) for line in lines))  # type: ignore[arg-type]

    def idle(self, wall: datetime, monotonic_ns: int) -> Output:
        return Output()

    def answer(self, reading: Reading, answer: Answer) -> bytes:
        return b""

    def arm(self, serial: str | None) -> bytes | None:
        return b""


@dataclass
class Station:
    """One adapter with its scanner, the device that listens to it, and what was heard."""

    number: int
    machine: "FakeMachine"
    peer: "PtyPeer"
    changed: Bell
    texts: list[str] = field(default_factory=list)
    states: list[DeviceState] = field(default_factory=list)
    heard: Bell = field(default_factory=Bell)
    tty: str = ""

    def __post_init__(self) -> None:
        identity = PortIdentity(chip_serial=f"CHIP{self.number}")
        self.device = SupervisedDevice(
            f"s{self.number}",
            partial(plugged_link, identity, roots=self.machine.roots),
            Lines(),
            backoff=Backoff(first_s=0.005, cap_s=0.05),
            changed=self.changed,
        )

    async def emit(self, item: Reading | DeviceStatus) -> None:
        if isinstance(item, DeviceStatus):
            self.states.append(item.state)
        if isinstance(item, Scan):
            self.texts.append(item.text)
        self.heard.ring()

    def plug(self, tty: str) -> None:
        self.tty = tty
        self.peer.plug()
        target = str(self.peer.file.readlink())
        self.machine.plug(tty, f"{self.number}.1", serial=f"CHIP{self.number}", target=target)

    def unplug(self) -> None:
        self.machine.unplug(self.tty)
        self.peer.unplug()

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(60):
            while not condition():
                await self.heard.wait(self.heard.rings, 60)

    async def online(self) -> None:
        await self.until(lambda: self.states[-1:] == [DeviceState.ONLINE])

    async def offline(self) -> None:
        await self.until(lambda: self.states[-1:] != [DeviceState.ONLINE])


@contextlib.asynccontextmanager
async def running(stations: list[Station], hotplug: Hotplug) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(hotplug.run(), name="hotplug")]
    tasks += [asyncio.create_task(station.device.run(station.emit)) for station in stations]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        assert all(task.cancelled() for task in tasks)


@pytest.mark.parametrize("cycles", [SMALL, pytest.param(FULL, marks=[pytest.mark.faults, pytest.mark.timeout(900)])])
async def test_unplugged_and_renamed_again_and_again_every_device_recovers(
    machine: "FakeMachine", make_pty_peer: "Callable[[str], PtyPeer]", cycles: int
) -> None:
    hotplug = Hotplug(machine.roots, poll_s=0.02)
    stations = [
        Station(number, machine, make_pty_peer(f"cable{number}"), hotplug.changed) for number in range(1, DEVICES + 1)
    ]
    for station in stations:
        station.peer.unplug()
        station.plug(f"ttyUSB{station.number}")
    rounds = cycles // DEVICES
    async with running(stations, hotplug):
        await asyncio.gather(*(station.online() for station in stations))
        before = len(asyncio.all_tasks()), _descriptors()
        for turn in range(rounds):
            await asyncio.gather(*(_scan(station, turn) for station in stations))
            for station in stations:
                station.unplug()
            if turn % 2:  # else they are back before anybody noticed
                await asyncio.gather(*(station.offline() for station in stations))
            marks = [len(station.states) for station in stations]
            for station in stations:
                station.plug(f"ttyUSB{(station.number + turn) % DEVICES}")
            await asyncio.gather(*(_back(station, mark) for station, mark in zip(stations, marks, strict=True)))
        assert (len(asyncio.all_tasks()), _descriptors()) == before
    expected = [f"{turn}-{line}" for turn in range(rounds) for line in range(3)]
    for station in stations:
        own = [f"{station.number}:{text}" for text in expected]
        assert station.texts == own, "a scan was lost, doubled, changed or heard by another device"


async def _scan(station: Station, turn: int) -> None:
    """Three scans, the last just before the cable is pulled in the middle of a fourth."""
    lines = "".join(f"{station.number}:{turn}-{line}\r" for line in range(3))
    await station.peer.send_read(lines.encode() + b"half")


async def _back(station: Station, mark: int) -> None:
    await station.until(lambda: DeviceState.ONLINE in station.states[mark:])
    await station.online()


def _descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


async def test_a_port_that_became_another_adapter_while_it_was_opened_is_not_taken(
    machine: "FakeMachine", pty_peer: "PtyPeer"
) -> None:
    target = str(pty_peer.file.readlink())
    machine.plug("ttyUSB0", "1", serial="MINE", target=target)
    link = plugged_link(PortIdentity(chip_serial="MINE"), roots=machine.roots)
    machine.unplug("ttyUSB0")
    machine.plug("ttyUSB0", "2", serial="OTHER", target=target)
    machine.plug("ttyUSB1", "1", serial="MINE", target="/dev/null")
    before = _descriptors()
    with pytest.raises(PortAbsent, match="became another port"):
        await link.open()
    assert _descriptors() == before


async def test_ports_that_cannot_be_listed_once_it_is_open_are_a_loss(
    machine: "FakeMachine", pty_peer: "PtyPeer", monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.plug("ttyUSB0", "1", serial="MINE", target=str(pty_peer.file.readlink()))
    link = plugged_link(PortIdentity(chip_serial="MINE"), roots=machine.roots)

    def full(roots: object) -> list[PortInfo]:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr("drivers.ports.list_ports", full)
    before = _descriptors()
    with pytest.raises(LinkLost, match="Too many open files"):
        await link.open()
    assert _descriptors() == before
