"""The plan of a run: one JSON object. Unknown keys are refused with the nearest known one."""

import difflib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

from simulators.faults import PlannedFault
from simulators.physics import TYPES, Setup
from simulators.scanner import HABITS
from simulators.wire.testers import FORMS


class PlanError(ValueError):
    """The plan cannot be carried out as written; the message names the place."""


@dataclass(frozen=True, slots=True)
class ScannerPlan:
    """A station's scanner: its kind, how it ends and begins a scan, and how long it waits for an answer.

    `tcp_port` makes it a TCP listener (0: any free port) instead of a pseudo-terminal.
    """

    kind: str = "honeywell-host-ack"
    terminator: str = "cr"
    stx: bool = False
    aim: str = ""
    answer_s: float | None = None
    tcp_port: int | None = None


@dataclass(frozen=True, slots=True)
class TesterPlan:
    """A station's rig: `form` is a text form by name, `ivswinger2`, or `files` for no live output.

    `knobs` override single fields of a text form. `sensor` false shows temperatures of a missing sensor.
    """

    form: str = "csv-lines"
    serial_sent: bool = True
    knobs: Mapping[str, Any] = field(default_factory=dict)
    flash_s: float = 3.0
    sensor: bool = True
    tcp_port: int | None = None


@dataclass(frozen=True, slots=True)
class ExportPlan:
    """Result files of the rig: where, how, and after how many flashes (and once at the end)."""

    folder: str
    layout: str = "A"
    suffix: str = ".xlsx"
    encoding: str = "utf-8"
    time_form: str = "chinese"
    every: int = 10


@dataclass(frozen=True, slots=True)
class StationPlan:
    """One station. `electrical` says how its operator brings the values: live, manual, later, or not at all (none).

    `criteria` are the numbers that may fail here.
    """

    scanner: ScannerPlan = field(default_factory=ScannerPlan)
    tester: TesterPlan | None = None
    exports: ExportPlan | None = None
    electrical: str = "none"
    criteria: tuple[int, ...] = (1, 2, 3)
    inspect_s: float = 45.0


@dataclass(frozen=True, slots=True)
class Shares:
    """How often things happen, from 0 to 1: verdicts and corrections per panel and station, set-ups per panel."""

    fail: float = 0.04
    b: float = 0.03
    undo: float = 0.02
    weak: float = 0.0
    cracked: float = 0.0
    open_string: float = 0.0
    no_contact: float = 0.0


