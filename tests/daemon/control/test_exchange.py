"""The exchange over the wire: what is parked by name, and conflicts that are settled once and never over newer work."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from storage.changes import OF_KIND
from storage.records import Record, thing_uuid
from storage.redis.client import LinkState
from storage.sync.status import Backlog, SyncStatus
from tests.daemon.control.bench import START, Bench, bench, wire
from tests.daemon.control.test_sources import Server
from tests.stations.office.shop import PEOPLE
from tests.storage.samples import ORDER, panel, result

SINCE = datetime(2026, 3, 1, 6, tzinfo=UTC)
WINNER, LOSER = uuid4(), uuid4()
ORDER_HERE = replace(ORDER, created_at=START)


class Exchange(Server):
    """A server whose exchange never runs; what is parked stands in the line's books."""

    waiting = 3
    rang = 0

    async def backlog(self) -> Backlog:
        return Backlog(self.waiting, SINCE, 1)

    def ring(self) -> None:
        self.rang += 1


@asynccontextmanager
async def line(folder: Path, dsn: str = "") -> AsyncIterator[tuple[Bench, Exchange]]:
    async with bench(folder) as made:
        await made.write(*PEOPLE, ORDER_HERE)
        made.line.central = central = Exchange(dsn)
        yield made, central


async def park(made: Bench, *records: Record) -> None:
    """Store records; then the first is refused and what came after it needs it."""
    assert made.line.runner is not None
    first = await made.line.runner.read(lambda view: view.last_seq())
    await made.write(*records)
    changes = await made.line.runner.read(lambda view: view.changes_after(first, 100))
    refused, *others = changes

    def note(ledger: Any) -> None:  # noqa: ANN401 -- a Ledger
        ledger.park(refused, "A text is too long.", sqlstate="22001", because_of=None)
        for one in others:
            ledger.park(one, "It needs something that is parked.", sqlstate=None, because_of=refused.uuid)

    await made.writer.keep(note)


async def test_what_is_parked_is_named_and_says_which_number_it_waits_for(tmp_path: Path) -> None:
    lying = panel(order_uuid=ORDER_HERE.uuid)
    verdict = result(lying.uuid, operator_uuid=PEOPLE[2].uuid)
    async with line(tmp_path) as (made, _), wire(made.path) as client:
        await park(made, lying, verdict)
        found = await client.get("sync.parked")
        assert [(one["kind"], one["key"]) for one in found] == [
            ("panel", lying.serial_number), ("station_result", lying.serial_number)
        ]  # fmt: skip
        assert [one["waits_for"] for one in found] == [None, found[0]["number"]]


async def test_a_status_says_how_server_and_redis_are_and_the_lines_says_it_in_short(tmp_path: Path) -> None:
    async with line(tmp_path) as (made, central), wire(made.path) as client:
        central.status = SyncStatus(connected=False, since=SINCE, trouble="No route.", todo="Wait.")
        central.redis = LinkState(connected=False, since=SINCE, last_error="Redis is full.", last_error_todo="Free it.")
        told = await client.get("sync.status")
        assert (told["connected"], told["trouble"], told["todo"], told["waiting"]) == (False, "No route.", "Wait.", 3)
        assert told["redis"] == {
            "connected": False, "since": "2026-03-01T06:00:00Z", "trouble": "Redis is full.", "todo": "Free it.",
        }  # fmt: skip
        short = (await client.get("line.status"))["central"]
        assert short == {"connected": False, "since": "2026-03-01T06:00:00Z", "waiting": 3, "parked": 1, "rival": ""}
        central.redis = LinkState(connected=True, since=SINCE, last_error="Long ago.")
        assert (await client.get("sync.status"))["redis"]["trouble"] is None
        made.line.central = None
        assert (await client.get("line.status"))["central"] is None


async def test_screens_are_not_bothered_by_a_server_that_is_away(tmp_path: Path) -> None:
    async with line(tmp_path) as (made, central), wire(made.path) as client:
        before = await client.get("station.view", station=1)
        central.status = SyncStatus(connected=False, since=SINCE, trouble="No route.", todo="Wait.")
        after = await client.get("station.view", station=1)
        assert {**after, "at": None} == {**before, "at": None}


