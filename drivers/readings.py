"""What drivers say: plain frozen facts about the outside world, each with the bytes it was read from.

The vocabulary between hardware and workflow. A reading is never dropped, never changed, and decides nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One thing a device said, exactly as it said it.

    `device` is the configured name of the device. `wall` is UTC with time zone; `monotonic_ns` orders readings
    within one boot. `raw` is everything between the frame's borders, before any decoding.
    """

    device: str
    raw: bytes
    wall: datetime
    monotonic_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan(Reading):
    """A barcode, as text. `symbology` is what the scanner told (an AIM identifier such as `C0`), if anything."""

    text: str
    symbology: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Garbled(Reading):
    """A frame that could not be read: bad checksum, too long, undecodable. `reason` is one plain sentence."""

    reason: str


class FlashKind(StrEnum):
    """What the tester says the flash was for."""

    PANEL = "panel"
    CALIBRATION = "calibration"


class FlashSource(StrEnum):
    """How a flash reached us: while the panel lies there, or hours to days later in a file."""

    LIVE = "live"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class IvValues:
    """The five values of an I-V measurement, STC, in SI units; None is "not given", never zero.

    `significant_digits` is the smallest number of significant digits any of the five was printed with.
    """

    pmax_w: float | None
    voc_v: float | None
    isc_a: float | None
    vmp_v: float | None
    imp_a: float | None
    significant_digits: int = 0

    @property
    def five(self) -> tuple[float | None, float | None, float | None, float | None, float | None]:
        """Pmax, Voc, Isc, Vmp, Imp in this order."""
        return (self.pmax_w, self.voc_v, self.isc_a, self.vmp_v, self.imp_a)

    @property
    def fill_factor(self) -> float | None:
        """Pmax / (Isc x Voc) as a fraction, or None when it cannot be computed."""
        product = (self.isc_a or 0.0) * (self.voc_v or 0.0)
        return self.pmax_w / product if self.pmax_w is not None and product else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Flash(Reading):
    """One flash of the IV tester.

    `serial_text` is what the tester recorded as the serial, unwrapped (`="…"` removed) and otherwise as given;
    None when the tester sends none. `date_text` and `time_text` are the tester's own clock as given: identity of
    the flash, never used for order. `origin` says where from (`ttyIV`, `2025-03-04 17-50-00.xlsx#17`).
    `extra` keeps every other column as text.
    """

    source: FlashSource
    kind: FlashKind = FlashKind.PANEL
    serial_text: str | None = None
    date_text: str | None = None
    time_text: str | None = None
    values: IvValues
    irradiance_w_m2: float | None = None
    temperature_c: float | None = None
    origin: str
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TesterFault(Reading):
    """The tester answered, but not with a measurement (its own error text, no contact, sweep broken off).

    A bad tester, not a bad panel: it asks for another flash. `reason` is one plain sentence.
    """

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRows(Reading):
    """Neighbouring rows of one result file, few enough to be stored in one transaction.

    `file` is its printable name, `digest` its SHA-256 in hexadecimal; `first_row` is the number a spreadsheet shows
    for the first of `rows`, 0 when there is none. After the batch that is the `last`, every row of that digest was
    said. `raw` is empty: every row carries its own.
    """

    file: str
    digest: str
    first_row: int
    rows: tuple[Flash | Garbled, ...]
    last: bool


class DeviceState(StrEnum):
    """Where a device is in its life. State comes from the last good byte, not from an open file."""

    SEARCHING = "searching"  # no port with the configured identity is present
    OPENING = "opening"
    ONLINE = "online"
    SILENT = "silent"  # open, but nothing heard for longer than its watchdog allows
    WAITING = "waiting"  # failed; the next attempt is scheduled
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceStatus:
    """A device changed state. `reason` and `todo` are plain sentences for an operator or technician."""

    device: str
    state: DeviceState
    wall: datetime
    monotonic_ns: int
    port: str | None = None
    reason: str = ""
    todo: str = ""


class Answer(StrEnum):
    """What the person at the device is to hear about one reading."""

    GOOD = "good"  # stored and accepted
    BAD = "bad"  # stored and refused, or not stored
    SEEN = "seen"  # stored and deliberately without effect (a bounce): end the hand-shake, make no sound
