"""The five values of a module from raw points of its I-V curve.

Pmax: least-squares polynomial of fourth order through P(V), over the points above 95 % of the largest power; its
maximum is (Vmp, Pmax), and Imp = Pmax / Vmp. The fourth-order fit of P(V) is that of ASTM E1036 (maximum power);
the window is narrower than there: on exact single-diode curves the same fit over P > 80 % errs thirty times more.
Isc and Voc: straight lines through the points next to the axes, read off at zero.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

_ORDER = 4
_WINDOW = 0.95
_MIN_POINTS = 6
_AXIS_POINTS = 3
_VOC_SHARE = 0.25
_GRID = 64


@dataclass(frozen=True, slots=True)
class Point:
    """One measured pair, in volts and amperes; current flowing out of the module is positive."""

    volts: float
    amps: float

    @property
    def watts(self) -> float:
        """Power."""
        return self.volts * self.amps


@dataclass(frozen=True, slots=True)
class CurveValues:
    """What a curve says, in SI units."""

    pmax_w: float
    voc_v: float
    isc_a: float
    vmp_v: float
    imp_a: float


class NotACurve(ValueError):
    """The points are no I-V curve of a lit module. `str()` is a plain half-sentence."""


def curve_values(points: Sequence[Point]) -> CurveValues:
    """Return Pmax, Voc, Isc, Vmp and Imp of a curve given in any order of points.

    Raises NotACurve when there are too few points, no power, or no points near open circuit.
    """
    ordered = sorted(points, key=lambda point: point.volts)
    if len(ordered) < _MIN_POINTS:
        raise NotACurve(f"it has {len(ordered)} points, at least {_MIN_POINTS} are needed")
    if max(point.watts for point in ordered) <= 0:
        raise NotACurve("no point delivers power")
    vmp_v, pmax_w = _maximum(_around_maximum(ordered))
    return CurveValues(
        pmax_w=pmax_w,
        voc_v=_open_circuit(ordered),
        isc_a=_short_circuit(ordered),
        vmp_v=vmp_v,
        imp_a=pmax_w / vmp_v,
    )


def _around_maximum(ordered: Sequence[Point]) -> list[Point]:
    """Return the points above the window's share of the largest power, at least enough for the fit."""
    by_power = sorted(ordered, key=lambda point: point.watts, reverse=True)
    least = _WINDOW * by_power[0].watts
    inside = sum(point.watts > least for point in by_power)
    return by_power[: max(inside, _ORDER + 1)]


def _maximum(points: Sequence[Point]) -> tuple[float, float]:
    """Return volts and watts of the fitted maximum between the outermost of `points`."""
    low, high = min(point.volts for point in points), max(point.volts for point in points)
    if low == high:
        raise NotACurve("all points around the maximum have the same voltage")
    middle, half = (low + high) / 2, (high - low) / 2
    scaled = [(point.volts - middle) / half for point in points]
    order = min(_ORDER, len(set(scaled)) - 1)
    fit = fit_polynomial(scaled, [point.watts for point in points], order)
    best = _peak(fit)
    return middle + half * best, _value(fit, best)


def _peak(fit: Sequence[float]) -> float:
    """Return where in -1..1 a polynomial is largest: best point of a grid, then ternary search beside it."""
    step = 2 / _GRID
    best = max((-1 + step * k for k in range(_GRID + 1)), key=lambda x: _value(fit, x))
    low, high = max(-1.0, best - step), min(1.0, best + step)
    for _ in range(60):
        third = (high - low) / 3
        if _value(fit, low + third) < _value(fit, high - third):
            low += third
        else:
            high -= third
    return (low + high) / 2


def _short_circuit(ordered: Sequence[Point]) -> float:
    """Return the current at zero volts: measured there, else the line through the points of lowest voltage."""
    if ordered[0].volts == 0:
        return ordered[0].amps
    return _crossing([(point.volts, point.amps) for point in ordered[:_AXIS_POINTS]])


def _open_circuit(ordered: Sequence[Point]) -> float:
    """Return the voltage at zero amperes: between the points on either side of it, else extended."""
    for low, high in pairwise(ordered):
        if low.amps > 0 >= high.amps:
            return _crossing([(low.amps, low.volts), (high.amps, high.volts)])
    if ordered[-1].amps > _VOC_SHARE * max(point.amps for point in ordered):
        raise NotACurve("it ends long before the current falls to zero")
    return _crossing([(point.amps, point.volts) for point in ordered[-2:]])


def _crossing(pairs: Sequence[tuple[float, float]]) -> float:
    """Return y at x = 0 of the least-squares line through `pairs`."""
    xs, ys = [x for x, _ in pairs], [y for _, y in pairs]
    return fit_polynomial(xs, ys, min(1, len(set(xs)) - 1))[0]


def fit_polynomial(xs: Sequence[float], ys: Sequence[float], order: int) -> list[float]:
    """Return least-squares coefficients, constant term first.

    By normal equations: give abscissas scaled to about -1..1. Raises NotACurve when the points do not determine it.
    """
    size = order + 1
    powers = [sum(x**k for x in xs) for k in range(2 * order + 1)]
    rows = [
        [powers[i + j] for j in range(size)] + [sum(y * x**i for x, y in zip(xs, ys, strict=True))] for i in range(size)
    ]
    return _solve(rows)


def _solve(rows: list[list[float]]) -> list[float]:
    """Solve a linear system given as an augmented matrix, by elimination with row pivoting."""
    size = len(rows)
    for column in range(size):
        pivot = max(range(column, size), key=lambda at: abs(rows[at][column]))
        if not rows[pivot][column]:
            raise NotACurve("its points do not determine a curve")
        rows[column], rows[pivot] = rows[pivot], rows[column]
        for row in rows[column + 1 :]:
            factor = row[column] / rows[column][column]
            row[column:] = [a - factor * b for a, b in zip(row[column:], rows[column][column:], strict=True)]
    found = [0.0] * size
    for at in reversed(range(size)):
        known = sum(rows[at][k] * found[k] for k in range(at + 1, size))
        found[at] = (rows[at][size] - known) / rows[at][at]
    return found


def _value(fit: Sequence[float], x: float) -> float:
    total = 0.0
    for coefficient in reversed(fit):
        total = total * x + coefficient
    return total
