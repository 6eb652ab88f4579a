"""The control socket of a line: bound safely, shared by a bounded number of clients, gone when the daemon goes."""

import asyncio
import contextlib
import fcntl
import grp
import logging
import os
import socket
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from daemon.accepting import close_server
from daemon.config.folders import why_no_folder
from daemon.control.conversation import Conversation
from daemon.control.face import LineFace
from daemon.control.peers import peer_of
from daemon.control.protocol import LONGEST_LINE, Code, ControlError, error_line

log = logging.getLogger(__name__)

_MODE: Final = 0o660
_LONGEST_PATH: Final = 107  # sun_path of unix(7)
_GOODBYE_S: Final = 1.0
_WAITING_BYTES: Final = 64 * 1024


class SocketRefused(Exception):
    """The control socket cannot be made; `todo` says what to do."""

    def __init__(self, message: str, todo: str) -> None:
        super().__init__(message)
        self.todo = todo


@dataclass(slots=True)
class ControlServer:
    """Answers clients on a unix socket: `start`, then `stop`. `group` may use it besides the daemon's own user."""

    line: LineFace
    path: Path
    group: str | None = None
    most_clients: int = 32
    _server: asyncio.Server | None = field(default=None, init=False)
    _inode: int = field(default=0, init=False)
    _clients: set[asyncio.Task[None]] = field(default_factory=set, init=False)

    async def start(self) -> None:
        """Bind and listen; a socket file nobody listens on is taken over. Raises SocketRefused."""
        listener = _bound(self.path, self.group)
        try:
            self._inode = self.path.stat().st_ino
            self._server = await asyncio.start_unix_server(self._came, sock=listener, limit=LONGEST_LINE)
        except BaseException:
            listener.close()
            raise

    async def stop(self) -> None:
        """Take no more clients, end every stream and request, remove the socket file. Doing it again is harmless."""
        server, self._server = self._server, None
        if server is None:
            return
        await close_server(server)
        for client in self._clients:
            client.cancel()
        await asyncio.gather(*self._clients, return_exceptions=True)
        with contextlib.suppress(OSError):
            if self.path.stat().st_ino == self._inode:
                self.path.unlink()

    def _came(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._server is None:  # it came while the server stopped: nobody would end its conversation
            writer.transport.abort()
            return
        client = asyncio.create_task(self._talk(reader, writer), name="control client")
        self._clients.add(client)
        client.add_done_callback(self._clients.discard)
        client.add_done_callback(lambda _: writer.transport.abort())  # also of one that was cancelled before it began

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if len(self._clients) > self.most_clients:
                full = ControlError(Code.REFUSED, "Too many programs use the control socket.", "Close one, try again.")
                writer.write(error_line(None, full))
                return
            writer.transport.set_write_buffer_limits(high=_WAITING_BYTES)
            peer = await peer_of(writer.get_extra_info("socket"))
            await Conversation(self.line, peer, reader, writer).run()
        except OSError as error:
            log.debug("A client of the control socket was lost: %s", error)
        finally:
            await _hang_up(writer)


async def _hang_up(writer: asyncio.StreamWriter) -> None:
    """Close in good time: a client that does not read loses what it did not take."""
    writer.close()
    try:
        async with asyncio.timeout(_GOODBYE_S):
            await writer.wait_closed()
    except (OSError, TimeoutError):
        log.debug("A client of the control socket did not take everything.")
    finally:
        writer.transport.abort()


def _bound(path: Path, group: str | None) -> socket.socket:
    """Bind beside the path and move into place: the file is never there with the wrong rights."""
    draft = path.with_name(path.name + ".new")
    if len(os.fsencode(draft)) > _LONGEST_PATH:
        raise SocketRefused(f"The socket path {path} is too long.", f"Use one of at most {_LONGEST_PATH - 4} bytes.")
    missing = why_no_folder(path.parent)
    if missing is not None:
        raise SocketRefused(f"control.socket: {missing[0]}", missing[1])
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with _one_at_a_time(path.parent):
            _assert_free(path)
            draft.unlink(missing_ok=True)
            listener.bind(str(draft))
            _allow(draft, group)
            listener.listen(64)
            draft.replace(path)
    except OSError as error:
        listener.close()
        raise SocketRefused(
            f"The control socket {path} cannot be made: {error.strerror or error}.", "Check folder and rights."
        ) from error
    except BaseException:
        listener.close()
        raise
    listener.setblocking(False)
    return listener


@contextlib.contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    """Keep two daemons started at once from taking the path from each other."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _assert_free(path: Path) -> None:
    """Raise SocketRefused where another file or a living daemon is at the path."""
    try:
        kind = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(kind):
        raise SocketRefused(f"{path} is no socket; it was left alone.", "Move it away, or name another path.")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            log.info("Taking over the socket %s, which nobody listens on.", path)
            return
    raise SocketRefused(f"Another daemon listens on {path}.", "Stop it first, or name another path.")


def _allow(path: Path, group: str | None) -> None:
    if group is not None:
        try:
            os.chown(path, -1, grp.getgrnam(group).gr_gid)
        except KeyError as error:
            raise SocketRefused(f"There is no group {group}.", f"Create it: groupadd {group}.") from error
        except PermissionError as error:
            todo = f"Add its user to {group}, and SystemCallFilter=chown to its service: systemctl edit sunline@N."
            raise SocketRefused(f"The daemon may not give its socket to the group {group}.", todo) from error
    path.chmod(_MODE)
