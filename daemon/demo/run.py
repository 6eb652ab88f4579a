"""The demonstration as processes: a daemon and its stand-ins for every line, one view over all of them."""

import asyncio
import json
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.live import Live

from daemon.demo.progress import Progress
from daemon.demo.setting import DemoLine, prepare
from daemon.demo.show import picture
from daemon.demo.summary import Summary, summarise, summary_json, summary_table

_STOP_S = 10.0


@dataclass
class Demo:
    """One demonstration: its lines, what it has seen, how it is shown."""

    lines: tuple[DemoLine, ...]
    quiet: bool
    progress: dict[int, Progress] = field(default_factory=dict)


def run_demo(
    *, line: int | None = None, panels: int = 60, speed: float = 75.0, seed: int = 1, as_json: bool = False
) -> int:
    """Run a demonstration to its end and print the summary; 0 when every panel came to an end and nothing was lost.

    `panels` are shared by the lines, one in five for line 2. `speed` is how many times faster than a real shift people
    work. Interrupted or terminated, it stops everything it started.
    """
    with tempfile.TemporaryDirectory(prefix="sunline-demo-") as folder:
        lines = _lines(Path(folder), line, panels, speed, seed)
        demo = Demo(lines, as_json, {one.number: Progress(one) for one in lines})
        for one in lines:
            prepare(one)
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
    console = Console(stderr=True)
    async with asyncio.TaskGroup() as group:
        playing = [group.create_task(_play(one, demo.progress[one.number])) for one in demo.lines]
        if demo.quiet or not console.is_terminal:
            await asyncio.wait(playing)
            return
        with Live(console=console, refresh_per_second=8, transient=True) as live:
            while not all(task.done() for task in playing):
                live.update(picture(tuple(demo.progress.values()), console.width))
                await asyncio.wait(playing, timeout=0.15)


async def _play(line: DemoLine, progress: Progress) -> None:
    """Start daemon and stand-ins of a line, follow them to the end, stop the daemon in order."""
    log = (line.folder / f"line{line.number}.log").open("wb")
    try:
        async with _process("daemon", "run", "--config", str(line.config), log=log.fileno()) as daemon:
            arguments = ("run", "--plan", str(line.plan))
            async with _process("simulators", *arguments, log=log.fileno(), piped=True) as people:
                assert people.stdout is not None  # noqa: S101 -- asked for with piped=True
                while said := await people.stdout.readline():
                    progress.take(json.loads(said))
                progress.ended(await people.wait())
            daemon.send_signal(signal.SIGTERM)
            progress.stopped(await asyncio.wait_for(daemon.wait(), _STOP_S))
    finally:
        log.close()


@asynccontextmanager
async def _process(
    module: str, *arguments: str, log: int, piped: bool = False
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run one of our modules as a process of its own; whatever happens, it is gone afterwards.

    It hangs on its standard input, so that it ends even where this process is killed and cannot say so.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "daemon.leash", module, *arguments,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE if piped else log, stderr=log,
        limit=1 << 20,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), _STOP_S)
            except TimeoutError:
                process.kill()
                await process.wait()


def _tell(demo: Demo) -> int:
    summaries: list[Summary] = [summarise(line, demo.progress[line.number]) for line in demo.lines]
    if demo.quiet:
        sys.stdout.write(json.dumps([summary_json(one) for one in summaries], indent=1) + "\n")
    else:
        console = Console()
        for one in summaries:
            console.print(summary_table(one))
    return 0 if all(one.complete for one in summaries) else 1
