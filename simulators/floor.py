"""The factory floor: where every panel lies, what became of it, and the belts between the stations."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from simulators.physics import Setup

STATIONS = (1, 2, 3, 4)


class End(StrEnum):
    """What can become of a panel."""

    FINISHED = "finished"
    SCRAPPED = "scrapped"
    ASIDE = "aside"  # put aside for a supervisor


@dataclass(slots=True)
class Panel:
    """One panel as the people see it. `fails` counts verdicts, `moves` counts trips between belts."""

    serial: str
    panel_type: str
    setup: Setup = Setup.GOOD
    fails: int = 0
    moves: int = 0


@dataclass(frozen=True, slots=True)
class Move:
    """A panel changed its place: to a belt, or to its end."""

    panel: Panel
    station: int
    to: int | End
    why: str = ""


class Floor:
    """Belts and ends. Every change is told to `on_move`."""

    def __init__(
        self, panels: Sequence[Panel], on_move: Callable[[Move], None] = lambda _move: None, entry: int = 1
    ) -> None:
        self._belts: dict[int, deque[Panel]] = {station: deque() for station in STATIONS}
        self._belts[entry].extend(panels)
        self._expected = len(panels)
        self._on_move = on_move
        self.ended: dict[End, list[Panel]] = {end: [] for end in End}

    @property
    def done(self) -> bool:
        """Whether every panel has come to an end."""
        return sum(map(len, self.ended.values())) >= self._expected

    def take(self, station: int) -> Panel | None:
        """Take the next panel off a station's belt."""
        belt = self._belts[station]
        return belt.popleft() if belt else None

    def fetch(self, serial: str) -> Panel | None:
        """Fetch a panel by serial from wherever it lies, because a station still has it open."""
        for place in (*self.ended.values(), *self._belts.values()):
            for panel in place:
                if panel.serial == serial:
                    place.remove(panel)
                    return panel
        return None

    def send(self, panel: Panel, station: int, to: int, why: str = "") -> None:
        """Put a panel on a belt."""
        panel.moves += 1
        self._belts[to].append(panel)
        self._on_move(Move(panel, station, to, why))

    def end(self, panel: Panel, station: int, end: End, why: str = "") -> None:
        """Take a panel off the floor."""
        self.ended[end].append(panel)
        self._on_move(Move(panel, station, end, why))
