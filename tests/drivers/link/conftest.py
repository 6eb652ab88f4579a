"""One rig per way a link can be carried and broken; the contract suite runs on each."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import pytest

from drivers.link import serial_link, tcp_link
from drivers.link.transport import TransportLink

if TYPE_CHECKING:
    from tests.drivers.conftest import PtyPeer


class Rig(Protocol):
    """A link under test and the device at its other end."""

    link: TransportLink
    held: int
    """Descriptors the rig itself holds for a plugged device beyond those of an unused rig."""

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
        async with asyncio.timeout(10):
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


@pytest.fixture(params=["serial", "tcp-fin", "tcp-rst"])
async def rig(request: pytest.FixtureRequest, make_pty_peer: "Callable[[str], PtyPeer]") -> AsyncIterator[Rig]:
    made: Rig
    match request.param:
        case "serial":
            made = SerialRig(make_pty_peer("ttyContract"))
        case "tcp-fin":
            made = TcpRig(reset=False)
        case _:
            made = TcpRig(reset=True)
    yield made
    made.close()
    await made.link.close()


@pytest.fixture
async def live(rig: Rig) -> Rig:
    await rig.link.open()
    await rig.plugged()
    return rig
