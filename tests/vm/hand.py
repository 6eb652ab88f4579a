"""The tests' hand inside the virtual machine: commands, conditions, files. Its other end is guest/agent.py."""

import base64
import itertools
import json
import queue
import shlex
import socket
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.vm.qmp import connected


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a command inside."""

    code: int
    out: str
    err: str


PATIENCE_S = 300.0
"""A deadline is for what never comes: a machine that another computer emulates may stand still for minutes."""


class Hand:
    """One connection to the machine, from power on to power off; `boot` changes with each start of its system."""

    def __init__(self, path: Path) -> None:
        self._socket = connected(path, PATIENCE_S)
        self._socket.settimeout(None)
        self._numbers = itertools.count(1)
        self._answers: dict[int, queue.SimpleQueue[dict[str, Any]]] = {}
        self._boots: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._speaking = threading.Lock()
        self._listening = threading.Thread(target=self._listen, name="hand", daemon=True)
        self._listening.start()

    def booted(self, timeout_s: float) -> str:
        """Wait for the system's next start and give its boot id; raises AssertionError when it does not come."""
        try:
            return self._boots.get(timeout=timeout_s)
        except queue.Empty as error:
            raise AssertionError(f"The machine did not come up within {timeout_s:.0f} s.") from error

    def run(self, *words: str, stdin: str = "", timeout_s: float = PATIENCE_S) -> Done:
        """Run a command, or with one word a line of bash; raises AssertionError when there is no answer in time."""
        command: str | Sequence[str] = words[0] if len(words) == 1 else words
        answer = self._ask({"run": command, "stdin": stdin, "timeout_s": timeout_s}, timeout_s + 30)
        return Done(answer["code"], answer["out"], answer["err"])

    def out(self, *words: str, stdin: str = "", timeout_s: float = PATIENCE_S) -> str:
        """Run a command that must succeed and give its output."""
        done = self.run(*words, stdin=stdin, timeout_s=timeout_s)
        assert done.code == 0, f"{shlex.join(words)}: {done.code} {done.err} {done.out}"
        return done.out

    def until(self, line: str, timeout_s: float = PATIENCE_S) -> str:
        """Wait until a line of bash succeeds inside, asked over and over there; give its output."""
        answer = self._ask({"until": line, "timeout_s": timeout_s}, timeout_s * 2 + 30)
        assert answer["code"] == 0, f"In vain for {timeout_s:.0f} s: {line}: {answer['out']} {answer['err']}"
        return str(answer["out"])

    def tell(self, line: str) -> None:
        """Have a line of bash carried out that leaves nobody to answer."""
        self._say({"id": 0, "run": line, "stdin": "", "timeout_s": PATIENCE_S})

    def put(self, path: str, data: bytes | str, mode: int = 0o644) -> None:
        """Write a file inside."""
        whole = data.encode() if isinstance(data, str) else data
        answer = self._ask({"put": path, "data": base64.b64encode(whole).decode(), "mode": mode}, PATIENCE_S)
        assert answer["code"] == 0, answer["err"]

    def get(self, path: str) -> bytes:
        """Read a file inside."""
        answer = self._ask({"get": path}, PATIENCE_S)
        assert answer["code"] == 0, answer["err"]
        return base64.b64decode(answer["data"])

    def close(self) -> None:
        """Let go."""
        self._socket.shutdown(socket.SHUT_RDWR)
        self._listening.join()
        self._socket.close()

    def _ask(self, what: dict[str, object], timeout_s: float) -> dict[str, Any]:
        number = next(self._numbers)
        self._answers[number] = queue.SimpleQueue()
        try:
            self._say({"id": number, **what})
            return self._answers[number].get(timeout=timeout_s)
        except queue.Empty as error:
            raise AssertionError(f"The machine did not answer within {timeout_s:.0f} s: {str(what)[:200]}") from error
        finally:
            del self._answers[number]

    def _say(self, what: dict[str, object]) -> None:
        with self._speaking:
            self._socket.sendall(json.dumps(what).encode() + b"\n")

    def _listen(self) -> None:
        with suppress(ConnectionError), self._socket.makefile("rb") as lines:
            for line in lines:
                said = json.loads(line)
                if "hello" in said:
                    self._boots.put(said["hello"])
                elif waiting := self._answers.get(said["id"]):
                    waiting.put(said)
