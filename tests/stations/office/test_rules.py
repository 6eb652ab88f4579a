from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from stations.office.criteria import AddCriterion, SetCriterion, add_criterion, set_criterion
from stations.office.rules import GrantWaiver, SetRule, grant_waiver, set_rule
from stations.rules.criteria import by_number
from tests.clocks import local_time
from tests.stations.office.shop import Shop

WAIVER = GrantWaiver(rule="imp_below_isc", panel_type="36", until=date(2025, 6, 30), reason="known tester fault")


def test_a_rule_changes_and_keeps_its_description(shop: Shop) -> None:
    entry = shop.get(set_rule, SetRule(key="default_pallet_size", value=" 30 "), "ada")
    assert (entry.config_value, entry.updated_at) == ("30", shop.at)
    assert entry.description == "Default number of panels per pallet"
    assert shop.view.config()["default_pallet_size"] == "30"
    assert shop.get(set_rule, SetRule(key="bounce_s", value="0.8"), "ada").description is None


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("default_pallet_size", "many"), ("default_pallet_size", ""), ("no_such_rule", "1"),
        ("serial_pattern", "("), ("line_2_panel_types", "144,60"), ("default_pallet_size", "2\x000"),
    ],
)  # fmt: skip
def test_a_rule_that_cannot_be_used_is_refused(shop: Shop, key: str, value: str) -> None:
    no = shop.no(set_rule, SetRule(key=key, value=value), "ada")
    assert no.code == "invalid"


def test_rules_and_waivers_are_for_admins(shop: Shop) -> None:
    assert shop.no(set_rule, SetRule(key="default_pallet_size", value="30"), "sam").code == "forbidden"
    assert shop.no(grant_waiver, WAIVER, "sam").code == "forbidden"


def test_a_waiver_holds_through_its_last_day(shop: Shop) -> None:
    waiver = shop.get(grant_waiver, WAIVER, "ada")
    assert waiver.until == datetime(2025, 7, 1, tzinfo=UTC)
    assert shop.view.waivers(datetime(2025, 6, 30, 23, 59, tzinfo=UTC)) == (waiver,)
    assert shop.view.waivers(datetime(2025, 7, 1, tzinfo=UTC)) == ()
    shop.get(grant_waiver, replace(WAIVER, until=date(2025, 6, 2)), "ada")


def test_the_last_day_of_a_waiver_ends_at_midnight_in_the_plant(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    with local_time(monkeypatch, "Asia/Kolkata"):
        waiver = shop.get(grant_waiver, WAIVER, "ada")
    assert waiver.until == datetime(2025, 6, 30, 18, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "request_",
    [
        replace(WAIVER, rule="five_values"), replace(WAIVER, rule="nonsense"), replace(WAIVER, panel_type="61"),
        replace(WAIVER, until=date(2025, 6, 1)), replace(WAIVER, until=date(2027, 1, 1)), replace(WAIVER, reason=""),
        replace(WAIVER, until=date(9999, 12, 31)),
    ],
)  # fmt: skip
def test_a_waiver_that_cannot_be_is_refused(shop: Shop, request_: GrantWaiver) -> None:
    assert shop.no(grant_waiver, request_, "ada").code in ("invalid", "refused")


def test_a_new_criterion_can_be_failed_by_its_number(shop: Shop) -> None:
    made = shop.get(add_criterion, AddCriterion(code="label", station=2, name=" Label ", order_index=5), "ada")
    assert made.criterion_name == "Label"
    assert by_number(shop.view.criteria(), 2, 1, 5) == made


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (AddCriterion(code="cleaning", station=2, name="Again", order_index=9), "refused"),
        (AddCriterion(code="Not A Code", station=2, name="x", order_index=9), "invalid"),
        (AddCriterion(code="label", station=2, name="x", order_index=1), "refused"),
        (AddCriterion(code="label", station=2, name="x", order_index=100), "invalid"),
        (AddCriterion(code="label", station=5, name="x", order_index=9), "invalid"),
        (AddCriterion(code="label", station=2, name="", order_index=9), "invalid"),
        (AddCriterion(code="label", station=2, name="x", order_index=9, line_number=3), "invalid"),
    ],
)
def test_a_criterion_that_cannot_be_is_refused(shop: Shop, request_: AddCriterion, code: str) -> None:
    assert shop.no(add_criterion, request_, "ada").code == code


def test_criteria_of_different_lines_share_a_number(shop: Shop) -> None:
    shop.get(set_criterion, SetCriterion(code="cleaning", line_number=1), "ada")
    other = AddCriterion(code="washing", station=2, name="Washing", order_index=2, line_number=2)
    assert shop.get(add_criterion, other, "ada").line_specific
    assert shop.no(set_criterion, SetCriterion(code="cleaning", line_number=None), "ada").code == "refused"


def test_only_what_is_given_of_a_criterion_changes(shop: Shop) -> None:
    before = next(one for one in shop.view.criteria() if one.code == "cleaning")
    after = shop.get(set_criterion, SetCriterion(code="Cleaning ", name="Clean glass"), "ada")
    assert after == replace(before, criterion_name="Clean glass")
    assert not shop.get(set_criterion, SetCriterion(code="cleaning", active=False), "ada").active
    assert shop.no(set_criterion, SetCriterion(code="nothing"), "ada").code == "not_found"
    assert shop.no(set_criterion, SetCriterion(code="cleaning", active=True), "sam").code == "forbidden"
