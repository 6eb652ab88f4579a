"""What every device said of itself last: for status, screens and the tester's mode."""

from dataclasses import dataclass
from typing import Literal

from daemon.wiring.hearing import Hearing
from drivers.readings import DeviceState, DeviceStatus, Reading

DeviceKind = Literal["scanner", "tester"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One device: what it is, where it belongs, how it is."""

    name: str
    kind: DeviceKind
    station: int
    status: DeviceStatus


class Board:
    """The last status of every device, and what it said last."""

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}
        self._hearings: dict[str, Hearing] = {}

    def put(self, kind: DeviceKind, station: int, status: DeviceStatus) -> None:
        """Write down what a device said of itself."""
        self._entries[status.device] = Entry(status.device, kind, station, status)

    def remove(self, name: str) -> None:
        """Forget a device that is no longer configured."""
        self._entries.pop(name, None)
        self._hearings.pop(name, None)

    def hear(self, name: str, reading: Reading) -> None:
        """Remember what a device said."""
        self._hearings.setdefault(name, Hearing()).hear(reading)

    def heard(self, name: str) -> Hearing:
        """Give what a device said last; empty before its first word."""
        return self._hearings.get(name, Hearing())

    def entries(self, station: int | None = None) -> tuple[Entry, ...]:
        """Every device by name, or those of one station."""
        chosen = [one for one in self._entries.values() if station is None or one.station == station]
        return tuple(sorted(chosen, key=lambda one: one.name))

    def is_online(self, name: str) -> bool:
        """Tell whether a device is there and talking."""
        entry = self._entries.get(name)
        return entry is not None and entry.status.state is DeviceState.ONLINE
