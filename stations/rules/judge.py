"""Judging five values: plausible, within the order's limits, or a tester that needs another flash.

A bad panel is not a bad tester: INVALID and IMPLAUSIBLE make an ERROR that asks for another flash; only a value
outside the order's limits makes a FAIL. Limits of physics after IEC 60904-1 practice for crystalline silicon.
"""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from drivers.readings import IvValues
from storage.records import Order


class Severity(StrEnum):
    """How much a finding weighs."""

    INVALID = "invalid"
    IMPLAUSIBLE = "implausible"
    FAIL = "fail"
    WARN = "warn"
    INFO = "info"


class Judgement(StrEnum):
    """What the values say of the panel."""

    PASS = "PASS"  # noqa: S105 -- a judgement, not a password
    FAIL = "FAIL"
    ERROR = "ERROR"


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule that had something to say. `detail` is a plain sentence."""

    rule: str
    severity: Severity
    detail: str


@dataclass(frozen=True, slots=True)
class Measured:
    """What is judged: the values, with what is known of the flash and of the panel."""

    values: IvValues
    irradiance_w_m2: float | None
    cells_in_series: int | None
    pmax_min_w: float | None
    pmax_max_w: float | None


CELLS_IN_SERIES: Mapping[str, int] = {"36": 36, "40": 40, "60": 60, "72": 72, "144": 72}
"""Half-cut modules of 144 cells have 72 in series. An order may say otherwise."""

CLASS_WINDOWS_W: Mapping[int, tuple[float, float]] = {
    200: (195, 206), 220: (214, 227), 325: (316, 335), 335: (325, 345.05), 380: (369, 391.4), 385: (375, 396.55),
    390: (379, 401.7), 395: (384, 406.85), 450: (439, 463.5),
}  # fmt: skip
"""Acceptance windows in use by watt class; other classes get −2.5 % / +3 %."""

_NAMES = ("Pmax", "Voc", "Isc", "Vmp", "Imp")


def pmax_window(order: Order) -> tuple[float | None, float | None]:
    """Give the Pmax limits of an order: its own, else those of its watt class, else none."""
    if order.pmax_min_w is not None or order.pmax_max_w is not None:
        return order.pmax_min_w, order.pmax_max_w
    if order.watt_class_w is None:
        return None, None
    watt = order.watt_class_w
    return CLASS_WINDOWS_W.get(watt, (round(watt * 0.975, 2), round(watt * 1.03, 2)))


def measured(values: IvValues, irradiance_w_m2: float | None, order: Order) -> Measured:
    """Put the values beside what the order says of the panel."""
    low, high = pmax_window(order)
    series = order.cells_in_series or CELLS_IN_SERIES.get(order.panel_type)
    return Measured(values, irradiance_w_m2, series, low, high)


def _five_present(m: Measured) -> str | None:
    if all(value == 0 for value in m.values.five):
        return "All five values are zero: no contact."
    for name, value in zip(_NAMES, m.values.five, strict=True):
        if value is None or not math.isfinite(value) or value <= 0:
            return f"{name} is missing, zero or not a number."
    return None


def _fill_factor_possible(m: Measured) -> str | None:
    ff = m.values.fill_factor
    return f"FF {ff:.3f} is physically impossible." if ff is not None and not 0.25 <= ff <= 0.92 else None


def _fill_factor_usual(m: Measured) -> str | None:
    ff = m.values.fill_factor
    return f"FF {ff:.3f} is outside 0.65 to 0.85." if ff is not None and not 0.65 <= ff <= 0.85 else None


def _imp_below_isc(m: Measured) -> str | None:
    _, _, isc, _, imp = m.values.five
    return f"Imp {imp:g} A is not below Isc {isc:g} A." if imp and isc and imp >= isc else None


def _vmp_below_voc(m: Measured) -> str | None:
    _, voc, _, vmp, _ = m.values.five
    return f"Vmp {vmp:g} V is not below Voc {voc:g} V." if vmp and voc and vmp >= voc else None


def _power_adds_up(m: Measured) -> str | None:
    pmax, _, _, vmp, imp = m.values.five
    if not pmax or vmp is None or imp is None:
        return None
    digits = m.values.significant_digits
    rounding = 1.5 * 10.0 ** (1 - digits) if digits else 2e-3
    off = abs(pmax - vmp * imp) / pmax
    return f"Pmax is {off:.1%} away from Vmp × Imp." if off > min(2e-3, max(rounding, 1e-6)) else None


def _voltage_per_cell(m: Measured) -> str | None:
    voc = m.values.voc_v
    if voc is None or not m.cells_in_series:
        return None
    per_cell = voc / m.cells_in_series
    return f"Voc is {per_cell:.3f} V per cell, outside 0.55 to 0.75." if not 0.55 <= per_cell <= 0.75 else None


def _voltage_possible(m: Measured) -> str | None:
    voc = m.values.voc_v
    if voc is None or not m.cells_in_series:
        return None
    per_cell = voc / m.cells_in_series
    return f"Voc is {per_cell:.2f} V per cell: impossible." if not 0.25 <= per_cell <= 0.85 else None


def _irradiance_usual(m: Measured) -> str | None:
    sun = m.irradiance_w_m2
    return f"Irradiance {sun:.0f} W/m² is outside 950 to 1050." if sun is not None and not 950 <= sun <= 1050 else None


def _within_window(m: Measured) -> str | None:
    pmax, low, high = m.values.pmax_w, m.pmax_min_w, m.pmax_max_w
    if pmax is None:
        return None
    if low is not None and pmax < low:
        return f"Pmax {pmax:.1f} W is below {low:g} W."
    return f"Pmax {pmax:.1f} W is above {high:g} W." if high is not None and pmax > high else None


def _window_known(m: Measured) -> str | None:
    unknown = m.pmax_min_w is None and m.pmax_max_w is None
    return "The order has no Pmax window: judged by plausibility alone." if unknown else None


RULES: Sequence[tuple[str, Severity, Callable[[Measured], str | None]]] = (
    ("five_values", Severity.INVALID, _five_present),
    ("fill_factor_possible", Severity.IMPLAUSIBLE, _fill_factor_possible),
    ("voltage_possible", Severity.IMPLAUSIBLE, _voltage_possible),
    ("pmax_window", Severity.FAIL, _within_window),
    ("imp_below_isc", Severity.WARN, _imp_below_isc),
    ("vmp_below_voc", Severity.WARN, _vmp_below_voc),
    ("power_adds_up", Severity.WARN, _power_adds_up),
    ("fill_factor_usual", Severity.WARN, _fill_factor_usual),
    ("voltage_per_cell", Severity.WARN, _voltage_per_cell),
    ("irradiance_usual", Severity.WARN, _irradiance_usual),
    ("window_known", Severity.INFO, _window_known),
)
"""Every plausibility rule: its name, its weight, what it says when it is broken."""

WAIVABLE = frozenset(name for name, severity, _ in RULES if severity in (Severity.WARN, Severity.IMPLAUSIBLE))


def judge(m: Measured, waived: frozenset[str] = frozenset()) -> tuple[Finding, ...]:
    """Apply every rule that is not waived. Invalid values end the judging: the other rules need all five."""
    findings: list[Finding] = []
    for rule, severity, check in RULES:
        detail = None if rule in waived else check(m)
        if detail is not None:
            findings.append(Finding(rule, severity, detail))
        if detail is not None and severity is Severity.INVALID:
            break
    return tuple(findings)


def conclude(findings: Sequence[Finding]) -> Judgement:
    """Weigh the findings: the tester first (ERROR), then the panel (FAIL); warnings never block."""
    weights = {finding.severity for finding in findings}
    if weights & {Severity.INVALID, Severity.IMPLAUSIBLE}:
        return Judgement.ERROR
    return Judgement.FAIL if Severity.FAIL in weights else Judgement.PASS


def reason(findings: Sequence[Finding]) -> str:
    """Join the sentences that decided: the heaviest ones, or nothing when all is well."""
    for weight in (Severity.INVALID, Severity.IMPLAUSIBLE, Severity.FAIL):
        decisive = [finding.detail for finding in findings if finding.severity is weight]
        if decisive:
            return " ".join(decisive)
    return ""


def as_json(findings: Sequence[Finding]) -> str:
    """Write findings down as they are stored: a JSON list of {rule, severity, detail}."""
    rows = [{"rule": f.rule, "severity": f.severity, "detail": f.detail} for f in findings]
    return json.dumps(rows, ensure_ascii=False)
