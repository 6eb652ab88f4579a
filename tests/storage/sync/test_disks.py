"""Disks run full, the server's and the line's own: nothing is lost or doubled, and it goes on when there is room."""

import asyncio

import pytest

from storage.postgres.migrate import migrate
from storage.sync import carrier as carrier_module
from storage.sync import visit
from tests.servers.disk import SmallDisk, SmallPostgres
from tests.storage.sync.plant import carrying, compare, drained, line, until
from tests.storage.sync.shift import SITE

SMALL = pytest.param(20, id="small")
FULL = pytest.param(200, id="full", marks=pytest.mark.faults)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carrier_module, "_FIRST_PAUSE_S", 0.05)
    monkeypatch.setattr(carrier_module, "_LONGEST_PAUSE_S", 0.2)


@pytest.mark.parametrize(
    ("small_postgres", "panels"),
    [
        pytest.param("all", 20, id="small"),
        pytest.param("all", 200, id="full", marks=pytest.mark.faults),
        pytest.param("wal", 400, id="its log, full", marks=pytest.mark.faults),
    ],
    indirect=["small_postgres"],
)
async def test_a_server_whose_disk_is_full_gets_everything_when_there_is_room(
    tmp_path_factory: pytest.TempPathFactory, small_postgres: SmallPostgres, panels: int
) -> None:
    dsn = small_postgres.server.dsn()
    await migrate(dsn, site=SITE)
    async with line(tmp_path_factory.mktemp("line"), panels=panels) as it:
        small_postgres.fill_disk(left_bytes=100_000)
        async with carrying(it, dsn) as carrier:
            await until(carrier, "central server")
            assert await it.waiting()
            assert await it.parked() == ()
            small_postgres.free_disk()
            await asyncio.to_thread(small_postgres.server.kill)
            await asyncio.to_thread(small_postgres.server.start)
            await drained(carrier)
        await compare(dsn, it)


@pytest.mark.parametrize("panels", [SMALL, FULL])
async def test_a_line_whose_disk_is_full_when_the_server_acknowledges_sends_the_batch_again(
    small_disk: SmallDisk, central: str, panels: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visit, "BATCH", 100)
    async with line(small_disk.folder, panels=panels):
        pass  # closed, its log is empty: the next commit needs room
    async with line(small_disk.folder) as it:
        small_disk.fill()
        async with carrying(it, central) as carrier:
            await until(carrier, "disk is full")
            assert await it.waiting()
            small_disk.free()
            await drained(carrier)
        await compare(central, it)
