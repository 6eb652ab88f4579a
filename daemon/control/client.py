"""The other end of the control socket: calls for the command line, a stream for screens."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson

from daemon.control.protocol import ControlError

_LONGEST_ANSWER: Final = 64 * 1024 * 1024
_GONE = "The daemon ended in the middle of an answer."
_LOOK = "See what it says: journalctl -u 'sunline@*'."


class DaemonAbsent(ControlError):
    """Nobody answers on the control socket. `code` is `absent`, `forbidden` or `silent`."""


@dataclass(frozen=True, slots=True)
class ControlClient:
    """Asks the daemon of one line. Every call is a connection of its own."""

    path: Path
    timeout_s: float = 10.0

    def call(self, op: str, **args: object) -> Any:  # noqa: ANN401 -- JSON
        """Ask and give the result. Raises ControlError: DaemonAbsent, or what the daemon refused."""
        request = _request(op, args)
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
                connection.settimeout(self.timeout_s)
                connection.connect(str(self.path))
                connection.sendall(request)
                with connection.makefile("rb") as lines:
                    return _result(lines.readline(_LONGEST_ANSWER))
        except OSError as error:
            raise _absent(self.path, error) from error


async def call(path: Path, op: str, *, timeout_s: float = 10.0, **args: object) -> Any:  # noqa: ANN401 -- JSON
    """Ask and give the result, as `ControlClient.call`."""
    try:
        async with asyncio.timeout(timeout_s), _asked(path, op, args) as lines:
            return _result(await lines.readline())
    except OSError as error:
        raise _absent(path, error) from error


async def watch(path: Path, station: int, *, silence_s: float = 10.0) -> AsyncGenerator[dict[str, Any], None]:
    """Yield a station's view now and at every change. Raises ControlError; DaemonAbsent after `silence_s` of it."""
    try:
        async with _asked(path, "station.watch", {"station": station}) as lines:
            async with asyncio.timeout(silence_s):
                first = await lines.readline()
            yield _result(first)
            while True:
                async with asyncio.timeout(silence_s):
                    line = await lines.readline()
                yield _event(line)
    except OSError as error:
        raise _absent(path, error) from error


@asynccontextmanager
async def _asked(path: Path, op: str, args: dict[str, Any]) -> AsyncGenerator[asyncio.StreamReader, None]:
    reader, writer = await asyncio.open_unix_connection(path, limit=_LONGEST_ANSWER)
    try:
        writer.write(_request(op, args))
        await writer.drain()
        yield reader
    finally:
        writer.transport.abort()


def _request(op: str, args: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps({"id": 1, "op": op, "args": args}, option=orjson.OPT_APPEND_NEWLINE)
    except orjson.JSONEncodeError as error:
        raise ControlError("invalid", f"The arguments cannot be sent: {error}.", "Check what you typed.") from error


def _result(line: bytes) -> Any:  # noqa: ANN401 -- JSON
    body = _body(line)
    if body.get("ok"):
        return body.get("result")
    error = body.get("error") or {}
    raise ControlError(error.get("code", "internal"), error.get("message", _GONE), error.get("todo", ""))


def _event(line: bytes) -> dict[str, Any]:
    event: dict[str, Any] = _body(line)["event"]
    return event


def _body(line: bytes) -> dict[str, Any]:
    if not line.endswith(b"\n"):
        raise DaemonAbsent("absent", _GONE, _LOOK)
    try:
        body: dict[str, Any] = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise DaemonAbsent("absent", "What answers on the socket is not the daemon.", "Check the path.") from error
    return body


def _absent(path: Path, error: OSError) -> DaemonAbsent:
    match error:
        case FileNotFoundError() | ConnectionRefusedError():
            todo = "Start it: systemctl start sunline@N, or sunline run --config FILE."
            return DaemonAbsent("absent", f"The daemon of this line is not running (no answer on {path}).", todo)
        case PermissionError():
            todo = "Ask an administrator to put you into the group that owns the socket."
            return DaemonAbsent("forbidden", f"You may not use the control socket {path}.", todo)
        case TimeoutError():
            return DaemonAbsent("silent", "The daemon runs, but does not answer.", _LOOK)
        case _:
            return DaemonAbsent("absent", f"The control socket {path} does not work: {error}.", _LOOK)
