"""Stand-ins for plugged devices: a pseudo-terminal whose name can go, come back and move."""

import asyncio
import fcntl
import os
import shutil
import struct
import termios
import tty
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from drivers.ports import Roots
from tests.drivers.sysfolder import put_on_bus, write_attributes


class PtyPeer:
    """The device's end of a serial line. `file` is a symlink to the present pseudo-terminal."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.master = -1
        self._slave = -1
        self.plug()

    def plug(self) -> None:
        self.master, self._slave = os.openpty()
        tty.setraw(self.master)
        tty.setraw(self._slave)
        os.set_blocking(self.master, False)
        fresh = self.file.with_suffix(".new")
        fresh.symlink_to(os.ttyname(self._slave))
        fresh.replace(self.file)

    def unplug(self) -> None:
        if self.master >= 0:
            self.file.unlink(missing_ok=True)
            os.close(self.master)
            os.close(self._slave)
            self.master = self._slave = -1

    @property
    def unread(self) -> int:
        """Bytes the other program has not read yet; the kernel forgets them at a hang-up."""
        raw = fcntl.ioctl(self._slave, termios.FIONREAD, bytes(4))
        return int(struct.unpack("I", raw)[0])

    async def send(self, data: bytes) -> None:
        left = memoryview(data)
        while left:
            try:
                left = left[os.write(self.master, left) :]
            except BlockingIOError:
                await asyncio.sleep(0.001)

    async def send_read(self, data: bytes) -> None:
        """Send, and return when the other program has read it all. It must run in this loop, and `data` be short."""
        await self.send(data)
        while self.unread < len(data):  # the kernel passes it on in its own time; nobody else runs meanwhile
            pass
        async with asyncio.timeout(60):
            while True:
                if not self.unread:
                    return
                await asyncio.sleep(0)

    def take(self) -> bytes:
        try:
            return os.read(self.master, 65536)
        except BlockingIOError:
            return b""

    async def heard(self, size: int) -> bytes:
        data = b""
        async with asyncio.timeout(60):
            while len(data) < size:
                data += self.take()
                await asyncio.sleep(0)
        return data


@pytest.fixture
def make_pty_peer(tmp_path: Path) -> Iterator[Callable[[str], PtyPeer]]:
    peers: list[PtyPeer] = []

    def make(name: str) -> PtyPeer:
        peers.append(PtyPeer(tmp_path / name))
        return peers[-1]

    yield make
    for peer in peers:
        peer.unplug()


@pytest.fixture
def pty_peer(make_pty_peer: Callable[[str], PtyPeer]) -> PtyPeer:
    return make_pty_peer("ttyDevice")


TYPING = "1000000000007 ff9f207ac14057ff febeffdfffefffff fffffffffffffffe"
"""The keys of an ordinary USB keyboard."""


class FakeMachine:
    """What /sys, /dev and udev's database show of plugged adapters, below a folder of the test's own."""

    def __init__(self, root: Path) -> None:
        self.roots = Roots(sys=root / "sys", dev=root / "dev", run_udev=root / "run/udev")
        for folder in ("bus/usb", "bus/pci", "bus/usb-serial", "bus/hid", "class/tty", "class/input"):
            (self.roots.sys / folder).mkdir(parents=True)
        self.roots.dev.mkdir()
        self._controller = self.roots.sys / "devices/pci0000:00/0000:00:14.0"
        write_attributes(self._controller / "usb1", idVendor="1d6b", idProduct="0002", serial="0000:00:14.0")
        put_on_bus(self._controller, self.roots.sys, "pci")
        put_on_bus(self._controller / "usb1", self.roots.sys, "usb")

    def plug(
        self,
        tty: str,
        place: str,
        *,
        serial: str | None = "A50285BI",
        interface: int = 0,
        number: int = 0,
        target: str = "/dev/null",
    ) -> None:
        """Put an adapter's port in: `tty` on USB `place` (`2`, or `2.3` behind a hub)."""
        adapter = self._controller / "usb1" / f"1-{place}"
        write_attributes(adapter, idVendor="0403", idProduct="6001", manufacturer="FTDI", product="USB UART")
        write_attributes(adapter, bcdDevice="0600", bMaxPower="90mA", **({"serial": serial} if serial else {}))
        face = adapter / f"1-{place}:1.{interface}"
        write_attributes(face, bInterfaceNumber=f"{interface:02x}")
        put_on_bus(adapter, self.roots.sys, "usb")
        put_on_bus(face, self.roots.sys, "usb")
        device = face if tty.startswith("ttyACM") else face / tty
        if device is not face:
            write_attributes(device, port_number=str(number))
            put_on_bus(device, self.roots.sys, "usb-serial")
        entry = device / "tty" / tty
        write_attributes(entry, dev=f"188:{tty[6:]}")
        (entry / "device").symlink_to(device)
        (self.roots.sys / "class/tty" / tty).symlink_to(entry)
        (self.roots.dev / tty).symlink_to(target)

    def plug_keyboard(
        self,
        event: str,
        place: str,
        *,
        vendor: str = "0c2e",
        serial: str | None = None,
        keys: str = TYPING,
        interface: int = 0,
        target: str = "/dev/null",
    ) -> None:
        """Put something in that types: `event` on USB `place`; its `keys` as the kernel lists them."""
        adapter = self._controller / "usb1" / f"1-{place}"
        write_attributes(adapter, idVendor=vendor, idProduct="0b61", manufacturer="Honeywell", product="Scanner")
        write_attributes(adapter, **({"serial": serial} if serial else {}))
        face = adapter / f"1-{place}:1.{interface}"
        write_attributes(face, bInterfaceNumber=f"{interface:02x}")
        device = face / f"0003:{vendor}:0B61.0001"
        put_on_bus(adapter, self.roots.sys, "usb")
        put_on_bus(face, self.roots.sys, "usb")
        write_attributes(device)
        put_on_bus(device, self.roots.sys, "hid")
        node = self.plug_input(device / "input", event, keys=keys, bus="0003", vendor=vendor)
        (node / "device").symlink_to(node.parent)
        (self.roots.dev / "input").mkdir(exist_ok=True)
        (self.roots.dev / "input" / event).symlink_to(target)

    def unplug_keyboard(self, event: str) -> None:
        (self.roots.dev / "input" / event).unlink()
        entry = self.roots.sys / "class/input" / event
        adapter = next(folder for folder in entry.resolve().parents if (folder / "idVendor").exists())
        entry.unlink()
        shutil.rmtree(adapter)

    def plug_input(self, below: Path, event: str, *, keys: str, bus: str, vendor: str) -> Path:
        """Let the kernel list an input device."""
        device = below / f"input{event[5:]}"
        write_attributes(device, name="Honeywell Scanner")
        write_attributes(device / "id", bustype=bus, vendor=vendor, product="0b61")
        write_attributes(device / "capabilities", key=keys)
        node = device / event
        write_attributes(node, dev=f"13:{64 + int(event[5:])}")
        (self.roots.sys / "class/input" / event).symlink_to(node)
        return node

    def unplug(self, tty: str) -> None:
        (self.roots.dev / tty).unlink()
        entry = self.roots.sys / "class/tty" / tty
        device = (entry / "device").resolve()
        entry.unlink()
        while not (device / "idVendor").exists():
            device = device.parent
        shutil.rmtree(device)

    def virtual(self, tty: str) -> None:
        """A console: no hardware behind it."""
        write_attributes(self.roots.sys / "devices/virtual/tty" / tty, dev="4:1")
        (self.roots.sys / "class/tty" / tty).symlink_to(self.roots.sys / "devices/virtual/tty" / tty)

    def udev(self, tty: str, **values: str) -> None:
        """Let udev's database say something about a port."""
        kind = "input" if tty.startswith("event") else "tty"
        number = (self.roots.sys / "class" / kind / tty / "dev").read_text().strip()
        file = self.roots.run_udev / f"data/c{number}"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("I:123\n" + "".join(f"E:{key}={value}\n" for key, value in values.items()))


@pytest.fixture
def machine(tmp_path: Path) -> FakeMachine:
    root = tmp_path / "machine"
    root.mkdir()
    return FakeMachine(root)
