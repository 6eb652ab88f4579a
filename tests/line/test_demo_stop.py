"""A demonstration that is told to end leaves nobody behind: its daemon would go on holding ports."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def children(pid: int) -> list[int]:
    """The processes it started."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def alive(pids: list[int]) -> list[int]:
    """Those of some processes that still run."""
    return [pid for pid in pids if Path(f"/proc/{pid}").exists()]


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
async def test_a_demonstration_told_to_end_stops_everything_it_started(how: signal.Signals) -> None:
    demo = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "daemon", "demo", "--line", "1", "--panels", "50", "--speed", "1", "--json",
        cwd=ROOT, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    started: list[int] = []
    try:
        async with asyncio.timeout(30):
            while len(started) < 2:
                await asyncio.sleep(0.02)
                started = children(demo.pid)
        demo.send_signal(how)
        async with asyncio.timeout(30):
            assert await demo.wait() == 130
        assert not alive(started)
    finally:
        for pid in alive(started):
            os.kill(pid, signal.SIGKILL)
        if demo.returncode is None:
            demo.kill()
            await demo.wait()
