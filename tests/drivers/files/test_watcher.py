import asyncio
import os
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from drivers.files import FolderSettings, ResultFolder
from drivers.instrument import Answer, Instrument
from drivers.readings import DeviceState, DeviceStatus, FileRows, Flash, Garbled, Reading

from .helpers import identity
from .workbooks import LAYOUT_A, Formula, csv_text, flash_row, workbook

QUICK = FolderSettings(poll_s=0.01, settle_s=0.15, patience_s=0.4, answer_within_s=0.2)
PATIENT = FolderSettings(poll_s=0.01, settle_s=0.15, patience_s=600)


def export(*sequence: int) -> bytes:
    return workbook([LAYOUT_A, *(flash_row(k, Formula(f"CRS24WW144A{n:05}")) for k, n in enumerate(sequence, 1))])


def table(*sequence: int) -> bytes:
    return csv_text([LAYOUT_A, *(flash_row(n, Formula(f"CRS24WW144A{n:05}")) for n in sequence)]).encode()


class Daemon:
    """Takes readings over, and remembers which contents are complete, as the store does."""

    def __init__(self, folder: Path, settings: FolderSettings = QUICK) -> None:
        self.said: list[Reading | DeviceStatus] = []
        self.complete: set[str] = set()
        self.asked: list[str] = []
        self.watcher = ResultFolder("iv", folder, self.known, settings)
        self._heard = asyncio.Event()

    async def known(self, digest: str) -> bool:
        self.asked.append(digest)
        self._heard.set()
        return digest in self.complete

    async def emit(self, said: Reading | DeviceStatus) -> None:
        self.said.append(said)
        if isinstance(said, FileRows) and said.last:
            self.complete.add(said.digest)
        self._heard.set()

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(60):
            while not condition():
                self._heard.clear()
                await self._heard.wait()

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Daemon"]:
        task = asyncio.create_task(self.watcher.run(self.emit))
        try:
            yield self
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    @property
    def batches(self) -> list[FileRows]:
        return [said for said in self.said if isinstance(said, FileRows)]

    @property
    def serials(self) -> list[int]:
        rows = [row for batch in self.batches for row in batch.rows]
        return [int((row.serial_text or "")[-5:]) for row in rows if isinstance(row, Flash)]

    @property
    def garbled(self) -> list[Garbled]:
        return [said for said in self.said if isinstance(said, Garbled)]

    @property
    def states(self) -> list[tuple[DeviceState, str]]:
        return [(said.state, said.reason) for said in self.said if isinstance(said, DeviceStatus)]


async def test_every_file_is_emitted_in_order_and_once(tmp_path: Path) -> None:
    (tmp_path / "2025-03-05 08-00-00.xlsm").write_bytes(export(3, 4))
    (tmp_path / "2025-03-04 08-00-00.xlsx").write_bytes(export(1, 2))
    (tmp_path / "2025-03-06 08-00-00.csv").write_bytes(table(5, 6))
    (tmp_path / "~$2025-03-04 08-00-00.xlsx").write_bytes(b"lock")
    async with Daemon(tmp_path).running() as daemon:
        await daemon.until(lambda: len(daemon.serials) == 6)
        (tmp_path / "2025-03-07 08-00-00.csv").write_bytes(table(7))
        await daemon.until(lambda: len(daemon.serials) == 7)
    assert daemon.serials == [1, 2, 3, 4, 5, 6, 7]
    assert daemon.states == [(DeviceState.ONLINE, "")]


def contents(folder: Path) -> list[tuple[str, int, bytes]]:
    return sorted((path.name, path.stat().st_mtime_ns, path.read_bytes()) for path in folder.iterdir())


async def test_the_files_are_left_exactly_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(table(1))
    (tmp_path / "b.xlsx").write_bytes(export(2)[:100])
    before = contents(tmp_path)
    async with Daemon(tmp_path).running() as daemon:
        await daemon.until(lambda: daemon.serials and daemon.garbled)
    assert contents(tmp_path) == before


