"""`python -m tests.bench [name ...] [results]`: measure everything, or what is named, and print one table.

A number is how many results `export` exports.
"""

import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.bench import central, export, frames, idle, imports, latency
from tests.bench.bare import BareCommits
from tests.bench.figures import Figure, ms, p50, p99
from tests.bench.site import ROOT

_MEASURES: dict[str, Callable[[Path], list[Figure]]] = {
    "latency": latency.measure,
    "frames": frames.measure,
    "imports": imports.measure,
    "idle": idle.measure,
    "central": central.measure,
    "export": export.measure,
}
_NOISE_COMMITS = 500


def main() -> None:
    """Measure and print. Nothing passes or fails here."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # whatever ends this also ends the lines it started
    console = Console()
    names = [word for word in sys.argv[1:] if not word.isdecimal()] or list(_MEASURES)
    for number in filter(str.isdecimal, sys.argv[1:]):
        _MEASURES["export"] = partial(export.measured, results=int(number))
    build = ROOT / "build"
    build.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=build))
    try:
        before = _noise(folder / "before.db")
        figures: list[Figure] = []
        for name in names:
            console.print(f"Measuring {name} ...")
            figures += _MEASURES[name](folder / name)
        after = _noise(folder / "after.db")
    finally:
        shutil.rmtree(folder)
    console.print(_table(figures))
    console.print(f"Noise of this machine: a bare commit took {before} before and {after} after.")


def _noise(path: Path) -> str:
    with BareCommits(path) as bare:
        took = [bare.commit(bytes(1000)) for _ in range(_NOISE_COMMITS)]
    return f"{ms(p50(took))} (p99 {ms(p99(took))}, load {os.getloadavg()[0]:.1f})"


def _table(figures: list[Figure]) -> Table:
    table = Table("what", "goal", "figure", "ratio", title=f"{os.cpu_count()} cores")
    for one in figures:
        table.add_row(one.what, one.goal, one.figure, one.ratio)
    return table


if __name__ == "__main__":
    main()
