"""The exchange where nothing goes wrong: what the fault tests begin and end with."""

from dataclasses import replace
from pathlib import Path

import pytest

from storage.postgres.listening import connected
from storage.records import FACTS
from storage.sync import carrier
from tests.storage.sync.plant import carrying, compare, drained, exchanged, line


async def test_everything_goes_up_once_and_both_sides_hold_the_same(tmp_path: Path, central: str) -> None:
    async with line(tmp_path, panels=6) as it:
        await exchanged(it, central)
        await compare(central, it)
        held = await it.held()
        assert all(held[record.KIND] for record in FACTS), "a shift has every kind"


async def test_the_server_knows_which_program_runs_a_line(tmp_path: Path, central: str) -> None:
    async with line(tmp_path, panels=1) as it:
        await exchanged(it, central)
        async with connected(central) as connection:
            cursor = await connection.execute("SELECT line_number, host, version FROM line_stores")
            assert await cursor.fetchall() == [(1, "pc1", "1.2.3")]


async def test_the_feed_does_not_grow_with_every_version(
    tmp_path: Path, central: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carrier, "_GREET_EVERY_S", 0.0)
    monkeypatch.setattr(carrier, "POLL_S", 0.01)
    async with line(tmp_path, panels=2) as it, carrying(it, central) as carried, connected(central) as connection:
        for number in range(5):
            await it.write(replace(it.shift.order, notes=str(number)))
            await drained(carried)
        while True:
            cursor = await connection.execute("SELECT count(*), count(DISTINCT uuid) FROM feed")
            rows = await cursor.fetchall()
            if rows[0][0] == rows[0][1]:
                break
        assert rows[0][0] > 10


async def test_what_is_recorded_while_connected_follows(tmp_path: Path, central: str) -> None:
    async with line(tmp_path, panels=1) as it, carrying(it, central) as carried:
        await drained(carried)
        for _ in range(3):
            await it.make(1)
            await drained(carried)
        await compare(central, it)


async def test_a_difference_is_noticed(tmp_path: Path, central: str) -> None:
    async with line(tmp_path, panels=1) as it:
        await exchanged(it, central)
        await it.alter("UPDATE local_panels SET notes = 'x'")
        with pytest.raises(AssertionError, match="differ in a panel"):
            await compare(central, it)
