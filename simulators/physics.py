"""What a panel does under the flash: the single-diode model, for the factory's five panel types.

With the voltage of the diode as the parameter, current and terminal voltage are both explicit:
I = Iph - I0 (exp(Vd/a) - 1) - Vd/Rsh and V = Vd - I Rs, with a = n Ns kT/q. Only I at a given V needs a search.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from simulators.chance import around, seeded

THERMAL_V = 0.025693  # kT/q at 25 °C
_BYPASS_DROP_V = 0.5


class Setup(StrEnum):
    """The named states a panel can be in when it is laid on the rig."""

    GOOD = "good"
    WEAK = "weak"
    CRACKED = "cracked"
    OPEN_STRING = "open_string"
    NO_CONTACT = "no_contact"


@dataclass(frozen=True, slots=True)
class PanelType:
    """What is typical of a type: cells in series, Isc, Voc, Pmax (STC), shunt and the diode's ideality."""

    in_series: int
    isc_a: float
    voc_v: float
    pmax_w: float
    rsh_ohm: float
    ideality: float


TYPES: Mapping[str, PanelType] = {
    "36": PanelType(36, 9.90, 24.60, 199.5, 400.0, 1.02),
    "40": PanelType(40, 9.86, 27.50, 220.5, 450.0, 1.02),
    "60": PanelType(60, 10.19, 41.0, 329.1, 500.0, 1.05),
    "72": PanelType(72, 5.60, 49.8, 219.1, 700.0, 1.05),
    "144": PanelType(72, 11.25, 49.8, 451.6, 600.0, 1.03),
}
"""Medians of the factory's records. The 36 and 40 cell types stand at the upper end of their recorded Isc: the
recorded medians (Imp > Isc) are no physical curve."""


@dataclass(frozen=True, slots=True)
class Stc:
    """The values a tester prints: the five of the curve, fill factor, series and shunt resistance."""

    pmax_w: float
    voc_v: float
    isc_a: float
    vmp_v: float
    imp_a: float
    rs_ohm: float
    rsh_ohm: float

    @property
    def fill_factor(self) -> float:
        """Pmax / (Isc x Voc); 0 without contact."""
        area = self.isc_a * self.voc_v
        return self.pmax_w / area if area else 0.0


NO_CONTACT = Stc(0.0, 0.0, 0.0, 0.0, 0.0, rs_ohm=0.0, rsh_ohm=10.0)


@dataclass(frozen=True, slots=True)
class Diode:
    """The five parameters of the single-diode model of a whole panel; `a_v` is n Ns kT/q."""

    iph_a: float
    i0_a: float
    a_v: float
    rs_ohm: float
    rsh_ohm: float

    def point(self, diode_v: float) -> tuple[float, float]:
        """Return terminal voltage and current at one voltage of the diode."""
        current = self.iph_a - self.i0_a * math.expm1(diode_v / self.a_v) - diode_v / self.rsh_ohm
        return diode_v - current * self.rs_ohm, current

    def current_a(self, voltage_v: float) -> float:
        """Return the current at a terminal voltage between 0 and Voc."""
        return self.point(_bisect(lambda diode_v: self.point(diode_v)[0] - voltage_v, 0.0, self.open_v()))[1]

    def open_v(self) -> float:
        """Return Voc: no current, so the terminals show the diode's voltage."""
        high = self.a_v * math.log(self.iph_a / self.i0_a + 1.0)
        return _bisect(lambda diode_v: -self.point(diode_v)[1], 0.0, high)

    def stc(self) -> Stc:
        """Return the values a tester derives from this curve."""
        voc_v = self.open_v()
        vmp_v, imp_a = self.point(_highest(lambda diode_v: math.prod(self.point(diode_v)), 0.0, voc_v))
        return Stc(vmp_v * imp_a, voc_v, self.current_a(0.0), vmp_v, imp_a, self.rs_ohm, self.rsh_ohm)

    def curve(self, points: int) -> list[tuple[float, float]]:
        """Return (V, A) from short circuit to open circuit, denser towards the knee as a charging capacitor is."""
        first = _bisect(lambda diode_v: self.point(diode_v)[0], 0.0, self.open_v())
        span = self.open_v() - first
        steps = (1.0 - (1.0 - k / (points - 1)) ** 1.6 for k in range(points))
        return [self.point(first + span * step) for step in steps]


