"""Stand-ins for plugged devices: a pseudo-terminal whose name can go, come back and move."""

import asyncio
import fcntl
import os
import struct
import termios
import tty
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest


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
        async with asyncio.timeout(10):
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
        async with asyncio.timeout(10):
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
