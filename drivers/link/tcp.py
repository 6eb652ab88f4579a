"""Serial servers: the same link over TCP."""

import asyncio
import contextlib
import os
import socket
import struct
from dataclasses import dataclass
from functools import partial

from drivers.errors import DriverError, LinkLost, NeedsPerson, PortAbsent
from drivers.link.inbox import Inbox
from drivers.link.transport import TransportLink, Wire


@dataclass(frozen=True, slots=True)
class TcpSettings:
    """How soon a dead network is noticed. All of it is loss, not silence: a quiet device stays connected."""

    connect_timeout_s: float = 5.0
    keepalive_s: int = 5  # between two probes of a quiet connection; three unanswered ones break it
    unanswered_s: float = 10.0  # sent bytes without acknowledgement for so long break it


def tcp_link(
    host: str,
    tcp_port: int,
    settings: TcpSettings | None = None,
    *,
    drain_s: float = 1.0,
    stall_s: float = 5.0,
) -> TransportLink:
    """Return a closed link to the serial server at `host`:`tcp_port`, which passes bytes through unchanged."""
    connect = partial(_connect, host, tcp_port, settings or TcpSettings())
    return TransportLink(f"{host}:{tcp_port}", connect, drain_s=drain_s, stall_s=stall_s)


async def _connect(host: str, tcp_port: int, settings: TcpSettings, inbox: Inbox) -> Wire:
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(settings.connect_timeout_s):
            transport, _ = await loop.create_connection(lambda: inbox, host, tcp_port)
    except OSError as error:
        raise _translated(f"{host}:{tcp_port}", error) from error
    except (UnicodeError, OverflowError) as error:  # a host name or port number no network knows
        said = f"{host}:{tcp_port} is no address."
        raise NeedsPerson(said, todo="Correct the address of the serial server.") from error
    wire_socket = transport.get_extra_info("socket")
    _tune(wire_socket, settings)
    inbox.last_words = partial(_last_words, wire_socket)
    return Wire(transport, transport.write, transport.get_write_buffer_size, partial(_discard, wire_socket))


def _tune(wire_socket: socket.socket, settings: TcpSettings) -> None:
    options = (
        (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
        (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
        (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, settings.keepalive_s),
        (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, settings.keepalive_s),
        (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3),
        (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(settings.unanswered_s * 1000)),
    )
    for level, option, value in options:
        # A peer that is already gone is noticed by the next read, which tells it better.
        with contextlib.suppress(OSError):
            wire_socket.setsockopt(level, option, value)


def _last_words(wire_socket: socket.socket) -> bytes:
    pieces: list[bytes] = []
    with contextlib.suppress(OSError):
        while piece := os.read(wire_socket.fileno(), 65536):
            pieces.append(piece)
    return b"".join(pieces)


def _discard(wire_socket: socket.socket) -> None:
    with contextlib.suppress(OSError):
        # Lingering 0 s: closing forgets unsent bytes and tells the server so.
        wire_socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _translated(address: str, error: OSError) -> DriverError:
    if isinstance(error, TimeoutError):
        return PortAbsent(f"{address} does not answer.", todo="Check the network and the power of the serial server.")
    if isinstance(error, socket.gaierror):
        return PortAbsent(f"{address}: there is no such name.", todo="Check the name of the serial server.")
    if isinstance(error, ConnectionRefusedError):
        return PortAbsent(f"{address} refuses the connection.", todo="Check the port number at the serial server.")
    return LinkLost(f"{address} could not be reached: {error.strerror or error}.")