@dataclass(frozen=True, slots=True)
class PanelPlan:
    """One panel. Without `setup` the shares decide."""

    serial: str
    type: str
    setup: Setup | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything a run needs.

    `speed` multiplies human times: 1 is a real shift, 0.01 a hundredfold one, 0 no waiting but for answers.
    `patience_s` and `retry_s` are real: for how long and how often an unanswered scan is repeated. `bounce_s` is the
    real time between two equal scans in a row. `entry` is where new panels come in.
    """

    folder: Path
    seed: int = 1
    speed: float = 1.0
    stations: Mapping[int, StationPlan] = field(default_factory=dict)
    panels: tuple[PanelPlan, ...] = ()
    shares: Shares = field(default_factory=Shares)
    faults: tuple[PlannedFault, ...] = ()
    commands: Mapping[str, str] = field(default_factory=dict)
    badges: Mapping[int, str] = field(default_factory=dict)
    defects: tuple[str, ...] = ()
    status_feed: str | None = None
    patience_s: float = 60.0
    retry_s: float = 0.5
    bounce_s: float = 1.2
    rework_limit: int = 2
    entry: int = 1
    close_pallet_at_end: bool = True


T = TypeVar("T")


def _build(kind: type[T], data: Mapping[str, Any], place: str) -> T:
    """Make a record from an object of the same keys."""
    known = [one.name for one in fields(kind)]  # type: ignore[arg-type]
    for key in data:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1, cutoff=0.0)[0]
            raise PlanError(f"{place} has no key {key!r}; the nearest is {near!r}.")
    try:
        return kind(**data)
    except (TypeError, ValueError) as error:
        raise PlanError(f"{place}: {error}") from error


def load(path: Path) -> Plan:
    """Read a plan from a JSON file. Raises `PlanError`."""
    try:
        return parse(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, json.JSONDecodeError) as error:
        raise PlanError(f"{path} cannot be read as a plan: {error}") from error


def parse(data: Mapping[str, Any]) -> Plan:
    """Make a plan from its JSON object. Raises `PlanError`."""
    if "folder" not in data:
        raise PlanError("The plan names no folder.")
    parsed = dict(data)
    for key, read in _READERS.items():
        if key in parsed:
            parsed[key] = read(parsed[key])
    plan = _build(Plan, parsed, "the plan")
    _check_devices(plan)
    _check_commands(plan)
    return plan


def _stations(data: Mapping[str, Any]) -> dict[int, StationPlan]:
    return {int(number): _station(number, station) for number, station in data.items()}


def _station(number: str, data: Mapping[str, Any]) -> StationPlan:
    place = f"station {number}"
    parts: dict[str, Any] = dict(data)
    for key, kind in {"scanner": ScannerPlan, "tester": TesterPlan, "exports": ExportPlan}.items():
        if parts.get(key) is not None:
            parts[key] = _build(kind, parts[key], f"{place}, {key}")
    if "criteria" in parts:
        parts["criteria"] = tuple(parts["criteria"])
    if parts.get("tester") is not None:
        parts.setdefault("electrical", "later" if parts["tester"].form == "files" else "live")
    station = _build(StationPlan, parts, place)
    if station.tester is not None and station.tester.form not in _TESTERS:
        raise PlanError(f"{place}: no tester has form {station.tester.form!r}; known are {', '.join(_TESTERS)}.")
    if station.scanner.kind not in HABITS:
        raise PlanError(f"{place}: no scanner is of kind {station.scanner.kind!r}; known are {', '.join(HABITS)}.")
    return station


_TESTERS = (*FORMS, "ivswinger2", "files")


def _panel(data: Mapping[str, Any]) -> PanelPlan:
    parts = dict(data)
    if parts.get("setup") is not None:
        parts["setup"] = Setup(parts["setup"])
    panel = _build(PanelPlan, parts, "a panel")
    if panel.type not in TYPES:
        raise PlanError(f"Panel {panel.serial} is of no known type: {panel.type!r}.")
    return panel


_READERS: Mapping[str, Any] = {
    "folder": Path,
    "stations": _stations,
    "panels": lambda rows: tuple(_panel(row) for row in rows),
    "shares": lambda data: _build(Shares, data, "shares"),
    "faults": lambda rows: tuple(_build(PlannedFault, row, "a fault") for row in rows),
    "badges": lambda data: {int(number): text for number, text in data.items()},
    "defects": tuple,
}


def _check_devices(plan: Plan) -> None:
    known = [name for number, station in plan.stations.items() for name in devices(number, station)]
    for fault in plan.faults:
        if fault.device not in known:
            raise PlanError(f"Fault {fault.name!r} is for {fault.device!r}; devices are {', '.join(known)}.")


def _check_commands(plan: Plan) -> None:
    """Refuse a plan whose people would lack a barcode in the middle of a shift."""
    if not plan.panels:
        return
    needed = ["pass_all", "b", "undo", "done", *(f"defect_{code}" for code in plan.defects)]
    for station in plan.stations.values():
        needed += [f"fail_{number}" for number in station.criteria]
        needed += _ELECTRICAL.get(station.electrical, ())
    missing = [name for name in dict.fromkeys(needed) if name not in plan.commands]
    if missing or not any(name.startswith("defect_") for name in plan.commands):
        raise PlanError(f"Commands lack {', '.join(missing) or 'a defect'}.")


_ELECTRICAL = {"manual": ("manual", "point", "enter", *(f"digit_{n}" for n in range(10))), "later": ("later",)}


def devices(number: int, station: StationPlan) -> list[str]:
    """Return the names of a station's devices, as faults and ports use them."""
    names = [f"scanner-{number}"]
    if station.tester is not None:
        names.append(f"tester-{number}")
    if station.exports is not None:
        names.append(f"exports-{number}")
    return names
