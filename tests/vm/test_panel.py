"""A panel through all four stations, by the bytes of scanners and tester on emulated USB serial ports."""

from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.vm.bed import Bed
from tests.vm.image import GUEST
from tests.vm.wire import GREEN, RED, SEEN, Cables, Scanner, cables

pytestmark = [pytest.mark.vm, pytest.mark.timeout(900)]
FIRST, SECOND = "CRS25WT3600001", "CRS25WT360010"
ATTEMPTS = 5
STATIONS = (1, 2, 3, 4)


@pytest.fixture(scope="module")
def plugged(bed: Bed) -> Generator[Cables, None, None]:
    with cables(bed.machine) as made:
        made.empty(*STATIONS)
        yield made


@pytest.fixture(scope="module")
def badge(bed: Bed) -> str:
    """What is printed on the card of an operator; there is an order for what is built."""
    bed.sunline("order", "create", "MO-WIRE", "36", "60")
    return f"SL-U-{bed.sunline('user', 'add', 'olga', 'operator', '--badge')['badge_token']}"


def history(bed: Bed, serial: str) -> dict[str, Any]:
    shown: dict[str, Any] = bed.sunline("panel", "show", serial)
    return shown


def verdicts(shown: dict[str, Any]) -> list[tuple[int, str, str]]:
    results = (event for event in shown["events"] if event["kind"] == "result")
    return [(one["station_number"], one["result"], one["operator"]) for one in results]


def test_who_is_not_signed_in_hears_no_and_a_badge_is_answered_yes(plugged: Cables, badge: str) -> None:
    for station in STATIONS:
        scanner = plugged.scanner(station)
        assert scanner.scan(FIRST) == RED
        assert scanner.scan(badge) == GREEN


def test_a_panel_goes_through_all_four_stations_by_bytes_alone(bed: Bed, plugged: Cables, badge: str) -> None:
    for station in (1, 2, 3):
        assert plugged.scanner(station).scan(FIRST) == GREEN
        assert plugged.scanner(station).scan("SL-PASS") == GREEN
    last = plugged.scanner(4)
    assert last.scan(FIRST) == GREEN
    assert last.scan(FIRST) == SEEN
    values = plugged.rig.flash(199.5)
    bed.hand.until("sunline status --json | grep -q '\"199.5 W\"'")
    assert last.scan("SL-PASS") == GREEN

    shown = history(bed, FIRST)
    assert shown["panel"]["status"] == "completed"
    assert verdicts(shown) == [(station, "PASS", "olga") for station in STATIONS]
    (flash,) = (event for event in shown["events"] if event["kind"] == "flash")
    assert tuple(flash["values"][name] for name in ("Pmax", "Voc", "Isc", "Vmp", "Imp")) == pytest.approx(values)
    assert flash["rulings"][-1]["disposition"] == "attached"
    assert flash["raw"].startswith(",2026-11-23,10:00:")
    assert shown["pallet"]["position"] == 1


def test_a_panel_at_the_wrong_station_is_refused_by_the_beep(plugged: Cables, badge: str) -> None:
    assert plugged.scanner(3).scan("CRS25WT3600002") == RED


def test_no_green_is_heard_while_the_disk_takes_nothing_and_it_comes_when_it_does(
    bed: Bed, plugged: Cables, badge: str
) -> None:
    scanner = plugged.scanner(1)
    bed.hand.put("/run/freeze.py", (GUEST / "freeze.py").read_bytes())
    for attempt in range(ATTEMPTS):
        serial = f"{SECOND}{attempt}"
        assert scanner.scan(serial) == GREEN
        silent, held = passed_on_a_frozen_disk(bed, scanner)
        assert scanner.heard() == GREEN
        assert verdicts(history(bed, serial)) == [(1, "PASS", "olga")]
        if held:
            assert silent
            return
    raise AssertionError("the machine stood still for too long, each time")


def passed_on_a_frozen_disk(bed: Bed, scanner: Scanner) -> tuple[bool, bool]:
    """Scan PASS while the disk takes nothing; tell whether nothing was heard for 3 s of the machine's own time, and
    whether the disk was held that long: it is let go after 20 s, before the watchdog ends the line."""
    with ThreadPoolExecutor() as threads:
        frozen = threads.submit(bed.hand.out, "python3 /run/freeze.py")
        try:
            bed.hand.run("for n in $(seq 300); do test -e /run/frozen && break; sleep 0.05; done")
            scanner.trigger("SL-PASS")
            bed.hand.out("sleep 3")
            silent = scanner.silent()
            held = bed.hand.run("test -e /run/frozen").code == 0
        finally:
            bed.hand.put("/run/thaw", "go on")
        frozen.result()
    return silent, held
