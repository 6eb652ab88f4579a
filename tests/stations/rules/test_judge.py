from dataclasses import replace
from datetime import UTC, datetime

import hypothesis.strategies as st
import pytest
from hypothesis import given

from drivers.readings import IvValues
from stations.rules.judge import (
    CLASS_WINDOWS_W,
    RULES,
    WAIVABLE,
    Judgement,
    Measured,
    conclude,
    judge,
    measured,
    pmax_window,
    reason,
)
from storage.records import Order, thing_uuid

Five = tuple[float | None, float | None, float | None, float | None, float | None]

FIVE = {"pmax_w": 328.0, "voc_v": 41.0, "isc_a": 10.0, "vmp_v": 34.0, "imp_a": 328.0 / 34.0}
TYPICAL = {  # cells: Isc, Voc, Imp, Vmp at the median
    "36": (9.62, 24.5, 9.86, 20.3), "40": (9.65, 27.4, 9.68, 22.8), "60": (10.19, 41.0, 9.70, 33.8),
    "72": (5.60, 49.8, 5.21, 42.0), "144": (11.25, 49.8, 10.7, 42.3),
}  # fmt: skip


def order(panel_type: str = "60", **changes: float) -> Order:
    plain = Order(
        uuid=thing_uuid("T", "order", "1"), mo_number="1", panel_type=panel_type, line_number=1, quantity=1,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    return replace(plain, **changes)  # type: ignore[arg-type]


def one(
    irradiance: float | None = 1000.0, low: float | None = 300.0, high: float | None = 340.0, **five: float
) -> Measured:
    """A good panel of 60 cells, some values changed; Pmax follows from Vmp and Imp unless given."""
    values = {**FIVE, **five}
    if "pmax_w" not in five:
        values["pmax_w"] = values["vmp_v"] * values["imp_a"]
    return Measured(IvValues(**values, significant_digits=6), irradiance, 60, low, high)


def power(ff: float) -> Measured:
    """A panel with a fill factor, whatever its Pmax: Voc 40 V, Isc 10 A."""
    return one(voc_v=40.0, vmp_v=39.0, imp_a=400.0 * ff / 39.0, low=None, high=1000.0)


def rules_broken(m: Measured, *waived: str) -> set[str]:
    return {finding.rule for finding in judge(m, frozenset(waived))}


def test_a_good_panel_breaks_no_rule() -> None:
    assert judge(one()) == ()


BOUNDS = [
    ("five_values", one(isc_a=1e-9), one(isc_a=0.0)),
    ("fill_factor_possible", power(0.2501), power(0.2499)),
    ("fill_factor_possible", power(0.9199), power(0.9201)),
    ("fill_factor_usual", power(0.6501), power(0.6499)),
    ("fill_factor_usual", power(0.8499), power(0.8501)),
    ("voltage_possible", one(voc_v=15.01), one(voc_v=14.99)),
    ("voltage_possible", one(voc_v=50.99), one(voc_v=51.01)),
    ("voltage_per_cell", one(voc_v=33.01), one(voc_v=32.99)),
    ("voltage_per_cell", one(voc_v=44.99), one(voc_v=45.01)),
    ("pmax_window", one(low=328.0), one(low=328.01)),
    ("pmax_window", one(high=328.0), one(high=327.99)),
    ("imp_below_isc", one(isc_a=9.65), one(isc_a=328.0 / 34.0)),
    ("vmp_below_voc", one(voc_v=34.01), one(voc_v=34.0)),
    ("power_adds_up", one(pmax_w=328.0 * (1 + 1.4e-5)), one(pmax_w=328.0 * (1 + 1.7e-5))),
    ("irradiance_usual", one(950.0), one(949.9)),
    ("irradiance_usual", one(1050.0), one(1050.1)),
    ("irradiance_usual", one(None), one(0.0)),
    ("window_known", one(high=None), one(low=None, high=None)),
]


@pytest.mark.parametrize(("rule", "inside", "outside"), BOUNDS)
def test_each_rule_speaks_on_one_side_of_its_bound_only(rule: str, inside: Measured, outside: Measured) -> None:
    assert rule not in rules_broken(inside)
    assert rule in rules_broken(outside)


def test_every_rule_is_tried_at_its_bound() -> None:
    assert {rule for rule, _, _ in BOUNDS} == {name for name, _, _ in RULES}


@pytest.mark.parametrize(("digits", "off", "broken"), [
    (3, 1.9e-3, False), (3, 2.1e-3, True), (4, 1.4e-3, False), (4, 1.6e-3, True), (0, 1.9e-3, False), (0, 2.1e-3, True),
    (12, 0.9e-6, False), (12, 1.1e-6, True),
])  # fmt: skip
def test_power_adds_up_within_the_digits_printed(digits: int, off: float, broken: bool) -> None:
    m = one(pmax_w=328.0 / (1 - off))
    m = replace(m, values=replace(m.values, significant_digits=digits))
    assert ("power_adds_up" in rules_broken(m)) is broken


@pytest.mark.parametrize("cells", TYPICAL)
def test_typical_values_of_every_panel_type_pass(cells: str) -> None:
    isc, voc, imp, vmp = TYPICAL[cells]
    values = IvValues(vmp * imp, voc, isc, vmp, imp, 5)
    findings = judge(measured(values, 1000.0, order(cells)))
    assert conclude(findings) is Judgement.PASS
    assert {finding.rule for finding in findings} <= {"window_known", "imp_below_isc"}


def test_the_other_wiring_of_72_cells_passes_where_the_order_says_so() -> None:
    values = IvValues(23.1 * 9.5, 27.3, 9.9, 23.1, 9.5, 5)
    assert conclude(judge(measured(values, 1000.0, order("72", cells_in_series=40)))) is Judgement.PASS
    assert conclude(judge(measured(values, 1000.0, order("72")))) is Judgement.PASS


def test_the_factorys_odd_current_is_only_a_warning() -> None:
    isc, voc, imp, vmp = TYPICAL["36"]
    findings = judge(measured(IvValues(vmp * imp, voc, isc, vmp, imp, 5), 1000.0, order("36", watt_class_w=200)))
    assert [(finding.rule, str(finding.severity)) for finding in findings] == [("imp_below_isc", "warn")]
    assert conclude(findings) is Judgement.PASS


@pytest.mark.parametrize("cells", ["72", "144"])
@pytest.mark.parametrize("watt_class", [None, 450])
def test_a_wrong_voltage_scale_asks_for_another_flash(cells: str, watt_class: int | None) -> None:
    values = IvValues(659.0, 73.7, 11.2, 61.6, 10.698, 4)
    findings = judge(measured(values, 1000.0, replace(order(cells), watt_class_w=watt_class)))
    assert conclude(findings) is Judgement.ERROR
    assert "impossible" in reason(findings)


@pytest.mark.parametrize("five", [
    (0, 0, 0, 0, 0), (None,) * 5, (328, 41, None, 34, 9.7), (328, 41, -10, 34, 9.7), (float("nan"), 41, 10, 34, 9.7),
    (float("inf"), 41, 10, 34, 9.7), (1e-200,) * 5, (1e308,) * 5, (5e-324, 1, 1, 1, 1), (439, 195, 11.2, 878, 0.5),
])  # fmt: skip
def test_what_no_panel_can_give_asks_for_another_flash(five: Five) -> None:
    findings = judge(measured(IvValues(*five, 5), 1000.0, order(pmax_min_w=300)))
    assert conclude(findings) is Judgement.ERROR
    assert reason(findings)


@given(st.tuples(*[st.none() | st.floats()] * 5), st.none() | st.floats(), st.integers(0, 17))
def test_whatever_is_measured_is_judged(five: Five, sun: float | None, digits: int) -> None:
    findings = judge(measured(IvValues(*five, digits), sun, order(watt_class_w=325)))
    assert (conclude(findings) is Judgement.PASS) == (not reason(findings))


def test_the_tester_is_doubted_before_the_panel() -> None:
    assert conclude(judge(one(voc_v=52.0, low=400.0))) is Judgement.ERROR
    assert conclude(judge(one(low=400.0, high=None))) is Judgement.FAIL


@pytest.mark.parametrize(("rule", "broken"), [(rule, outside) for rule, _, outside in BOUNDS if rule in WAIVABLE])
def test_a_waived_rule_is_silent_and_the_others_are_not(rule: str, broken: Measured) -> None:
    assert rules_broken(broken, rule) == rules_broken(broken) - {rule}


def test_what_protects_the_evidence_and_the_orders_limits_cannot_be_waived() -> None:
    assert {name for name, _, _ in RULES} - WAIVABLE == {"five_values", "pmax_window", "window_known"}


@pytest.mark.parametrize("watt", CLASS_WINDOWS_W)
def test_watt_classes_have_the_windows_in_use(watt: int) -> None:
    low, high = CLASS_WINDOWS_W[watt]
    assert pmax_window(order(watt_class_w=watt)) == (low, high)
    assert 0.965 <= low / watt <= 0.98
    assert 1.025 <= high / watt <= 1.035


def test_an_orders_own_limits_come_before_its_class_and_other_classes_are_computed() -> None:
    assert pmax_window(order(watt_class_w=325, pmax_min_w=320.0)) == (320.0, None)
    assert pmax_window(order(watt_class_w=400)) == (390.0, 412.0)
    assert pmax_window(order()) == (None, None)
