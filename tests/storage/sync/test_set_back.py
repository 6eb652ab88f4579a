"""A server that was restored, rebuilt or merely restarted: is everything there afterwards, and only then sent again?"""

import asyncio
import logging
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from simulators.servers import PostgresServer
from storage.postgres.migrate import migrate
from storage.records import Order
from tests.servers.fixtures import database, short_folder
from tests.storage.sync.plant import Line, carrying, compare, drained, exchanged, line, until
from tests.storage.sync.shift import SITE

SET_BACK = "was set back"


async def exchange_anew(it: Line, dsn: str, log: pytest.LogCaptureFixture) -> bool:
    """Connect anew and exchange; say whether everything went up again."""
    log.clear()
    with log.at_level(logging.WARNING):
        await exchanged(it, dsn)
    return SET_BACK in log.text


async def test_after_a_mere_new_connection_nothing_goes_up_again(
    tmp_path: Path, central: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with line(tmp_path, panels=2) as it:
        await exchanged(it, central)
        assert not await exchange_anew(it, central, caplog)
        await it.make(1)
        await exchanged(it, central)
        assert not await exchange_anew(it, central, caplog)
        await compare(central, it)


async def test_after_something_came_down_nothing_goes_up_again(
    tmp_path: Path, central: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with line(tmp_path, panels=2) as it:
        await exchanged(it, central)
        with psycopg.connect(central, autocommit=True) as person:
            person.execute("UPDATE sunline.manufacturing_orders SET notes = 'urgent'")
        for _ in range(2):
            assert not await exchange_anew(it, central, caplog)
        await compare(central, it)
        assert [order.notes for order in (await it.held())["order"].values()] == ["urgent"]  # type: ignore[union-attr]


async def test_after_the_newest_change_was_parked_nothing_goes_up_again_and_it_stays_parked(
    tmp_path: Path, central: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with line(tmp_path, panels=1) as it:
        bad = replace(it.shift.boss, email="x" * 200)
        await it.write(bad)
        await exchanged(it, central)
        (before,) = await it.parked()
        for _ in range(2):
            assert not await exchange_anew(it, central, caplog)
        (after,) = await it.parked()
        assert after == before
        await compare(central, it, parked={bad.uuid})


@pytest.mark.parametrize(
    "panels", [pytest.param(3, id="small"), pytest.param(400, id="full", marks=pytest.mark.faults)]
)
async def test_a_server_restored_to_an_earlier_point_is_fed_again_in_full(
    tmp_path: Path, own_postgres: PostgresServer, panels: int, caplog: pytest.LogCaptureFixture
) -> None:
    dsn = own_postgres.dsn()
    await migrate(dsn, site=SITE)
    with short_folder() as folder:
        async with line(tmp_path, panels=panels) as it:
            await exchanged(it, dsn)
            copy = await asyncio.to_thread(own_postgres.copy_to, folder / "pg")
            await it.make(panels)
            with psycopg.connect(dsn, autocommit=True) as person:
                person.execute("UPDATE sunline.manufacturing_orders SET notes = 'urgent'")
            async with carrying(it, dsn) as carrier:
                await drained(carrier)
                await compare(dsn, it)
                await asyncio.to_thread(own_postgres.restore, copy)
                with caplog.at_level(logging.WARNING):
                    await until(carrier, "central server")
                    await drained(carrier)
            assert SET_BACK in caplog.text
            await compare(dsn, it)
            (order,) = (await it.held())["order"].values()
            assert isinstance(order, Order)
            assert order.notes == "urgent", "what came down goes up to a server that forgot it"
        copy.remove()


async def test_a_database_filled_again_from_an_older_dump_is_fed_again(
    tmp_path: Path, postgres: PostgresServer, central: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Same cluster, same timeline, same epoch: only what it acknowledged gives it away."""
    async with line(tmp_path, panels=1) as it:
        await exchanged(it, central)
        with database(postgres, str(conninfo_to_dict(central)["dbname"])) as older:
            await it.make(1)
            await exchanged(it, central)
            dump = postgres.dsn(dbname=older)
            assert await exchange_anew(it, dump, caplog)
            await compare(dump, it)
            assert not await exchange_anew(it, dump, caplog)


async def test_what_was_refused_is_tried_again_by_a_server_that_was_set_back(
    tmp_path: Path, postgres: PostgresServer, central: str
) -> None:
    async with line(tmp_path, panels=1) as it:
        with database(postgres, str(conninfo_to_dict(central)["dbname"])) as wider:
            await it.write(replace(it.shift.boss, email="x" * 200))
            await exchanged(it, central)
            assert len(await it.parked()) == 1
            dsn = postgres.dsn(dbname=wider)
            with psycopg.connect(dsn, autocommit=True) as person:
                person.execute("ALTER TABLE sunline.users ALTER email TYPE text")
            await exchanged(it, dsn)
            await compare(dsn, it)
