"""The rows of a line's store in a PostgreSQL server, and how long COPY takes to give them."""

from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import Final
from uuid import UUID

import psycopg

from storage.export import ExportList
from storage.export.columns import COLUMNS
from storage.postgres.blocks import blocks
from storage.postgres.link import conninfo
from storage.sqlite.connection import open_reading

_LISTS: Final = (ExportList.ORDERS, ExportList.PANELS, ExportList.RESULTS, ExportList.PALLETS)
_TABLES: Final = {
    "users": ("id, uuid, username, role, created_at", "SELECT id, uuid, username, role, created_at FROM users"),
    "manufacturing_orders": (
        "id, uuid, mo_number, panel_type, line_number, quantity, status, notes, created_at, created_by",
        (
            "SELECT t.id, t.uuid, mo_number, panel_type, line_number, quantity, status, notes, t.created_at, users.id"
            " FROM manufacturing_orders AS t LEFT JOIN users ON users.uuid = t.created_by"
        ),
    ),
    "panels": (
        (
            "id, uuid, serial_number, mo_id, panel_type, frame_type, backsheet_type, year, line_number, status,"
            " current_station, notes, created_at"
        ),
        (
            "SELECT t.id, t.uuid, serial_number, orders.id, t.panel_type, frame_type, backsheet_type, year,"
            " t.line_number, t.status, current_station, t.notes, t.created_at FROM local_panels AS t"
            " CROSS JOIN manufacturing_orders AS orders ON orders.uuid = t.order_uuid"
        ),
    ),
    "station_results": (
        "id, uuid, panel_id, station_number, operator_id, result, notes, electrical_data, attempt, created_at",
        (
            "SELECT id, uuid, panel_id, station_number, operator_id, result, notes, electrical_data, attempt,"
            " created_at FROM local_station_results"
        ),
    ),
    "pallets": (
        "id, uuid, pallet_number, mo_id, status, created_at, completed_at, panel_count, created_by",
        (
            "SELECT t.id, t.uuid, pallet_number, orders.id, t.status, t.created_at, t.completed_at,"
            " (SELECT count(*) FROM pallet_panels WHERE pallet_uuid = t.uuid), users.id FROM pallets AS t"
            " CROSS JOIN manufacturing_orders AS orders ON orders.uuid = t.order_uuid"
            " LEFT JOIN users ON users.uuid = t.created_by"
        ),
    ),
}


def mirrored(store: Path, dsn: str) -> None:
    """Carry the rows an export is made of into an empty, migrated database."""
    source = open_reading(store)
    with psycopg.connect(conninfo(dsn), autocommit=True) as target:
        target.execute("SET session_replication_role = replica")
        for table, (columns, select) in _TABLES.items():
            target.execute(
                f"ALTER TABLE {table} ALTER store_id SET DEFAULT '{UUID(int=0)}', ALTER hlc SET DEFAULT 1,"
                " ALTER clock_state SET DEFAULT 'synced'".encode()
            )
            with target.cursor() as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN".encode()) as copy:
                for row in source.execute(select):
                    copy.write_row(row)
        target.execute("VACUUM (ANALYZE)")
    source.close()


def copied_s(dsn: str) -> tuple[int, float]:
    """Have COPY give the rows as the tables of an export have them; say how many rows, in how many seconds."""
    return _copied(dsn, (_told(of) for of in _LISTS))


def copied_plain_s(dsn: str) -> tuple[int, float]:
    """Have COPY give the tables those rows are made of, as they stand: with the server's numbers, nothing joined."""
    names = ("manufacturing_orders", "panels", "station_results", "pallets")
    return _copied(dsn, (f"COPY {name} TO STDOUT" for name in names))


def _copied(dsn: str, statements: Iterator[str]) -> tuple[int, float]:
    rows, began = 0, perf_counter()
    with psycopg.connect(conninfo(dsn), autocommit=True) as source:
        for statement in statements:
            with source.cursor() as cursor:
                with cursor.copy(statement.encode()) as copy:
                    for _ in copy:
                        pass
                rows += cursor.rowcount
    return rows, perf_counter() - began


def _told(of: ExportList) -> str:
    table = {ExportList.RESULTS: "station_results"}.get(of, of.value)
    picked = f"(SELECT id, '' AS place FROM {table} ORDER BY created_at, uuid) AS picked"
    rows = blocks("export.sql")[f"rows_{of}"].replace("FROM picked ", f"FROM {picked} ")
    return f"COPY (SELECT {', '.join(COLUMNS[of].header)} FROM ({rows}) AS told) TO STDOUT (FORMAT csv)"
