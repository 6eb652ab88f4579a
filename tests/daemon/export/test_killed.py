"""`sunline export` as people run it: a process of its own, killed at any moment, and run again."""

import asyncio
import json
import os
import random
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from daemon.cli import main
from tests.daemon.control.bench import Bench, bench, serving, until
from tests.daemon.export.plant import days

FULL, SMALL = 40, 2


@pytest.fixture
async def line(tmp_path: Path) -> AsyncIterator[Bench]:
    async with bench(tmp_path) as made:
        await made.write(*days(900))
        yield made


@pytest.fixture
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return {**os.environ, "PYTHONUNBUFFERED": "1"}


@pytest.mark.timeout(900)
@pytest.mark.parametrize("kills", [pytest.param(FULL, marks=pytest.mark.faults), SMALL])
async def test_killed_at_any_moment_and_run_again_it_is_whole(
    line: Bench, tmp_path: Path, surroundings: dict[str, str], kills: int, capsys: pytest.CaptureFixture[str]
) -> None:
    dice, kept = random.Random(kills), 0
    for number in range(kills):
        out = tmp_path / str(number)
        out.mkdir()
        command = ["export", "--socket", str(line.path), "--out", str(out)]
        await killed(command, surroundings, after_lines=dice.randint(0, 9), and_s=dice.uniform(0, 0.03))
        await until(lambda: serving() == 0)
        assert await asyncio.to_thread(main, [*command, "--json"]) == 0
        done = json.loads(capsys.readouterr().out)
        kept += done["resumed"]
        for folder in list(out.iterdir()):  # one may have been complete before it was killed
            assert main(["export", "verify", str(folder)]) == 0, capsys.readouterr().out
        capsys.readouterr()
        await until(lambda: serving() == 0)
    assert kept or kills < FULL


async def killed(command: list[str], environment: dict[str, str], *, after_lines: int, and_s: float) -> None:
    """Run a command, and kill it so long after it said so many lines; it may be faster."""
    root = Path(__file__).parents[3]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "daemon", *command, cwd=root, env=environment, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    for _ in range(after_lines):
        await process.stdout.readline()
    try:
        await asyncio.wait_for(process.wait(), and_s)
    except TimeoutError:
        os.kill(process.pid, signal.SIGKILL)
    await process.communicate()