async def test_repeated_rows_of_later_exports_are_emitted_again_with_the_same_identity(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(export(1, 2))
    (tmp_path / "b.csv").write_bytes(table(1, 2, 3))
    async with Daemon(tmp_path).running() as daemon:
        await daemon.until(lambda: len(daemon.serials) == 5)
    first, second = ([identity(r) for r in batch.rows if isinstance(r, Flash)] for batch in daemon.batches)
    assert first == second[:2]


async def test_content_that_was_stored_before_is_skipped_under_any_name(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(export(1))
    async with Daemon(tmp_path).running() as daemon:
        await daemon.until(lambda: daemon.batches)
        (tmp_path / "copy.xlsx").write_bytes(export(1))
        os.utime(tmp_path / "a.xlsx", (1, 1))
        await daemon.until(lambda: len(daemon.asked) == 3)
    restarted = Daemon(tmp_path)
    restarted.complete = daemon.complete
    async with restarted.running():
        await restarted.until(lambda: len(restarted.asked) == 2)
    assert (daemon.serials, restarted.serials) == ([1], [])


async def test_a_growing_file_is_emitted_when_it_rests_without_its_half_row(tmp_path: Path) -> None:
    path = tmp_path / "live.csv"
    whole = table(1, 2, 3)
    cut = whole.rindex(b"CRS") + 8
    path.write_bytes(whole[:cut])
    async with Daemon(tmp_path, PATIENT).running() as daemon:
        await daemon.until(lambda: daemon.batches)
        assert (daemon.serials, daemon.batches[-1].last) == ([1, 2], False)
        path.write_bytes(whole)
        await daemon.until(lambda: len(daemon.batches) == 2)
    assert (daemon.serials, daemon.batches[-1].last) == ([1, 2, 1, 2, 3], True)


async def test_a_half_row_that_nobody_finishes_is_kept_as_garbled(tmp_path: Path) -> None:
    (tmp_path / "torn.csv").write_bytes(table(1) + b'2,="CRS24')
    async with Daemon(tmp_path).running() as daemon:
        await daemon.until(lambda: daemon.batches and daemon.batches[-1].last)
    last = daemon.batches[-1].rows[-1]
    assert isinstance(last, Garbled)
    assert last.raw == b'2,="CRS24'


async def test_an_unreadable_file_is_said_once_per_version_and_blocks_no_other(tmp_path: Path) -> None:
    bad = tmp_path / "bad.xlsx"
    bad.write_bytes(export(9)[:300])
    (tmp_path / "folder.csv").mkdir()
    async with Daemon(tmp_path).running() as daemon:
        await daemon.until(lambda: len(daemon.garbled) == 2)
        (tmp_path / "good.xlsx").write_bytes(export(1))
        await daemon.until(lambda: daemon.serials == [1])
        assert len(daemon.garbled) == 2
        assert daemon.watcher.status.state is DeviceState.ONLINE
        assert "bad.xlsx is damaged or was not copied completely." in daemon.watcher.status.reason
        assert "1 more file" in daemon.watcher.status.reason
        bad.write_bytes(export(9))
        await daemon.until(lambda: daemon.serials == [1, 9])
        (tmp_path / "folder.csv").rmdir()
        await daemon.until(lambda: daemon.watcher.status.reason == "")
    assert daemon.garbled[0].raw == export(9)[:300]
    assert daemon.garbled[0].reason.startswith("bad.xlsx is damaged or was not copied completely. Export it again")


async def test_a_file_still_being_copied_is_not_called_damaged(tmp_path: Path) -> None:
    (tmp_path / "slow.xlsx").write_bytes(export(1)[:500])
    async with Daemon(tmp_path, PATIENT).running() as daemon:
        (tmp_path / "other.xlsx").write_bytes(export(2))
        await daemon.until(lambda: daemon.serials == [2])
        (tmp_path / "slow.xlsx").write_bytes(export(1))
        await daemon.until(lambda: daemon.serials == [2, 1])
    assert daemon.garbled == []


async def test_a_file_without_rows_is_neither_absent_nor_unreadable(tmp_path: Path) -> None:
    (tmp_path / "empty.xlsx").write_bytes(export())
    async with Daemon(tmp_path).running() as daemon:
        await daemon.until(lambda: "empty.xlsx has no rows." in daemon.watcher.status.reason)
    assert [(batch.rows, batch.last) for batch in daemon.batches] == [((), True)]
    assert daemon.garbled == []


async def test_a_folder_that_vanishes_is_searched_for_and_read_on(tmp_path: Path) -> None:
    share, away = tmp_path / "share", tmp_path / "away"
    async with Daemon(share).running() as daemon:
        await daemon.until(lambda: daemon.states)
        share.mkdir()
        (share / "a.csv").write_bytes(table(1))
        await daemon.until(lambda: daemon.serials == [1])
        share.rename(away)
        await daemon.until(lambda: daemon.watcher.status.state is DeviceState.SEARCHING)
        (away / "b.csv").write_bytes(table(2))
        away.rename(share)
        await daemon.until(lambda: daemon.serials == [1, 2])
    gone = (DeviceState.SEARCHING, f"The folder {share} is not there.")
    assert daemon.states == [gone, (DeviceState.ONLINE, ""), gone, (DeviceState.ONLINE, "")]
    assert daemon.watcher.status.state is DeviceState.STOPPED


async def test_a_share_that_hangs_never_blocks_the_loop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.csv").write_bytes(table(1))
    answers = threading.Event()
    real = os.scandir

    def hang(path: Path) -> object:
        answers.wait()
        return real(path)

    monkeypatch.setattr("drivers.files.listing.os.scandir", hang)
    async with Daemon(tmp_path).running() as daemon:
        await daemon.until(lambda: daemon.watcher.status.state is DeviceState.SEARCHING and daemon.states)
        assert "does not answer" in daemon.watcher.status.reason
        answers.set()
        await daemon.until(lambda: daemon.serials == [1])


async def test_a_file_replaced_again_and_again_is_read_from_one_version(tmp_path: Path) -> None:
    path = tmp_path / "e.xlsx"
    async with Daemon(tmp_path).running() as daemon:
        for last in range(2, 30):
            fresh = tmp_path / "e.part"
            fresh.write_bytes(export(*range(1, last)))
            fresh.replace(path)
            await asyncio.sleep(0)
        await daemon.until(lambda: 28 in daemon.serials)
    assert daemon.garbled == []
    assert daemon.serials[-28:] == list(range(1, 29))


async def test_a_file_that_may_not_be_opened_now_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.csv").write_bytes(table(1))
    (tmp_path / "b.csv").write_bytes(table(2))
    locked, real = True, os.open

    def refuse(path: Path, flags: int) -> int:
        if locked and path.name == "a.csv":
            raise PermissionError(13, "Permission denied")
        return real(path, flags)

    monkeypatch.setattr("drivers.files.resultfile.os.open", refuse)
    async with Daemon(tmp_path).running() as daemon:
        await daemon.until(lambda: "a.csv cannot be opened: Permission denied." in daemon.watcher.status.reason)
        await daemon.until(lambda: daemon.serials == [2])
        locked = False
        await daemon.until(lambda: daemon.serials == [2, 1] and daemon.watcher.status.reason == "")


async def test_large_files_come_in_batches_of_at_most_500_rows(tmp_path: Path) -> None:
    (tmp_path / "e.csv").write_bytes(table(*range(1, 1202)))
    async with Daemon(tmp_path).running() as daemon:
        await daemon.until(lambda: daemon.batches and daemon.batches[-1].last)
    assert [len(batch.rows) for batch in daemon.batches] == [500, 500, 201]
    assert [batch.first_row for batch in daemon.batches] == [2, 502, 1002]


async def test_a_folder_is_an_instrument_that_needs_no_arming(tmp_path: Path) -> None:
    folder: Instrument = Daemon(tmp_path).watcher
    assert folder.name == "iv"
    assert await folder.arm("CRS24WW144A00001")
    assert folder.status.state is DeviceState.SEARCHING
    reading = Reading(device="iv", raw=b"", wall=folder.status.wall, monotonic_ns=0)
    await folder.answer(reading, Answer.GOOD)


async def test_an_error_of_the_taker_is_not_taken_for_the_folders(tmp_path: Path) -> None:
    async def full(said: Reading | DeviceStatus) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        await Daemon(tmp_path).watcher.run(full)


def test_a_settle_time_shorter_than_a_writers_pause_is_refused() -> None:
    with pytest.raises(ValueError, match="at least"):
        FolderSettings(settle_s=0.1)
