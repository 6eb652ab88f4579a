"""The sticks of a PC, watched beside the loop; their news reach screens and scanners."""

import asyncio
import logging
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from daemon.line.stickboard import SILENT, Lost
from daemon.line.stickdesk import StickDesk
from drivers.instrument import Answer, Emit
from drivers.readings import DeviceState, DeviceStatus, Reading
from drivers.stick import StickDevice, StickMonitor
from drivers.sysfs import Roots
from stations.office.visits import WrittenFile
from storage.records import StickOutcome

STATUS = DeviceStatus(device="scan-1", state=DeviceState.ONLINE, wall=datetime.now(UTC), monotonic_ns=0)
STICK, EXPORT = UUID(int=1), UUID(int=2)


def device(name: str, product: str | None = "Ultra") -> StickDevice:
    return StickDevice(
        name=name, file=Path("/dev") / name, usb_serial="4C53", vendor_id="0781", product_id="5581",
        manufacturer="SanDisk", product=product, size_bytes=10**9, read_only=False, volumes=(), interfaces=(),
    )  # fmt: skip


@dataclass
class Scanner:
    """Sounds only after it was asked some times."""

    busy: int = 0
    heard: list[bool] = field(default_factory=list)
    name: str = "scan-1"
    status: DeviceStatus = STATUS

    async def run(self, emit: Emit) -> None: ...

    async def answer(self, reading: Reading, answer: Answer) -> None: ...

    async def arm(self, serial: str | None) -> bool:
        return serial is None

    async def sound(self, *, good: bool) -> bool:
        if self.busy:
            self.busy -= 1
            return False
        self.heard.append(good)
        return True


@dataclass
class Bench:
    """A desk on a machine whose sticks the test plugs."""

    desk: StickDesk
    monitor: StickMonitor
    plugged: list[StickDevice]
    scanners: list[Scanner]
    kept: list[Lost] = field(default_factory=list)
    changes: int = 0
    later: timedelta = timedelta()
    set_by: timedelta = timedelta()

    def said(self) -> list[str]:
        return [f"{one.name}: {one.text}" for one in self.desk.standing()]

    def plug(self, *sticks: StickDevice) -> None:
        self.plugged[:] = sticks
        self.monitor.changed.ring()

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(60):
            while not true():  # noqa: ASYNC110
                await asyncio.sleep(0.005)


@asynccontextmanager
async def bench(tmp_path: Path, look: Callable[[], list[StickDevice]] | None = None) -> AsyncIterator[Bench]:
    plugged: list[StickDevice] = []

    monitor = StickMonitor(Roots(sys=tmp_path, dev=tmp_path, run_udev=tmp_path), monitor=lambda _: None)
    scanners = [Scanner()]

    def changed() -> None:
        made.changes += 1

    desk = StickDesk(
        lambda: datetime.now(UTC) + made.set_by,
        changed,
        lambda: scanners,
        look=look or plugged.copy,
        monitor=monitor,
        clock=lambda: time.monotonic() + made.later.total_seconds(),
    )
    made = Bench(desk, monitor, plugged, scanners)

    async def keep(lost: Lost) -> None:
        made.kept.append(lost)

    task = asyncio.create_task(desk.run(keep))
    try:
        await made.until(lambda: look is not None or desk._board._present is not None)
        yield made
    finally:
        task.cancel()
        await asyncio.wait({task})
        assert task.cancelled(), task.exception()


async def test_a_stick_that_is_plugged_is_shown_and_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    async with bench(tmp_path) as made:
        made.plug(device("sdb"))
        await made.until(lambda: made.said() == ["Ultra: plugged in."])
        assert made.changes
        assert "SanDisk Ultra" in caplog.text


async def test_the_end_of_a_visit_is_sounded_between_scans(tmp_path: Path) -> None:
    async with bench(tmp_path) as made:
        made.scanners[0].busy = 1
        made.desk.named("sdb", "BLUE", STICK)
        made.desk.ended("sdb", "", good=True, text="Safe to remove.")
        assert made.said() == ["BLUE: Safe to remove."]
        await made.until(lambda: made.scanners[0].heard == [True])
        made.desk.ended("sdc", "", good=False, text="Nobody enrolled it.")
        await made.until(lambda: made.scanners[0].heard == [True, False])


async def test_a_visit_that_nobody_ends_is_kept_with_what_it_wrote(tmp_path: Path) -> None:
    async with bench(tmp_path) as made:
        made.desk.named("sdb", "BLUE", STICK)
        made.desk.working("sdb", "writing", 0.5)
        made.desk.began(STICK, EXPORT)
        file = WrittenFile("export.json", 3, "0" * 64)
        made.desk.wrote(EXPORT, file)
        made.later = SILENT
        await made.until(lambda: bool(made.kept))
        (lost,) = made.kept
        assert (lost.outcome, lost.files) == (StickOutcome.INTERNAL, (file,))
        assert lost.work is not None
        assert lost.work.export_uuid == EXPORT
        await made.until(lambda: made.scanners[0].heard == [False])


async def test_a_clock_that_is_set_ends_no_visit(tmp_path: Path) -> None:
    async with bench(tmp_path) as made:
        made.desk.named("sdb", "BLUE", STICK)
        made.desk.working("sdb", "writing", 0.5)
        for set_by in (timedelta(days=400), timedelta(days=-400)):
            made.set_by = set_by
            made.desk.ended("sdc", "RED", good=True, text="Safe to remove.")
            await made.until(lambda: bool(made.scanners[0].heard))
            made.scanners[0].heard.clear()
            since = made.desk.standing()[-1].since
            assert abs(since - datetime.now(UTC) - set_by) < timedelta(minutes=1)
            assert made.said()[-1] == "BLUE: writing 50 %"
        assert made.kept == []


async def test_a_stick_that_hangs_holds_up_nothing(tmp_path: Path) -> None:
    hung = threading.Event()

    def look() -> list[StickDevice]:
        hung.wait(20)
        return []

    async with bench(tmp_path, look) as made:
        made.desk.working("sdb", "writing", 0.5)
        made.desk.ended("sdb", "", good=True, text="Safe to remove.")
        await made.until(lambda: made.scanners[0].heard == [True])
        hung.set()


async def test_sticks_that_cannot_be_looked_at_are_looked_at_again(tmp_path: Path) -> None:
    failures = [ValueError("no number"), OSError("no sysfs")]

    def look() -> list[StickDevice]:
        if failures:
            raise failures.pop()
        return []

    async with bench(tmp_path, look) as made:
        while failures:
            left = len(failures)
            made.monitor.changed.ring()
            await made.until(lambda before=left: len(failures) < before)  # type: ignore[misc]
        made.desk.ended("sdb", "BLUE", good=True, text="Safe to remove.")
        await made.until(lambda: made.scanners[0].heard == [True])
