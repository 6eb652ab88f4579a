"""`python -m tests.bench.central_reads [results]`: how fast a central server with so many results answers.

A server of its own is filled inside PostgreSQL: four results a panel, 500 panels an order, every tenth result with a
note, one criterion row a result. Each question is asked on its own, over one connection, with what a person varies.
"""

import asyncio
import os
import random
import shutil
import sys
import tempfile
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Final

from rich.console import Console
from rich.table import Table

from simulators.servers import PostgresServer
from storage.postgres.history import panel_history
from storage.postgres.link import Link, connect
from storage.postgres.migrate import migrate
from storage.postgres.reads import ask, order_report
from storage.reads import ListFailed, ListPanels, ListResults, Mark, Piece, Question, SearchNotes, words
from storage.records import PanelStatus, Verdict
from tests.bench.figures import Figure, ms, p50, p99

RESULTS: Final = 300_000
ASKED: Final = 300
_FILL: Final = Path(__file__).with_suffix(".sql")
_FIRST: Final = datetime(2020, 1, 1, tzinfo=UTC)
_SETTINGS: Final = {"shared_buffers": "512MB", "maintenance_work_mem": "256MB", "max_wal_size": "8GB"}

Asking = Callable[[], Awaitable[object]]


async def measure(results: int) -> list[Figure]:
    """Fill a new server and ask it."""
    server = PostgresServer.create(Path(tempfile.mkdtemp(prefix="sl")), fsync=False, settings=_SETTINGS)
    try:
        server.start()
        await migrate(server.dsn(), site="BENCH")
        async with await connect(server.dsn()) as link:
            began = perf_counter()
            await fill(link, results)
            print(f"Filled with {results} results in {perf_counter() - began:.0f} s.")
            return [await _figure(link, what, make) for what, make in questions(link, results).items()]
    finally:
        server.remove()
        shutil.rmtree(server.home.folder, ignore_errors=True)


async def fill(link: Link, results: int) -> None:
    """Make the rows, inside the server."""
    await link.execute(f"SET bench.panels = {results // 4}".encode())
    await link.execute(_FILL.read_text(encoding="utf-8").encode())
    await link.execute("VACUUM (ANALYZE)")


def questions(link: Link, results: int) -> dict[str, Asking]:
    """Give the questions by name; each call asks with other values."""
    chance = random.Random(7)
    panels = results // 4

    def asking(question: Callable[[], Question]) -> Asking:
        return lambda: ask(link, question(), Piece(50, _somewhere(chance)))

    def search(text: str) -> Asking:
        return asking(lambda: SearchNotes(words=words(text)))

    return {
        "search, frequent word (3 of 10 notes)": search("scratch"),
        "search, medium word (1 of 100 notes)": search("busbar"),
        "search, rare word (20 notes)": search("kintsugi"),
        "search, word nobody wrote": search("unheard"),
        "search, two words": search("scratch busbar"),
        "search, two words never together": search("scratch dent"),
        "search, frequent word in scrap": asking(
            lambda: SearchNotes(words=words("scratch"), status=PanelStatus.FAILED)
        ),
        "search, frequent word in one order": asking(
            lambda: SearchNotes(words=words("scratch"), order=f"MO-{chance.randrange(max(1, panels // 500))}")
        ),
        "failed panels": asking(ListFailed),
        "cosmetic results": asking(lambda: ListResults(result=Verdict.COSMETIC, standing=True)),
        "results of a station": asking(lambda: ListResults(station=chance.randint(1, 4))),
        "panels in rework": asking(lambda: ListPanels(status=PanelStatus.REWORK)),
        "panel history": lambda: panel_history(link, f"P{chance.randrange(panels)}"),
        "order report": lambda: order_report(link, f"MO-{chance.randrange(max(1, panels // 500))}"),
    }


def _somewhere(chance: random.Random) -> Mark:
    """Give the beginning of the list, or some page further down."""
    back = chance.choice((0.0, 0.0, 0.01, 0.1, 0.5, 0.9))
    return Mark(_FIRST + timedelta(days=2400 * (1 - back)), Piece().after.uuid)


async def _figure(link: Link, what: str, make: Asking) -> Figure:
    took: list[float] = []
    worked: list[float] = []
    for _ in range(ASKED):
        began, began_work = perf_counter(), _worked_s(link)
        await make()
        took.append(perf_counter() - began)
        worked.append(_worked_s(link) - began_work)
    return Figure(what, "p99 ≤ 50 ms", f"{ms(p50(took))} / {ms(p99(took))} / {ms(max(took))}", ms(p99(worked)))


def _worked_s(link: Link) -> float:
    """Say how long the server has worked for this connection, other programs of this machine left out."""
    return int(Path(f"/proc/{link.info.backend_pid}/schedstat").read_text(encoding="ascii").split()[0]) / 1e9


def main() -> None:
    """Measure and print. Nothing passes or fails here."""
    results = int(sys.argv[1]) if len(sys.argv) > 1 else RESULTS
    figures = asyncio.run(measure(results))
    load = f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    table = Table(
        "what",
        "goal",
        "p50 / p99 / worst",
        "server's own work, p99",
        title=f"{results} results, {ASKED} questions each, {load}",
    )
    for one in figures:
        table.add_row(one.what, one.goal, one.figure, one.ratio)
    Console(width=140).print(table)


if __name__ == "__main__":
    main()
