"""`kill -9` at random moments: what was acknowledged is there, once, and the next process goes on."""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.storage.samples import Decided, furnished, open_store, step

SMALL, FULL = 5, 100
ROOT = Path(__file__).parents[2]


def write_for_ever(path: Path) -> None:
    """Pass panels and say each serial once it is committed: what the killed process runs."""
    store = open_store(path)
    number = len(store.view.panels(limit=100_000))
    while True:
        serial = f"CRS25WT60{number:05}"
        seen, batch = step(serial)
        store.transact((seen,), lambda _, batch=batch: Decided(batch))  # type: ignore[misc]
        os.write(1, f"{serial}\n".encode())
        store.tend()
        number += 1


def killed_after(path: Path, lines: int) -> list[str]:
    """Run the writer, kill it once it has acknowledged some panels, give all it acknowledged."""
    command = [sys.executable, "-m", "tests.storage.test_kill", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout
        said = [process.stdout.readline() for _ in range(lines)]
        os.kill(process.pid, signal.SIGKILL)
        said += process.stdout.readlines()
    return [line.decode().strip() for line in said if line.endswith(b"\n")]


@pytest.mark.parametrize("kills", [SMALL, pytest.param(FULL, marks=[pytest.mark.faults, pytest.mark.timeout(600)])])
def test_every_acknowledged_panel_survives_every_kill_once(tmp_path: Path, kills: int) -> None:
    path = tmp_path / "line.db"
    furnished(path).close()
    rng = random.Random(kills)
    acknowledged: list[str] = []
    for _ in range(kills):
        acknowledged += killed_after(path, rng.randrange(1, 40))
    store = open_store(path)
    found = [made.serial_number for made in store.view.panels(limit=100_000)]
    assert not set(acknowledged) - set(found)
    assert len(found) <= len(acknowledged) + kills
    for made in store.view.panels(limit=100_000):
        assert len(store.view.results_of(made.uuid)) == 1
    assert store.view.last_seq() == 3 + 5 * len(found)
    store.close()


if __name__ == "__main__":
    write_for_ever(Path(sys.argv[1]))
