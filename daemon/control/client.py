"""The other end of the control socket: one call a connection, for the command line."""

import socket
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson

from daemon.control.protocol import ControlError

LONGEST_ANSWER: Final = 64 * 1024 * 1024
"""Bytes."""

_READ_BYTES: Final = 256 * 1024

_GONE = "The daemon ended in the middle of an answer."
_FOREIGN = "What answers on the socket is not the daemon."
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
        request = request_line(op, args)
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
                connection.settimeout(self.timeout_s)
                connection.connect(str(self.path))
                connection.sendall(request)
                with connection.makefile("rb") as lines:
                    return result_of(lines.readline(LONGEST_ANSWER))
        except OSError as error:
            raise absent(self.path, error) from error

    def stream(self, op: str, **args: object) -> Generator[Any, None, None]:
        """Ask, and give one item after the other as they are taken; what is not taken waits in the daemon.

        Raises ControlError as `call` does, also in the middle. Left early, it hangs up.
        """
        request = request_line(op, args)
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
                connection.settimeout(self.timeout_s)
                connection.connect(str(self.path))
                connection.sendall(request)
                with connection.makefile("rb", _READ_BYTES) as lines:
                    while (body := body_of(line := lines.readline(LONGEST_ANSWER))) and not body.get("end"):
                        yield body["event"] if "event" in body else result_of(line)
        except OSError as error:
            raise absent(self.path, error) from error


def request_line(op: str, args: dict[str, Any]) -> bytes:
    """Write a request. Raises ControlError for what JSON cannot hold."""
    try:
        return orjson.dumps({"id": 1, "op": op, "args": args}, option=orjson.OPT_APPEND_NEWLINE)
    except orjson.JSONEncodeError as error:
        raise ControlError("invalid", f"The arguments cannot be sent: {error}.", "Check what you typed.") from error


def result_of(line: bytes) -> Any:  # noqa: ANN401 -- JSON
    """Read the result of an answer. Raises ControlError with what the daemon said."""
    body = body_of(line)
    if body.get("ok"):
        return body.get("result")
    error = body.get("error")
    error = error if isinstance(error, dict) else {}
    raise ControlError(error.get("code", "internal"), error.get("message", _GONE), error.get("todo", ""))


def body_of(line: bytes) -> dict[str, Any]:
    """Read one line of the daemon. Raises DaemonAbsent for half a line and for what is no JSON."""
    if not line.endswith(b"\n"):
        raise DaemonAbsent("absent", _GONE, _LOOK)
    try:
        body = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise DaemonAbsent("absent", _FOREIGN, "Check the path.") from error
    if not isinstance(body, dict):
        raise DaemonAbsent("absent", _FOREIGN, "Check the path.")
    return body


def absent(path: Path, error: OSError) -> DaemonAbsent:
    """Say in plain words why nobody answers."""
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
