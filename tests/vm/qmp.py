"""Speak to QEMU over its control socket: one command at a time, events kept as they come."""

import json
import socket
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self


class Refused(Exception):
    """QEMU said no; the message is its own."""


class Qmp:
    """One connection. Every read raises TimeoutError after `patience_s`."""

    def __init__(self, path: Path, *, patience_s: float = 300) -> None:
        self._patience_s = patience_s
        self._socket = connected(path, patience_s)
        self._lines = self._socket.makefile("rb")
        self._events: list[dict[str, Any]] = []
        self._next()
        self.do("qmp_capabilities")

    def do(self, command: str, **arguments: object) -> Any:  # noqa: ANN401 -- whatever QEMU answers
        """Have a command carried out and give its answer; underscores in argument names stand for dashes."""
        given = {name.replace("_", "-"): value for name, value in arguments.items()}
        self._socket.sendall(json.dumps({"execute": command, "arguments": given}).encode() + b"\n")
        while True:
            answer = self._next()
            if "error" in answer:
                raise Refused(f"{command}: {answer['error']['desc']}")
            if "return" in answer:
                return answer["return"]

    def wait_for(self, event: str, **data: object) -> None:
        """Wait until an event with this data has come; raises TimeoutError when others alone come for too long."""
        end = time.monotonic() + self._patience_s
        while time.monotonic() < end:
            for come in self._events:
                if come["event"] == event and come.get("data", {}).items() >= data.items():
                    self._events.remove(come)
                    return
            self._next()
        raise TimeoutError(f"{event} did not come: {data}")

    def close(self) -> None:
        """Hang up."""
        self._lines.close()
        self._socket.close()

    def _next(self) -> dict[str, Any]:
        line = self._lines.readline()
        if not line:
            raise ConnectionError("QEMU has hung up")
        said: dict[str, Any] = json.loads(line)
        if "event" in said:
            self._events.append(said)
        return said

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def connected(path: Path, patience_s: float) -> socket.socket:
    """Connect to a socket that is about to appear."""
    end = time.monotonic() + patience_s
    while True:
        speaking = socket.socket(socket.AF_UNIX)
        try:
            speaking.connect(str(path))
        except OSError:
            speaking.close()
            if time.monotonic() > end:
                raise
            time.sleep(0.02)
        else:
            speaking.settimeout(patience_s)
            return speaking
