"""One server program with all that it starts: begun, frozen, killed and awaited as a whole."""

import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from simulators.servers import keeper


class ServerError(Exception):
    """A server could not be made, started or stopped; the text says why, with the end of its log."""


@dataclass(frozen=True, slots=True)
class Account:
    """The user a server runs as."""

    uid: int
    gid: int

    @classmethod
    def unprivileged(cls) -> Self | None:
        """Return `nobody` for root, whom PostgreSQL refuses to serve; None for everybody else: no change needed."""
        if os.getuid() != 0:
            return None
        entry = pwd.getpwnam("nobody")
        return cls(entry.pw_uid, entry.pw_gid)

    def own(self, folder: Path) -> None:
        """Take over a folder and everything in it."""
        for path in (folder, *folder.rglob("*")):
            os.chown(path, self.uid, self.gid, follow_symlinks=False)


class Child:
    """A running server. It ends with the process that started it, however that ends; no descriptor is held."""

    def __init__(
        self, command: Sequence[str], log: Path, account: Account | None, *, within: Sequence[str] = ()
    ) -> None:
        """Start the command, its output appended to `log`; `within` is a command that runs it elsewhere."""
        uid, gid = (account.uid, account.gid) if account else (-1, -1)
        arguments = [str(number) for number in (os.getpid(), uid, gid)]
        with log.open("ab") as output:
            self._keeper = subprocess.Popen(  # noqa: S603 (our own script, no shell)
                [*within, sys.executable, "-I", "-S", keeper.__file__, *arguments, *command],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=output,
                start_new_session=True,
                cwd=log.parent,
                env=environment(),
            )
        assert self._keeper.stdout is not None  # noqa: S101 (it was asked for)
        with self._keeper.stdout as said:
            self.pid = int(said.readline() or -1)

    @property
    def running(self) -> bool:
        """Tell whether the server itself still runs, frozen or not."""
        return self._keeper.poll() is None and keeper.parent(self.pid) == self._keeper.pid

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the server itself; nothing happens when it ended."""
        if self.running:
            _send(self.pid, number)

    def freeze(self) -> None:
        """Stop every process where it stands; connections stay open and nothing answers."""
        stopped: list[int] = []
        while fresh := [pid for pid in keeper.descendants(self._keeper.pid) if pid not in stopped]:
            for pid in fresh:
                _send(pid, signal.SIGSTOP)
            stopped += fresh

    def thaw(self) -> None:
        """Let every process go on."""
        for pid in keeper.descendants(self._keeper.pid):
            _send(pid, signal.SIGCONT)

    def kill(self) -> None:
        """Kill every process at once, as a power cut of the server would; none is left when this returns."""
        self.freeze()
        for pid in keeper.descendants(self._keeper.pid):
            _send(pid, signal.SIGKILL)
        self._keeper.wait()

    def wait(self, timeout_s: float) -> bool:
        """Wait until every process has ended; False when some have not by then."""
        try:
            self._keeper.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return False
        return True


def environment() -> dict[str, str]:
    """Return what a server's programs may see of our environment: none of the user's own settings for them."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"}


def _send(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)
