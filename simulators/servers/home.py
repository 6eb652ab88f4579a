"""Where a server lives: a folder that its user can reach and a port that nothing else takes while it is down."""

import random
import secrets
import shutil
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from simulators.servers.child import Account, Child, ServerError

_SOCKET_PATH_BYTES = 107
_EPHEMERAL = Path("/proc/sys/net/ipv4/ip_local_port_range")
_FIRST_PORT = 15_000
_LOOK_S = 0.01
_NEVER_RUN = shutil.ignore_patterns("include", "locale", "*.a")


@dataclass(frozen=True, slots=True)
class Home:
    """A server's folder, port and secret, and the user that owns them."""

    folder: Path
    port: int
    secret: str
    account: Account | None

    @classmethod
    def make(cls, folder: Path, secret: str = "") -> "Home":
        """Make an empty folder a server's home. Raise ServerError when it cannot be one."""
        folder = folder.absolute()
        account = Account.unprivileged()
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise ServerError(f"{folder} is not empty: give a new folder.")
        if len(str(folder / ".s.PGSQL.65535")) > _SOCKET_PATH_BYTES:
            raise ServerError(f"{folder} is too long a name for a socket: give a shorter one, such as /tmp/x.")
        if account:
            if not reachable(folder.parent):
                raise ServerError(f"The user nobody cannot reach {folder}: give a folder that all may enter.")
            account.own(folder)
        folder.chmod(0o700)
        return cls(folder, free_port(), secret or secrets.token_hex(8), account)

    @property
    def log(self) -> Path:
        """The file with all that the server said."""
        return self.folder / "log"

    def program(self, file: Path, installed: Sequence[Path]) -> Path:
        """Return a program that the server's user can run: the file, or its copy in a copy of the `installed` folders.

        Those lie side by side; the file is in one of them and needs all.
        """
        if self.account is None or reachable(file):
            return file
        copy = self.folder / "program"
        if not copy.exists():
            for folder in installed:
                shutil.copytree(folder, copy / folder.name, symlinks=True, ignore=_NEVER_RUN)
            self.account.own(copy)
        return copy / file.relative_to(installed[0].parent)

    def failure(self, what: str) -> ServerError:
        """Return the error with the end of the log."""
        said = self.log.read_text(errors="replace").splitlines()[-8:] if self.log.exists() else []
        return ServerError("\n".join([what, *said]))


def reachable(path: Path) -> bool:
    """Tell whether every user may reach and read a file, or enter a folder."""
    path = path.resolve()
    return all(part.stat().st_mode & 0o001 for part in (path, *path.parents))


def free_port() -> int:
    """Return a free TCP port below those that outgoing connections get.

    So neither a stranger nor a client that tries to reconnect (it can meet itself) takes it while the server is down.
    """
    below = int(_EPHEMERAL.read_text().split()[0])
    candidates = range(_FIRST_PORT, below) if below > _FIRST_PORT + 1000 else range(_FIRST_PORT, 65_536)
    while True:
        port = random.choice(candidates)  # noqa: S311 (no secret)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                continue
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port


def await_ready(child: Child, home: Home, ready: Callable[[], bool], timeout_s: float) -> None:
    """Wait until a started server is ready; it is killed and ServerError raised when it ends or takes too long."""
    until = time.monotonic() + timeout_s
    while not ready():
        if not child.running:
            child.kill()
            raise home.failure("The server ended while it started.")
        if time.monotonic() > until:
            child.kill()
            raise home.failure(f"The server was not ready after {timeout_s:.0f} s.")
        time.sleep(_LOOK_S)
