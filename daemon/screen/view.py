"""What the control API says of a station, typed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class CriterionView:
    """One criterion of the station and what was found; `mark` is PASS, FAIL, N_A or None."""

    number: int
    name: str
    mark: str | None


@dataclass(frozen=True, slots=True)
class ValuesView:
    """The five values the panel will be judged by, in W, V, A, V, A."""

    five: tuple[tuple[str, float | None, str], ...]
    source: str
    judgement: str
    reason: str


@dataclass(frozen=True, slots=True)
class ResultView:
    """A verdict given here before."""

    serial: str
    result: str
    at: datetime | None
    notes: str


@dataclass(frozen=True, slots=True)
class HealthView:
    """How a device or the storage is."""

    name: str
    state: str
    reason: str
    todo: str


@dataclass(frozen=True, slots=True)
class StickView:
    """What is said of a USB stick at this PC; `state` is plugged, working, good or bad."""

    text: str
    state: str


_UNITS = (("Pmax", "W"), ("Voc", "V"), ("Isc", "A"), ("Vmp", "V"), ("Imp", "A"))


@dataclass(frozen=True, slots=True, kw_only=True)
class StationView:
    """One station as it is now."""

    station: int
    name: str = ""
    line: int = 0
    shadow: bool = False
    phase: str = ""
    colour: str = "white"
    headline: str = ""
    detail: str = ""
    todo: str = ""
    warning: str = ""
    aside: str = ""
    serial: str = ""
    panel_type: str = ""
    mo_number: str = ""
    remaining: int | None = None
    operator: str = ""
    attempt: int = 1
    criteria: tuple[CriterionView, ...] = ()
    values: ValuesView | None = None
    entry: tuple[str, ...] | None = None
    note: str = ""
    armed_since: datetime | None = None
    armed_until: datetime | None = None
    last_results: tuple[ResultView, ...] = ()
    devices: tuple[HealthView, ...] = ()
    storage: HealthView = HealthView("storage", "ok", "", "")
    notices: tuple[str, ...] = ()
    sticks: tuple[StickView, ...] = ()

    @classmethod
    def read(cls, view: Mapping[str, Any]) -> Self:
        """Read a station view as it came over the socket; what is missing or null keeps its default.

        Letters that are no letters (a barcode may hold an escape sequence) become blanks: no text moves the cursor.
        """
        view = _printable(view)
        plain = {key: view[key] for key in _PLAIN if view.get(key) is not None}
        return cls(
            **plain,
            criteria=tuple(CriterionView(c["number"], c["name"], c.get("mark")) for c in view.get("criteria") or ()),
            values=_values(view.get("values")),
            entry=tuple(map(str, view["entry"])) if view.get("entry") is not None else None,
            armed_since=_moment(view.get("armed_since")),
            armed_until=_moment(view.get("armed_until")),
            last_results=tuple(
                ResultView(r["serial"], r["result"], _moment(r.get("at")), r.get("notes") or "")
                for r in view.get("last_results") or ()
            ),
            devices=tuple(_health(device) for device in view.get("devices") or ()),
            storage=_health({"name": "storage", **(view.get("storage") or {})}),
            notices=tuple(view.get("notices") or ()),
            sticks=tuple(
                StickView(f"{_called(s)}: {s.get('text') or ''}", s.get("state") or "")
                for s in view.get("sticks") or ()
            ),
        )


_PLAIN = (
    "station", "name", "line", "phase", "colour", "headline", "detail", "todo", "warning", "aside", "serial",
    "panel_type", "mo_number", "remaining", "operator", "attempt", "note", "shadow",
)  # fmt: skip


def _printable(value: Any) -> Any:  # noqa: ANN401 -- JSON in, JSON out
    match value:
        case str():
            return "".join(one if one.isprintable() else " " for one in value)
        case list():
            return [_printable(one) for one in value]
        case dict():
            return {key: _printable(one) for key, one in value.items()}
        case _:
            return value


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _values(found: Mapping[str, Any] | None) -> ValuesView | None:
    if not found:
        return None
    five = tuple((name, found.get(name), unit) for name, unit in _UNITS)
    return ValuesView(five, found.get("source") or "", found.get("judgement") or "", found.get("reason") or "")


def _called(stick: Mapping[str, Any]) -> str:
    return f"Stick {stick['name']}" if stick.get("name") else "USB stick"


def _health(found: Mapping[str, Any]) -> HealthView:
    return HealthView(found["name"], found.get("state") or "ok", found.get("reason") or "", found.get("todo") or "")
