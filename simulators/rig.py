"""The flash rig as a model: a panel is laid on it, the lamp flashes, values come out. It knows no wire.

The moment of a flash is passed in, aware of its time zone; the rig shows it eight hours east of UTC, as the
factory's does.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from enum import StrEnum

from simulators.chance import seeded
from simulators.physics import NO_CONTACT, Diode, Setup, Stc, measured, panel

RIG_ZONE = timezone(timedelta(hours=8))
PLACEHOLDER = "editSPSn"
SETUP_SERIAL = "6666666"


class Tag(StrEnum):
    """The rig's own word for what a flash was for."""

    PANEL = "I->V"
    CALIBRATION = "CALI"


@dataclass(frozen=True, slots=True)
class Flash:
    """One flash as the rig knows it. `at` is the rig's clock; `serial` what somebody typed or scanned into it."""

    number: int
    serial: str
    tag: Tag
    values: Stc
    irradiance_w_m2: float
    temperature_c: float
    at: datetime


ValueEffect = Callable[[Flash, Flash | None], Flash]
"""Changes a flash; the second argument is the flash before it."""


@dataclass(frozen=True, slots=True)
class Laid:
    """A panel on the rig."""

    serial: str
    panel_type: str
    setup: Setup = Setup.GOOD


class Rig:
    """The rig and its memory of the day."""

    def __init__(self, seed: object = 0, *, sensor: bool = True) -> None:
        self._seed = seed
        self._sensor = sensor
        self._laid: Laid | None = None
        self.flashes: list[Flash] = []

    @property
    def laid(self) -> Laid | None:
        """The panel that lies on the rig now."""
        return self._laid

    def lay(self, laid: Laid | None) -> None:
        """Put a panel on the rig, or take it off."""
        self._laid = laid

    def flash(self, wall: datetime, effects: Iterable[ValueEffect] = ()) -> Flash:
        """Flash what lies there; nothing there is no contact. The flash is remembered for the next export."""
        serial = self._laid.serial if self._laid else PLACEHOLDER
        return self._remember(serial, Tag.PANEL, self._read(), wall, effects)

    def behaviour(self) -> Diode | None:
        """Return the electrical behaviour of what lies there."""
        if self._laid is None:
            return None
        return panel(self._laid.panel_type, (self._seed, self._laid.serial), self._laid.setup)

    def calibrate(self, wall: datetime, golden: Laid) -> Flash:
        """Flash the reference panel as a calibration."""
        values = measured(panel(golden.panel_type, golden.serial), (self._seed, "cali", len(self.flashes)))
        return self._remember(golden.serial, Tag.CALIBRATION, values, wall, ())

    def set_up(self, wall: datetime) -> Flash:
        """Flash without a panel's serial, as people do while they adjust the rig."""
        return self._remember(SETUP_SERIAL, Tag.PANEL, NO_CONTACT, wall, ())

    def _read(self) -> Stc:
        return measured(self.behaviour(), (self._seed, self._laid, len(self.flashes)))

    def _remember(self, serial: str, tag: Tag, values: Stc, wall: datetime, effects: Iterable[ValueEffect]) -> Flash:
        number = len(self.flashes) + 1
        chance = seeded("lamp", self._seed, number)
        temperature = chance.gauss(24.5, 0.8) if self._sensor else chance.uniform(0.0, 0.02)
        flash = Flash(number, serial, tag, values, chance.gauss(990.0, 11.0), temperature, wall.astimezone(RIG_ZONE))
        before = self.flashes[-1] if self.flashes else None
        for effect in effects:
            flash = effect(flash, before)
        self.flashes.append(flash)
        return flash


def scaled(curve: list[tuple[float, float]], values: Stc) -> list[tuple[float, float]]:
    """Stretch a curve to the Isc and Voc that a flash shows; all zero when it shows nothing."""
    amps = values.isc_a / curve[0][1]
    volts = values.voc_v / curve[-1][0]
    return [(voltage * volts, current * amps) for voltage, current in curve]


def with_values(flash: Flash, **values: float) -> Flash:
    """Return the flash with other values."""
    return replace(flash, values=replace(flash.values, **values))
