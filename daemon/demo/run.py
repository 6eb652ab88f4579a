"""The demonstration as processes: a daemon and its stand-ins for every line, one view over all of them."""

import asyncio
import json
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from rich.console import Console
from rich.live import Live

from daemon.demo.central import Arrived, Servers, arrived, central_table, drained, servers
from daemon.demo.processes import STOP_S, process
from daemon.demo.progress import Progress
from daemon.demo.setting import DemoLine, prepare
from daemon.demo.show import picture
from daemon.demo.summary import Summary, summarise, summary_json, summary_table


@dataclass
class Demo:
    """One demonstration: its lines, what it has seen, how it is shown."""

    lines: tuple[DemoLine, ...]
    quiet: bool
    folder: Path
    central: bool = False
    arrived: Arrived | None = None
    progress: dict[int, Progress] = field(default_factory=dict)


def run_demo(
    *,
    line: int | None = None,
    panels: int = 60,
    speed: float = 75.0,
    seed: int = 1,
    as_json: bool = False,
    central: bool = False,
) -> int:
    """Run a demonstration to its end and print the summary; 0 when every panel came to an end and nothing was lost.

    `panels` are shared by the lines, one in five for line 2. `speed` is how many times faster than a real shift people
    work. With `central` a PostgreSQL and a Valkey run beside the lines. Interrupted or terminated, it stops everything
    it started.
    """
    with tempfile.TemporaryDirectory(prefix="sunline-demo-") as folder:
        lines = _lines(Path(folder), line, panels, speed, seed)
        demo = Demo(lines, as_json, Path(folder), central, progress={one.number: Progress(one) for one in lines})
        try:
            asyncio.run(_run(demo))
        except (KeyboardInterrupt, asyncio.CancelledError):
            sys.stderr.write("Stopped.\n")
            return 130
        return _tell(demo)


def _lines(folder: Path, number: int | None, panels: int, speed: float, seed: int) -> tuple[DemoLine, ...]:
    shares = {1: panels - panels // 5, 2: panels // 5} if number is None else {number: panels}
    return tuple(DemoLine(n, count, folder, speed, seed + n) for n, count in shares.items() if count)


async def _run(demo: Demo) -> None:
    running = asyncio.current_task()
    assert running is not None  # noqa: S101 -- a coroutine runs in a task
    for number in (signal.SIGTERM, signal.SIGHUP):  # a closed terminal leaves nothing behind either
        asyncio.get_running_loop().add_signal_handler(number, running.cancel)
    async with _servers(demo) as there:
        section = "" if there is None else there.section(demo.folder)
        for one in demo.lines:
            prepare(one, section)
        await _play_all(demo)
        if there is not None:
            demo.arrived = await arrived(there.postgres, demo.lines)


@asynccontextmanager
async def _servers(demo: Demo) -> AsyncIterator[Servers | None]:
    if not demo.central:
        yield None
        return
    with (demo.folder / "servers.log").open("wb") as log:
        async with servers(log.fileno()) as there:
            yield there


async def _play_all(demo: Demo) -> None:
    console = Console(stderr=True)
    async with asyncio.TaskGroup() as group:
        playing = [group.create_task(_play(one, demo)) for one in demo.lines]
        if demo.quiet or not console.is_terminal:
            await asyncio.wait(playing)
            return
        with Live(console=console, refresh_per_second=8, transient=True) as live:
            while not all(task.done() for task in playing):
                live.update(picture(tuple(demo.progress.values()), console.width))
                await asyncio.wait(playing, timeout=0.15)


async def _play(line: DemoLine, demo: Demo) -> None:
    """Start daemon and stand-ins of a line, follow them to the end, stop the daemon in order."""
    progress = demo.progress[line.number]
    log = (line.folder / f"line{line.number}.log").open("wb")
    try:
        async with process("daemon", "run", "--config", str(line.config), log=log.fileno()) as daemon:
            arguments = ("run", "--plan", str(line.plan))
            async with process("simulators", *arguments, log=log.fileno(), piped=True) as people:
                assert people.stdout is not None  # noqa: S101 -- asked for with piped=True
                async with _ending_with(daemon, people):
                    while said := await people.stdout.readline():
                        progress.take(json.loads(said))
                progress.ended(await people.wait())
            if demo.central and daemon.returncode is None:
                await drained(line)
            if daemon.returncode is None:
                daemon.send_signal(signal.SIGTERM)
            progress.stopped(await asyncio.wait_for(daemon.wait(), STOP_S))
        if progress.daemon_exit:
            sys.stderr.write(f"Line {line.number}: {_last_words(Path(log.name))}\n")
    finally:
        log.close()


def _last_words(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return lines[-1] if lines else "The daemon ended without a word."


@asynccontextmanager
async def _ending_with(daemon: asyncio.subprocess.Process, people: asyncio.subprocess.Process) -> AsyncIterator[None]:
    """Send people home when there is no daemon to work with: they would wait for answers for ever."""

    async def watch() -> None:
        await daemon.wait()
        with suppress(ProcessLookupError):  # they may have gone by themselves
            people.terminate()

    watching = asyncio.create_task(watch())
    try:
        yield
    finally:
        watching.cancel()
        await asyncio.wait([watching])


def _tell(demo: Demo) -> int:
    summaries: list[Summary] = [summarise(line, demo.progress[line.number]) for line in demo.lines]
    if demo.quiet:
        told = [summary_json(one) for one in summaries]
        whole = told if demo.arrived is None else {"lines": told, "central": asdict(demo.arrived)}
        sys.stdout.write(json.dumps(whole, indent=1) + "\n")
    else:
        console = Console()
        for one in summaries:
            console.print(summary_table(one))
        if demo.arrived is not None:
            console.print(central_table(demo.arrived))
    there = demo.arrived is None or demo.arrived.missing == 0
    return 0 if there and all(one.complete for one in summaries) else 1
