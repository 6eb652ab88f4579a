"""What an operator can do, and what comes of it: the vocabulary between the operator's head and the hands."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from simulators.rig import Laid
from simulators.scanner import Verdict


@dataclass(frozen=True, slots=True)
class View:
    """What a station's screen shows. Every field may be missing."""

    station: int | None = None
    phase: str | None = None
    serial: str | None = None
    headline: str | None = None
    colour: str | None = None
    expected_station: int | None = None
    panel_status: str | None = None


def view_from(data: Mapping[str, Any]) -> View:
    """Read a station view, ignoring what is unknown or of another type."""
    return View(
        station=_number(data, "station"),
        phase=_text(data, "phase"),
        serial=_text(data, "serial"),
        headline=_text(data, "headline"),
        colour=_text(data, "colour"),
        expected_station=_number(data, "expected_station"),
        panel_status=_text(data, "panel_status"),
    )


def _text(data: Mapping[str, Any], key: str) -> str | None:
    value = data.get(key)
    return value if isinstance(value, str) else None


def _number(data: Mapping[str, Any], key: str) -> int | None:
    value = data.get(key)
    return value if isinstance(value, int) else None


@dataclass(frozen=True, slots=True)
class Scan:
    """Scan a barcode and listen. `what` names it for the record.

    With `watch`, look at the screen too until it has this colour; a complaint always makes one look.
    """

    text: str
    what: str
    watch: str | None = None


@dataclass(frozen=True, slots=True)
class Lay:
    """Lay a panel on the rig (None: take it off)."""

    laid: Laid | None


@dataclass(frozen=True, slots=True)
class Flash:
    """Flash what lies on the rig and watch the screen until it reacts."""


@dataclass(frozen=True, slots=True)
class Work:
    """Spend human time, in seconds of a real shift."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Hold:
    """Wait before trying again, in real seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Idle:
    """Wait until something moves on the floor."""


Act = Scan | Lay | Flash | Work | Hold | Idle


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an act: the verdict of a scan, the screen if it changed since, and the time it is now."""

    now_s: float
    verdict: Verdict = Verdict.GOOD
    view: View | None = None

    @property
    def good(self) -> bool:
        """Whether the scanner did not complain."""
        return self.verdict in {Verdict.GOOD, Verdict.SEEN}
