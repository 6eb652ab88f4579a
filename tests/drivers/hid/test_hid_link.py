"""A scanner that types is held alone, read in time, and comes back after every loss."""

import asyncio
import errno
import os
import shutil
import subprocess
import threading
import time
from pathlib import Path

import pytest

from drivers.bell import Bell
from drivers.device import SupervisedDevice
from drivers.errors import DriverError, LinkLost, NeedsPerson, PortAbsent, PortBusy, PortForbidden
from drivers.hid import hid_link, plugged_hid_link
from drivers.hid.kernel import GET_KEY_BITS, GET_KEYS, GET_LIGHTS, GRAB, SET_CLOCK
from drivers.hid.typist import Typing
from drivers.holders import holders
from drivers.link.base import ByteLink
from drivers.ports import PortIdentity
from drivers.readings import DeviceState, Garbled, Scan
from drivers.scanner import HidSettings, scanner_protocol
from simulators.wire.keyboard import ENTER, Manner, report
from tests.drivers.conftest import FakeMachine
from tests.drivers.devicebed import Heard, quick, running
from tests.drivers.hid.desk import Desk, dropped, typed

SERIAL = "CRS25WT60M00001"


def scanner(desk: Desk, gap_s: float | None = None) -> SupervisedDevice:
    def make() -> ByteLink:
        if not desk.file.exists():
            raise PortAbsent("No scanner is plugged in.")
        return hid_link(str(desk.file), ask=desk.ask)

    return SupervisedDevice(
        "s", make, scanner_protocol(HidSettings(Typing(gap_s)), "s"), backoff=quick(), changed=Bell()
    )


async def settled(heard: Heard) -> None:
    """It is open, and long enough for whatever is typed now to be a whole scan."""
    await heard.state(DeviceState.ONLINE)
    await asyncio.sleep(0.12)


def readings(heard: Heard) -> list[Scan | Garbled]:
    return [item for item in heard.items if isinstance(item, Scan | Garbled)]


async def test_a_scan_is_a_reading_with_what_was_typed(desk: Desk) -> None:
    heard = Heard()
    async with running(scanner(desk), heard.emit):
        await settled(heard)
        before = time.monotonic_ns()
        await desk.type("]C0" + SERIAL)
        await heard.until(lambda: bool(heard.texts))
    (scan,) = readings(heard)
    assert isinstance(scan, Scan)
    assert (scan.text, scan.symbology, scan.raw) == (SERIAL, "C0", b"]C0" + SERIAL.encode())
    assert before // 1000 * 1000 <= scan.monotonic_ns <= time.monotonic_ns()
    assert desk.grabs == 1


async def test_a_barcode_without_enter_is_complete_after_the_pause(desk: Desk) -> None:
    heard = Heard()
    async with running(scanner(desk, 0.05), heard.emit):
        await settled(heard)
        await desk.type(SERIAL, Manner(enter=None))
        await heard.until(lambda: heard.texts == [SERIAL])


async def test_unplugged_it_is_lost_behind_the_last_scan_and_found_again(desk: Desk) -> None:
    heard = Heard()
    async with running(scanner(desk), heard.emit):
        for number in range(1, 4):
            await settled(heard)
            await desk.type(f"CRS{number}")
            await desk.type("CUT OFF", Manner(enter=None))
            await desk.read()
            desk.unplug()
            await heard.until(lambda: heard.states[-1] is not DeviceState.ONLINE)
            assert len(heard.texts) == number
            desk.plug()
        assert heard.texts == ["CRS1", "CRS2", "CRS3"]
    assert DeviceState.WAITING in heard.states
    assert desk.grabs >= 3


async def test_a_scan_the_computer_was_too_slow_for_is_said_and_never_shortened(desk: Desk) -> None:
    heard = Heard()
    async with running(scanner(desk), heard.emit):
        await settled(heard)
        now = time.monotonic_ns()
        desk.down = {ENTER}
        await desk.send(typed(SERIAL, at_ns=now, step_ns=1000)[:480] + dropped(now + 1_000_000))
        await heard.until(lambda: bool(readings(heard)))
        await desk.send(report(time.monotonic_ns(), ((ENTER, 0),)))
        await desk.type(SERIAL)
        await heard.until(lambda: bool(heard.texts))
    first, second = readings(heard)
    assert isinstance(first, Garbled)
    assert "lost" in first.reason
    assert isinstance(second, Scan)
    assert second.text == SERIAL


async def test_a_loop_that_is_busy_for_long_tears_no_scan(desk: Desk) -> None:
    heard = Heard()
    async with running(scanner(desk, 0.05), heard.emit):
        await settled(heard)
        await desk.type("FIRST", Manner(enter=None))
        time.sleep(0.2)  # noqa: ASYNC251 - this is the busy loop
        at = time.monotonic_ns()
        await desk.send(typed("SECOND", at_ns=at, step_ns=1000, manner=Manner(enter=None)))
        await heard.until(lambda: len(heard.texts) == 2)
    assert heard.texts == ["FIRST", "SECOND"]


