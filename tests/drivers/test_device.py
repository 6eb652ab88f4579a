"""The device's life: in order, without an end, and with every line that arrived."""

import asyncio
import logging
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from drivers.backoff import Backoff
from drivers.bell import Bell
from drivers.device import NEXT, SupervisedDevice
from drivers.errors import PortAmbiguous
from drivers.framing import Ending, Framing
from drivers.instrument import Answer, Instrument
from drivers.link import ByteLink
from drivers.protocol import Chunk
from drivers.readings import DeviceState, DeviceStatus, Garbled, Reading, Scan
from drivers.scanner import HoneywellSettings, scanner_protocol
from tests.drivers.devicebed import Heard, Lines, found, quick, running

if TYPE_CHECKING:
    from tests.drivers.conftest import PtyPeer

S = DeviceState


async def test_a_plugged_device_comes_online_and_its_lines_become_readings(pty_peer: "PtyPeer") -> None:
    heard = Heard()
    device = SupervisedDevice("s", found(pty_peer), Lines(greeting=b"hello"), backoff=quick())
    assert device.status.state is S.STOPPED
    async with running(device, heard.emit):
        assert await pty_peer.heard(5) == b"hello"
        await pty_peer.send(b"A\rB\r")
        await heard.until(lambda: heard.texts == ["A", "B"])
        assert await pty_peer.heard(6) == b"ackack"
        assert device.status.port == str(pty_peer.file)
    assert heard.states == [S.SEARCHING, S.OPENING, S.ONLINE]
    assert device.status.state is S.STOPPED


async def test_the_loss_comes_behind_the_lines_before_it(pty_peer: "PtyPeer") -> None:
    heard = Heard()
    gate = asyncio.Event()

    async def slow(item: Reading | DeviceStatus) -> None:
        if isinstance(item, Scan):
            await gate.wait()
        await heard.emit(item)

    async with running(SupervisedDevice("s", found(pty_peer), Lines(), backoff=quick()), slow):
        await heard.state(S.ONLINE)
        await pty_peer.send_read(b"A\rB\rC\rD")
        pty_peer.unplug()
        gate.set()
        lost = await heard.state(S.SEARCHING)
    kinds = [_kind(item) for item in heard.items[2:]]
    assert kinds == [S.ONLINE, "A", "B", "C", S.WAITING, S.SEARCHING]
    assert "No port" in lost.reason
    assert lost.todo


def _kind(item: Reading | DeviceStatus) -> str:
    match item:
        case DeviceStatus(state=state):
            return state
        case Scan(text=text):
            return text
        case _:
            return type(item).__name__


async def test_a_half_line_before_the_loss_is_not_glued_to_the_next(pty_peer: "PtyPeer") -> None:
    heard = Heard()
    async with running(SupervisedDevice("s", found(pty_peer), Lines(), backoff=quick()), heard.emit):
        await heard.state(S.ONLINE)
        await pty_peer.send_read(b"CRS25")
        pty_peer.unplug()
        await heard.state(S.SEARCHING)
        pty_peer.plug()
        await heard.state(S.ONLINE)
        await pty_peer.send(b"WHOLE\r")
        await heard.until(lambda: bool(heard.texts))
    assert heard.texts == ["WHOLE"]


async def test_a_ring_cuts_a_long_wait_short(pty_peer: "PtyPeer") -> None:
    heard, changed = Heard(), Bell()
    pty_peer.unplug()
    hours = Backoff(first_s=10_000, cap_s=10_000)
    device = SupervisedDevice("s", found(pty_peer), Lines(), backoff=hours, changed=changed)
    async with running(device, heard.emit):
        await heard.until(lambda: bool(device.status.reason))
        pty_peer.plug()
        changed.ring()
        await heard.state(S.ONLINE)


