"""A result file through the runner, beside scans."""

import asyncio
from datetime import timedelta

from uuid_utils.compat import uuid7

from drivers.readings import Answer, FileRows, Flash, FlashSource, Scan
from stations.runner import LineRunner
from stations.workflow.turn import Place, TesterMode
from storage.records import Disposition
from storage.sqlite import Readers, Writer
from tests.stations.shift import SITE, Shift, serial, values

ROWS = 60


class FilesOnly:
    """A tester that leaves files."""

    mode = TesterMode.LATE

    def speaks_as(self, device: str) -> bool:
        return False

    def arm(self, serial: str | None) -> None:
        """Nothing to arm."""


def file_of(shift: Shift, count: int) -> FileRows:
    rows = tuple(
        Flash(
            device="tester", raw=b"", wall=shift.now, monotonic_ns=number, source=FlashSource.LATE, origin="a.csv",
            serial_text=serial(number), date_text="2025-06-02", time_text="10:00:00",
            values=values(nudge=number / 1000),
        )
        for number in range(1, count + 1)
    )  # fmt: skip
    return FileRows(
        device="tester", raw=b"", wall=shift.now, monotonic_ns=0, file="a.csv", digest="d", first_row=2, rows=rows,
        last=True,
    )  # fmt: skip


async def test_every_row_is_decided_once_while_scans_come_in_between(shift: Shift) -> None:
    shift.store.close()
    writer = await Writer.open(shift.path, site=SITE, line_number=1)
    readers = Readers(shift.path)
    runner = LineRunner(writer, readers, Place(SITE, 1), FilesOnly(), ids=uuid7, now=lambda: shift.now)
    await runner.start()
    importing = asyncio.create_task(runner.take(4, file_of(shift, ROWS)))
    scans = 0
    while not importing.done():
        wall = shift.now + timedelta(minutes=scans)
        text = serial(1) if scans % 2 == 0 else "SL-CLEAR"
        await runner.take(1, Scan(device="scanner", raw=b"", wall=wall, monotonic_ns=scans, text=text))
        scans += 1
    assert await importing is Answer.SEEN
    await asyncio.gather(readers.close(), writer.close())
    shift.restart()
    rows = [row for number in range(1, ROWS + 1) for row in shift.store.view.flashes_of_serial(serial(number))]
    rulings = [shift.store.view.rulings_of(row.uuid) for row in rows]
    assert scans > 1
    assert [len(found) for found in rulings] == [1] * ROWS
    assert {found[0].disposition for found in rulings} == {Disposition.TRAY, Disposition.ATTACHED}
    assert shift.store.view.imported("d")