async def test_a_thread_that_reads_late_makes_no_pause(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = Heard()
    async with running(scanner(desk, 0.05), heard.emit):
        await settled(heard)
        real, wire = os.read, typed(SERIAL, at_ns=time.monotonic_ns(), step_ns=1000, manner=Manner(enter=None))

        def late(descriptor: int, size: int) -> bytes:
            time.sleep(0.15)
            return real(descriptor, size)

        monkeypatch.setattr(os, "read", late)
        await desk.send(wire[:480])
        await desk.send(wire[480:])
        await heard.until(lambda: bool(readings(heard)))
        monkeypatch.undo()
    assert heard.texts == [SERIAL]


def test_a_loop_that_is_gone_leaves_nothing_open(desk: Desk) -> None:
    before = _descriptors()
    asyncio.run(hid_link(str(desk.file), ask=desk.ask).open())
    assert _descriptors() > before
    asyncio.run(desk.send(typed(SERIAL)))
    end = time.monotonic() + 10
    while _descriptors() > before and time.monotonic() < end:
        time.sleep(0.001)
    assert _descriptors() <= before


def _descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


# taking it


async def refused(desk: Desk) -> DriverError:
    with pytest.raises(DriverError) as told:
        await hid_link(str(desk.file), ask=desk.ask).open()
    return told.value


async def test_keys_somebody_else_took_are_busy_with_whoever_has_it_open(desk: Desk) -> None:
    desk.refuses = errno.EBUSY
    other = await asyncio.create_subprocess_exec("tail", "-f", str(desk.file))
    try:
        async with asyncio.timeout(60):
            while not any(one.pid == other.pid for one in holders([str(desk.file)])[str(desk.file)]):  # noqa: ASYNC110 - no event
                await asyncio.sleep(0.001)
        error = await refused(desk)
    finally:
        other.kill()
        await other.wait()
    assert isinstance(error, PortBusy)
    assert f"used by another program (open in tail ({other.pid}))" in str(error)
    assert "End the program" in error.todo


async def test_a_second_link_to_one_scanner_is_busy(desk: Desk) -> None:
    first = hid_link(str(desk.file), ask=desk.ask)
    await first.open()
    assert isinstance(await refused(desk), PortBusy)
    await first.close()
    await first.open()
    await first.close()


async def test_a_keyboard_nobody_can_listen_to_is_let_go(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    start = threading.Thread.start

    def exhausted(thread: threading.Thread) -> None:
        if thread.name.startswith("read "):
            raise RuntimeError("can't start new thread")
        start(thread)

    with monkeypatch.context() as full:
        full.setattr(threading.Thread, "start", exhausted)
        assert isinstance(await refused(desk), LinkLost)
    link = hid_link(str(desk.file), ask=desk.ask)
    await link.open()
    await link.close()


async def test_what_types_no_text_is_not_taken(desk: Desk) -> None:
    desk.keys = frozenset({113, 114, 115})
    error = await refused(desk)
    assert isinstance(error, NeedsPerson)
    assert desk.grabs == 0


async def test_what_is_no_keyboard_at_all_is_said(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(NeedsPerson, match="is not a keyboard"):
        await hid_link(str(desk.file)).open()
    (tmp_path / "file").touch()
    with pytest.raises(NeedsPerson, match="is not a keyboard"):
        await hid_link(str(tmp_path / "file")).open()


async def test_a_refused_grab_says_how_to_allow_it(desk: Desk) -> None:
    desk.refuses = errno.EACCES
    error = await refused(desk)
    assert isinstance(error, PortForbidden)
    assert "udev rule" in error.todo


async def test_another_keyboard_under_the_same_number_is_let_go_before_its_keys_are_taken(desk: Desk) -> None:
    def another() -> None:
        raise PortAbsent("it became another keyboard")

    with pytest.raises(PortAbsent):
        await hid_link(str(desk.file), ask=desk.ask, verify=another).open()
    assert desk.grabs == 0


def test_a_link_goes_to_the_scanner_in_its_place(machine: FakeMachine) -> None:
    machine.plug_keyboard("event5", "2")
    machine.plug_keyboard("event6", "3")
    link = plugged_hid_link(PortIdentity(path="pci-0000:00:14.0-usb-0:3:1.0"), machine.roots)
    assert link.port == str(machine.roots.dev / "input/event6")
    with pytest.raises(PortAbsent):
        plugged_hid_link(PortIdentity(path="pci-0000:00:14.0-usb-0:4:1.0"), machine.roots)


@pytest.mark.skipif(shutil.which("cc") is None, reason="this machine has no C compiler")
def test_the_requests_are_those_of_the_kernels_header(tmp_path: Path) -> None:
    source = tmp_path / "requests.c"
    source.write_text(
        "#include <linux/input.h>\n#include <stdio.h>\n"
        'int main(void) { printf("%lu %lu %lu %lu %lu %zu", (unsigned long)EVIOCGKEY(96), (unsigned long)EVIOCGLED(2),'
        " (unsigned long)EVIOCGBIT(EV_KEY, 96), (unsigned long)EVIOCGRAB, (unsigned long)EVIOCSCLOCKID,"
        " sizeof(struct input_event)); return 0; }\n"
    )
    subprocess.run(["cc", str(source), "-o", str(tmp_path / "requests")], check=True)
    said = subprocess.run([str(tmp_path / "requests")], capture_output=True, text=True, check=True).stdout
    assert [int(word) for word in said.split()] == [GET_KEYS, GET_LIGHTS, GET_KEY_BITS, GRAB, SET_CLOCK, 24]