async def test_an_order_of_another_line_has_no_counts_here(tmp_path: Path) -> None:
    async with line(tmp_path) as (made, _), wire(made.path) as client:
        uuid = thing_uuid("IN", "order", "MO-2")
        await made.write(replace(ORDER_HERE, uuid=uuid, mo_number="MO-2", line_number=2))
        rows = {row["mo_number"]: row for row in (await client.get("order.list"))["rows"]}
        assert (rows["MO-1"]["joined"], rows["MO-1"]["room"]) == (0, 100)
        assert [rows["MO-2"][name] for name in ("joined", "completed", "scrapped", "room", "remaining")] == [None] * 5
        assert (await client.get("order.show", mo_number="MO-2"))["completed"] is None


def body(quantity: int) -> str:
    return OF_KIND[ORDER.KIND].encode(replace(ORDER_HERE, quantity=quantity))[1].decode()


@pytest.fixture
def contested(migrated_dsn: str) -> tuple[str, UUID]:
    """A server with an order of which line 2's version stands, and the conflict in which line 1's lost."""
    conflict = uuid4()
    with psycopg.connect(migrated_dsn, options="-c search_path=sunline") as person:
        person.execute(
            "INSERT INTO manufacturing_orders (uuid, mo_number, panel_type, line_number, quantity, store_id, hlc,"
            " clock_state) VALUES (%s, 'MO-1', '60', 1, 70, %s, 20, 'ok')", (ORDER_HERE.uuid, WINNER),
        )  # fmt: skip
        person.execute(
            "INSERT INTO sync_conflicts (uuid, kind, thing_uuid, key_text, rule, winner_store, winner_hlc, winner_body,"
            " loser_store, loser_hlc, loser_body) VALUES (%s, 'order', %s, 'MO-1', 'hlc', %s, 20, %s, %s, 10, %s)",
            (conflict, ORDER_HERE.uuid, WINNER, body(70), LOSER, body(60)),
        )  # fmt: skip
    return migrated_dsn, conflict


async def test_a_loser_is_brought_back(tmp_path: Path, contested: tuple[str, UUID], be: Callable[[str], None]) -> None:
    dsn, conflict = contested
    be("sam")
    async with line(tmp_path, dsn) as (made, central), wire(made.path) as client:
        told = await client.get("sync.conflict", conflict=str(conflict)[:8])
        assert (told["differs"], told["winner"]["values"]["quantity"]) == (["quantity"], 70)
        await client.get("sync.resolve", conflict=str(conflict), keep="local", reason="asked")
        assert (await client.get("order.show", mo_number="MO-1"))["quantity"] == 60
        assert central.rang == 1


@pytest.mark.parametrize("keep", ["local", "central"])
async def test_a_settled_conflict_is_not_settled_again(
    tmp_path: Path, contested: tuple[str, UUID], be: Callable[[str], None], keep: str
) -> None:
    dsn, conflict = contested
    be("sam")
    with psycopg.connect(dsn, options="-c search_path=sunline") as person:
        person.execute("INSERT INTO users (uuid, username, role) VALUES (%s, 'sam', 'supervisor')", (PEOPLE[1].uuid,))
        person.execute(
            "INSERT INTO conflict_rulings (uuid, conflict_uuid, keep, reason, decided_by, created_at, store_id, hlc,"
            " clock_state) VALUES (gen_random_uuid(), %s, 'central', 'x', %s, now(), %s, 30, 'ok')",
            (conflict, PEOPLE[1].uuid, LOSER),
        )
    async with line(tmp_path, dsn) as (made, _), wire(made.path) as client:
        no = await client.no("sync.resolve", conflict=str(conflict), keep=keep, reason="asked")
        assert no["message"] == "This conflict was settled before: central was kept."


async def test_what_was_changed_since_is_not_overwritten_by_a_version_that_lost(
    tmp_path: Path, contested: tuple[str, UUID], be: Callable[[str], None]
) -> None:
    dsn, conflict = contested
    be("sam")
    with psycopg.connect(dsn, options="-c search_path=sunline") as person:
        person.execute("UPDATE manufacturing_orders SET quantity = 90")
    async with line(tmp_path, dsn) as (made, _), wire(made.path) as client:
        no = await client.no("sync.resolve", conflict=str(conflict), keep="local", reason="asked")
        assert no["message"] == "The order MO-1 was changed since, and that would be lost."
        assert (await client.get("order.show", mo_number="MO-1"))["quantity"] == 100
        await client.get("sync.resolve", conflict=str(conflict), keep="central", reason="asked")
