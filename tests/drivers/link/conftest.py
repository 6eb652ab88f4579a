"""One rig per way a link can be carried and broken; the contract suite runs on each.

A keyboard hears nothing: what the suite writes to it goes nowhere (`hears`).
"""

import asyncio
import socket
import struct
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

from drivers.hid.link import hid_link
from drivers.link import ByteLink, serial_link, tcp_link
from drivers.protocol import Chunk
from tests.drivers.hid.desk import Desk

if TYPE_CHECKING:
    from tests.drivers.conftest import PtyPeer


class Rig(Protocol):
    """A link under test and the device at its other end."""

    hears: bool
    held: int
    """Descriptors the rig itself holds for a plugged device beyond those of an unused rig."""

    @property
    def link(self) -> ByteLink: ...

    async def plugged(self) -> None: ...
    async def send(self, data: bytes) -> None: ...
    async def send_read(self, data: bytes) -> None: ...
    async def heard(self, size: int) -> bytes: ...
    def unplug(self) -> None: ...
    def replug(self) -> None: ...
    def close(self) -> None: ...


@dataclass
class SerialRig:
    peer: "PtyPeer"
    held = 0
    hears = True

    def __post_init__(self) -> None:
        self.link = serial_link(str(self.peer.file), drain_s=0.2, stall_s=0.2)

    async def plugged(self) -> None:
        pass

    async def send(self, data: bytes) -> None:
        await self.peer.send(data)

    async def send_read(self, data: bytes) -> None:
        await self.peer.send_read(data)

    async def heard(self, size: int) -> bytes:
        return await self.peer.heard(size)

    def unplug(self) -> None:
        self.peer.unplug()

    def replug(self) -> None:
        self.peer.plug()

    def close(self) -> None:
        self.peer.unplug()


class TcpRig:
    """A serial server. `reset` says how it leaves: by RST or by FIN."""

    held = 1
    hears = True

    def __init__(self, *, reset: bool) -> None:
        self._reset = reset
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.setblocking(False)
        self._address = self._listener.getsockname()
        self._peer: socket.socket | None = None
        self.link = tcp_link("127.0.0.1", self._address[1], drain_s=0.2, stall_s=0.2)

    async def plugged(self) -> None:
        self._hang_up()
        self._peer, _ = await asyncio.get_running_loop().sock_accept(self._listener)
        self._peer.setblocking(False)

    @property
    def peer(self) -> socket.socket:
        assert self._peer is not None
        return self._peer

    async def send(self, data: bytes) -> None:
        await asyncio.get_running_loop().sock_sendall(self.peer, data)

    async def send_read(self, data: bytes) -> None:
        await self.send(data)

    async def heard(self, size: int) -> bytes:
        data = b""
        async with asyncio.timeout(60):
            while len(data) < size:
                piece = await asyncio.get_running_loop().sock_recv(self.peer, 65536)
                assert piece, f"the link hung up after {data!r}"
                data += piece
        return data

    def unplug(self) -> None:
        self._hang_up()
        self._listener.close()

    def replug(self) -> None:
        self._listener = socket.create_server(self._address)
        self._listener.setblocking(False)

    def close(self) -> None:
        self.unplug()

    def _hang_up(self) -> None:
        if self._peer is not None:
            if self._reset:
                self._peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._peer.close()
            self._peer = None


class KeyRig:
    """A keyboard that carries bytes: three in an event of a kind that is no key."""

    held = 0
    hears = False

    def __init__(self, file: Path) -> None:
        self._desk = Desk(file)
        self.link: ByteLink = _Bytes(hid_link(str(file), ask=self._desk.ask))

    async def plugged(self) -> None:
        pass

    async def send(self, data: bytes) -> None:
        for at in range(0, len(data), 300):
            pieces = [data[at + n : at + n + 3] for n in range(0, min(300, len(data) - at), 3)]
            now = time.monotonic_ns()
            await self._desk.send(b"".join(_carrying(now, piece) for piece in pieces))

    async def send_read(self, data: bytes) -> None:
        await self.send(data)
        await self._desk.read()

    async def heard(self, size: int) -> bytes:
        raise NotImplementedError

    def unplug(self) -> None:
        self._desk.unplug()

    def replug(self) -> None:
        self._desk.plug()

    def close(self) -> None:
        self.unplug()


_EVENT = struct.Struct("llHHi")
_CARRIES = 4


def _carrying(at_ns: int, piece: bytes) -> bytes:
    return _EVENT.pack(at_ns // 10**9, at_ns % 10**9 // 1000, _CARRIES, len(piece), int.from_bytes(piece, "big"))


@dataclass
class _Bytes:
    """The bytes in a link's events; what it tells of keys is left out."""

    inside: ByteLink

    @property
    def port(self) -> str | None:
        return self.inside.port

    async def open(self) -> None:
        await self.inside.open()

    async def receive(self, timeout_s: float | None = None) -> Chunk | None:
        chunk = await self.inside.receive(timeout_s)
        if chunk is None:
            return None
        events = [event[2:] for event in _EVENT.iter_unpack(chunk.data)]
        data = b"".join(value.to_bytes(size, "big") for kind, size, value in events if kind == _CARRIES)
        return replace(chunk, data=data)

    async def write(self, data: bytes) -> None:
        await self.inside.write(data)

    async def close(self) -> None:
        await self.inside.close()

    def abort(self) -> None:
        self.inside.abort()


TWO_WAY = ("serial", "tcp-fin", "tcp-rst")
"""Links whose other end hears what is written; what is written to a keyboard goes nowhere."""


@asynccontextmanager
async def _rigged(kind: str, make_pty_peer: "Callable[[str], PtyPeer]", tmp_path: Path) -> AsyncIterator[Rig]:
    made: Rig
    match kind:
        case "serial":
            made = SerialRig(make_pty_peer("ttyContract"))
        case "tcp-fin":
            made = TcpRig(reset=False)
        case "keys":
            made = KeyRig(tmp_path / "event7")
        case _:
            made = TcpRig(reset=True)
    yield made
    made.close()
    await made.link.close()


@pytest.fixture(params=[*TWO_WAY, "keys"])
async def rig(
    request: pytest.FixtureRequest, make_pty_peer: "Callable[[str], PtyPeer]", tmp_path: Path
) -> AsyncIterator[Rig]:
    async with _rigged(request.param, make_pty_peer, tmp_path) as made:
        yield made


@pytest.fixture
async def live(rig: Rig) -> Rig:
    await rig.link.open()
    await rig.plugged()
    return rig


@pytest.fixture(params=TWO_WAY)
async def two_way(
    request: pytest.FixtureRequest, make_pty_peer: "Callable[[str], PtyPeer]", tmp_path: Path
) -> AsyncIterator[Rig]:
    async with _rigged(request.param, make_pty_peer, tmp_path) as made:
        await made.link.open()
        await made.plugged()
        yield made
