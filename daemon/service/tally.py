"""What a line did since its daemon began, counted in memory: for metrics alone, never asked for a decision."""

import time
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from drivers.readings import Answer, Garbled, Reading, Scan
from stations.decide import Decided
from stations.workflow.turn import TellLine
from storage.records import FlashRuling, StationResult

BOUNDS_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


@dataclass(slots=True)
class Waits:
    """How long something took, how often: `counts` by the bounds, the last for what took longer."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS_S) + 1))
    sum_s: float = 0.0

    def add(self, seconds: float) -> None:
        """Count one."""
        self.counts[bisect_left(BOUNDS_S, seconds)] += 1
        self.sum_s += seconds


@dataclass(slots=True)
class Tally:
    """Counts by station, and by what else tells them apart."""

    scans: Counter[tuple[int, str]] = field(default_factory=Counter)
    waits: dict[int, Waits] = field(default_factory=dict)
    verdicts: Counter[tuple[int, str]] = field(default_factory=Counter)
    flashes: Counter[str] = field(default_factory=Counter)
    unreadable: Counter[str] = field(default_factory=Counter)
    alarms: Counter[str] = field(default_factory=Counter)

    def taken(self, station: int, reading: Reading, answer: Answer) -> None:
        """Count a reading of a device that was answered just now."""
        if isinstance(reading, Scan):
            self.scans[station, answer.value] += 1
            self.waits.setdefault(station, Waits()).add((time.monotonic_ns() - reading.monotonic_ns) / 1e9)
        elif isinstance(reading, Garbled):
            self.unreadable[reading.device] += 1

    def decided(self, decided: Decided) -> None:
        """Count what a decision wrote and raised."""
        for record in decided.batch.records:
            match record:
                case StationResult():
                    self.verdicts[record.station_number, record.result.value] += 1
                case FlashRuling():
                    self.flashes[record.disposition.value] += 1
        for action in decided.actions:
            if isinstance(action, TellLine):
                self.alarms[action.code] += 1
