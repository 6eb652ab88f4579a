"""Scan byte in → commit → feedback byte out, against a bare commit of the same bytes on the same disk."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

from tests.bench.bare import BareCommits
from tests.bench.exports import drop, export
from tests.bench.figures import Figure, ms, p50, p99, times
from tests.bench.site import BADGE, FILES_TESTER, Scanner, Site, count, prepare, running, serial, wait_until_quiet
from tests.bench.terminal import Terminal

PANELS = 400
_WARM_UP = 40

SCANNERS = tuple(Scanner(f"scanner-{station}", station) for station in (1, 2, 3, 4))
_GOOD_READ = b"\x1b7,"

_KNOWN = 5_000
_IMPORT_ROWS = 10_000
_IMPORTS = 2
_PAYLOAD = """
SELECT sum(length(body)) / (SELECT count(*) FROM raw_scans) + (SELECT max(length(body)) FROM station_state)
FROM changes WHERE seq > (SELECT min(seq) FROM changes WHERE kind = 'raw_scan')
"""


@dataclass(slots=True)
class Samples:
    """Durations in seconds, taken in turns; `body_bytes` is what each bare commit wrote."""

    body_bytes: int
    line: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)


def measure(folder: Path) -> list[Figure]:
    """Measure a line at rest, then a line that copies, searches, exports and imports at the same time."""
    return [*_figures(quiet(folder / "quiet")), *busy(folder / "busy")]


def quiet(folder: Path, panels: int = PANELS) -> Samples:
    """Pass panels at a station that has nothing else to do, in turns with bare commits of as many bytes."""
    site = Site(folder)
    prepare(site, SCANNERS, tester=FILES_TESTER)
    with plugged(site) as scanner, running(site), BareCommits(folder / "bare.db") as bare:
        wait_until_quiet()
        scan(scanner, BADGE)
        for number in range(_WARM_UP):
            _pass(scanner, number)
        samples = Samples(_bytes_a_scan(site))
        body = bytes(samples.body_bytes)
        for number in range(_WARM_UP, _WARM_UP + panels):
            for text in (serial(number), "SL-PASS"):
                samples.line.append(scan(scanner, text))
                samples.bare.append(bare.commit(body))
    return samples


def busy(folder: Path, panels: int = PANELS) -> list[Figure]:
    """Pass panels while snapshots, searches and exports run without a pause and one import follows the other."""
    site = Site(folder)
    prepare(site, SCANNERS, tester=FILES_TESTER, known_panels=_KNOWN)
    files = [export(_IMPORT_ROWS, seed=seed) for seed in range(_IMPORTS)]
    took: list[float] = []
    with plugged(site) as scanner, running(site, "--busy") as line:
        scan(scanner, BADGE)
        for number, data in enumerate(files):
            drop(site.results, f"export-{number}.xlsx", data)
        for number in range(panels):
            took += _pass(scanner, number)
        line.terminate()
        assert line.stdout is not None
        done: dict[str, Any] = json.loads(line.stdout.readline())
    rows = count(site, "SELECT count(*) FROM raw_flashes")
    beside = f"{done['snapshots']} snapshots, {done['searches']} searches, {done['exported_rows']} rows exported"
    what = f"scan → feedback, {len(took)} scans beside {beside}, {rows} rows imported: p99"
    return [Figure(what, "≤ 50 ms", f"{ms(p99(took))} (p50 {ms(p50(took))}, worst {ms(max(took))})")]


def _figures(samples: Samples) -> list[Figure]:
    line, bare = samples.line, samples.bare
    what = f"scan → commit → feedback, {len(line)} scans, against bare commits of {samples.body_bytes} bytes"
    return [
        Figure(f"{what}, p50", "≤ 2.2×", f"{ms(p50(line))} / {ms(p50(bare))}", times(p50(line) / p50(bare))),
        Figure(f"{what}, p99", "≤ 2.5×", f"{ms(p99(line))} / {ms(p99(bare))}", times(p99(line) / p99(bare))),
        Figure("what the line adds to the commit, p50", "≤ 1 ms", ms(p50(line) - p50(bare))),
        Figure("what the line adds to the commit, p99", "≤ 5 ms", ms(p99(line) - p99(bare))),
    ]


@contextmanager
def plugged(site: Site) -> Iterator[Terminal]:
    """Plug in every scanner and give the one of station 1."""
    with ExitStack() as stack:
        first, *_ = [stack.enter_context(Terminal(site.port(one.name))) for one in SCANNERS]
        yield first


def _pass(scanner: Terminal, number: int) -> tuple[float, float]:
    first = scan(scanner, serial(number))
    second = scan(scanner, "SL-PASS")
    return first, second


def scan(scanner: Terminal, text: str) -> float:
    """Scan a barcode and say how many seconds later the scanner beeps."""
    said = f"{text}\r".encode()
    began = perf_counter()
    scanner.say(said)
    heard = scanner.heard()
    took = perf_counter() - began
    if heard != _GOOD_READ:
        raise RuntimeError(f"the line answered {heard!r} to {text}")
    return took


def _bytes_a_scan(site: Site) -> int:
    """Give how many bytes of facts and state the line commits for one scan, on average."""
    return count(site, _PAYLOAD)
