"""A line in miniature, for the stand-ins to play against: enough rules to accept, refuse and send elsewhere."""

from dataclasses import dataclass, field
from typing import Any

COMMANDS = {
    "pass_all": "SL-PASS", "b": "SL-B", "undo": "SL-UNDO", "done": "SL-DONE", "close_pallet": "SL-CLOSE",
    "manual": "SL-MANUAL", "later": "SL-LATER", "point": "SL-POINT", "enter": "SL-ENTER", "defect_D1": "SL-D-D1",
    **{f"fail_{n}": f"SL-F-{n}" for n in range(1, 7)}, **{f"digit_{n}": f"SL-N-{n}" for n in range(10)},
}  # fmt: skip
_NAMES = {text: name for name, text in COMMANDS.items()}


@dataclass
class ToyStation:
    signed_in: bool = False
    open: str | None = None
    marks: list[str] = field(default_factory=list)
    flashed: bool = False
    last: tuple[str, int, str] | None = None
    screen: dict[str, Any] = field(default_factory=dict)


class ToyLine:
    """Scans in, (good, screen) out."""

    def __init__(self, stations: int = 4, *, needs_flash: bool = True) -> None:
        self.at: dict[str, int] = {}
        self.status: dict[str, str] = {}
        self.verdicts: list[tuple[str, int, str]] = []
        self.stations = {number: ToyStation() for number in range(1, stations + 1)}
        self.needs_flash = needs_flash

    def scan(self, number: int, text: str) -> tuple[bool, dict[str, Any]]:
        station = self.stations[number]
        good, colour, more = self._decide(number, station, text)
        station.screen = {"station": number, "serial": station.open, "colour": colour, "phase": "idle", **more}
        return good, station.screen

    def flash(self, number: int, serial: str | None = None) -> dict[str, Any]:
        station = self.stations[number]
        if station.open and serial in {None, station.open}:
            station.flashed = True
        colour = "white"
        if station.flashed and "pass_all" in station.marks:
            self._close(number, station, "PASS")
            colour = "green"
        station.screen = {"station": number, "serial": station.open, "colour": colour, "phase": "idle"}
        return station.screen

    def _decide(self, number: int, station: ToyStation, text: str) -> tuple[bool, str, dict[str, Any]]:
        name = _NAMES.get(text)
        if text.startswith("SL-U-"):
            station.signed_in = True
            return True, "white", {}
        if not station.signed_in:
            return False, "red", {"phase": "signed_out"}
        if name is None:
            return self._serial(number, station, text)
        return self._command(number, station, name)

    def _serial(self, number: int, station: ToyStation, serial: str) -> tuple[bool, str, dict[str, Any]]:
        if station.open is not None:
            return station.open == serial, "red", {}
        if not serial.startswith("CRS") or len(serial) != 14:
            return False, "red", {"headline": "Not a serial"}
        if serial not in self.at and number == 1:
            self.at[serial], self.status[serial] = 1, "in_production"
        status = self.status.get(serial)
        if self.at.get(serial) != number or status in {"completed", "failed"}:
            return False, "red", {"expected_station": self.at.get(serial, 1), "panel_status": status}
        station.open, station.marks, station.flashed = serial, [], False
        return True, "white", {}

    def _command(self, number: int, station: ToyStation, name: str) -> tuple[bool, str, dict[str, Any]]:
        if name == "undo":
            return self._undo(number, station)
        if station.open is None:
            return name == "close_pallet", "red", {}
        station.marks.append(name)
        failed = any(mark.startswith("fail") for mark in station.marks)
        noted = any(mark.startswith("defect") for mark in station.marks)
        waits = self.needs_flash and number == len(self.stations) and not station.flashed
        if name == "pass_all" and failed:
            station.marks.pop()
            return False, "red", {}
        if name == "pass_all" and waits:
            return True, "amber", {}
        if name == "done" and not noted:
            return False, "amber", {}
        if name in {"pass_all", "done"}:
            verdict = "FAIL" if failed else "B" if "b" in station.marks else "PASS"
            self._close(number, station, verdict)
            return True, "amber" if failed else "green", {}
        return True, "white", {}

    def _undo(self, number: int, station: ToyStation) -> tuple[bool, str, dict[str, Any]]:
        if station.open and station.marks:
            station.marks.pop()
            return True, "white", {}
        if station.open or station.last is None:
            station.open = None
            return False, "red", {}
        serial, _, _ = station.last
        self.verdicts.remove(station.last)
        self.at[serial], self.status[serial] = number, "in_production"
        station.open, station.last, station.marks = serial, None, []
        return True, "white", {}

    def _close(self, number: int, station: ToyStation, verdict: str) -> None:
        serial = station.open or ""
        station.open, station.marks, station.last = None, [], (serial, number, verdict)
        self.verdicts.append(station.last)
        if verdict == "FAIL":
            fails = self.verdicts.count(station.last)
            self.status[serial] = "failed" if fails > 3 else "rework"
        elif number == len(self.stations):
            self.status[serial] = "completed"
        else:
            self.at[serial] = number + 1
