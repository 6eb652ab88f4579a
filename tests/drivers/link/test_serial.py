"""What only serial ports can get wrong."""

import asyncio
import fcntl
import os
import resource
import termios
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import serial

from drivers.errors import DriverError, LinkClosed, LinkLost, NeedsPerson, PortAbsent, PortBusy, PortForbidden
from drivers.link import ByteLink, SerialSettings, serial_link

if TYPE_CHECKING:
    from tests.drivers.conftest import PtyPeer


async def failure(file: Path | str, settings: SerialSettings | None = None) -> DriverError:
    with pytest.raises(DriverError) as failed:
        await serial_link(str(file), settings).open()
    assert failed.value.__cause__ is not None
    assert failed.value.todo
    return failed.value


async def test_a_missing_port_is_absent(tmp_path: Path) -> None:
    assert isinstance(await failure(tmp_path / "ttyUSB0"), PortAbsent)


async def test_a_port_open_elsewhere_is_busy(pty_peer: "PtyPeer") -> None:
    first = serial_link(str(pty_peer.file))
    await first.open()
    assert isinstance(await failure(pty_peer.file), PortBusy)
    await first.close()
    await first.open()
    await first.close()


@pytest.mark.parametrize(
    ("number", "expected"),
    [(13, PortForbidden), (1, PortForbidden), (16, PortBusy), (6, PortAbsent), (19, PortAbsent), (5, LinkLost)],
)
async def test_the_systems_refusals_are_translated(
    monkeypatch: pytest.MonkeyPatch, pty_peer: "PtyPeer", number: int, expected: type[DriverError]
) -> None:
    def refuse(*args: object) -> int:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patched:
        patched.setattr("serial.serialposix.os.open", refuse)
        error = await failure(pty_peer.file)
    assert type(error) is expected


@pytest.mark.parametrize("place", ["/dev/null", "/tmp", __file__])
async def test_what_is_no_port_needs_a_person(place: str) -> None:
    assert isinstance(await failure(place), NeedsPerson)


async def test_settings_nobody_can_meet_need_a_person(pty_peer: "PtyPeer") -> None:
    assert isinstance(await failure(pty_peer.file, SerialSettings(baud=-5)), NeedsPerson)


async def test_the_line_is_set_raw_with_the_configured_settings(pty_peer: "PtyPeer") -> None:
    link = serial_link(str(pty_peer.file), SerialSettings(baud=57600, bytesize=7, parity="E", stopbits=2))
    await link.open()
    iflag, oflag, cflag, lflag, ispeed, ospeed, _ = termios.tcgetattr(pty_peer.master)
    assert ispeed == ospeed == termios.B57600
    assert cflag & termios.CSTOPB
    assert not lflag & (termios.ICANON | termios.ECHO | termios.ISIG)
    assert not oflag & termios.OPOST
    assert not iflag & (termios.IXON | termios.ICRNL)
    await link.close()


async def test_the_configured_control_lines_are_set_before_the_first_byte(
    monkeypatch: pytest.MonkeyPatch, pty_peer: "PtyPeer"
) -> None:
    levels: dict[str, bool] = {}

    def note(name: str) -> Callable[[serial.Serial], None]:
        return lambda port: levels.update({name: getattr(port, f"_{name}_state")})

    monkeypatch.setattr(serial.Serial, "_update_dtr_state", note("dtr"))
    monkeypatch.setattr(serial.Serial, "_update_rts_state", note("rts"))
    link = serial_link(str(pty_peer.file), SerialSettings(dtr=False, rts=True))
    await link.open()
    assert levels == {"dtr": False, "rts": True}
    await link.close()


