"""Who is at the other end of a unix socket: the kernel says the uid, the system its login name."""

import asyncio
import os
import pwd
import socket
import struct
from dataclasses import dataclass
from typing import Final

from daemon.control.protocol import Code, ControlError

SERVICES: Final = frozenset({"sunline", "sunline-usb"})
"""The system's own users, as which the programs of this project run."""

_CREDENTIALS = struct.Struct("3i")  # pid, uid, gid: struct ucred of unix(7)


@dataclass(frozen=True, slots=True)
class Peer:
    """A local process, by the login it runs as."""

    uid: int
    os_user: str

    @property
    def is_root(self) -> bool:
        """Tell whether it runs as root."""
        return self.uid == 0

    @property
    def is_service(self) -> bool:
        """Tell whether it is one of our own programs: it runs as root, as this daemon does, or as one of SERVICES."""
        return self.is_root or self.uid == os.geteuid() or self.os_user in SERVICES


async def peer_of(connection: socket.socket) -> Peer:
    """Ask the kernel who connected; the name is looked up beside the loop: directories may be slow."""
    raw = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    _, uid, _ = _CREDENTIALS.unpack(raw)
    return Peer(uid, await asyncio.to_thread(_login_of, uid))


def _login_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid-{uid}"


def assert_service(peer: Peer) -> None:
    """Raise ControlError (forbidden) for whoever is no program of our own."""
    if not peer.is_service:
        message = "Only the program that serves plugged sticks may do this."
        raise ControlError(Code.FORBIDDEN, message, "Plug the stick in: it is served by itself.")
