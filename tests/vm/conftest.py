"""One machine for all tests: it is started, its line installed, and it is gone afterwards."""

import os
import time
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.vm.bed import Bed, First, first_visits
from tests.vm.host import Unable, prepare
from tests.vm.image import image
from tests.vm.machine import machine
from tests.vm.plant import install, make_plant

FULL = bool(os.environ.get("SUNLINE_VM_FULL"))
PANELS = 300
_TIMES: pytest.StashKey[list[str]] = pytest.StashKey()


@pytest.fixture(scope="session")
def bed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Generator[Bed, None, None]:
    """The machine, up, with its line running."""
    folder = tmp_path_factory.mktemp("vm")
    began = time.monotonic()
    try:
        prepare()
    except Unable as error:
        pytest.skip(str(error))
    disks = image()
    times = request.config.stash.setdefault(_TIMES, [])
    times.append(f"image {time.monotonic() - began:.0f} s")
    plant = make_plant(folder, PANELS)
    with machine(disks) as running:
        times.append(f"boot {running.booted_in_s:.0f} s")
        began = time.monotonic()
        install(running.hand, plant)
        times.append(f"line installed and ready {time.monotonic() - began:.0f} s")
        yield Bed(running, plant, folder)


@pytest.fixture(scope="session")
def first(bed: Bed) -> list[First]:
    """A stick for each file system: plugged in as a stranger, enrolled for all of it each time, and exported to."""
    return first_visits(bed)


@pytest.fixture(scope="session")
def key(bed: Bed) -> Path:
    """The line's public key, as whoever checks an export has it."""
    path = bed.folder / "key.pem"
    path.write_text(bed.sunline("export", "key")["pem"], encoding="utf-8")
    return path


@pytest.fixture(autouse=True)
def _nothing_left_in(bed: Bed) -> Generator[None, None, None]:
    yield
    bed.pull_all()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say where the time went."""
    if times := terminalreporter.config.stash.get(_TIMES, []):
        terminalreporter.write_line(f"virtual machine: {', '.join(times)}")
