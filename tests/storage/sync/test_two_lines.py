"""What becomes of edits that two lines and people at the server made without knowing of each other."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from storage.records import ConfigEntry, Editable, Order, Override, Panel, RawScan, Role, Stick, Takes, User
from tests.storage.sync.two_lines import LinePc, TwoLines, of, two_lines

SERIAL = "CRS25WW6000001"
PALLET_SIZE = "default_pallet_size"


@pytest.fixture
async def here(tmp_path: Path, migrated_dsn: str) -> AsyncIterator[TwoLines]:
    async with two_lines(tmp_path, migrated_dsn) as made:
        yield made


def order(pc: LinePc, quantity: int) -> Order:
    return Order(
        uuid=of(Order, "A"),
        mo_number="A",
        panel_type="60",
        line_number=1,
        quantity=quantity,
        created_at=pc.clock().wall,
    )


def panel(pc: LinePc) -> Panel:
    return Panel(
        uuid=of(Panel, SERIAL), serial_number=SERIAL, order_uuid=of(Order, "A"), mo_number="A", panel_type="60",
        frame_type="W", backsheet_type="W", year=2025, line_number=1, created_at=pc.clock().wall,
    )  # fmt: skip


BLUE = "0781:5581:4C53:1234-ABCD"


def stick(pc: LinePc, takes: Takes = Takes.EVERYTHING, by: str = "ada") -> Stick:
    return Stick(
        uuid=of(Stick, BLUE), name="BLUE", usb_serial="4C53", vendor_id="0781", product_id="5581",
        volume_id="1234-ABCD", takes=takes, enrolled_by=of(User, by), created_at=pc.clock().wall,
    )  # fmt: skip


async def edit(here: TwoLines, number: int, record: type[Editable], key: str, **what: Any) -> None:  # noqa: ANN401
    """Edit a thing on a line, a minute after whatever was before."""
    here.time.pass_by(60)
    stands = await here.lines[number].thing(record, of(record, key))
    assert stands is not None
    await here.lines[number].write(replace(stands, **what))


def conflicts(here: TwoLines) -> list[tuple[Any, ...]]:
    """Give what the conflicts were about, the rule, and winner and loser as they stand in the table."""
    return here.server.run("SELECT key_text, rule, winner_body, loser_body FROM sync_conflicts ORDER BY found_at, uuid")


async def everywhere(here: TwoLines, record: type[Editable], key: str) -> Editable:
    """Give the version that stands on both lines and on the server: there is only one."""
    uuid = of(record, key)
    there, _ = here.server.things(record, [uuid])[uuid]
    for pc in here.lines.values():
        assert await pc.thing(record, uuid) == there
    return there


async def test_the_same_order_opened_on_both_lines_offline_is_one_order_and_the_later_opening_stands(
    here: TwoLines,
) -> None:
    await here.lines[1].write(order(here.lines[1], 100))
    here.time.pass_by(60)
    await here.lines[2].write(order(here.lines[2], 200))
    await here.meet(2)
    await here.settle()
    assert (await everywhere(here, Order, "A")).quantity == 200  # type: ignore[union-attr]
    ((key, rule, winner, loser),) = conflicts(here)
    assert (key, rule, winner["quantity"], loser["quantity"]) == ("A", "time", 200, 100)


async def test_the_same_user_and_rule_made_on_both_lines_offline_are_one_each(here: TwoLines) -> None:
    for number, role in ((1, Role.OPERATOR), (2, Role.SUPERVISOR)):
        pc = here.lines[number]
        here.time.pass_by(60)
        now = pc.clock().wall
        await pc.write(
            User(uuid=of(User, "anna"), username="anna", role=role, created_at=now),
            ConfigEntry(uuid=of(ConfigEntry, "fresh"), config_key="fresh", config_value=role.value, updated_at=now),
        )
    await here.settle()
    assert (await everywhere(here, User, "anna")).role is Role.SUPERVISOR  # type: ignore[union-attr]
    assert (await everywhere(here, ConfigEntry, "fresh")).config_value == "supervisor"  # type: ignore[union-attr]
    assert sorted(key for key, *_ in conflicts(here)) == ["anna", "fresh"]


async def test_the_same_thing_made_alike_on_both_lines_is_no_conflict(here: TwoLines) -> None:
    for pc in here.lines.values():
        here.time.pass_by(60)
        await pc.write(order(pc, 100))
    await here.settle()
    assert (await everywhere(here, Order, "A")).quantity == 100  # type: ignore[union-attr]
    assert not conflicts(here)


async def test_a_stick_enrolled_on_one_line_is_known_on_the_other_and_revoked_everywhere(here: TwoLines) -> None:
    await here.lines[1].write(stick(here.lines[1]))
    await here.settle()
    assert (await everywhere(here, Stick, BLUE)) == stick(here.lines[1])
    await edit(here, 2, Stick, BLUE, active=False)
    await here.settle()
    assert not (await everywhere(here, Stick, BLUE)).active  # type: ignore[union-attr]
    assert not conflicts(here)


async def test_a_line_with_a_new_store_knows_the_sticks(here: TwoLines, tmp_path: Path, migrated_dsn: str) -> None:
    await here.lines[1].write(stick(here.lines[1]))
    await here.settle()
    fresh = await LinePc.open(1, tmp_path, migrated_dsn, here.time, name="fresh")
    try:
        await fresh.meet()
        assert await fresh.thing(Stick, of(Stick, BLUE)) == stick(here.lines[1])
    finally:
        await fresh.close()


async def test_a_stick_enrolled_on_both_lines_offline_takes_what_was_said_later(here: TwoLines) -> None:
    await here.lines[1].write(stick(here.lines[1], Takes.SHEETS))
    here.time.pass_by(60)
    await here.lines[2].write(stick(here.lines[2], Takes.DATA))
    await here.settle()
    assert (await everywhere(here, Stick, BLUE)).takes is Takes.DATA  # type: ignore[union-attr]
    ((key, rule, winner, loser),) = conflicts(here)
    assert (key, rule, winner["takes"], loser["takes"]) == ("BLUE", "time", "data", "sheets")


async def test_a_stick_enrolled_alike_on_both_lines_by_two_admins_is_no_conflict(here: TwoLines) -> None:
    for number, by in ((1, "ada"), (2, "eve")):
        here.time.pass_by(60)
        await here.lines[number].write(stick(here.lines[number], by=by))
    await here.settle()
    assert isinstance(await everywhere(here, Stick, BLUE), Stick)
    assert not conflicts(here)


@pytest.mark.parametrize("ahead_h", [-9.0, 0.0, 9.0])
async def test_of_two_lines_with_clocks_hours_apart_the_truly_later_edit_wins(here: TwoLines, ahead_h: float) -> None:
    await here.lines[1].write(order(here.lines[1], 100))
    await here.settle()
    here.lines[1].clock.ahead = timedelta(hours=ahead_h)
    here.lines[2].clock.ahead = timedelta(hours=-ahead_h)
    await edit(here, 1, Order, "A", quantity=110)
    await edit(here, 2, Order, "A", quantity=120)
    await here.settle()
    assert (await everywhere(here, Order, "A")).quantity == 120  # type: ignore[union-attr]
    ((_, rule, winner, loser),) = conflicts(here)
    assert (rule, winner["quantity"], loser["quantity"]) == ("time", 120, 110)


async def test_a_clock_that_was_set_right_between_edit_and_contact_does_not_change_who_was_later(
    here: TwoLines,
) -> None:
    await here.lines[1].write(order(here.lines[1], 100))
    await here.settle()
    here.lines[1].clock.ahead = timedelta(days=400)
    await edit(here, 1, Order, "A", quantity=110)
    here.lines[1].clock.ahead = timedelta(0)
    await edit(here, 2, Order, "A", quantity=120)
    await here.settle()
    assert (await everywhere(here, Order, "A")).quantity == 120  # type: ignore[union-attr]


async def test_a_whole_line_of_edits_on_one_side_meets_an_edit_at_the_server(here: TwoLines) -> None:
    await here.lines[1].write(order(here.lines[1], 100))
    await here.settle()
    await edit(here, 1, Order, "A", quantity=110)
    here.time.pass_by(60)
    here.server.run("UPDATE manufacturing_orders SET quantity = 120, notes = 'by hand' WHERE mo_number = 'A'")
    await edit(here, 1, Order, "A", quantity=130)
    await here.settle()
    assert (await everywhere(here, Order, "A")).quantity == 130  # type: ignore[union-attr]
    lost = [loser["quantity"] for *_, loser in conflicts(here)]
    assert sorted(lost) == [110, 120]


async def test_a_later_edit_by_hand_at_the_server_stands_and_the_line_takes_it(here: TwoLines) -> None:
    await here.lines[1].write(order(here.lines[1], 100))
    await here.settle()
    await edit(here, 1, Order, "A", quantity=110)
    here.time.pass_by(60)
    here.server.run("UPDATE manufacturing_orders SET quantity = 120 WHERE mo_number = 'A'")
    await here.settle()
    assert (await everywhere(here, Order, "A")).quantity == 120  # type: ignore[union-attr]
    assert [(rule, loser["quantity"]) for _, rule, _, loser in conflicts(here)] == [("time", 110)]


@pytest.mark.parametrize("batch", [2, 500])
async def test_an_override_wins_against_a_later_edit_wherever_a_batch_ends(
    here: TwoLines, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr("storage.sync.visit.BATCH", batch)
    line = here.lines[1]
    await line.write(order(line, 100), panel(line))
    await here.settle()
    here.time.pass_by(60)
    await line.write(scan(line))
    here.time.pass_by(1)
    decision = Override(
        uuid=uuid4(), panel_uuid=of(Panel, SERIAL), action="move", station_number=3, reason="because",
        decided_by=uuid4(), created_at=line.clock().wall,
    )  # fmt: skip
    await line.write(decision, replace(panel(line), current_station=3))
    here.time.pass_by(60)
    here.server.run("UPDATE panels SET current_station = 2 WHERE serial_number = %s", SERIAL)
    await here.settle()
    stands = here.server.run("SELECT current_station FROM panels")
    assert stands == [(3,)]
    assert [(rule, loser["current_station"]) for _, rule, _, loser in conflicts(here)] == [("override", 2)]


@pytest.mark.parametrize("elsewhere", ["line 2", "server"])
@pytest.mark.parametrize("forgetful", [False, True])
async def test_a_store_that_was_copied_to_a_new_file_puts_nothing_old_over_what_is_newer(
    here: TwoLines, elsewhere: str, forgetful: bool
) -> None:
    line = here.lines[1]
    await line.write(order(line, 100))
    await here.settle()
    if elsewhere == "server":
        here.time.pass_by(60)
        here.server.run("UPDATE manufacturing_orders SET quantity = 110 WHERE mo_number = 'A'")
    else:
        await edit(here, 2, Order, "A", quantity=110)
    await here.settle()
    await edit(here, 1, Order, "A", quantity=120)
    await here.settle()
    before = here.server.written()
    await line.rebuild()
    if forgetful:
        await line.forget_the_server()
    await here.settle()
    assert (await everywhere(here, Order, "A")).quantity == 120  # type: ignore[union-attr]
    assert here.server.written() == before, "a copied store brought news"


async def test_an_edit_made_upon_what_came_down_alike_is_no_conflict(here: TwoLines) -> None:
    line = here.lines[1]
    await line.write(order(line, 100))
    await here.settle()
    here.time.pass_by(60)
    here.server.run("UPDATE manufacturing_orders SET quantity = 110 WHERE mo_number = 'A'")
    here.time.pass_by(60)
    here.server.run("UPDATE manufacturing_orders SET quantity = 100 WHERE mo_number = 'A'")
    await here.settle()
    await edit(here, 1, Order, "A", quantity=130)
    await here.settle()
    assert (await everywhere(here, Order, "A")).quantity == 130  # type: ignore[union-attr]
    assert not conflicts(here)


async def test_what_two_daemons_of_one_line_edit_apart_is_not_lost_in_silence(here: TwoLines, tmp_path: Path) -> None:
    line = here.lines[1]
    await line.write(order(line, 100))
    await here.settle()
    second = await LinePc.open(1, tmp_path, here.server.line_dsn, here.time, "second")
    here.lines[3] = second
    await here.meet(3)
    assert second.rivals == ["line1"]
    here.time.pass_by(60)
    await line.write(scan(line), replace(order(line, 110)))
    await edit(here, 3, Order, "A", quantity=120)
    await second.write(scan(second))
    await here.settle()
    assert here.server.run("SELECT count(*) FROM raw_scans") == [(2,)]
    assert (await everywhere(here, Order, "A")).quantity == 120  # type: ignore[union-attr]
    assert [loser["quantity"] for *_, loser in conflicts(here)] == [110]


def scan(pc: LinePc) -> RawScan:
    return RawScan(uuid=uuid4(), device="s", station_number=1, raw=b"x", text="x", seen_at=pc.clock().wall)


@pytest.mark.parametrize("salvaged", [False, True])
async def test_what_a_copied_store_says_twice_is_no_conflict_with_what_was_made_upon_it(
    here: TwoLines, salvaged: bool
) -> None:
    """Line 1 knew the server's edit; line 2 edited upon that; then line 1 sends all it has again."""
    await here.lines[1].write(order(here.lines[1], 100))
    await here.settle()
    here.time.pass_by(60)
    here.server.run("UPDATE manufacturing_orders SET quantity = 110 WHERE mo_number = 'A'")
    await here.settle()
    if salvaged:
        await here.lines[1].write(scan(here.lines[1]))
        await here.meet(1)
    await edit(here, 2, Order, "A", quantity=120)
    await here.meet(2)
    await here.lines[1].rebuild()
    if salvaged:
        await here.lines[1].forget_the_server()
    await here.settle()
    assert (await everywhere(here, Order, "A")).quantity == 120  # type: ignore[union-attr]
    assert not conflicts(here)
