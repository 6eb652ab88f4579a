"""Somebody at an interactive shell, on a terminal of their own."""

import os
import pty
import re
import select
import signal
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

PATIENCE_S = 60.0
TAB = "\t"


class Typist:
    """Types into a shell and reads its screen. Use it as a context."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], folder: Path) -> None:
        self._pid, self._terminal = pty.fork()
        if self._pid == 0:
            os.chdir(folder)
            os.execvpe(command[0], [*command], dict(environment))
        self.screen = ""

    def __enter__(self) -> "Typist":
        return self

    def __exit__(self, *_: object) -> None:
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        os.close(self._terminal)

    def types(self, keys: str) -> None:
        self.screen = ""
        os.write(self._terminal, keys.encode())

    def sees(self, expected: str) -> str:
        """Wait until the screen shows what is expected since the last keys; give all it shows."""
        deadline = time.monotonic() + PATIENCE_S
        while not re.search(expected, self.screen):
            assert time.monotonic() < deadline, f"waited in vain for {expected}: {self.screen!r}"
            if select.select([self._terminal], [], [], 0.2)[0]:
                self.screen += os.read(self._terminal, 65536).decode(errors="replace")
        return self.screen
