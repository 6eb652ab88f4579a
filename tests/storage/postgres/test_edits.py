"""What the server does by itself: versions of edits by hand, races between lines, and the count of a pallet."""

from dataclasses import replace
from typing import cast
from uuid import UUID, uuid4

import psycopg
import pytest

from storage.changes import form_of
from storage.errors import RowsRefused
from storage.postgres.feed import feed_after, position_now
from storage.postgres.link import Link, our_errors
from storage.postgres.tables import EditRow, read_rows, store_edits
from storage.records import Order, OrderStatus, PalletPanel, PalletRemoval, Role, StationResult
from tests.storage.postgres.test_tables import NOW, PALLET, PANEL, PARENTS, PLACED, STORE, get, put
from tests.storage.samples import ADMIN, ORDER, flash, panel, result

OTHER = UUID(int=8)


@pytest.fixture
async def stocked(conn: Link) -> Link:
    for record in PARENTS:
        await put(conn, record)
    return conn


async def stamp(conn: Link, table: str, uuid: UUID) -> tuple[object, ...]:
    query = f"SELECT hlc, store_id, edited_at FROM {table} WHERE uuid = %s"
    row = await (await conn.execute(query.encode(), (uuid,))).fetchone()
    assert row
    return row


async def test_an_edit_by_hand_gets_a_newer_version_of_the_servers_own(stocked: Link) -> None:
    here = await position_now(stocked)
    await stocked.execute("UPDATE manufacturing_orders SET quantity = 7")
    hlc, store_id, edited_at = await stamp(stocked, "manufacturing_orders", ORDER.uuid)
    central = await (await stocked.execute("SELECT central_id FROM central_meta")).fetchone()
    assert (store_id,) == central
    assert isinstance(hlc, int)
    assert hlc >> 16 > 1_600_000_000_000
    assert edited_at is not None
    assert [(entry.kind, entry.uuid) for entry in await feed_after(stocked, here, 9)] == [("order", ORDER.uuid)]


async def test_an_edit_by_hand_is_newer_than_a_version_from_a_clock_ahead(stocked: Link) -> None:
    await stocked.execute("UPDATE manufacturing_orders SET hlc = %s", (2**62,))
    await stocked.execute("UPDATE manufacturing_orders SET quantity = 7")
    assert (await stamp(stocked, "manufacturing_orders", ORDER.uuid))[0] == 2**62 + 1


async def test_an_edit_that_changes_nothing_is_none(stocked: Link) -> None:
    here = await position_now(stocked)
    before = await stamp(stocked, "manufacturing_orders", ORDER.uuid)
    await stocked.execute("UPDATE manufacturing_orders SET quantity = quantity")
    assert await stamp(stocked, "manufacturing_orders", ORDER.uuid) == before
    assert await feed_after(stocked, here, 9) == ()


async def test_an_edit_by_hand_moves_updated_at_and_a_lines_edit_brings_its_own(stocked: Link) -> None:
    query = "SELECT updated_at FROM system_config WHERE config_key = 'session_h'"
    before = await (await stocked.execute(query)).fetchone()
    await stocked.execute("UPDATE system_config SET config_value = '9' WHERE config_key = 'session_h'")
    after = await (await stocked.execute(query)).fetchone()
    assert before
    assert after
    assert after > before
    await stocked.execute(
        "UPDATE system_config SET updated_at = %s, hlc = hlc + 1 WHERE config_key = 'session_h'", (NOW,)
    )
    assert await (await stocked.execute(query)).fetchone() == (NOW,)


async def test_a_row_by_hand_needs_a_uuid_and_gets_the_rest(conn: Link) -> None:
    uuid = uuid4()
    await conn.execute("INSERT INTO users (uuid, username, role) VALUES (%s, 'eva', 'operator')", (uuid,))
    hlc, store_id, edited_at = await stamp(conn, "users", uuid)
    assert hlc
    assert store_id
    assert edited_at
    with pytest.raises(RowsRefused), our_errors():
        await conn.execute("INSERT INTO users (username, role) VALUES ('eve', 'operator')")


def _edit(order: Order, hlc: int, store_id: UUID, was: tuple[int, UUID] | None) -> EditRow:
    return EditRow(form_of(Order).encode(order)[1], hlc, store_id, "synced", NOW, was)


async def _written(conn: Link, *rows: EditRow) -> list[UUID]:
    return [row[0] for row in await (await store_edits(conn, "order", rows)).fetchall()]


