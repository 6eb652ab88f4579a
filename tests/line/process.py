"""A line's daemon in a process of its own, its device statuses printed as they come."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60.0

_PROGRAM = """
import asyncio, json, logging, sys
from pathlib import Path
from daemon.line.board import Board
from daemon.line.line import Line
from daemon.line.run import run_line

logging.basicConfig(stream=sys.stderr, format="%(levelname)s %(message)s")
logging.getLogger("daemon").setLevel(logging.INFO)

def told(**what):
    print(json.dumps(what), flush=True)

put, remove, begin = Board.put, Board.remove, Line._begin

def put_told(self, kind, station, status):
    put(self, kind, station, status)
    told(device=status.device, state=status.state, reason=status.reason)

def remove_told(self, name):
    remove(self, name)
    told(device=name, state="removed")

async def begin_told(self, writer, readers):
    await begin(self, writer, readers)
    told(device="store", state="online")

Board.put, Board.remove, Line._begin = put_told, remove_told, begin_told
asyncio.run(run_line(Path(sys.argv[1])))
"""


@dataclass
class Daemon:
    """One running daemon: what it said of its devices, and what it logged."""

    process: asyncio.subprocess.Process
    states: dict[str, str] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    seen: list[tuple[str, str]] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something it said made a condition true."""
        try:
            async with asyncio.timeout(PATIENCE_S), self.news:
                await self.news.wait_for(condition)
        except TimeoutError as error:
            raise AssertionError(f"in vain: {self.states} {self.reasons} {self.log[-5:]}") from error

    async def online(self, *names: str) -> None:
        """Wait until devices are there."""
        await self.until(lambda: all(self.states.get(name) == "online" for name in names))

    async def logged(self, words: str) -> str:
        """Wait for a line of the log, and give it."""
        await self.until(lambda: any(words in line for line in self.log))
        return next(line for line in self.log if words in line)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal."""
        self.process.send_signal(number)

    def descriptors(self) -> dict[str, str]:
        """Every open descriptor with what it points to."""
        folder = Path(f"/proc/{self.process.pid}/fd")
        return {fd.name: str(fd.readlink()) for fd in folder.iterdir()}

    async def follow(self) -> None:
        """Take in what it says until it ends."""
        await asyncio.gather(self._follow_said(), self._follow_log())

    async def _follow_said(self) -> None:
        assert self.process.stdout
        async for line in self.process.stdout:
            what = json.loads(line)
            self.states[what["device"]] = what["state"]
            self.reasons[what["device"]] = what.get("reason", "")
            self.seen.append((what["device"], what["state"]))
            await self._tell()

    async def _follow_log(self) -> None:
        assert self.process.stderr
        async for line in self.process.stderr:
            self.log.append(line.decode().rstrip())
            await self._tell()

    async def _tell(self) -> None:
        async with self.news:
            self.news.notify_all()


@asynccontextmanager
async def daemon(
    config: Path, *, injected: str = "", environment: Mapping[str, str] | None = None
) -> AsyncIterator[Daemon]:
    """Run a daemon, `injected` code first in its process; whatever happens, it is gone afterwards."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("SUNLINE_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", f"{injected}\n{_PROGRAM}", str(config), cwd=ROOT,
        env={**inherited, **(environment or {})},
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    running = Daemon(process)
    following = asyncio.create_task(running.follow(), name="follow the daemon")
    try:
        yield running
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        await following
