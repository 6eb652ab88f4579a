"""Sticks pulled at random moments: at worst incomplete, never whole in looks alone, gone on with at the next insert."""

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.vm.bed import ENDING_S, Bed, First, Visit, check, check_digests, exports, is_whole
from tests.vm.conftest import FULL
from tests.vm.sticks import FILE_SYSTEMS

MOMENTS = 30 if FULL else 2
SEED = 4
STILL_S = 2.0

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
        said, found = bed.said(visit), exports(bed.read(victim.stick))
        for export in filter(is_whole, found):
            check_digests(export)
        if said is not None and said.outcome == "exported":
            assert all(map(is_whole, found)), "told that it may be pulled, and it was not whole"
            victim.known = len(found)
    go_on(bed, first, key)


@pytest.mark.parametrize("share", [0.3, 0.7])
def test_a_stick_that_is_put_back_at_once_is_served(bed: Bed, first: list[First], key: Path, share: float) -> None:
    victim = first[0]
    visit = bed.plug(victim.stick)
    pull_at(bed, [visit], [int(share * victim.visit_bytes)])
    again = bed.plug(victim.stick)
    assert bed.ending(again).outcome == "exported"
    bed.pull(again)
    found = exports(bed.read(victim.stick))
    victim.known = len(found)
    for export in found:
        assert is_whole(export)
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
    for victim in first:
        found = exports(bed.read(victim.stick))
        assert len(found) == victim.known + 1, "it began anew in place of going on"
        victim.known += 1
        for export in found:
            assert is_whole(export)
            check_digests(export)
        check(found[-1], key)