async def test_an_edit_replaces_the_version_it_names_and_loses_the_race_otherwise(stocked: Link) -> None:
    newer = replace(ORDER, status=OrderStatus.CANCELLED)
    assert await _written(stocked, _edit(newer, 5, OTHER, (4, STORE))) == []
    assert await _written(stocked, _edit(newer, 5, OTHER, None)) == []
    assert await get(stocked, ORDER) == ORDER
    assert await _written(stocked, _edit(newer, 5, OTHER, (1, STORE))) == [ORDER.uuid]
    assert await get(stocked, ORDER) == newer
    (row,) = await read_rows(stocked, "order", [ORDER.uuid, uuid4()])
    assert (row.hlc, row.store_id, row.clock_state, row.edited_at) == (5, OTHER, "synced", NOW)


async def test_new_and_changed_things_go_in_one_statement(stocked: Link) -> None:
    second = replace(ORDER, uuid=uuid4(), mo_number="MO-2")
    done = await _written(stocked, _edit(ORDER, 3, OTHER, (1, STORE)), _edit(second, 3, OTHER, None))
    assert set(done) == {ORDER.uuid, second.uuid}


async def test_a_fact_sent_twice_stands_once_as_it_came_first(stocked: Link) -> None:
    made = result(PANEL.uuid)
    await put(stocked, made)
    await put(stocked, replace(made, notes="rewritten"))
    assert await get(stocked, made) == made


@pytest.mark.parametrize(
    ("broken", "sqlstate", "constraint"),
    [
        (result(uuid4()), "23503", "station_results_panel_id_fkey"),
        (replace(ORDER, uuid=uuid4(), mo_number="x" * 51), "22001", None),
        (replace(ORDER, uuid=uuid4()), "23505", "manufacturing_orders_mo_number_key"),
        (replace(PLACED, uuid=uuid4(), panel_uuid=uuid4()), "23503", "pallet_panels_panel_id_fkey"),
        (replace(ADMIN, uuid=uuid4(), role=cast("Role", "king")), "23514", "users_role_check"),
        (replace(PLACED, uuid=uuid4(), position_in_pallet=2**40), "22003", None),
    ],
)
async def test_a_row_nobody_can_store_is_named(
    stocked: Link, broken: StationResult | Order | PalletPanel, sqlstate: str, constraint: str | None
) -> None:
    with pytest.raises(RowsRefused) as caught, our_errors():
        await put(stocked, broken)
    assert (caught.value.sqlstate, caught.value.constraint) == (sqlstate, constraint)


async def test_a_body_of_an_older_program_takes_the_defaults_of_younger_fields(conn: Link) -> None:
    body = b'{"uuid":"%s","username":"old","role":"operator","created_at":"2026-03-01T12:00:00.000000+00:00"}'
    uuid = uuid4()
    await store_edits(conn, "user", [EditRow(body % str(uuid).encode(), 1, STORE, "synced", None, None)])
    row = await (await conn.execute("SELECT active FROM users WHERE uuid = %s", (uuid,))).fetchone()
    assert row == (True,)


async def test_the_count_of_a_pallet_follows_its_panels_and_is_nobodys_edit(stocked: Link) -> None:
    async def count() -> object:
        return await (await stocked.execute("SELECT panel_count, hlc FROM pallets")).fetchone()

    here = await position_now(stocked)
    assert await count() == (1, 1)
    second = panel("CRS25WT6000002")
    placed = replace(PLACED, uuid=uuid4(), panel_uuid=second.uuid, position_in_pallet=2)
    await put(stocked, second)
    await put(stocked, placed)
    await put(stocked, placed)
    assert await count() == (2, 1)
    for _ in range(2):
        removal = PalletRemoval(
            uuid=uuid4(), pallet_panel_uuid=placed.uuid, reason="x", removed_by=ADMIN.uuid, created_at=NOW
        )
        await put(stocked, removal)
    assert await count() == (1, 1)
    assert PALLET.uuid not in {entry.uuid for entry in await feed_after(stocked, here, 99)}


async def test_a_raw_flash_with_anything_for_extra_is_stored(conn: Link) -> None:
    for extra in ("no json", '{"a":"\\u0000"}', "", "{"):
        made = flash(extra=extra)
        await put(conn, made)
        assert await get(conn, made) == made


async def test_words_are_found_in_any_script_and_case(stocked: Link) -> None:
    await stocked.execute("UPDATE panels SET notes = 'ÄRGER mit Naht-3: Kratzer; стекло'")
    for asked in ("ärger", "naht & 3", "kratz:*", "стекло"):
        query = "SELECT count(*) FROM panels WHERE words(notes) @@ to_tsquery('simple', %s)"
        assert await (await stocked.execute(query, (asked,))).fetchone() == (1,)


async def test_two_people_and_a_line_never_overwrite_each_other_unseen(dsn: str, stocked: Link) -> None:
    with psycopg.connect(dsn, options="-c search_path=sunline") as person:
        person.execute("UPDATE manufacturing_orders SET quantity = 8")
        person.commit()
    assert await _written(stocked, _edit(ORDER, 9, OTHER, (1, STORE))) == []
