"""The lines of one IV Swinger 2 sweep, collected into a flash.

Source: the firmware's serial output (IV_Swinger2 sketch): `CH1 ADC noise floor (min):n`, `Isc CH0:0 CH1:n`, one line a
point `k CH0:n CH1:n`, `Voc CH0:n CH1:n`, statistics, `Output complete`. Counts are raw 12-bit values.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime

from drivers.readings import Flash, FlashSource, IvValues, Reading, TesterFault
from drivers.tester.curve import CurveValues, NotACurve, Point, curve_values

_POINT = re.compile(r"(Isc|Voc|[0-9]{1,4}) CH0:([0-9]{1,4}) CH1:([0-9]{1,4})")
_NOISE_FLOOR = re.compile(r"CH1 ADC noise floor(?: \(min\))?:([0-9]{1,4})")
_TEMPERATURE = re.compile(r"Temperature at sensor #[0-9]+ is (-?[0-9]+(?:\.[0-9]+)?) degrees Celsius")
_RECORDED = re.compile(r"Number of recorded points: ([0-9]+)")
_UNSTABLE = "Polling for stable Isc timed out"
_FULL_SCALE = 4095
_SIGNIFICANT_DIGITS = 4  # twelve bits resolve no more
_MOST_LINES = 1000


@dataclass(frozen=True, slots=True)
class Calibration:
    """What one count of each channel is worth: unverified defaults, to be calibrated per instrument.

    Defaults: 5 V reference over 4096 counts; volts through a 150 kilohm / 7.5 kilohm divider; amperes through a
    5 milliohm shunt and an amplification of 76.
    """

    volts_per_count: float = 5.0 / 4096 * (150 + 7.5) / 7.5
    amps_per_count: float = 5.0 / 4096 / (0.005 * 76)


class BrokenSweep(ValueError):
    """The lines are damaged or incomplete. `str()` is a plain half-sentence."""


@dataclass(slots=True)
class Sweep:
    """Collects the lines of one sweep. Bounded: beyond a thousand lines the sweep counts as damaged."""

    raw: list[bytes] = field(default_factory=list)
    points: dict[str, tuple[int, int]] = field(default_factory=dict)
    noise_floor: int = 0
    recorded: int | None = None
    temperature_c: float | None = None
    warnings: list[str] = field(default_factory=list)
    unstable: bool = False
    damage: str = ""

    def add(self, raw: bytes, line: str) -> None:
        """Take one line of the instrument's output; lines without values are kept as raw bytes only."""
        if len(self.raw) >= _MOST_LINES:
            self.damage = self.damage or "it has far too many lines"
            return
        self.raw.append(raw)
        if match := _POINT.fullmatch(line):
            self._add_point(match[1], int(match[2]), int(match[3]))
        elif match := _NOISE_FLOOR.fullmatch(line):
            self.noise_floor = int(match[1])
        elif match := _RECORDED.fullmatch(line):
            self.recorded = int(match[1])
        elif match := _TEMPERATURE.fullmatch(line):
            self.temperature_c = float(match[1])
        elif line.startswith("WARNING:"):
            self.warnings.append(line)
        elif "CH0:" in line and "Unfiltered" not in line:
            self.damage = self.damage or f"the line {line!r} is damaged"
        self.unstable = self.unstable or line == _UNSTABLE

    def _add_point(self, label: str, ch0: int, ch1: int) -> None:
        if label in self.points:
            self.damage = self.damage or f"point {label} comes twice"
        if max(ch0, ch1) > _FULL_SCALE:
            self.damage = self.damage or f"point {label} is beyond the converter's range"
        self.points[label] = (ch0, ch1)

    def check(self) -> None:
        """Raise BrokenSweep unless every announced point arrived, once and whole."""
        numbered = sorted(int(label) for label in self.points if label.isdigit())
        if self.damage:
            raise BrokenSweep(self.damage)
        if not {"Isc", "Voc"} <= self.points.keys():
            raise BrokenSweep("its Isc or Voc point is missing")
        if self.recorded is not None and self.recorded != len(numbered):
            raise BrokenSweep(f"{len(numbered)} of its {self.recorded} points arrived")
        if numbered != list(range(len(numbered))):
            raise BrokenSweep("points in the middle of it are missing")

    def curve(self, calibration: Calibration) -> list[Point]:
        """Return the points in volts and amperes; the noise floor, read at zero amperes, is taken off."""
        return [
            Point(ch0 * calibration.volts_per_count, (ch1 - self.noise_floor) * calibration.amps_per_count)
            for ch0, ch1 in self.points.values()
        ]

    def reading(self, calibration: Calibration, device: str, wall: datetime, monotonic_ns: int) -> Reading:
        """Return the flash of a whole sweep, or a TesterFault when there was no usable current or curve.

        Raises BrokenSweep for damaged lines.
        """
        self.check()
        raw = b"\n".join(self.raw)
        try:
            values = self._values(calibration)
        except NotACurve as error:
            reason = f"The sweep gives no I-V curve: {error}. Check the contacts and flash again."
            return TesterFault(device=device, raw=raw, wall=wall, monotonic_ns=monotonic_ns, reason=reason)
        return Flash(
            device=device,
            raw=raw,
            wall=wall,
            monotonic_ns=monotonic_ns,
            source=FlashSource.LIVE,
            values=_as_iv(values),
            temperature_c=self.temperature_c,
            origin=device,
            extra={"points": str(len(self.points)), "warnings": "; ".join(self.warnings)},
        )

    def _values(self, calibration: Calibration) -> CurveValues:
        if self.points["Voc"][0] == 0:
            raise NotACurve("there is no voltage")
        if self.unstable:
            raise NotACurve("the current did not become stable")
        return curve_values(self.curve(calibration))


def _as_iv(values: CurveValues) -> IvValues:
    return IvValues(
        pmax_w=values.pmax_w,
        voc_v=values.voc_v,
        isc_a=values.isc_a,
        vmp_v=values.vmp_v,
        imp_a=values.imp_a,
        significant_digits=_SIGNIFICANT_DIGITS,
    )
