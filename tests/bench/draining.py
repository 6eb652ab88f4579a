"""What a scan takes while a backlog goes up to the central server, and what the daemon's memory does meanwhile."""

import os
import time
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final

import psutil
import psycopg

from simulators.servers import PostgresServer
from storage.postgres.link import conninfo
from storage.records import Batch
from storage.sqlite.store import Store
from tests.bench.figures import Figure, ms, p50, p99, times
from tests.bench.latency import SCANNERS, plugged, scan
from tests.bench.site import BADGE, FILES_TESTER, SITE, Site, count, prepare, running, serial, wait_until_quiet
from tests.storage.sync.shift import Shift

BACKLOG_PANELS: Final = 4_000
_SCANNED_PANELS: Final = 450
_WARM_UP: Final = 20
_BETWEEN_S: Final = 0.01
_TOGETHER: Final = 10
_LAST: Final = "SELECT max(seq) FROM changes"
_ACKED: Final = "SELECT coalesce(max(acked_seq), 0) FROM line_stores"


@dataclass(slots=True)
class Scans:
    """What was seen while panels passed; durations in seconds, memory in bytes."""

    backlog: int
    took: list[float] = field(default_factory=list)
    resident: list[int] = field(default_factory=list)
    drained_s: float = 0.0
    load: str = ""


def fill(site: Site, panels: int) -> None:
    """Let panels pass a line that no server hears of; ten decisions a commit, as nobody waits for them."""
    shift = Shift(1, "MO-BACKLOG")
    store = Store.open(site.store, site=SITE, line_number=1)
    try:
        store.write(Batch((shift.operator, shift.boss, shift.order)))
        decisions = shift.panels(0, panels)
        while some := list(islice(decisions, _TOGETHER)):
            store.write(Batch(tuple(record for batch in some for record in batch.records)))
    finally:
        store.close()


def passing(server: PostgresServer, dbname: str, folder: Path, backlog_panels: int) -> Scans:
    """Pass panels until the backlog is up and a number of them passed."""
    site = Site(folder)
    prepare(site, SCANNERS, tester=FILES_TESTER, central_dsn=server.dsn(dbname=dbname))
    if backlog_panels:
        fill(site, backlog_panels)
    last = count(site, _LAST)
    seen, reached = Scans(last), conninfo(server.dsn(dbname=dbname))
    with plugged(site) as scanner, running(site) as line, psycopg.connect(reached, autocommit=True) as central:
        process, began = psutil.Process(line.pid), time.perf_counter()
        if not backlog_panels:
            wait_until_quiet()
        scan(scanner, BADGE)
        for number in range(_SCANNED_PANELS):
            for text in (serial(number), "SL-PASS"):
                took = scan(scanner, text)
                if number >= _WARM_UP:
                    seen.took.append(took)
                time.sleep(_BETWEEN_S)
            seen.resident.append(process.memory_info().rss)
            if backlog_panels and _acked(central) >= last:
                break
        while _acked(central) < last:
            time.sleep(_BETWEEN_S)
        seen.drained_s, seen.load = time.perf_counter() - began, f"load {os.getloadavg()[0]:.1f}"
    return seen


def figures(at_rest: Scans, draining: Scans) -> list[Figure]:
    """Compare scans beside a backlog with scans beside none, both with the central server connected."""
    took, rest = draining.took, at_rest.took
    what = f"scan → feedback, {len(took)} scans while {draining.backlog} changes go up"
    memory = [size / 1e6 for size in draining.resident]
    first, second = max(memory[: len(memory) // 2]), max(memory[len(memory) // 2 :])
    beside_nothing = at_rest.resident[-1] / 1e6
    worst = f"p50 {ms(p50(took))}, worst {ms(max(took))}; {draining.load}"
    return [
        Figure(f"{what}: p99", "≤ 50 ms", f"{ms(p99(took))} ({worst})"),
        Figure(f"{what}, against {len(rest)} scans beside nothing: p50", "", f"{ms(p50(took))} / {ms(p50(rest))}",
               times(p50(took) / p50(rest))),
        Figure(f"{what}, against {len(rest)} scans beside nothing: p99", "", f"{ms(p99(took))} / {ms(p99(rest))}",
               times(p99(took) / p99(rest))),
        Figure("resident memory meanwhile: most in the first and in the second half", "flat",
               f"{first:.0f} MB / {second:.0f} MB (beside nothing {beside_nothing:.0f} MB)",
               times(second / first)),
        Figure("that backlog gone up", "", f"{draining.drained_s:.1f} s",
               f"{draining.backlog / draining.drained_s:.0f} changes/s"),
    ]  # fmt: skip


def _acked(central: psycopg.Connection) -> int:
    row = central.execute(_ACKED).fetchone()
    return int(row[0]) if row else 0