async def test_the_same_failure_is_told_once_and_warned_once(
    pty_peer: "PtyPeer", caplog: pytest.LogCaptureFixture
) -> None:
    heard = Heard()
    attempts = 0

    def ambiguous() -> ByteLink:
        nonlocal attempts
        attempts += 1
        heard.bell.ring()
        raise PortAmbiguous("two adapters carry the same chip serial")

    caplog.set_level(logging.DEBUG, "drivers.device")
    async with running(SupervisedDevice("s", ambiguous, Lines(), backoff=quick()), heard.emit):
        while attempts < 6:
            await heard.bell.wait(heard.bell.rings, 60)
    assert heard.states == [S.SEARCHING, S.WAITING]
    levels = [record.levelno for record in caplog.records if "same chip" in record.message]
    assert levels[0] == logging.WARNING
    assert set(levels[1:]) == {logging.DEBUG}


async def test_a_quiet_device_is_silent_until_it_speaks(pty_peer: "PtyPeer") -> None:
    heard = Heard()
    device = SupervisedDevice("s", found(pty_peer), Lines(), backoff=quick(), silent_after_s=0.03)
    async with running(device, heard.emit):
        silent = await heard.state(S.SILENT)
        assert "Nothing heard" in silent.reason
        assert silent.todo
        await pty_peer.send(b"A\r")
        await heard.until(lambda: heard.texts == ["A"])
        await heard.until(lambda: heard.states.count(S.SILENT) == 2)
    assert heard.states == [S.SEARCHING, S.OPENING, S.ONLINE, S.SILENT, S.ONLINE, S.SILENT]


async def test_a_device_that_should_speak_unasked_is_opened_anew_when_silent(pty_peer: "PtyPeer") -> None:
    heard = Heard()
    device = SupervisedDevice("s", found(pty_peer), Lines(speaks_unasked=True), backoff=quick(), silent_after_s=0.02)
    async with running(device, heard.emit):
        await heard.until(lambda: heard.states.count(S.ONLINE) == 3)
    assert heard.states[2:6] == [S.ONLINE, S.SILENT, S.WAITING, S.OPENING]


async def test_the_protocol_is_called_when_idle(pty_peer: "PtyPeer") -> None:
    device = SupervisedDevice("s", found(pty_peer), Lines(idle_after_s=0.01), backoff=quick())
    async with running(device, Heard().emit):
        assert await pty_peer.heard(4) == b"ping"


async def test_a_fault_in_the_protocol_keeps_the_bytes_and_the_device(pty_peer: "PtyPeer") -> None:
    heard = Heard()
    async with running(SupervisedDevice("s", found(pty_peer), Lines(), backoff=quick()), heard.emit):
        await heard.state(S.ONLINE)
        await pty_peer.send_read(b"?boom")
        await pty_peer.send(b"A\r")
        await heard.until(lambda: heard.texts == ["A"])
    assert [item.raw for item in heard.items if isinstance(item, Garbled)] == [b"?boom"]


async def test_answers_and_arms_reach_a_live_device_and_never_raise_for_a_dead_one(
    pty_peer: "PtyPeer",
) -> None:
    heard = Heard()
    device = SupervisedDevice("s", found(pty_peer), Lines(), backoff=quick())
    assert not await device.arm("X")
    assert await device.arm(None), "needs nothing"
    async with running(device, heard.emit):
        await heard.state(S.ONLINE)
        await pty_peer.send_read(b"A\r")
        await heard.until(lambda: heard.texts == ["A"])
        scan = next(item for item in heard.items if isinstance(item, Scan))
        await device.answer(scan, Answer.GOOD)
        assert await device.arm("X")
        assert not await device.arm("refuse")
        assert await pty_peer.heard(12) == b"ackgoodarm X"
        pty_peer.unplug()
        await device.answer(scan, Answer.BAD)
        await heard.state(S.SEARCHING)
        await device.answer(scan, Answer.BAD)
        assert not await device.arm("X")


