"""Answers too late, threads too busy, faults in a link: the device goes on, and no line is lost or glued."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from drivers.device import SupervisedDevice
from drivers.framing import Ending, Framing
from drivers.instrument import Answer
from drivers.link import ByteLink
from drivers.protocol import Output
from drivers.readings import DeviceState, DeviceStatus, Reading, Scan
from drivers.scanner import PlainSettings, scanner_protocol
from tests.drivers.devicebed import Heard, Lines, found, quick, running

if TYPE_CHECKING:
    from tests.drivers.conftest import PtyPeer

S = DeviceState


async def test_an_answer_that_comes_too_late_for_its_link_is_not_told_to_the_next_one(pty_peer: "PtyPeer") -> None:
    heard = Heard()
    device = SupervisedDevice("s", found(pty_peer), Lines(), backoff=quick())
    async with running(device, heard.emit):
        await heard.state(S.ONLINE)
        await pty_peer.send_read(b"A\r")
        await heard.until(lambda: heard.texts == ["A"])
        pty_peer.unplug()
        await heard.state(S.SEARCHING)
        pty_peer.plug()
        await heard.state(S.ONLINE)
        old, told = next(item for item in heard.items if isinstance(item, Scan)), Answer.GOOD
        await device.answer(old, told)
        await pty_peer.send(b"B\r")
        await heard.until(lambda: heard.texts == ["A", "B"])
        new = next(item for item in reversed(heard.items) if isinstance(item, Scan))
        await device.answer(new, Answer.BAD)
        assert await pty_peer.heard(6) == b"ackbad"


async def test_an_order_that_nobody_answers_is_noticed_on_a_line_that_may_be_quiet(
    pty_peer: "PtyPeer", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("drivers.session._LOOK_S", 0.01)
    clock = asyncio.get_running_loop().time
    times: dict[str, float] = {}
    patience_s = 0.05

    class Sweeping(Lines):
        def arm(self, serial: str | None) -> bytes | None:
            self.idle_after_s = patience_s
            times["armed"] = clock()
            return b"Go"

        def idle(self, wall: datetime, monotonic_ns: int) -> Output:
            times["idle"] = clock()
            return super().idle(wall, monotonic_ns)

    heard = Heard()
    device = SupervisedDevice("s", found(pty_peer), Sweeping(), backoff=quick())
    async with running(device, heard.emit):
        await heard.state(S.ONLINE)
        await asyncio.sleep(2 * patience_s)  # quiet for longer than an order may stay unanswered
        assert await device.arm("X")
        assert await pty_peer.heard(6) == b"Goping"
    assert times["idle"] - times["armed"] >= patience_s * 0.9, "the quiet before the order counted"


async def test_ports_are_looked_for_while_every_shared_thread_is_busy(pty_peer: "PtyPeer") -> None:
    gate, loop = threading.Event(), asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(1))
    hung = loop.run_in_executor(None, gate.wait, 60)  # a name look-up without a network, say
    heard = Heard()
    try:
        async with running(SupervisedDevice("s", found(pty_peer), Lines(), backoff=quick()), heard.emit):
            await heard.state(S.ONLINE)
    finally:
        gate.set()
        await hung
        await loop.shutdown_default_executor()


async def test_a_reply_that_meets_the_loss_does_not_swallow_the_lines_before_it(pty_peer: "PtyPeer") -> None:
    heard = Heard()
    gate = asyncio.Event()

    async def slow(item: Reading | DeviceStatus) -> None:
        if isinstance(item, Scan):
            await gate.wait()
        await heard.emit(item)

    async with running(SupervisedDevice("s", found(pty_peer), Lines(), backoff=quick()), slow):
        await heard.state(S.ONLINE)
        for line in (b"A\r", b"B\r", b"C\r"):
            await pty_peer.send_read(line)
        pty_peer.unplug()
        gate.set()
        await heard.state(S.SEARCHING)
    assert heard.texts == ["A", "B", "C"]


async def test_a_fault_in_a_link_keeps_the_device_trying(pty_peer: "PtyPeer") -> None:
    faults: list[Exception] = [ZeroDivisionError("made up"), ValueError("made up")]

    class Faulty:
        def __init__(self, link: ByteLink) -> None:
            self._link = link
            self.port, self.close, self.write, self.receive, self.abort = (
                link.port, link.close, link.write, link.receive, link.abort,
            )  # fmt: skip

        async def open(self) -> None:
            if len(faults) == 1:
                raise faults.pop()
            await self._link.open()

    def make() -> ByteLink:
        if len(faults) == 2:
            raise faults.pop()
        return Faulty(found(pty_peer)())

    heard = Heard()
    async with running(SupervisedDevice("s", make, Lines(), backoff=quick()), heard.emit):
        await heard.state(S.ONLINE)
    reasons = [item.reason for item in heard.items if isinstance(item, DeviceStatus) and item.state is S.WAITING]
    assert [reason for reason in reasons if "driver failed" in reason] == reasons
    assert not faults


async def test_scans_that_only_a_pause_parts_are_not_glued_while_the_line_is_busy(pty_peer: "PtyPeer") -> None:
    heard, gate, gap_s = Heard(), asyncio.Event(), 0.02

    async def busy(item: Reading | DeviceStatus) -> None:
        await heard.emit(item)
        if isinstance(item, Scan):
            await gate.wait()

    scanner = scanner_protocol(PlainSettings(Framing(ending=Ending.GAP, gap_s=gap_s)), "s")
    async with running(SupervisedDevice("s", found(pty_peer), scanner, backoff=quick()), busy):
        await heard.state(S.ONLINE)
        for text in (b"A", b"B", b"C"):
            await pty_peer.send_read(text)
            await asyncio.sleep(2 * gap_s)
        gate.set()
        await heard.until(lambda: len("".join(heard.texts)) == 3)
    assert heard.texts == ["A", "B", "C"]
    times = [item.monotonic_ns for item in heard.items if isinstance(item, Scan)]
    assert times == sorted(times)


async def test_a_scan_whose_pause_was_over_before_the_unplug_is_kept_while_the_line_is_busy(
    pty_peer: "PtyPeer",
) -> None:
    heard, gate, gap_s = Heard(), asyncio.Event(), 0.02

    async def busy(item: Reading | DeviceStatus) -> None:
        await heard.emit(item)
        if isinstance(item, Scan):
            await gate.wait()

    scanner = scanner_protocol(PlainSettings(Framing(ending=Ending.GAP, gap_s=gap_s)), "s")
    async with running(SupervisedDevice("s", found(pty_peer), scanner, backoff=quick()), busy):
        await heard.state(S.ONLINE)
        for text in (b"A", b"B"):
            await pty_peer.send_read(text)
            await asyncio.sleep(2 * gap_s)
        pty_peer.unplug()
        await asyncio.sleep(gap_s)
        gate.set()
        await heard.state(S.SEARCHING)
    assert heard.texts == ["A", "B"]
