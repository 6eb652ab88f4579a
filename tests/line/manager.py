"""A service manager as a daemon sees it: hears what it says, and kills it when it falls silent, as systemd does."""

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

PATIENCE_S = 60.0


@dataclass
class Manager:
    """What was said, in order; `watchdog_s` is how long a silence may last after READY."""

    address: str
    watchdog_s: float = 0.0
    said: list[dict[str, str]] = field(default_factory=list)
    killed: list[int] = field(default_factory=list)
    pid: int | None = None
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _silence: asyncio.TimerHandle | None = None

    def environment(self) -> dict[str, str]:
        """What a service finds in its environment."""
        watched = {"WATCHDOG_USEC": str(int(self.watchdog_s * 1e6))} if self.watchdog_s else {}
        return {"NOTIFY_SOCKET": self.address, **watched}

    def all(self, name: str) -> list[str]:
        """Every value a name was given."""
        return [one[name] for one in self.said if name in one]

    async def heard(self, condition: Callable[[], bool]) -> None:
        """Wait until what was said fulfils a condition."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not condition():
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError as error:
            raise AssertionError(f"in vain: {self.said[-5:]}") from error

    def hear(self, datagram: bytes) -> None:
        """Take in one datagram."""
        said = dict(line.partition("=")[::2] for line in datagram.decode().split("\n"))
        self.said.append(said)
        self._news.set()
        if self.watchdog_s and ({"READY", "WATCHDOG"} & said.keys()):
            self._wind()

    def _wind(self) -> None:
        self.unwind()
        self._silence = asyncio.get_running_loop().call_later(self.watchdog_s, self._kill)

    def _kill(self) -> None:
        assert self.pid is not None
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGABRT)
        self.killed.append(self.pid)
        self._news.set()

    def unwind(self) -> None:
        """Watch no more."""
        if self._silence is not None:
            self._silence.cancel()


@asynccontextmanager
async def manager(folder: Path, watchdog_s: float = 0.0, *, abstract: bool = False) -> AsyncIterator[Manager]:
    """Listen as a service manager."""
    name = f"{folder}/notify"
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    listener.bind(f"\0{name}" if abstract else name)
    made = Manager(f"@{name}" if abstract else name, watchdog_s)
    loop = asyncio.get_running_loop()
    loop.add_reader(listener, lambda: made.hear(listener.recv(65536)))
    try:
        yield made
    finally:
        made.unwind()
        loop.remove_reader(listener)
        listener.close()
        with suppress(FileNotFoundError):
            os.unlink(name)  # noqa: PTH108 -- here nothing waits
