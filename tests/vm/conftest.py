"""One machine for all tests: it is started, its line installed, and it is gone afterwards."""

import os
import time
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.vm.bed import Bed, First, first_visits
from tests.vm.host import Unable, prepare
from tests.vm.image import Image, image
from tests.vm.machine import Machine, machine
from tests.vm.page import Followed, to_the_first_panel
from tests.vm.plant import make_plant, move_in

FULL = bool(os.environ.get("SUNLINE_VM_FULL"))
PANELS = 300
_TIMES: pytest.StashKey[list[str]] = pytest.StashKey()


@pytest.fixture(scope="session")
def times(request: pytest.FixtureRequest) -> list[str]:
    """Where the time went, told at the end."""
    return request.config.stash.setdefault(_TIMES, [])


@pytest.fixture(scope="session")
def disks(times: list[str]) -> Image:
    """An empty PC's disk, and one with the packages."""
    began = time.monotonic()
    try:
        prepare()
    except Unable as error:
        pytest.skip(str(error))
    made = image()
    times.append(f"image {time.monotonic() - began:.0f} s")
    return made


@pytest.fixture(scope="session")
def running(disks: Image, times: list[str]) -> Generator[Machine, None, None]:
    """An empty PC, switched on."""
    with machine(disks) as made:
        times.append(f"boot {made.booted_in_s:.0f} s")
        yield made


@pytest.fixture(scope="session")
def followed(running: Machine, times: list[str], tmp_path_factory: pytest.TempPathFactory) -> Followed:
    """What came of following the page on it, up to the first panel."""
    began = time.monotonic()
    came = to_the_first_panel(running, tmp_path_factory.mktemp("page"))
    times.append(f"from an empty PC to a running line {time.monotonic() - began:.0f} s")
    return came


@pytest.fixture(scope="session")
def bed(running: Machine, followed: Followed, times: list[str], tmp_path_factory: pytest.TempPathFactory) -> Bed:
    """The machine as the page has left it, with the records of a line that has been at work."""
    del followed
    folder = tmp_path_factory.mktemp("vm")
    plant = make_plant(folder, PANELS)
    began = time.monotonic()
    move_in(running.hand, plant)
    times.append(f"another line moved in {time.monotonic() - began:.0f} s")
    return Bed(running, plant, folder)


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
def _nothing_left_in(request: pytest.FixtureRequest) -> Generator[None, None, None]:
    """Pull out what a test of the bed left in."""
    yield
    if "bed" in request.fixturenames:
        request.getfixturevalue("bed").pull_all()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say where the time went."""
    if times := terminalreporter.config.stash.get(_TIMES, []):
        terminalreporter.write_line(f"virtual machine: {', '.join(times)}")