async def test_a_sound_reaches_a_live_scanner_and_nobody_waits_for_a_dead_or_mute_one(pty_peer: "PtyPeer") -> None:
    heard = Heard()
    settings = HoneywellSettings(Framing(ending=Ending.LINE))
    device = SupervisedDevice("s", found(pty_peer), scanner_protocol(settings, "s"), backoff=quick())
    assert await device.sound(good=True)
    async with running(device, heard.emit):
        await heard.state(S.ONLINE)
        assert await device.sound(good=True)
        assert await pty_peer.heard(9) == bytes.fromhex("16070D") * 3
        await pty_peer.send_read(b"CRS24WT7200001\r")
        await heard.until(lambda: bool(heard.texts))
        assert not await device.sound(good=True), "the scanner waits for its answer"
        scan = next(item for item in heard.items if isinstance(item, Scan))
        await device.answer(scan, Answer.GOOD)
        assert await device.sound(good=False)
        assert await pty_peer.heard(9) == b"\x1b7," + bytes.fromhex("16070D") * 2
    mute = SupervisedDevice("m", found(pty_peer), Lines(), backoff=quick())
    assert await mute.sound(good=True)


async def test_a_device_that_takes_no_answers_is_opened_anew(pty_peer: "PtyPeer") -> None:
    heard = Heard()
    device = SupervisedDevice("s", found(pty_peer), Lines(greeting=bytes(1 << 20)), backoff=quick())
    async with running(device, heard.emit):
        waiting = await heard.state(S.WAITING)
    assert "taken no bytes" in waiting.reason


async def test_a_slow_open_is_given_up(pty_peer: "PtyPeer") -> None:
    class Stuck:
        port = "stuck"

        async def open(self) -> None:
            await asyncio.Event().wait()

        async def receive(self, timeout_s: float | None = None) -> Chunk | None:
            raise AssertionError

        async def write(self, data: bytes) -> None:
            raise AssertionError

        async def close(self) -> None:
            pass

        def abort(self) -> None:
            pass

    heard = Heard()
    device = SupervisedDevice("s", Stuck, Lines(), backoff=quick(), open_timeout_s=0.01)
    async with running(device, heard.emit):
        waiting = await heard.state(S.WAITING)
    assert "did not open" in waiting.reason


async def test_cancelled_at_any_moment_it_leaves_nothing(pty_peer: "PtyPeer") -> None:
    device: Instrument = SupervisedDevice("s", found(pty_peer), Lines(greeting=b"hello"), backoff=quick())
    before = _descriptors()
    for rounds in range(60):
        life = asyncio.create_task(device.run(Heard().emit))
        for _ in range(rounds):
            await asyncio.sleep(0)
        life.cancel()
        await asyncio.wait({life})
        assert life.cancelled()
        assert device.status.state is S.STOPPED
        async with asyncio.timeout(60):
            while True:
                await asyncio.sleep(0)
                if _descriptors() <= before:
                    break


def _descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


class NotedBackoff(Backoff):
    """Remembers the waits it gave since it was last looked at."""

    def __init__(self) -> None:
        super().__init__(first_s=0.005, cap_s=0.02, jitter=0)
        self.given: list[float] = []

    def next_s(self) -> float:
        self.given.append(super().next_s())
        return self.given[-1]


async def test_a_device_that_was_heard_is_looked_for_at_once_when_lost(pty_peer: "PtyPeer") -> None:
    heard, backoff = Heard(), NotedBackoff()
    pty_peer.unplug()
    async with running(SupervisedDevice("s", found(pty_peer), Lines(), backoff=backoff), heard.emit):
        async with asyncio.timeout(60):
            while True:
                await asyncio.sleep(0.001)
                if len(backoff.given) >= 4:
                    break
        assert backoff.given[:4] == [0.005, 0.01, 0.02, 0.02]
        pty_peer.plug()
        await heard.state(S.ONLINE)
        await pty_peer.send_read(b"A\r")
        backoff.given.clear()
        pty_peer.unplug()
        await heard.state(S.SEARCHING)
    assert backoff.given[0] == 0.005


def test_the_backoff_doubles_to_its_cap_and_begins_again() -> None:
    backoff = Backoff(first_s=1, cap_s=5, uniform=lambda low, high: high)
    assert [round(backoff.next_s(), 6) for _ in range(5)] == [1.2, 2.4, 4.8, 6.0, 6.0]
    backoff.reset()
    assert round(backoff.next_s(), 6) == 1.2


def test_every_state_but_stopped_leads_on() -> None:
    assert set(NEXT) == set(DeviceState)
    assert all(NEXT.values())