@pytest.fixture
def many_descriptors() -> Iterator[None]:
    """All descriptors below 1024 are taken."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))
    taken = [os.open("/dev/null", os.O_RDONLY)]
    while taken[-1] < 1100:
        taken.append(os.dup(taken[0]))
    yield
    for descriptor in taken:
        os.close(descriptor)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def test_descriptors_above_1023_work(many_descriptors: None, pty_peer: "PtyPeer") -> None:
    pty_peer.unplug()
    pty_peer.plug()
    link = serial_link(str(pty_peer.file))
    await link.open()
    await pty_peer.send(b"in")
    chunk = await link.receive(10)
    assert chunk is not None
    assert chunk.data == b"in"
    await link.write(b"out")
    assert await pty_peer.heard(3) == b"out"
    await link.close()


async def test_a_slow_open_neither_blocks_the_loop_nor_leaves_its_late_descriptor(
    monkeypatch: pytest.MonkeyPatch, pty_peer: "PtyPeer"
) -> None:
    began, go, opened = threading.Event(), threading.Event(), threading.Event()
    real_open, real_close = serial.Serial.open, serial.Serial.close
    closed: list[bool] = []

    def slow(port: serial.Serial) -> None:
        began.set()
        go.wait(10)
        real_open(port)
        opened.set()

    def close(port: serial.Serial) -> None:
        real_close(port)
        closed.append(opened.is_set())

    monkeypatch.setattr(serial.Serial, "open", slow)
    monkeypatch.setattr(serial.Serial, "close", close)
    link = serial_link(str(pty_peer.file))
    opening = asyncio.create_task(link.open())
    while not began.is_set():  # noqa: ASYNC110 - the loop turns while the port opens
        await asyncio.sleep(0)
    opening.cancel()
    await asyncio.wait({opening})
    assert opening.cancelled()
    assert not opened.is_set(), "the cancelled open did not wait for the slow port"
    go.set()
    async with asyncio.timeout(60):
        while True:
            await asyncio.sleep(0.001)
            if True in closed:
                break
    with pytest.raises(LinkClosed):
        await link.receive()


async def test_a_spurious_wake_up_is_not_taken_for_an_unplug(pty_peer: "PtyPeer") -> None:
    link = serial_link(str(pty_peer.file))
    await link.open()
    for _ in range(200):
        await pty_peer.send(b"swallowed")
        with pty_peer.file.open("rb", buffering=0) as thief:  # another reader, as a mistaken `cat` would be
            fcntl.fcntl(thief, fcntl.F_SETFL, os.O_NONBLOCK)
            thief.read(100)
        await asyncio.sleep(0)
    assert await _alive(link)
    await link.close()


async def _alive(link: ByteLink) -> bool:
    while await link.receive(0.01):
        pass
    return True


async def test_nothing_is_reported_as_unhandled_when_a_write_meets_the_hang_up(pty_peer: "PtyPeer") -> None:
    complaints: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: complaints.append(context))
    link = serial_link(str(pty_peer.file))
    await link.open()
    pty_peer.unplug()
    with pytest.raises(LinkLost, match="unplugged"):
        await link.write(b"beep")
    with pytest.raises(LinkLost, match="unplugged"):
        await link.receive()
    await link.close()
    assert complaints == []


async def test_an_empty_read_means_the_end_and_only_that(pty_peer: "PtyPeer") -> None:
    link = serial_link(str(pty_peer.file))
    await link.open()
    assert termios.tcgetattr(pty_peer.master)[6][termios.VMIN] in {1, b"\x01"}  # else "no data" reads empty too
    await link.close()


@pytest.mark.parametrize("ending", ["close", "abort", "loss"])
async def test_no_end_waits_in_the_loop_for_the_line_to_drain(
    monkeypatch: pytest.MonkeyPatch, pty_peer: "PtyPeer", ending: str
) -> None:
    def drain(descriptor: int) -> None:
        raise AssertionError("this can wait for ever")

    monkeypatch.setattr(termios, "tcdrain", drain)
    link = serial_link(str(pty_peer.file))
    await link.open()
    await link.write(b"beep")
    if ending == "abort":
        link.abort()
    if ending == "loss":
        pty_peer.unplug()
        with pytest.raises(LinkLost):
            await link.receive()
    await link.close()


async def test_a_port_unplugged_between_its_opening_and_its_first_byte_is_lost_and_leaves_nothing(
    pty_peer: "PtyPeer",
) -> None:
    def descriptors() -> int:
        return sum(1 for _ in Path("/proc/self/fd").iterdir())

    before = descriptors()
    with pytest.raises(LinkLost):
        await serial_link(str(pty_peer.file), verify=pty_peer.unplug).open()
    assert descriptors() == before - 2, "the peer's two ends went, nothing else came"
