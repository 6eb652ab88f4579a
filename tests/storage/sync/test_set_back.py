"""A server that was restored, rebuilt or merely restarted: is everything there afterwards, and only then sent again?"""

import logging
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from tests.storage.sync.plant import Line, compare, exchanged, line

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
