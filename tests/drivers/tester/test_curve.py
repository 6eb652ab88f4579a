"""The five values from raw points, against exact curves of 32 modules.

The curves are `case1` of cwhanse/ivcurves (BSD 3-Clause, licence beside the data): single-diode modules of 72 cells,
solved to 20 digits.
"""

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from drivers.tester import CurveValues, NotACurve, Point, curve_values
from drivers.tester.curve import fit_polynomial

DATA = Path(__file__).parents[2] / "data" / "ivcurves" / "case1.json"
CURVES: list[dict[str, Any]] = json.loads(DATA.read_text(encoding="utf-8"))["IV Curves"]
Change = Callable[[list[Point]], list[Point]]


def points_of(curve: dict[str, Any]) -> list[Point]:
    pairs = zip(curve["Voltages"], curve["Currents"], strict=True)
    return [Point(float(volts), float(amps)) for volts, amps in pairs]


def errors(values: CurveValues, curve: dict[str, Any]) -> dict[str, float]:
    found = {"p_mp": values.pmax_w, "v_mp": values.vmp_v, "i_mp": values.imp_a}
    found |= {"v_oc": values.voc_v, "i_sc": values.isc_a}
    return {name: abs(value / float(curve[name]) - 1) for name, value in found.items()}


def worst(change: Change) -> dict[str, float]:
    """Return the largest relative error of each value over all curves, and print it."""
    each = [errors(curve_values(change(points_of(curve))), curve) for curve in CURVES]
    largest = {name: max(error[name] for error in each) for name in each[0]}
    print({name: f"{error:.4%}" for name, error in largest.items()})
    return largest


@pytest.mark.parametrize("curve", CURVES, ids=lambda curve: f"curve {curve['Index']}")
def test_every_curve_is_met_within_five_hundredths_of_a_percent(curve: dict[str, Any]) -> None:
    error = errors(curve_values(points_of(curve)), curve)
    assert error["p_mp"] < 0.0005
    assert error["v_mp"] < 0.002
    assert error["i_mp"] < 0.002
    assert error["v_oc"] < 0.0001
    assert error["i_sc"] < 0.0001


@pytest.mark.parametrize("first", [0, 1])
def test_half_of_the_points_are_enough(first: int) -> None:
    error = worst(lambda points: points[first::2])
    assert error["p_mp"] < 0.0005
    assert error["v_mp"] < 0.002
    assert error["i_mp"] < 0.002
    assert error["v_oc"] < 0.005


def test_the_order_of_the_points_does_not_matter() -> None:
    rng = random.Random(1)
    for curve in CURVES:
        points = points_of(curve)
        assert curve_values(rng.sample(points, len(points))) == curve_values(points)


@pytest.mark.parametrize(("noise", "pmax_within", "place_within"), [(0.0005, 0.0015, 0.005), (0.001, 0.003, 0.01)])
def test_noise_on_every_point_is_averaged(noise: float, pmax_within: float, place_within: float) -> None:
    rng = random.Random(2)

    def noisy(points: list[Point]) -> list[Point]:
        return [Point(p.volts * (1 + rng.gauss(0, noise)), p.amps * (1 + rng.gauss(0, noise))) for p in points]

    error = worst(noisy)
    assert error["p_mp"] < pmax_within
    assert error["v_mp"] < place_within
    assert error["i_mp"] < place_within


def test_a_curve_without_points_on_the_axes_is_extended() -> None:
    error = worst(lambda points: points[2:-1])
    assert error["v_oc"] < 0.003
    assert error["i_sc"] < 0.0001


def test_a_curve_that_crosses_the_voltage_axis_is_read_between_the_points() -> None:
    def beyond(points: list[Point]) -> list[Point]:
        last, end = points[-2], points[-1]
        return [*points[:-1], Point(2 * end.volts - last.volts, -last.amps)]

    assert worst(beyond)["v_oc"] < 1e-9


def test_the_fit_agrees_with_numpy() -> None:
    rng = random.Random(3)
    xs = [rng.uniform(-1, 1) for _ in range(20)]
    ys = [rng.uniform(0, 300) for _ in range(20)]
    assert fit_polynomial(xs, ys, 4) == pytest.approx(np.polynomial.polynomial.polyfit(xs, ys, 4))


@pytest.mark.parametrize(
    ("points", "why"),
    [
        ([Point(1, 1)] * 3, "3 points"),
        ([Point(volts, 0) for volts in range(10)], "no point delivers power"),
        ([Point(20, amps) for amps in range(1, 9)], "same voltage"),
        ([Point(volts, 9) for volts in range(10)], "ends long before"),
    ],
)
def test_points_that_are_no_curve_are_refused_in_words(points: list[Point], why: str) -> None:
    with pytest.raises(NotACurve, match=why):
        curve_values(points)
