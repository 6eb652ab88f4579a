"""An export of a large store while panels pass: its rate against COPY of the same rows, what scans feel, what it takes.

The line runs as it does in the factory, the export is a process of its own that writes JSON and CSV to the disk, asks
for every row over the control socket and flushes what it wrote. COPY is of the same rows in a server on this machine,
one connection over TCP, to a client that throws them away: as the tables of an export have them, names and uuids where
the server has numbers, in CSV; and plainly as the server's tables have them.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psutil

from daemon.control.client import ControlClient
from daemon.export.line import LineOrigin
from daemon.export.plan import Wishes
from daemon.export.write import write_export
from storage.export import ExportList
from storage.export.job import Unwatched
from storage.export.layout import Format
from storage.sqlite.connection import open_writing
from tests.bench import central
from tests.bench.export_copy import copied_plain_s, copied_s, mirrored
from tests.bench.figures import Figure, ms, p50, p99, times
from tests.bench.latency import SCANNERS, plugged, scan
from tests.bench.site import (
    BADGE,
    FILES_TESTER,
    ROOT,
    Site,
    busy_s,
    prepare,
    running,
    serial,
    wait_until_quiet,
)  # fmt: skip
from tests.bench.terminal import Terminal

RESULTS: Final = 1_000_000
FEW_RESULTS: Final = 10_000
_FILL: Final = Path(__file__).with_suffix(".sql")
_LISTS: Final = (ExportList.ORDERS, ExportList.PANELS, ExportList.RESULTS, ExportList.PALLETS)
_BETWEEN_S: Final = 0.02
_WARM_UP: Final = 20
_AT_REST: Final = 120
"""Panels that pass before the export begins, and those of them that do not count."""
_MEMORY: Final = 150e6


@dataclass(slots=True)
class Seen:
    """What was seen of one export; durations in seconds, memory in bytes."""

    results: int
    rows: int = 0
    size: int = 0
    took_s: float = 0.0
    daemon_s: float = 0.0
    exporter_s: float = 0.0
    rest: list[float] = field(default_factory=list)
    scans: list[float] = field(default_factory=list)
    daemon_bytes: int = 0
    exporter_bytes: int = 0
    load: str = ""


def measure(folder: Path) -> list[Figure]:
    """Export a small and a large store; copy the rows of the large one."""
    return measured(folder, RESULTS)


def measured(folder: Path, results: int) -> list[Figure]:
    """Measure with so many results."""
    folder.mkdir(parents=True)
    few, all_ = exported(folder / "few", min(FEW_RESULTS, results)), exported(folder / "all", results)
    with central.flushing_server() as server:
        dsn = central.migrated(server)
        mirrored(Site(folder / "all").store, dsn)
        told, plain = copied_s(dsn), copied_plain_s(dsn)
    return [*_figures(few, all_), *_against(all_, told, plain)]


def fill(store: Path, results: int) -> None:
    """Make rows inside the database."""
    connection = open_writing(store)
    try:
        connection.pragma("synchronous", 0)
        with connection:
            connection.execute(_FILL.read_text(encoding="utf-8"), {"panels": results // 4})
        connection.wal_checkpoint(mode=3)
    finally:
        connection.close(force=True)


def exported(folder: Path, results: int) -> Seen:
    """Fill a store, then export it while panels pass."""
    site = Site(folder)
    prepare(site, SCANNERS, tester=FILES_TESTER)
    fill(site.store, results)
    out = folder / "out"
    out.mkdir()
    seen = Seen(results)
    with plugged(site) as scanner, running(site) as line:
        wait_until_quiet()
        scan(scanner, BADGE)
        for number in range(_AT_REST):
            took = _pass(scanner, number)
            seen.rest += took if number >= _WARM_UP else ()
            time.sleep(_BETWEEN_S)
        _watch(seen, scanner, psutil.Process(line.pid), site, out)
    seen.size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    shutil.rmtree(out)
    return seen


def _watch(seen: Seen, scanner: Terminal, daemon: psutil.Process, site: Site, out: Path) -> None:
    """Pass panels until the export is written; one at least."""
    began, spent, number = time.perf_counter(), busy_s(daemon), _AT_REST
    with _exporting(site, out) as exporter:
        process = psutil.Process(exporter.pid)
        while exporter.poll() is None or number == _AT_REST:
            seen.scans += _pass(scanner, number)
            number += 1
            seen.daemon_bytes = max(seen.daemon_bytes, daemon.memory_info().rss)
            _look(seen, process)
            time.sleep(_BETWEEN_S)
        seen.took_s, seen.daemon_s = time.perf_counter() - began, busy_s(daemon) - spent
        said, _ = exporter.communicate()
        if exporter.returncode != 0:
            raise RuntimeError(f"the export failed: see {site.folder}/export.log")
        seen.rows = int(said)
    seen.load = f"load {os.getloadavg()[0]:.1f}"


def _look(seen: Seen, process: psutil.Process) -> None:
    """See what the exporting process takes, while it lives."""
    try:
        seen.exporter_bytes = max(seen.exporter_bytes, process.memory_info().rss)
        seen.exporter_s = busy_s(process)
    except psutil.Error:
        return


def _pass(scanner: Terminal, number: int) -> tuple[float, float]:
    return scan(scanner, serial(number)), scan(scanner, "SL-PASS")


@contextmanager
def _exporting(site: Site, out: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "tests.bench.export", str(site.folder / "line.sock"), str(out)]
    environment = os.environ | {"XDG_STATE_HOME": str(site.folder / "state")}
    with (
        (site.folder / "export.log").open("ab") as log,
        subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log
        ) as exporter,
    ):
        try:
            yield exporter
        finally:
            exporter.kill()


def _figures(few: Seen, all_: Seen) -> Iterator[Figure]:
    what = f"export of {all_.results} results"
    yield Figure(
        f"scan → feedback, {len(all_.scans)} scans beside an {what}: p99", "≤ 50 ms",
        f"{ms(p99(all_.scans))} (p50 {ms(p50(all_.scans))}, worst {ms(max(all_.scans))}; {all_.load})",
    )  # fmt: skip
    for name, share in (("p50", p50), ("p99", p99)):
        yield Figure(
            f"the same against {len(all_.rest)} scans beside nothing: {name}", "",
            f"{ms(share(all_.scans))} / {ms(share(all_.rest))}", times(share(all_.scans) / share(all_.rest)),
        )  # fmt: skip
    for name, small, large in (
        ("daemon", few.daemon_bytes, all_.daemon_bytes), ("exporting process", few.exporter_bytes, all_.exporter_bytes)
    ):  # fmt: skip
        yield Figure(
            f"most memory of the {name}, {few.results} and {all_.results} results", f"flat, < {_MEMORY / 1e6:.0f} MB",
            f"{small / 1e6:.0f} MB / {large / 1e6:.0f} MB", times(large / small),
        )  # fmt: skip


def _against(all_: Seen, told: tuple[int, float], plain: tuple[int, float]) -> Iterator[Figure]:
    rate = all_.rows / all_.took_s
    work = f"daemon {all_.daemon_s:.1f} s, exporting process {all_.exporter_s:.1f} s of a core"
    yield Figure(
        f"{all_.rows} rows ({all_.results} results) exported while panels pass: JSON and CSV, {all_.size / 1e6:.0f} MB",
        "", f"{all_.took_s:.1f} s ({work}; {all_.load})", f"{rate:.0f} rows/s",
    )  # fmt: skip
    compared = (
        ("with the columns of an export's tables", "≥ 0.2×", told),
        ("of the server's tables, nothing joined", "", plain),
    )
    for name, goal, (rows, took_s) in compared:
        yield Figure(
            f"COPY TO of the same rows, {name}", goal, f"{took_s:.1f} s ({rows / took_s:.0f} rows/s)",
            times(rate / (rows / took_s)),
        )  # fmt: skip


def main() -> None:
    """Export JSON and CSV of a line into a folder, and say how many rows; the process that is measured."""
    socket, out = map(Path, sys.argv[1:])
    wishes = Wishes(formats=frozenset({Format.JSON, Format.CSV}))
    done = write_export(out, LineOrigin(ControlClient(socket, 60.0), None, None), wishes, Unwatched())
    print(sum(done.job.counts[of] for of in _LISTS))


if __name__ == "__main__":
    main()
