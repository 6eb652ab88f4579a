"""Sticks come and go: one process for each, and none is left behind."""

import asyncio
import sys
from pathlib import Path

import pytest

from daemon.stick import watch
from daemon.stick.endings import EXIT_STATUS, SERVED_ALREADY
from daemon.stick.lock import ServedAlready, alone
from daemon.stick.watch import Plugged, StickWatch, folder_as_stick
from storage.records import StickOutcome

SERVE = """
import pathlib, signal, sys, time
folder, diary = sys.argv[-3], pathlib.Path(sys.argv[-1])
try:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with diary.open("a") as out: out.write(folder + " came\\n")
    time.sleep(60 if "slow" in folder else 0)
finally:
    with diary.open("a") as out: out.write(folder + " over\\n")
"""


@pytest.fixture
def diary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the processes write down that stand for `sunline-usb serve`."""
    (tmp_path / "python").write_text(f"#!/bin/sh\nexec {sys.executable} -c '{SERVE}' \"$@\"\n")
    (tmp_path / "python").chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setattr(watch, "_LOOK_S", 0.02)
    path = tmp_path / "diary"
    path.touch()
    return path


def said_in(diary: Path) -> list[str]:
    return diary.read_text().splitlines()


async def until(diary: Path, said: list[str]) -> None:
    async with asyncio.timeout(60):
        while sorted(said_in(diary)) != sorted(said):  # noqa: ASYNC110 -- a file has no event
            await asyncio.sleep(0.02)


async def test_every_stick_is_served_once_each_time_it_is_plugged_in(tmp_path: Path, diary: Path) -> None:
    stick = tmp_path / "stick"
    look, seen = folder_as_stick(stick), asyncio.Queue[bool]()
    loop = asyncio.get_running_loop()

    def plugged() -> Plugged:
        found = look()
        loop.call_soon_threadsafe(seen.put_nowait, bool(found))
        return found

    watching = asyncio.create_task(StickWatch(["--socket", str(diary)], plugged).run(), name="watch")
    once = [f"{stick} came", f"{stick} over"]
    try:
        stick.mkdir()
        await until(diary, once)
        stick.rmdir()
        async with asyncio.timeout(60):
            while await seen.get():
                pass
        stick.mkdir()
        await until(diary, once * 2)
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


async def test_who_is_served_when_the_watch_ends_is_left_in_order(tmp_path: Path, diary: Path) -> None:
    stick = tmp_path / "slow"
    stick.mkdir()
    watching = asyncio.create_task(StickWatch(["--socket", str(diary)], folder_as_stick(stick)).run(), name="watch")
    await until(diary, [f"{stick} came"])
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    assert said_in(diary)[-1] == f"{stick} over"


def test_a_stick_is_served_by_one_process_alone(tmp_path: Path) -> None:
    with alone(tmp_path / "run", "sda-7"):
        with pytest.raises(ServedAlready, match="sda-7"), alone(tmp_path / "run", "sda-7"):
            pass
        with alone(tmp_path / "run", "sda-8"):
            pass
    with alone(tmp_path / "run", "sda-7"):
        pass
    assert list((tmp_path / "run").iterdir()) == []


async def serve(*arguments: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "daemon.stick", "serve", *arguments, cwd=Path(__file__).parents[3],
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    _, said = await process.communicate()
    return process.returncode or 0, said.decode()


async def test_the_outcome_is_the_exit_code_and_stands_on_standard_error(tmp_path: Path) -> None:
    status, said = await serve("sdzz", "--run", str(tmp_path), "--etc", str(tmp_path))
    assert status == EXIT_STATUS[StickOutcome.PULLED_EARLY]
    assert "\nsdzz: pulled_early: The stick was pulled" in said


async def test_who_comes_second_leaves_the_outcome_to_the_first(tmp_path: Path) -> None:
    from daemon.stick.command import _runtime
    from daemon.stick.ports import FolderPort

    port = FolderPort(tmp_path)
    with alone(_runtime(), f"{port.disk}-{port.mark}"):
        status, said = await serve("--folder", str(tmp_path), "--run", str(tmp_path), "--etc", str(tmp_path))
    assert status == SERVED_ALREADY
    assert "Another process serves" in said


async def test_a_stick_that_is_pulled_while_its_program_starts_is_told_of_too(tmp_path: Path) -> None:
    program = (
        "import os, signal, sys\n"
        "class Pulled:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'daemon.stick.command': os.kill(os.getpid(), signal.SIGTERM)\n"
        "sys.meta_path.insert(0, Pulled())\n"
        "from daemon.stick.__main__ import main\n"
        f"sys.argv = ['sunline-usb', 'serve', 'sdzz', '--run', '{tmp_path}', '--etc', '{tmp_path}']\n"
        "sys.exit(main())\n"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, cwd=Path(__file__).parents[3], stderr=asyncio.subprocess.PIPE
    )
    _, said = await process.communicate()
    assert process.returncode == EXIT_STATUS[StickOutcome.PULLED_EARLY]
    assert b"sdzz: pulled_early: " in said
