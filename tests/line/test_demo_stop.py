"""A demonstration that is told to end leaves nobody behind: its daemon would go on holding ports."""

import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def children(pid: int) -> list[int]:
    """The processes it started."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def alive(pids: list[int]) -> list[int]:
    """Those of some processes that still run."""
    return [pid for pid in pids if _state(pid) not in "XZ"]


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return "X"


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A folder for what a killed demonstration leaves, with a name short enough for sockets in it."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
async def test_a_demonstration_that_ends_takes_everything_it_started_along(
    how: signal.Signals, short_folder: Path
) -> None:
    demo = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "daemon", "demo", "--line", "1", "--panels", "50", "--speed", "1", "--json",
        cwd=ROOT, env={**os.environ, "TMPDIR": str(short_folder)},
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    started: list[int] = []
    try:
        async with asyncio.timeout(60):
            while len(started) < 2:
                await asyncio.sleep(0.02)
                started = children(demo.pid)
        demo.send_signal(how)
        async with asyncio.timeout(60):
            assert await demo.wait() == (130 if how is not signal.SIGKILL else -how)
            left = started
            while how is signal.SIGKILL and left:  # nobody told them: they notice by themselves
                await asyncio.sleep(0.02)
                left = alive(started)
        assert not alive(started)
    finally:
        for pid in alive(started):
            os.kill(pid, signal.SIGKILL)
        if demo.returncode is None:
            demo.kill()
            await demo.wait()
