"""No question of the product reads a large table from end to end; plans are the server's own."""

from collections.abc import AsyncIterator, Generator
from pathlib import Path

import psycopg
import pytest

from simulators.servers import PostgresServer
from storage.changes import FeedPosition
from storage.postgres.feed import clear_feed, feed_after, held_back_s
from storage.postgres.history import panel_history
from storage.postgres.link import Link, connect, conninfo
from storage.postgres.reads import ask, order_report
from storage.postgres.tables import OF_KIND
from storage.reads import (
    ListFailed,
    ListOrders,
    ListPallets,
    ListPanels,
    ListResults,
    Piece,
    Question,
    SearchNotes,
)
from storage.records import OrderStatus, PanelStatus, Verdict
from tests.servers.fixtures import database

FULL = 100_000
SMALL = 25_000
TABLES = {"panels", "station_results", "criteria_results", "pallets", "pallet_panels", "feed", "note_words"}

_PAGE = "(created_at, uuid) < (timestamptz '2025-06-01', '00000000-0000-0000-0000-000000000000')"
_NEWEST = "ORDER BY created_at DESC, uuid DESC LIMIT 50"
_ORDER = "(SELECT id FROM manufacturing_orders WHERE mo_number = 'L-7')"

QUESTIONS = {
    "history of a panel": "SELECT * FROM station_results AS r LEFT JOIN criteria_results AS c "
    "ON c.station_result_id = r.id WHERE r.panel_id = (SELECT id FROM panels WHERE serial_number = 'CRS25WT60004711')",
    "panels of an order by status": f"SELECT * FROM panels WHERE mo_id = {_ORDER} AND status = 'rework'",
    "counts of an order": f"SELECT status, count(*) FROM panels WHERE mo_id = {_ORDER} GROUP BY status",
    "results of a station": f"SELECT * FROM station_results WHERE station_number = 3 AND {_PAGE} {_NEWEST}",
    "newest results": f"SELECT * FROM station_results WHERE {_PAGE} {_NEWEST}",
    "failed panels": f"SELECT * FROM panels WHERE status = 'failed' AND {_PAGE} {_NEWEST}",
    "failed results": f"SELECT * FROM station_results WHERE result = 'FAIL' AND {_PAGE} {_NEWEST}",
    "cosmetic defects": f"SELECT * FROM station_results WHERE result = 'B' AND {_PAGE} {_NEWEST}",
    "pallets of an order": f"SELECT * FROM pallets WHERE mo_id = {_ORDER} ORDER BY created_at",
    "panels of a pallet": "SELECT * FROM pallet_panels JOIN panels ON panels.id = panel_id WHERE pallet_id = "
    "(SELECT id FROM pallets WHERE pallet_number = 'PX-1-2025-000007') ORDER BY position_in_pallet",
    "pallet of a panel": "SELECT * FROM pallet_panels WHERE panel_id = "
    "(SELECT id FROM panels WHERE serial_number = 'CRS25WT60004711')",
}

ASKED: dict[str, Question] = {
    "a frequent word": SearchNotes(words=("scratch",)),
    "a rare word": SearchNotes(words=("77", "scratch")),
    "a word nobody wrote": SearchNotes(words=("unheard",)),
    "words of one order": SearchNotes(words=("scratch",), order="L-7", station=2),
    "words in scrap": SearchNotes(words=("scratch",), status=PanelStatus.FAILED),
    "all panels": ListPanels(),
    "panels in rework at a station": ListPanels(status=PanelStatus.REWORK, station=4),
    "panels of an order": ListPanels(order="L-7"),
    "scrap": ListFailed(),
    "scrap of an order": ListFailed(order="L-7"),
    "all results": ListResults(),
    "cosmetic": ListResults(result=Verdict.COSMETIC, standing=True),
    "fails of an order": ListResults(result=Verdict.FAIL, order="L-7"),
    "results of one station": ListResults(station=3),
    "orders": ListOrders(status=OrderStatus.ACTIVE),
    "all pallets": ListPallets(),
    "pallets of one order": ListPallets(order="L-7"),
}


