"""What must neither stop the exchange, nor be lost in it, nor be told to those whom it does not concern."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from storage.changes import FeedPosition
from storage.errors import CentralUnfit
from storage.postgres.handshake import handshake
from storage.records import Order, OrderStatus, Override, Panel, PanelStatus
from storage.sync.visit import Books, Visit
from tests.storage.sync.test_two_lines import edit, everywhere, order, panel
from tests.storage.sync.two_lines import SITE, LinePc, TwoLines, of, two_lines

_HEADS = "uuid, kind, thing_uuid, key_text, rule, winner_store, loser_store, found_at"
_ENDLESS = """
INSERT INTO waivers (uuid, rule, panel_type, until, reason, granted_by, created_at, store_id, hlc, clock_state)
VALUES (gen_random_uuid(), 'r', '60', 'infinity', 'x', gen_random_uuid(), now(), gen_random_uuid(), 1, 'unknown')
"""
_PAUSED = """
ALTER TABLE manufacturing_orders DROP CONSTRAINT manufacturing_orders_status_check;
UPDATE manufacturing_orders SET status = 'paused' WHERE mo_number = 'B'
"""
_RENAMED = "UPDATE manufacturing_orders SET mo_number = 'A' WHERE mo_number = 'B'"


@pytest.fixture
async def here(tmp_path: Path, migrated_dsn: str) -> AsyncIterator[TwoLines]:
    async with two_lines(tmp_path, migrated_dsn) as made:
        yield made


def test_who_may_only_read_sees_no_version_of_a_conflict(migrated_dsn: str) -> None:
    """A version of a user holds what lets somebody sign in."""
    with psycopg.connect(migrated_dsn, autocommit=True, options="-c search_path=sunline") as sql:
        sql.execute("SET ROLE sunline_reader")
        sql.execute(f"SELECT {_HEADS} FROM sync_conflicts".encode())
        for side in ("winner_body", "loser_body"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                sql.execute(f"SELECT {side} FROM sync_conflicts".encode())


@pytest.mark.parametrize(
    "strange", [_ENDLESS, _PAUSED, _RENAMED], ids=["no such time", "a word not known here", "a name taken here"]
)
async def test_one_thing_a_line_cannot_take_over_keeps_nothing_else_from_coming(here: TwoLines, strange: str) -> None:
    await _order(here, 2, "B")
    await here.settle()
    await here.lines[1].write(order(here.lines[1], 100))
    here.server.run(strange)
    here.server.run("UPDATE system_config SET config_value = '30' WHERE config_key = 'default_pallet_size'")
    await here.meet(1)
    assert (await here.lines[1].readers.read(lambda view: view.config()))["default_pallet_size"] == "30"


async def test_what_could_not_be_taken_over_comes_once_it_can(here: TwoLines) -> None:
    await _order(here, 2, "B")
    await here.settle()
    here.server.run(_PAUSED)
    await here.meet(1)
    assert await here.lines[1].thing(Order, of(Order, "B")) == await _order_at(here, 2, "B")
    await here.settle()
    here.server.run("ALTER TABLE manufacturing_orders DISABLE TRIGGER feed_update")  # the line hears of it by asking
    here.server.run("UPDATE manufacturing_orders SET status = 'cancelled' WHERE mo_number = 'B'")
    await here.meet(1)
    taken = await here.lines[1].thing(Order, of(Order, "B"))
    assert isinstance(taken, Order)
    assert taken.status is OrderStatus.CANCELLED
    assert not await here.lines[1].readers.read(lambda view: view.ledger.refused())


_UNLUCKY = "ALTER TABLE manufacturing_orders ADD CONSTRAINT unlucky CHECK (quantity <> 13)"
_LUCKY = "ALTER TABLE manufacturing_orders DROP CONSTRAINT unlucky"


async def test_an_edit_that_waits_is_not_written_over_because_an_older_one_is_parked(here: TwoLines) -> None:
    pc = here.lines[1]
    await pc.write(order(pc, 100))
    await here.settle()
    here.server.run(_UNLUCKY)
    await edit(here, 1, Order, "A", quantity=13)
    await here.meet(1)
    here.server.run("UPDATE manufacturing_orders SET notes = 'by hand' WHERE mo_number = 'A'")
    visit = await visit_of(here, 1)
    await edit(here, 1, Order, "A", quantity=14)
    assert await visit.down() == (False, False)
    await here.settle()
    assert (await everywhere(here, Order, "A")).quantity == 14  # type: ignore[union-attr]


async def test_a_parked_edit_that_wins_after_all_stands_on_its_line_too(here: TwoLines) -> None:
    await here.lines[1].write(order(here.lines[1], 100))
    await here.settle()
    here.server.run(_UNLUCKY)
    here.time.pass_by(60)
    here.server.run("UPDATE manufacturing_orders SET notes = 'by hand' WHERE mo_number = 'A'")
    await edit(here, 1, Order, "A", quantity=13)
    await here.settle()
    here.server.run(_LUCKY)
    (parked,) = await here.lines[1].readers.read(lambda view: view.ledger.parked())
    await (await visit_of(here, 1)).retry([parked.seq])
    await here.settle()
    assert (await everywhere(here, Order, "A")).quantity == 13  # type: ignore[union-attr]


async def test_a_retry_that_goes_frees_what_an_older_bad_version_held_up(here: TwoLines) -> None:
    pc = here.lines[1]
    await pc.write(order(pc, 100))
    await here.settle()
    here.server.run(_UNLUCKY)
    await edit(here, 1, Order, "A", panel_type="x" * 20)
    await edit(here, 1, Order, "A", panel_type="60", quantity=13)
    await pc.write(panel(pc))
    await here.meet(1)
    _, second, held_up = await pc.readers.read(lambda view: view.ledger.parked())
    assert held_up.because_of == of(Order, "A")
    here.server.run(_LUCKY)
    await (await visit_of(here, 1)).retry([second.seq])
    assert not await pc.readers.read(lambda view: view.ledger.parked())
    await here.settle()
    await everywhere(here, Order, "A")


async def visit_of(here: TwoLines, number: int) -> Visit:
    """Begin a visit and leave the rest to the test."""
    here.server.look()
    pc = here.lines[number]
    link = await pc._linked()
    central = await handshake(link, site=SITE)
    return await Visit.begin(link, pc.holder, Books(pc.writer, pc.readers, pc.clock), central)


async def _order(here: TwoLines, number: int, key: str) -> None:
    pc = here.lines[number]
    await pc.write(
        Order(
            uuid=of(Order, key), mo_number=key, panel_type="60", line_number=1, quantity=5, created_at=pc.clock().wall
        )
    )


async def _order_at(here: TwoLines, number: int, key: str) -> object:
    return await here.lines[number].thing(Order, of(Order, key))


async def test_a_server_set_back_under_its_old_name_is_noticed_by_a_line_that_sent_nothing(
    here: TwoLines,
) -> None:
    """A machine put back to an earlier picture of its disk counts its transactions anew from there."""
    await here.settle()
    (before,) = here.server.run("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
    await here.lines[1].writer.keep(lambda ledger: ledger.receive((), FeedPosition(before[0] + 1_000, 0)))
    here.server.run("UPDATE system_config SET config_value = '30' WHERE config_key = 'default_pallet_size'")
    await here.settle()
    assert (await here.lines[1].readers.read(lambda view: view.config()))["default_pallet_size"] == "30"


async def test_numbers_that_begin_anew_on_the_server_park_nothing(here: TwoLines) -> None:
    """So they do after a failover to a logical copy, or a restore of tables alone."""
    await here.lines[1].write(order(here.lines[1], 100))
    await here.settle()
    here.server.run("SELECT setval(pg_get_serial_sequence('manufacturing_orders', 'id'), 1, false)")
    await _order(here, 1, "B")
    with pytest.raises(CentralUnfit, match="numbers"):
        await here.meet(1)
    assert not await here.lines[1].readers.read(lambda view: view.ledger.parked())


async def test_a_new_store_that_edits_what_it_never_fetched_takes_the_version_that_stands(
    here: TwoLines, tmp_path: Path
) -> None:
    """A finished panel of a finished order is not in the working set, and the feed named it long ago."""
    pc = here.lines[1]
    made = panel(pc)
    await pc.write(order(pc, 100), made)
    await edit(here, 1, Order, "A", status=OrderStatus.COMPLETED)
    await edit(here, 1, Panel, made.serial_number, status=PanelStatus.COMPLETED)
    why = Override(
        uuid=uuid4(),
        panel_uuid=made.uuid,
        action="scrap",
        station_number=None,
        reason="x",
        decided_by=uuid4(),
        created_at=pc.clock().wall,
    )
    stands = await pc.thing(Panel, made.uuid)
    assert isinstance(stands, Panel)
    await pc.write(why, replace(stands, status=PanelStatus.FAILED))
    await here.meet(1)
    new = here.lines[3] = await LinePc.open(1, tmp_path, here.server.line_dsn, here.time, name="new")
    await here.meet(3)
    assert await new.thing(Panel, made.uuid) is None
    here.time.pass_by(60)
    await new.write(replace(panel(new), created_at=new.clock().wall))
    await here.meet(3)
    assert (await everywhere(here_of(here, 1, 3), Panel, made.serial_number)).status is PanelStatus.FAILED  # type: ignore[union-attr]


def here_of(here: TwoLines, *numbers: int) -> TwoLines:
    """Look at some of the lines only."""
    return replace(here, lines={number: here.lines[number] for number in numbers})
