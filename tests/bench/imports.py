"""A tester's export through the line: every row stored raw, every row judged."""

import time
from pathlib import Path
from time import perf_counter

import psutil

from tests.bench.exports import drop, export
from tests.bench.figures import Figure
from tests.bench.site import FILES_TESTER, Site, busy_s, count, prepare, running, wait_until_quiet

_ROWS = 10_000
_KNOWN = 5_000
_LOOK_S = 0.1
_MIB = 1 << 20


def measure(folder: Path) -> list[Figure]:
    """Drop an export into the tester's folder and wait until its last row is decided on."""
    site = Site(folder)
    prepare(site, (), tester=FILES_TESTER, known_panels=_KNOWN)
    data = export(_ROWS)
    with running(site) as line:
        wait_until_quiet()
        process = psutil.Process(line.pid)
        before = peak = process.memory_info().rss
        began, spent = perf_counter(), busy_s(process)
        drop(site.results, "export.xlsx", data)
        while not count(site, "SELECT count(*) FROM imported_files"):
            peak = max(peak, process.memory_info().rss)
            time.sleep(_LOOK_S)
        took, spent = perf_counter() - began, busy_s(process) - spent
    stored = count(site, "SELECT count(*) FROM raw_flashes")
    judged = count(site, "SELECT count(DISTINCT flash_uuid) FROM flash_rulings")
    what = f"import of a {_ROWS}-row export: {stored} rows stored raw, {judged} judged"
    growth = f"{(peak - before) / _MIB:.0f} MiB over {before / _MIB:.0f} MiB"
    return [
        Figure(f"{what}, from the file's arrival on", "< 3 s", f"{took:.1f} s ({spent:.1f} s of one core)"),
        Figure("memory that import took", "bounded", growth),
    ]
