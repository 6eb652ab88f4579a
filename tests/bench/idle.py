"""What a line costs that has nothing to do: ten devices plugged in and silent."""

import time
from contextlib import ExitStack
from pathlib import Path

import psutil

from tests.bench.figures import Figure
from tests.bench.site import SERIAL_TESTER, Scanner, Site, busy_s, prepare, running, wait_until_quiet
from tests.bench.terminal import Terminal

_WATCHED_S = 20.0
_KINDS = ("honeywell-host-ack", "ssi", "plain")
_SCANNERS = tuple(Scanner(f"scanner-{n}", 1 + n % 4, _KINDS[n % 3]) for n in range(9))
_MIB = 1 << 20


def measure(folder: Path) -> list[Figure]:
    """Watch the daemon's processor time and memory while nobody scans."""
    site = Site(folder)
    prepare(site, _SCANNERS, tester=SERIAL_TESTER)
    with ExitStack() as stack:
        for name in (*(one.name for one in _SCANNERS), "tester"):
            stack.enter_context(Terminal(site.port(name)))
        line = stack.enter_context(running(site))
        wait_until_quiet()
        process = psutil.Process(line.pid)
        before = busy_s(process)
        time.sleep(_WATCHED_S)
        share = (busy_s(process) - before) / _WATCHED_S
        resident = process.memory_info().rss
    return [
        Figure(f"idle line with ten devices, over {_WATCHED_S:.0f} s", "< 1 % of a core", f"{share:.2%}"),
        Figure("resident memory of that line", "< 120 MB", f"{resident / 1e6:.0f} MB"),
    ]
