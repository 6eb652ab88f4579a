"""A line whose disk was lost, copied or salvaged fetches what it works with and goes on where it stood."""

import random
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import psycopg
import pytest

from stations.office.holds import RaiseHold, raise_hold
from stations.office.orders import ChooseOrder, choose_order
from storage.changes import SystemClock
from storage.postgres.handshake import handshake
from storage.postgres.lease import Holder
from storage.postgres.link import connect
from storage.postgres.migrate import migrate
from storage.records import PalletStatus
from storage.records.seeds import seed_records
from storage.sqlite import Readers, Writer
from storage.sync.visit import Books, Visit
from tests.stations.shift import BEGIN, SITE, Shift, serial, values

REWORKED, AT_THREE, HELD = serial(5), serial(6), serial(7)
_COUNTED = (
    "panels", "station_results", "criteria_results", "pallets", "pallet_panels", "raw_scans", "scan_outcomes",
    "raw_flashes", "flash_rulings", "order_alerts", "holds", "sign_ins", "overrides", "feed", "sync_conflicts",
)  # fmt: skip


@pytest.fixture
async def server(dsn: str) -> str:
    await migrate(dsn, site=SITE)
    return dsn


async def exchanged(path: Path, dsn: str, *, forgetful: bool = False) -> None:
    """Let a store, new or not, meet the server until both are done."""
    writer = await Writer.open(path, site=SITE, line_number=1)
    readers = Readers(path)
    try:
        if not await writer.read(lambda view: view.config()):
            await writer.keep(lambda ledger: ledger.seed(seed_records(SITE, BEGIN)))
        if forgetful:
            await writer.keep(lambda ledger: ledger._connection.execute("DELETE FROM central; DELETE FROM cursors"))
        async with await connect(dsn) as link:
            central = await handshake(link, site=SITE)
            mine = Holder(1, uuid5(NAMESPACE_URL, str(path)), path.name)
            visit = await Visit.begin(link, mine, Books(writer, readers, SystemClock()), central)
            await visit.exchange(_nothing)
    finally:
        await readers.close()
        await writer.close()


async def _nothing() -> None:
    return


def counted(dsn: str) -> dict[str, int]:
    with psycopg.connect(dsn, options="-c search_path=sunline") as sql:
        rows: Any = [(table, sql.execute(f"SELECT count(*) FROM {table}").fetchone()) for table in _COUNTED]
    return {table: row[0] for table, row in rows}


def worked(path: Path) -> Shift:
    """A line in the middle of its shift: pallets full and open, panels in rework, at a station, held; a tray."""
    shift = Shift(path)
    shift.rule("default_pallet_size", "3")
    shift.rule("mo_alert_threshold", "8")
    shift.order(quantity=12)
    shift.order("MO2", quantity=12)
    shift.badges()
    shift.get(choose_order, ChooseOrder(panel_type="60", mo_number="MO2"))
    for number in range(1, 5):
        shift.passed(serial(number), 1, 2, 3, 4, nudge=number / 1000)
    shift.passed(REWORKED, 1)
    shift.fail(2, REWORKED)
    shift.fail(2, REWORKED)
    shift.passed(AT_THREE, 1, 2)
    shift.passed(HELD, 1)
    shift.get(raise_hold, RaiseHold(subject=HELD, reason="look at it"))
    shift.late(shift.row(serial(999), values("60", nudge=0.5)))
    return shift


def check_goes_on(shift: Shift) -> None:
    """Go on with the shift on another disk, and see that it is the same shift."""
    before = {pallet.pallet_number for pallet in shift.store.view.pallets(limit=100)}
    assert len(shift.store.view.tray(10)) == 1
    shift.badges()
    assert len(shift.holds(HELD)) == 1
    assert shift.scan(2, HELD) not in ("opened", "opened_new")
    shift.passed(AT_THREE, 3, 4, nudge=0.06)
    shift.passed(REWORKED, 2, 3, 4, nudge=0.05)
    assert [row.attempt for row in shift.results(REWORKED) if row.station_number == 2] == [1, 2, 3]
    open_before, joined = shift.pallet_of(serial(4)), shift.pallet_of(AT_THREE)
    assert open_before is not None
    assert joined == open_before == shift.pallet_of(REWORKED)
    assert open_before.status is PalletStatus.COMPLETED
    shift.passed(serial(8), 1, 2, 3, 4, nudge=0.08)
    fresh = shift.pallet_of(serial(8))
    assert fresh is not None
    assert fresh.pallet_number > max(before)
    assert shift.panel(serial(8)).mo_number == "MO2"
    alerts = [alert for order in shift.store.view.orders() for alert in shift.store.view.alerts_of(order.uuid)]
    assert [alert.alert for alert in alerts] == ["low_remaining"]


async def test_a_line_with_a_new_empty_disk_goes_on_where_the_lost_one_stood(tmp_path: Path, server: str) -> None:
    lost = worked(tmp_path / "lost.db")
    lost.store.close()
    await exchanged(tmp_path / "lost.db", server)
    before = counted(server)
    await exchanged(tmp_path / "new.db", server)
    assert counted(server) == before, "a new store brought something"
    shift = Shift(tmp_path / "new.db", now=lost.now)
    check_goes_on(shift)
    shift.store.close()
    await exchanged(tmp_path / "new.db", server)
    after = counted(server)
    assert after["panels"] == before["panels"] + 1
    assert after["pallets"] == before["pallets"] + 1
    assert after["order_alerts"] == before["order_alerts"] == 1
    assert after["sync_conflicts"] == 0
    await exchanged(tmp_path / "new.db", server)
    assert counted(server) == after, "something went up twice"


@pytest.mark.parametrize("forgetful", [False, True])
async def test_a_store_copied_to_a_new_file_goes_on_and_sends_nothing_twice(
    tmp_path: Path, server: str, forgetful: bool
) -> None:
    shift = worked(tmp_path / "line.db")
    shift.store.close()
    await exchanged(tmp_path / "line.db", server)
    shift = Shift(tmp_path / "line.db", now=shift.now)
    shift.store.rebuild()
    shift.store.close()
    before = counted(server)
    await exchanged(tmp_path / "line.db", server, forgetful=forgetful)
    assert counted(server) == before
    shift = Shift(tmp_path / "line.db", now=shift.now)
    check_goes_on(shift)
    shift.store.close()
    await exchanged(tmp_path / "line.db", server)
    assert counted(server)["sync_conflicts"] == 0


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_a_damaged_store_gets_back_from_the_server_what_it_works_with(
    tmp_path: Path, server: str, seed: int
) -> None:
    path = tmp_path / "line.db"
    shift = worked(path)
    shift.store.close()
    await exchanged(path, server)
    before = counted(server)
    damage(path, random.Random(seed), pages=6)
    shift = Shift(path, now=shift.now)
    assert "store_salvaged" in [alarm.code for alarm in shift.store.view.alarms(10)]
    shift.store.close()
    await exchanged(path, server)
    after = counted(server)
    assert after | {"feed": 0} == before | {"feed": 0}, "a salvaged store made more of what there was"
    shift = Shift(path, now=shift.now)
    check_goes_on(shift)
    shift.store.close()
    await exchanged(path, server)
    assert counted(server)["sync_conflicts"] == 0


def damage(path: Path, rng: random.Random, pages: int) -> None:
    """Turn some pages into noise, but for the first."""
    with path.open("r+b") as file:
        header = file.read(100)
        size = int.from_bytes(header[16:18], "big")
        for _ in range(pages):
            file.seek(size * rng.randrange(60, path.stat().st_size // size))
            file.write(rng.randbytes(size))
