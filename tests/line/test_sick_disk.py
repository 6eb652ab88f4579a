"""A disk that is full, gone, or does not flush: nothing is called saved that is not, and health returns by itself."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import apsw
import pytest

import daemon.line.vault
from stations.workflow.state import Colour
from storage.sqlite import Disk, DiskHealth, Room, Writer
from tests.line.cable import Told, result_line
from tests.line.house import House, at_work
from tests.line.premises import Premises, premises, serial
from tests.storage.power import SickDisk


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[SickDisk]:
    """The line's store is written through a disk that fails on demand."""
    sick = SickDisk()
    monkeypatch.setattr(Writer, "open", partial(Writer.open, vfs=sick.vfs))
    monkeypatch.setattr(daemon.line.vault, "_RETRY_S", 0.02)
    monkeypatch.setattr(daemon.line.vault, "_LOOK_S", 0.02)
    yield sick
    sick.unregister()


async def says_not_saved(house: House, station: int, words: str) -> None:
    """The screen is red, with the reason and the cure."""
    banner = house.banner(station)
    assert (banner.colour, banner.headline) == (Colour.RED, "NOT SAVED"), banner
    assert words in banner.detail
    assert banner.todo.endswith(".")


TROUBLES = {
    "full": ("write_error", apsw.FullError, "full"),
    "write-protected": ("write_error", apsw.ReadOnlyError, "cannot be written"),
    "failing writes": ("write_error", apsw.IOError, "refused a write"),
    "failing flushes": ("sync_error", apsw.IOError, "refused a write"),
}


@pytest.mark.parametrize("name", TROUBLES)
async def test_while_the_disk_fails_nothing_is_acknowledged_and_nothing_lost(
    tmp_path: Path, disk: SickDisk, name: str
) -> None:
    kind, error, words = TROUBLES[name]
    with premises(tmp_path) as at:
        async with at_work(at) as house:
            await house.ready()
            await house.sign_in()
            await house.passed(1, 1, 2, 3)
            assert await house.scan(4, serial(1)) == [Told.GOOD]
            before = await house.read(lambda view: view.last_seq())
            setattr(disk, kind, error)
            assert await house.scan(1, serial(2)) == [Told.BAD]
            await says_not_saved(house, 1, words)
            await says_not_saved(house, 3, words)
            flash = asyncio.create_task(house.rig.flash(result_line(1)))
            assert await house.scan(2, serial(9), serial(8), serial(7)) == [Told.BAD] * 3
            assert not flash.done(), "a flash was acknowledged that is nowhere"
            setattr(disk, kind, None)
            assert await flash
            await house.until(lambda: house.trouble is None)
            assert house.banner(1).headline != "NOT SAVED"
            assert await house.scan(4, "SL-PASS") == [Told.GOOD], house.banner(4)
            await house.passed(2, 1, 2, 3, 4)
            await nothing_half(house, before)


async def nothing_half(house: House, before: int) -> None:
    """Two panels are through; of the refused scans nothing is there."""
    panels = await house.read(lambda view: view.panels())
    assert {panel.serial_number for panel in panels} == {serial(1), serial(2)}
    for panel in panels:
        rows = await house.read(lambda view, panel=panel: view.results_of(panel.uuid))  # type: ignore[misc]
        assert [row.station_number for row in rows] == [1, 2, 3, 4]
    changes = await house.read(lambda view: view.changes_after(0, 10_000))
    assert [change.seq for change in changes] == list(range(1, len(changes) + 1))
    assert len(changes) > before
    assert not await house.read(lambda view: view.intake_errors(1))


async def test_a_disk_that_fails_at_the_start_is_waited_for(tmp_path: Path, disk: SickDisk) -> None:
    with premises(tmp_path) as at:
        at.store.unlink()
        disk.write_error = apsw.FullError
        async with at_work(at) as house:
            await house.until(lambda: house.trouble is not None and "full" in house.trouble.message)
            assert await house.scan(1, serial(1)) == [Told.BAD]
            disk.write_error = None
            await house.ready()
            assert await house.scan(1, serial(1)) == [Told.BAD]
            assert house.banner(1).headline == "Scan your badge"


async def test_room_that_runs_out_stops_the_line_before_the_disk_does(
    tmp_path: Path, disk: SickDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = [Room.AMPLE]
    monkeypatch.setattr(Disk, "health", lambda _: DiskHealth(room[0], 0, ballast=False))
    with premises(tmp_path) as at:
        async with at_work(at) as house:
            await house.ready()
            await house.sign_in()
            room[0] = Room.NONE
            await house.until(lambda: house.trouble is not None)
            assert await house.scan(1, serial(1)) == [Told.BAD]
            await says_not_saved(house, 1, "full")
            room[0] = Room.LOW
            await house.until(lambda: house.trouble is None)
            await house.passed(1, 1)
            assert house.line.vault.health.state == "low"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real disk of four megabytes, where mounting is allowed."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)]
    if os.geteuid() or not shutil.which("mount") or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("no right to mount a small disk")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


async def test_a_disk_that_is_really_full_refuses_and_recovers_when_there_is_room(
    tmp_path: Path, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(daemon.line.vault, "_LOOK_S", 3600)  # the watch on the room is not what is tried here
    with premises(tmp_path) as at:
        moved = at_disk(at, small_disk)
        filler = small_disk / "filler"
        async with at_work(moved) as house:
            await house.ready()
            await house.sign_in()
            await house.passed(1, 1)
            filler.write_bytes(b"\0" * (small_free(small_disk) - 8192))
            number, told = 2, [Told.GOOD]
            while told[-1] is Told.GOOD:
                number += 1
                told = await house.scan(1, serial(number), "SL-PASS")
            await says_not_saved(house, 1, "full")
            filler.unlink()
            assert (await house.scan(1, serial(number + 1)))[0] in (Told.GOOD, Told.BAD)
            await house.until(lambda: house.trouble is None)
            panels = await house.read(lambda view: view.panels(limit=1000))
            assert {serial(n) for n in (1, *range(3, number))} <= {panel.serial_number for panel in panels}
            assert {panel.serial_number for panel in panels} <= {serial(n) for n in range(1, number + 2)}


def small_free(folder: Path) -> int:
    asked = os.statvfs(folder)
    return asked.f_bavail * asked.f_frsize


def at_disk(at: Premises, disk: Path) -> Premises:
    """Move the store to another disk."""
    shutil.copy2(at.store, disk / "line.db")
    at.config.write_text(at.config.read_text().replace(str(at.store), str(disk / "line.db")))
    return at