def _bisect(rising: Callable[[float], float], low: float, high: float) -> float:
    for _ in range(64):
        middle = (low + high) / 2
        low, high = (low, middle) if rising(middle) > 0 else (middle, high)
    return (low + high) / 2


def _highest(hill: Callable[[float], float], low: float, high: float) -> float:
    golden = (math.sqrt(5.0) - 1.0) / 2
    for _ in range(80):
        left, right = high - golden * (high - low), low + golden * (high - low)
        low, high = (low, right) if hill(left) > hill(right) else (left, high)
    return (low + high) / 2


def diode(kind: PanelType, rs_ohm: float) -> Diode:
    """Return the model that shows exactly the type's Isc and Voc with this series resistance."""
    a_v = kind.ideality * kind.in_series * THERMAL_V
    isc, voc, rsh = kind.isc_a, kind.voc_v, kind.rsh_ohm
    i0 = (isc + (isc * rs_ohm - voc) / rsh) / (math.exp(voc / a_v) - math.exp(isc * rs_ohm / a_v))
    return Diode(i0 * math.expm1(voc / a_v) + voc / rsh, i0, a_v, rs_ohm, rsh)


def fitted(kind: PanelType) -> Diode:
    """Return the model that shows the type's Isc, Voc and Pmax: the series resistance takes up the rest."""
    high = 0.25 * kind.voc_v / kind.isc_a
    return diode(kind, _bisect(lambda rs: kind.pmax_w - diode(kind, rs).stc().pmax_w, 0.0, high))


def panel(panel_type: str, seed: object, setup: Setup = Setup.GOOD) -> Diode | None:
    """Return the electrical behaviour of one panel: the same seed gives the same panel. None is no contact.

    Good panels lie within 2 % of their type's Pmax, so inside every class window.
    """
    if setup is Setup.NO_CONTACT:
        return None
    return _SPOILED[setup](_varied(TYPES[panel_type], seed))


def _varied(kind: PanelType, seed: object) -> Diode:
    chance = seeded("panel", seed)
    while True:
        isc, voc, fill = around(chance, 0.006), around(chance, 0.0025), around(chance, 0.003)
        power = (1 + isc) * (1 + voc) * (1 + fill)
        if abs(power - 1) <= 0.02:
            break
    return fitted(
        replace(
            kind,
            isc_a=kind.isc_a * (1 + isc),
            voc_v=kind.voc_v * (1 + voc),
            pmax_w=kind.pmax_w * power,
            rsh_ohm=kind.rsh_ohm * math.exp(chance.gauss(0.0, 0.3)),
        )
    )


def _weak(good: Diode) -> Diode:
    return replace(good, iph_a=good.iph_a * 0.94)


def _cracked(good: Diode) -> Diode:
    return replace(good, iph_a=good.iph_a * 0.96, rs_ohm=good.rs_ohm * 2.0 + 0.1, rsh_ohm=good.rsh_ohm / 15)


def _one_string_open(good: Diode) -> Diode:
    """Bypass one of three strings: two thirds of the cells, and the bypass diode's drop as resistance."""
    drop = _BYPASS_DROP_V / good.iph_a
    return replace(good, a_v=good.a_v * 2 / 3, rs_ohm=good.rs_ohm * 2 / 3 + drop, rsh_ohm=good.rsh_ohm * 2 / 3)


_SPOILED: Mapping[Setup, Callable[[Diode], Diode]] = {
    Setup.GOOD: lambda good: good,
    Setup.WEAK: _weak,
    Setup.CRACKED: _cracked,
    Setup.OPEN_STRING: _one_string_open,
}


def measured(behaviour: Diode | None, seed: object) -> Stc:
    """Return what one flash reads of a panel: repeatable to some 0.03 %, never twice the same digits."""
    if behaviour is None:
        return NO_CONTACT
    chance = seeded("flash", seed)
    true = behaviour.stc()
    amps, volts = 1 + around(chance, 0.0003), 1 + around(chance, 0.0002)
    imp, vmp = true.imp_a * amps, true.vmp_v * volts
    return replace(true, pmax_w=imp * vmp, voc_v=true.voc_v * volts, isc_a=true.isc_a * amps, vmp_v=vmp, imp_a=imp)
