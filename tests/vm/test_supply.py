"""The power supply of the PC: a restart keeps everything, and no cut takes what was answered with a green beep."""

import itertools
import random
import threading
import time
from collections.abc import Generator
from dataclasses import dataclass, field

import pytest

from tests.vm.bed import Bed
from tests.vm.conftest import FULL
from tests.vm.drive import Survives, by_chance, nothing
from tests.vm.wire import GREEN, Cables, Scanner, Unplugged, cables

pytestmark = [pytest.mark.vm, pytest.mark.timeout(14_400 if FULL else 900)]
AGAIN_S = 300.0
CUTS = 30 if FULL else 2
SEED = 7
TRIES = 5
UP = "test -S /run/sunline/line1.sock && systemctl show sunline@1 -P StatusText | grep -q 'takes scans'"


@pytest.fixture(scope="module")
def plugged(bed: Bed) -> Generator[Cables, None, None]:
    with cables(bed.machine) as made:
        yield made


@pytest.fixture(scope="module", autouse=True)
def _at_work(bed: Bed, plugged: Cables) -> None:
    """An operator is signed in at the first two stations, and there is an order."""
    bed.sunline("order", "create", "MO-POWER", "40", "5000")
    token = bed.sunline("user", "add", "petra", "operator", "--badge")["badge_token"]
    plugged.empty(1, 2)
    for station in (1, 2):
        assert plugged.scanner(station).scan(f"SL-U-{token}") == GREEN


@dataclass
class Shift:
    """Panels through station 1, as fast as the line answers; what was answered green is kept out here.

    `opened` and `passed` are serials; after `enough` of them somebody is told.
    """

    scanner: Scanner
    first: int
    enough: int
    reached: threading.Event = field(default_factory=threading.Event)
    opened: list[str] = field(default_factory=list)
    passed: list[str] = field(default_factory=list)

    def work(self) -> None:
        """Go on until the other end is gone."""
        number = self.first
        try:
            while True:
                number += 1
                serial = f"CRS25WT40{number:05}"
                opened = self.scanner.scan(serial) == GREEN
                self.opened += [serial] if opened else []
                if self.scanner.scan("SL-PASS") == GREEN and opened:  # else it was for one that lay open already
                    self.passed.append(serial)
                if len(self.passed) >= self.enough:
                    self.reached.set()
        except Unplugged:
            pass
        finally:
            self.reached.set()


def cut(bed: Bed, plugged: Cables, survives: Survives) -> None:
    """Take the power away, give it back, and wait until the line is at work again, by itself."""
    bed.machine.power_cut(survives)
    plugged.drop()
    bed.machine.start()
    plugged.plug()
    bed.hand.until(UP, AGAIN_S)
    plugged.found()


def results(bed: Bed, serial: str) -> list[tuple[int, str]]:
    events = bed.sunline("panel", "show", serial)["events"]
    return [(event["station_number"], event["result"]) for event in events if event["kind"] == "result"]


def stations(bed: Bed) -> list[tuple[object, ...]]:
    names = ("station", "phase", "serial", "operator")
    return [tuple(one[name] for name in names) for one in bed.sunline("status")["stations"]]


def test_after_a_restart_the_line_is_up_by_itself_with_its_people_its_open_panel_and_its_records(
    bed: Bed, plugged: Cables
) -> None:
    serial = "CRS25WT4000001"
    assert plugged.scanner(1).scan(serial) == GREEN
    before, listed = stations(bed), bed.sunline("panel", "list")
    assert before[0] == (1, "inspecting", serial, "petra")

    bed.machine.reboot()
    bed.hand.until(UP, AGAIN_S)
    bed.hand.until("systemctl show sunline@1 -P StatusText | grep -q 'All 5 devices'", AGAIN_S)
    assert (stations(bed), bed.sunline("panel", "list")) == (before, listed)
    assert bed.hand.out("systemctl --failed --no-legend") == ""

    assert plugged.scanner(1).scan("SL-PASS") == GREEN
    assert results(bed, serial) == [(1, "PASS")]


def test_the_drive_of_this_machine_loses_what_was_not_flushed(bed: Bed, plugged: Cables) -> None:
    """Else the cuts below would prove nothing."""
    assert any(was_lost(bed, plugged) for _ in range(TRIES)), "it survived, whenever the power went"


def was_lost(bed: Bed, plugged: Cables) -> bool:
    """Cut the power right behind a write that nobody flushed; False where it survived: the system flushes by itself."""
    write = "echo {0} | dd of=/var/tmp/{0} bs=512 count=1 conv=sync,notrunc oflag=direct status=none"
    bed.hand.out("for name in kept lost; do head -c 512 /dev/zero > /var/tmp/$name; done; sync")
    bed.hand.out(f"{write.format('kept')} && sync /var/tmp/kept && {write.format('lost')}")
    pieces = itertools.count()
    cut(bed, plugged, lambda: next(pieces) < 0)
    assert bed.hand.get("/var/tmp/kept").startswith(b"kept")
    return next(pieces) > 0 and bed.hand.get("/var/tmp/lost") == bytes(512)


@pytest.mark.parametrize("number", range(CUTS))
def test_whatever_was_answered_green_is_there_after_a_power_cut_at_any_moment(
    bed: Bed, plugged: Cables, number: int
) -> None:
    chance = random.Random(SEED + number)
    shift = Shift(plugged.scanner(1), 1000 * (number + 1), chance.randint(5, 40))
    working = threading.Thread(target=shift.work, name="shift")
    working.start()
    try:
        assert shift.reached.wait(AGAIN_S)
        time.sleep(chance.random())
    finally:
        cut(bed, plugged, nothing if number == 0 else by_chance(SEED + number))
        working.join()
    assert len(shift.passed) >= shift.enough

    known = {row["serial_number"] for row in bed.sunline("panel", "list", "--limit", "1000")["rows"]}
    assert set(shift.opened) <= known
    for serial in shift.passed[-40:]:
        assert results(bed, serial) == [(1, "PASS")]
    assert stations(bed)[1][3] == "petra", "whoever was signed in still is"
    last = shift.passed[-1]
    assert [plugged.scanner(2).scan(code) for code in (last, "SL-PASS")] == [GREEN, GREEN]
