"""`kill -9` of the daemon while it carries weeks of work up: both sides hold the same facts afterwards, each once."""

import asyncio
import random
import signal
from pathlib import Path

import psycopg
import pytest

from tests.line.premises import Premises, premises
from tests.line.process import daemon
from tests.storage.sync.plant import compare, exchanged, line

pytestmark = pytest.mark.timeout(600)  # many starts, each as slow as the PC is busy

SMALL, FULL = 3, 200
PANELS = 40
"""Made between two kills: a few batches."""


def tie(at: Premises, dsn: str, store: Path) -> None:
    """Let the line's configuration name the server, and the store the panels are made in."""
    file = at.folder / "central.dsn"
    file.write_text(dsn, encoding="utf-8")
    told = at.config_text().replace('site = "T"', 'site = "TEST"').replace(str(at.store), str(store))
    at.config.write_text(f'{told}\n[central]\ndsn_file = "{file}"\n', encoding="utf-8")


def acknowledged(sql: psycopg.Connection) -> int:
    row = sql.execute("SELECT coalesce(max(acked_seq), 0) FROM sunline.line_stores").fetchone()
    return int(row[0]) if row else 0


async def more(folder: Path, made: int) -> int:
    """Let more panels pass the line while its daemon is down; the number of the last change."""
    async with line(folder) as it:
        it.made = made
        await it.make(PANELS)
        return await it.books.readers.read(lambda view: view.last_seq())


@pytest.mark.parametrize("kills", [SMALL, pytest.param(FULL, marks=[pytest.mark.faults, pytest.mark.timeout(3600)])])
async def test_a_line_killed_again_and_again_while_it_catches_up_loses_and_doubles_nothing(
    tmp_path: Path, migrated_dsn: str, kills: int
) -> None:
    rng = random.Random(20260307 + kills)
    before, amid = 0, 0
    with premises(tmp_path) as at, psycopg.connect(migrated_dsn, autocommit=True) as sql:
        tie(at, migrated_dsn, tmp_path / "line1.db")
        for number in range(kills):
            last = await more(tmp_path, number * PANELS)
            async with daemon(at.config) as running:
                await running.online("store")
                if number % 2:  # wait for the first batch, so that the kill is in the midst of the others
                    async with asyncio.timeout(60):
                        while await asyncio.to_thread(acknowledged, sql) == before:  # noqa: ASYNC110
                            await asyncio.sleep(0.005)
                await asyncio.sleep(rng.uniform(0, 0.2))
                running.signal(signal.SIGKILL)
                await running.process.wait()
            reached = await asyncio.to_thread(acknowledged, sql)
            amid += before < reached < last
            before = reached
        async with daemon(at.config) as running:
            await running.online("store")
            async with asyncio.timeout(120):
                while await asyncio.to_thread(acknowledged, sql) < last:  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
            running.signal(signal.SIGTERM)
            assert await running.process.wait() == 0
        async with line(tmp_path) as it:
            await exchanged(it, migrated_dsn)  # what the server had before comes down only when all is up
            await compare(migrated_dsn, it)
    print(f"{amid} of {kills} kills fell in the midst of the catch-up")
