import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.physics import TYPES, Diode, Setup, fitted, measured, panel

FACTORY = {
    "36": {"pmax_w": (195, 210), "isc_a": (9.4, 10.0), "voc_v": (24.0, 24.7)},
    "40": {"pmax_w": (214, 226), "isc_a": (9.5, 9.9), "voc_v": (27.2, 27.6)},
    "60": {
        "pmax_w": (320, 339), "isc_a": (9.9, 10.5), "voc_v": (40.1, 41.5), "imp_a": (9.4, 10.1), "vmp_v": (33.1, 34.8)
    },
    "72": {"pmax_w": (214, 228), "isc_a": (5.0, 9.9), "voc_v": (27.3, 50.8), "imp_a": (5.0, 9.5)},
    "144": {
        "pmax_w": (438, 465), "isc_a": (11.1, 11.4), "voc_v": (45, 50.1), "imp_a": (10.3, 10.9), "vmp_v": (40.8, 43.5)
    },
}  # fmt: skip
MEDIAN_PMAX_W = {"36": 199.5, "40": 221.5, "60": 329.1, "72": 219.1, "144": 451.6}
WINDOWS = {"36": (195, 206), "40": (214, 227), "60": (316, 335), "72": (214, 227), "144": (439, 463.5)}


def good(panel_type: str, seed: object = 1) -> Diode:
    made = panel(panel_type, seed)
    assert made is not None
    return made


@pytest.mark.parametrize("panel_type", FACTORY)
def test_good_panels_lie_within_the_factorys_spread(panel_type: str) -> None:
    rows = [good(panel_type, seed).stc() for seed in range(12)]
    assert statistics.median(row.pmax_w for row in rows) == pytest.approx(MEDIAN_PMAX_W[panel_type], rel=0.01)
    for name, (low, high) in FACTORY[panel_type].items():
        assert low <= statistics.median(getattr(row, name) for row in rows) <= high, name


@pytest.mark.parametrize("panel_type", FACTORY)
def test_good_panels_are_physical_and_within_their_class_window(panel_type: str) -> None:
    low, high = WINDOWS[panel_type]
    for seed in range(8):
        row = measured(good(panel_type, seed), seed)
        assert 0.65 <= row.fill_factor <= 0.85
        assert row.imp_a < row.isc_a
        assert row.vmp_v < row.voc_v
        assert low <= row.pmax_w <= high


@pytest.mark.parametrize("panel_type", FACTORY)
@pytest.mark.parametrize("setup", [Setup.WEAK, Setup.CRACKED, Setup.OPEN_STRING])
def test_spoiled_panels_fall_out_of_their_class_window_but_stay_physical(panel_type: str, setup: Setup) -> None:
    row = measured(panel(panel_type, 1, setup), 1)
    assert 0 < row.pmax_w < WINDOWS[panel_type][0]
    assert row.imp_a < row.isc_a


def test_an_open_string_costs_a_third_of_the_voltage() -> None:
    spoiled = panel("60", 1, Setup.OPEN_STRING)
    assert spoiled is not None
    assert spoiled.open_v() / good("60").open_v() == pytest.approx(2 / 3, abs=0.01)


def test_no_contact_reads_zero_everywhere() -> None:
    row = measured(panel("60", 1, Setup.NO_CONTACT), 1)
    assert (row.pmax_w, row.voc_v, row.isc_a, row.vmp_v, row.imp_a, row.fill_factor) == (0, 0, 0, 0, 0, 0)


@pytest.mark.parametrize("panel_type", TYPES)
def test_the_fit_shows_exactly_what_it_was_fitted_to(panel_type: str) -> None:
    kind, row = TYPES[panel_type], fitted(TYPES[panel_type]).stc()
    assert row.isc_a == pytest.approx(kind.isc_a, rel=1e-9)
    assert row.voc_v == pytest.approx(kind.voc_v, rel=1e-9)
    assert row.pmax_w == pytest.approx(kind.pmax_w, rel=1e-6)


@given(st.sampled_from(list(TYPES)), st.floats(0.0, 1.0))
def test_every_point_solves_the_diode_equation(panel_type: str, part: float) -> None:
    model = fitted(TYPES[panel_type])
    voltage = part * model.open_v()
    current = model.current_a(voltage)
    diode_v = voltage + current * model.rs_ohm
    assert model.point(diode_v) == pytest.approx((voltage, current), abs=1e-6)


def test_a_curve_runs_from_short_to_open_circuit() -> None:
    model = good("60")
    curve = model.curve(100)
    assert curve[0] == pytest.approx((0.0, model.stc().isc_a), abs=1e-6)
    assert curve[-1] == pytest.approx((model.open_v(), 0.0), abs=1e-6)
    volts = [volt for volt, _ in curve]
    assert volts == sorted(volts)
    assert max(v * a for v, a in curve) == pytest.approx(model.stc().pmax_w, rel=2e-3)


def test_the_same_seed_gives_the_same_panel_and_two_flashes_never_the_same_digits() -> None:
    assert panel("60", "CRS") == panel("60", "CRS")
    assert panel("60", "CRS") != panel("60", "other")
    assert measured(good("60"), 1) == measured(good("60"), 1)
    assert measured(good("60"), 1) != measured(good("60"), 2)