@pytest.fixture(
    scope="module",
    params=[pytest.param(SMALL, id="small"), pytest.param(FULL, id="full", marks=pytest.mark.faults)],
)
def large_dsn(postgres: PostgresServer, migrated: str, request: pytest.FixtureRequest) -> Generator[str, None, None]:
    with database(postgres, migrated) as name:
        dsn = postgres.dsn(dbname=name)
        with psycopg.connect(conninfo(dsn), autocommit=True) as conn:
            conn.execute(f"SET sunline.panels = {request.param}".encode())
            conn.execute((Path(__file__).parent / "large.sql").read_bytes())
        yield dsn


class Watched:
    """A connection that notes the plan of everything it runs, as the server ran it."""

    def __init__(self, conn: Link) -> None:
        self.conn = conn
        self.plans: list[str] = []
        conn.add_notice_handler(lambda notice: self.plans.append(notice.message_primary or ""))

    @property
    def scanned(self) -> set[str]:
        """Large tables read from end to end."""
        lines = [line for plan in self.plans for line in plan.splitlines() if "Seq Scan on" in line]
        return {line.split("Seq Scan on ")[1].split()[0] for line in lines} & TABLES


@pytest.fixture
async def watched(large_dsn: str) -> AsyncIterator[Watched]:
    async with await connect(large_dsn) as conn:
        await conn.execute("LOAD 'auto_explain'")
        for setting in ("log_min_duration = 0", "log_nested_statements = on", "log_level = notice"):
            await conn.execute(f"SET auto_explain.{setting}".encode())
        yield Watched(conn)


async def test_a_table_read_from_end_to_end_is_noticed(watched: Watched) -> None:
    await watched.conn.execute("SELECT count(*) FROM panels WHERE year = 2024 AND frame_type = 'B'")
    assert watched.scanned == {"panels"}


@pytest.mark.parametrize("question", QUESTIONS)
async def test_no_question_reads_a_large_table(watched: Watched, question: str) -> None:
    await watched.conn.execute(QUESTIONS[question].encode())
    assert watched.plans
    assert watched.scanned == set()


@pytest.mark.parametrize("asked", ASKED)
async def test_nobody_who_asks_has_a_large_table_read(watched: Watched, asked: str) -> None:
    for _ in range(7):  # past the plans made for the values at hand
        await ask(watched.conn, ASKED[asked], Piece(50))
    assert watched.plans
    assert watched.scanned == set()


async def test_a_word_of_every_note_is_met_without_reading_them_all(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.postgres.reads._SELDOM", 5)
    for _ in range(7):
        assert (await ask(watched.conn, SearchNotes(words=("scratch",)), Piece(10))).after
    assert watched.scanned == set()
    assert "Index Scan Backward using note_words_created_at" in watched.plans[-1]


async def test_history_and_report_read_what_they_tell(watched: Watched) -> None:
    for _ in range(7):
        assert await panel_history(watched.conn, "CRS25WT60004711")
        assert await order_report(watched.conn, "L-7")
    assert watched.scanned == set()


async def test_the_way_down_reads_what_it_asks_for(watched: Watched) -> None:
    for table in OF_KIND.values():
        for _ in range(7):  # past the plans made for the values at hand
            await watched.conn.execute(table.down, ([],), prepare=True)
    assert watched.scanned == set()


async def test_the_feed_is_read_from_a_position_on(watched: Watched) -> None:
    for _ in range(7):
        await feed_after(watched.conn, FeedPosition(10**9, 0), 500)
    await held_back_s(watched.conn)
    assert len(watched.plans) == 8
    assert watched.scanned == set()


async def test_the_feed_is_cleared_by_what_is_new_in_it(watched: Watched) -> None:
    async with watched.conn.transaction(force_rollback=True):
        for _ in range(7):
            assert await clear_feed(watched.conn, 50)
    assert watched.scanned == set()
    assert any("Delete on feed" in plan and "feed_uuid" in plan for plan in watched.plans)


async def test_the_way_up_looks_parents_up_one_by_one(watched: Watched) -> None:
    async with watched.conn.transaction(force_rollback=True):
        for table in OF_KIND.values():
            for _ in range(7):
                await watched.conn.execute(table.up, ("{}",) * table.up.count("%s"), prepare=True)
    assert watched.scanned == set()
