"""No piece of an export reads a table from end to end, on either side."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import psycopg
import pytest

from simulators.servers import PostgresServer
from storage.export import ExportList, Piece, Scope
from storage.export.rendering import SHEETS, Form
from storage.postgres.exporting import CentralRows
from storage.postgres.link import conninfo
from storage.sqlite.connection import open_reading
from storage.sqlite.exporting import _TAKE, _WALK, Exports
from storage.sqlite.queries import QUERIES
from tests.bench.export import fill
from tests.servers.fixtures import database
from tests.storage.exporting.plant import EVER
from tests.storage.samples import open_store

PANELS = 10_000
_LARGE = Path(__file__).parents[1] / "postgres" / "large.sql"
LARGE = {
    "local_panels", "local_station_results", "criteria_results", "pallets", "pallet_panels", "changes", "panels",
    "station_results", "results", "placed", "t", "marks", "later", "raw_flashes", "overrides",
}  # fmt: skip
_BINDINGS = {
    "at": "", "uuid": "", "reach": "~", "limit": 400, "since": "0", "until": "9", "before": "~", "first": 0, "last": 1,
    "ids": "[1]", "after": 1, "upto": 2,
}  # fmt: skip
_STATEMENTS = (
    {f"walk {of}": text for of, text in _WALK.items()}
    | {f"take {of}": text for of, text in _TAKE.items()}
    | {name: QUERIES[name] for name in QUERIES if name.startswith(("export_touched", "export_orders_of", "export_pall"))
       and "inside" not in name}
)  # fmt: skip


@pytest.fixture
def line(tmp_path: Path) -> Path:
    store = open_store(tmp_path / "line.db")
    store.close()
    return tmp_path / "line.db"


@pytest.mark.parametrize("name", _STATEMENTS)
def test_a_line_looks_rows_up_in_its_indexes(line: Path, name: str) -> None:
    connection = open_reading(line)
    try:
        rows = connection.execute(f"EXPLAIN QUERY PLAN {_STATEMENTS[name]}", _BINDINGS).fetchall()
    finally:
        connection.close()
    steps = [str(step) for *_, step in rows]
    assert not [step for step in steps if step.startswith("SCAN ") and step.split()[1] in LARGE], steps


def test_results_come_in_order_without_sorting_them_all(line: Path) -> None:
    connection = open_reading(line)
    try:
        rows = connection.execute(f"EXPLAIN QUERY PLAN {_WALK[ExportList.RESULTS]}", _BINDINGS).fetchall()
    finally:
        connection.close()
    steps = [str(step) for *_, step in rows]
    assert sum(step.startswith("MERGE") for step in steps) == 3
    assert "USE TEMP B-TREE FOR ORDER BY" not in steps


def test_a_piece_of_a_full_store_has_a_bounded_size_and_is_reached_by_short_looks(line: Path) -> None:
    fill(line, 8_000)
    connection = open_reading(line)
    try:
        exports = Exports(connection)
        day = Scope(since=datetime(2025, 6, 1, tzinfo=UTC), until=datetime(2025, 6, 5, tzinfo=UTC))
        for of in (*ExportList, SHEETS):
            for scope in (EVER, day):
                pieces = list(_pieces(exports, of, scope))
                assert scope is day or sum(piece.count for piece in pieces) > 0
                assert max(len(piece.json) + len(piece.csv) for piece in pieces) <= 256 * 1024
    finally:
        connection.close()


def _pieces(exports: Exports, of: Form, scope: Scope) -> Iterator[Piece]:
    bounds, after = exports.bounds(scope), ""
    while after is not None:
        yield (piece := exports.walked(of, bounds, after))
        after = piece.after  # type: ignore[assignment]


@pytest.fixture(scope="module")
def large(postgres: PostgresServer, migrated: str) -> Iterator[str]:
    with database(postgres, migrated) as name:
        with psycopg.connect(conninfo(postgres.dsn(dbname=name)), autocommit=True) as server:
            server.execute(f"SET sunline.panels = {PANELS}".encode())
            server.execute(_LARGE.read_bytes())
        yield postgres.dsn(dbname=name)


@pytest.mark.parametrize("of", [*ExportList, SHEETS])
def test_the_server_looks_rows_up_in_its_indexes(large: str, of: Form) -> None:
    plans: list[str] = []
    days = Scope(since=datetime(2025, 2, 1, tzinfo=UTC), until=datetime(2025, 2, 5, tzinfo=UTC))
    with CentralRows.open(large) as rows:
        rows._connection.add_notice_handler(lambda notice: plans.append(notice.message_primary or ""))
        rows._connection.execute("LOAD 'auto_explain'")
        for setting in ("log_min_duration = 0", "log_nested_statements = on", "log_level = notice"):
            rows._connection.execute(f"SET auto_explain.{setting}".encode())
        for scope in (EVER, days):
            for _ in islice(rows._pieces(of, scope, ""), 8):  # past the plans made for the values at hand
                pass
    assert plans
    lines = [line for plan in plans for line in plan.splitlines() if "Seq Scan on" in line]
    assert not {line.split("Seq Scan on ")[1].split()[0] for line in lines} & LARGE
