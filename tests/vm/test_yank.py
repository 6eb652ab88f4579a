"""Sticks pulled at random moments: at worst incomplete, never whole in looks alone, gone on with at the next insert."""

import random
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.vm.bed import ENDING_S, Bed, First, Visit, check, check_digests, exports, is_whole
from tests.vm.conftest import FULL
from tests.vm.sticks import FILE_SYSTEMS, cut_apart

MOMENTS = 30 if FULL else 2
SEED = 4
STILL_S = 2.0
SERVED = "systemctl list-units -q --no-legend --plain 'sunline-usb@*'"
SLOW_END = "/run/systemd/system/sunline-usb@.service.d/50-slow-end.conf"

pytestmark = [pytest.mark.vm, pytest.mark.timeout(14_400 if FULL else 900)]


def moments() -> Iterator[tuple[float, ...]]:
    """Give for each round at which share of a visit each stick is pulled; a little beyond it is safe already."""
    chance = random.Random(SEED)
    for _ in range(MOMENTS):
        yield tuple(chance.uniform(0.1, 1.05) for _ in FILE_SYSTEMS)


@pytest.mark.parametrize("shares", list(moments()), ids=lambda shares: "-".join(f"{share:.2f}" for share in shares))
def test_a_stick_pulled_at_any_moment_is_gone_on_with_and_what_looks_whole_is_whole(
    bed: Bed, first: list[First], key: Path, shares: tuple[float, ...]
) -> None:
    visits = [bed.plug(victim.stick) for victim in first]
    pull_at(bed, visits, [int(share * victim.visit_bytes) for share, victim in zip(shares, first, strict=True)])
    bed.idle()
    for victim, visit in zip(first, visits, strict=True):
        said = bed.said(visit)
        if said is not None and said.outcome == "exported":
            victim.known = len(whole_ones(bed, victim, visit))
        for export in filter(is_whole, exports(bed.read(victim.stick))):
            check_digests(export)
    go_on(bed, first, key)


@pytest.mark.parametrize("share", [0.3, 0.7])
def test_a_stick_that_is_put_back_at_once_is_served(bed: Bed, first: list[First], key: Path, share: float) -> None:
    victim = first[0]
    visit = bed.plug(victim.stick)
    pull_at(bed, [visit], [int(share * victim.visit_bytes)])
    again = bed.plug(victim.stick)
    bed.told(again.cursor, "sunline-usb", f"{victim.stick.serial}): exported: ")  # maybe behind words on the pull
    bed.pull(again)
    found = whole_ones(bed, victim, again)
    victim.known = len(found)
    check(found[-1], key)


@pytest.fixture
def slow_to_end(bed: Bed) -> Generator[None, None, None]:
    """Whatever serves a stick takes a while to end, as what hangs on a dying one does."""
    bed.hand.put(SLOW_END, "[Service]\nTimeoutStopSec=infinity\nExecStopPost=-/bin/sleep infinity\n")
    bed.hand.out("systemctl daemon-reload")
    yield
    bed.hand.out(f"rm {SLOW_END} && systemctl daemon-reload && systemctl kill -s KILL 'sunline-usb@*'")
    bed.idle()


@pytest.mark.usefixtures("slow_to_end")
def test_a_stick_that_takes_the_name_of_one_just_pulled_is_served(bed: Bed, first: list[First]) -> None:
    one, other = first[:2]
    visit = bed.plug(one.stick)
    name = bed.device(visit)
    before = bed.hand.until(f"{SERVED} --state=activating | grep -o 'sunline-usb@{name}_[0-9]*'").strip()
    bed.yank(visit)
    bed.hand.until(f"test $(systemctl show -P SubState {before}) = stop-post")
    after = bed.plug(other.stick)
    assert bed.device(after) == name
    assert bed.ending(after).outcome == "exported"
    assert bed.hand.out(f"systemctl show -P ActiveState {before}").strip() == "deactivating", "nothing was tried"
    bed.yank(after)
    other.known += 1


def test_an_ntfs_stick_that_the_pull_left_damaged_is_mended_and_gone_on_with(
    bed: Bed, first: list[First], key: Path
) -> None:
    victim = first[FILE_SYSTEMS.index("ntfs")]
    visit = bed.plug(victim.stick)
    pull_at(bed, [visit], [victim.visit_bytes // 2])
    bed.idle()
    cut_apart(victim.stick)
    visit = bed.plug(victim.stick)
    assert bed.ending(visit).outcome == "exported"
    bed.told(visit.cursor, "sunline-usb", "ntfsfix tries to mend it")
    bed.pull(visit)
    found = whole_ones(bed, victim, visit)
    assert len(found) == victim.known + 1
    victim.known += 1
    check(found[-1], key)


def pull_at(bed: Bed, visits: list[Visit], moved: list[int]) -> None:
    """Pull each stick when so many bytes went over its plug, or when its visit is over."""
    left = [_Pulling(visit, bytes_) for visit, bytes_ in zip(visits, moved, strict=True)]
    while left:
        for pulling in tuple(left):
            if pulling.due(bed):
                bed.yank(pulling.visit)
                left.remove(pulling)
        time.sleep(0.01)


@dataclass
class _Pulling:
    visit: Visit
    at_bytes: int
    moved: int = 0
    moved_at: float = field(default_factory=time.monotonic)
    asked_at: float = field(default_factory=time.monotonic)

    def due(self, bed: Bed) -> bool:
        """Tell whether the moment has come; one that stands still may be over: asking costs the machine much."""
        now, moved = time.monotonic(), bed.machine.moved(self.visit.plugged)
        if moved != self.moved:
            self.moved, self.moved_at = moved, now
        if moved >= self.at_bytes:
            return True
        if now - max(self.moved_at, self.asked_at) < STILL_S:
            return False
        assert now - self.moved_at < ENDING_S, f"{self.visit.stick.serial} got no further than {moved} bytes"
        over = bed.said(self.visit) is not None
        self.asked_at = time.monotonic()
        return over


def go_on(bed: Bed, first: list[First], key: Path) -> None:
    """Plug all of them in again: one more export is on each now, and all are whole."""
    visits = [bed.plug(victim.stick) for victim in first]
    for visit in visits:
        said = bed.ending(visit)
        assert said.outcome == "exported", (visit.stick.serial, said, bed.hand.out("journalctl -b -k -q -n 60"))
    bed.pull(*visits)
    for victim, visit in zip(first, visits, strict=True):
        found = whole_ones(bed, victim, visit)
        assert len(found) == victim.known + 1
        victim.known += 1
        check(found[-1], key)


def whole_ones(bed: Bed, victim: First, visit: Visit) -> list[Path]:
    """Give the whole exports of a stick that was called safe; another was given up, and told, and has no journal."""
    found = exports(bed.read(victim.stick))
    whole = [export for export in found if is_whole(export)]
    spoiled = len(found) - len(whole)
    may_spoil = victim.stick.parts[0][2] != "ext4" and bed.has_told(visit, "it is written anew")
    assert spoiled <= victim.spoiled or may_spoil, "it did not go on, and is not whole"
    victim.spoiled = spoiled
    for export in whole:
        check_digests(export)
    return whole
