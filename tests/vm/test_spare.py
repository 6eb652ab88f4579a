"""A dead line PC is replaced by the page: its drive still works, a spare PC takes over. The other way, starting empty
with what the central server has, has no server here: the page's first part is followed on an empty store, and what
comes down from a server to one is tested beside the exchange."""

from collections.abc import Generator
from pathlib import Path

import pytest

from tests.vm.bed import Bed
from tests.vm.host import run
from tests.vm.image import Image
from tests.vm.machine import Machine, machine
from tests.vm.page import Followed, numbered, sections
from tests.vm.wire import GREEN, cables

pytestmark = [pytest.mark.vm, pytest.mark.timeout(1800)]
SERIAL = "CRS25WB6090001"
READY = "systemctl show sunline@1 -P StatusText | grep -q 'takes scans'"


@pytest.fixture
def left(bed: Bed) -> object:
    """What the line knows when its PC dies: an operator is signed in, a panel lies open."""
    with cables(bed.machine) as plugged:
        token = bed.sunline("user", "add", "sven", "operator", "--badge")["badge_token"]
        bed.sunline("order", "create", "MO-SPARE", "60", "60")
        plugged.empty(1)
        assert [plugged.scanner(1).scan(code) for code in (f"SL-U-{token}", SERIAL)] == [GREEN, GREEN]
        before: object = bed.sunline("panel", "list", "--limit", "1000")
        return before


@pytest.fixture
def drive(bed: Bed, left: object) -> Generator[Path, None, None]:
    """The drive of the dead PC, as it was when the power went."""
    del left
    bed.machine.power_cut()
    try:
        yield partitioned(bed.machine.folder / "system.img", bed.folder / "old.img")
    finally:
        bed.machine.start()
        bed.hand.until(READY, 300)


def partitioned(system: Path, whole: Path) -> Path:
    """Make a drive with one partition, which is the system."""
    with whole.open("wb") as image:
        image.truncate(system.stat().st_size + (2 << 20))
    run("sfdisk", "-q", whole, stdin=f"label: dos\nunit: sectors\n2048, {system.stat().st_size // 512}, 83\n")
    run("dd", f"if={system}", f"of={whole}", "bs=1M", "seek=1", "conv=notrunc,sparse")
    return whole


@pytest.fixture
def spare(disks: Image, drive: Path) -> Generator[Machine, None, None]:
    """A spare PC on which sections 1 to 4 were done."""
    del drive
    with machine(disks) as made:
        Followed().follow(made.hand, numbered()[:4])
        yield made


def test_the_drive_of_a_dead_pc_makes_a_spare_pc_the_line(left: object, spare: Machine, drive: Path, bed: Bed) -> None:
    with cables(spare, found=False) as plugged:
        spare.plug(drive, "OLD-0001")
        spare.hand.until("journalctl -q -u 'sunline-usb@sda_*' -o cat | grep -qE 'Finished|Deactivated|Failed'", 180)
        followed = Followed()
        followed.follow(spare.hand, [sections()["If the drive of the dead PC still works"]])
        plugged.found()
        followed.follow(spare.hand, [sections()["Check"]])

        there = Bed(spare, bed.plant, bed.folder)
        assert there.sunline("panel", "list", "--limit", "1000") == left
        station = there.sunline("status")["stations"][0]
        assert (station["serial"], station["operator"]) == (SERIAL, "sven")
        assert plugged.scanner(1).scan("SL-PASS") == GREEN
        assert spare.hand.out("systemctl --failed --no-legend") == ""
    assert "BAD" not in followed.printed["Check"]
