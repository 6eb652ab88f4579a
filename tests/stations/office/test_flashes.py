import json
from uuid import UUID, uuid4

import hypothesis.strategies as st
from hypothesis import given

from drivers.readings import FlashSource, IvValues
from stations.office.flashes import AssignFlash, DiscardFlash, assign_flash, discard_flash
from stations.office.naming import dashed
from stations.office.rules import SetRule, set_rule
from stations.workflow.turn import TesterMode
from storage.records import Disposition, PanelStatus, Subject
from tests.stations.office.shop import GOOD, OTHER, SERIAL, WEAK, Shop, scaled

READ_BADLY = "RS25WT6000001"
ZERO = IvValues(0.0, 0.0, 0.0, 0.0, 0.0)


def pending(shop: Shop, serial: str = SERIAL) -> None:
    """Finish a panel whose values are to come from a result file."""
    shop.get(set_rule, SetRule(key="allow_pending_electrical", value="true"), "ada")
    shop.work(serial, 1, 2, 3)
    shop.scan(4, "SL-U-otto", serial, "SL-LATER", "SL-PASS", "SL-OUT")


def test_a_flash_with_a_bad_serial_resolves_a_pending_panel(shop: Shop) -> None:
    pending(shop)
    flash = shop.flash(GOOD, READ_BADLY)
    ruling = shop.get(assign_flash, AssignFlash(uuid=str(flash), serial=SERIAL, reason="first letter missing"))
    panel = shop.view.panel(SERIAL)
    assert panel is not None
    assert not panel.electrical_pending
    assert ruling == shop.view.ruling_of(flash)
    assert (ruling.disposition, ruling.panel_uuid) == (Disposition.ATTACHED, panel.uuid)
    assert ruling.decided_by == shop.view.user_by_name("sam").uuid  # type: ignore[union-attr]
    assert "serial_differs" in [found["rule"] for found in json.loads(ruling.findings)]
    assert shop.view.open_holds(panel.uuid) == ()
    assert shop.view.tray(10) == ()
    assert shop.view.results_of(panel.uuid)[-1].electrical_data is None


def test_a_failing_value_holds_panel_and_pallet_and_rewrites_nothing(shop: Shop) -> None:
    pending(shop)
    before = shop.view.panel(SERIAL)
    assert before is not None
    rows = shop.view.results_of(before.uuid)
    shop.get(assign_flash, AssignFlash(uuid=str(shop.flash(WEAK, READ_BADLY)), serial=SERIAL, reason="misread"))
    assert {hold.subject for hold in shop.view.all_open_holds()} == {Subject.PANEL, Subject.PALLET}
    assert shop.view.results_of(before.uuid) == rows
    after = shop.view.panel(SERIAL)
    assert after is not None
    assert after.status is PanelStatus.COMPLETED


def test_a_value_off_what_was_entered_by_hand_holds_the_panel(shop: Shop) -> None:
    panel = shop.work(SERIAL, 1, 2, 3, 4)
    shop.get(
        assign_flash, AssignFlash(uuid=str(shop.flash(scaled(GOOD, 0.995), None)), serial=SERIAL, reason="no serial")
    )
    assert shop.view.open_holds(panel.uuid) == ()
    off = shop.flash(scaled(GOOD, 0.98), None, at_text="08:01:00")
    shop.get(assign_flash, AssignFlash(uuid=str(off), serial=SERIAL, reason="no serial"))
    assert "Pmax was entered as" in shop.view.open_holds(panel.uuid)[0].reason


def test_a_flash_fills_the_panel_that_lies_at_the_tester(shop: Shop) -> None:
    shop.work(SERIAL, 1, 2, 3)
    shop.scan(4, "SL-U-otto", SERIAL, "SL-PASS", tester=TesterMode.LIVE)
    flash = shop.flash(GOOD, OTHER, FlashSource.LIVE)
    assert shop.view.ruling_of(flash).disposition is Disposition.TRAY  # type: ignore[union-attr]
    shop.get(assign_flash, AssignFlash(uuid=str(flash), serial=SERIAL, reason="the tester kept the old serial"))
    panel = shop.view.panel(SERIAL)
    assert panel is not None
    assert panel.status is PanelStatus.COMPLETED
    assert str(flash) in (shop.view.results_of(panel.uuid)[-1].electrical_data or "")
    assert shop.scan(4, "SL-DONE").open is None


def test_values_of_another_panel_are_attached_only_with_a_hold(shop: Shop) -> None:
    pending(shop)
    shop.flash(GOOD, OTHER)
    flash = shop.flash(GOOD, READ_BADLY, at_text="08:05:00")
    ruling = shop.get(assign_flash, AssignFlash(uuid=str(flash), serial=SERIAL, reason="seen by me"))
    assert "stale" in ruling.findings
    panel = shop.view.panel(SERIAL)
    assert panel is not None
    assert [hold.code for hold in shop.view.open_holds(panel.uuid)] == ["stale"]


def test_a_tester_that_kept_serial_and_values_is_caught(shop: Shop) -> None:
    pending(shop)
    shop.flash(GOOD, OTHER)
    flash = shop.flash(GOOD, OTHER, at_text="08:05:00")
    assert "stale" in shop.get(assign_flash, AssignFlash(uuid=str(flash), serial=SERIAL, reason="seen by me")).findings


def test_a_tester_fault_is_nobodys_flash(shop: Shop) -> None:
    pending(shop)
    no = shop.no(assign_flash, AssignFlash(uuid=str(shop.flash(ZERO, READ_BADLY)), serial=SERIAL, reason="x"))
    assert "no contact" in no.message


def test_a_flash_waits_until_its_panel_has_been_at_the_tester(shop: Shop) -> None:
    shop.work(SERIAL, 1)
    request = AssignFlash(uuid=str(shop.flash(GOOD, READ_BADLY)), serial=SERIAL, reason="x")
    assert "has not been at the tester" in shop.no(assign_flash, request).message
    assert shop.no(assign_flash, AssignFlash(uuid=request.uuid, serial=OTHER, reason="x")).code == "not_found"
    assert shop.no(assign_flash, AssignFlash(uuid=str(uuid4()), serial=SERIAL, reason="x")).code == "not_found"
    assert shop.no(assign_flash, request, "otto").code == "forbidden"


def test_an_attached_flash_is_not_given_away(shop: Shop) -> None:
    pending(shop)
    flash = shop.flash(GOOD, SERIAL)
    assert shop.view.ruling_of(flash).disposition is Disposition.ATTACHED  # type: ignore[union-attr]
    assert "attached" in shop.no(assign_flash, AssignFlash(uuid=str(flash), serial=SERIAL, reason="x")).message
    assert "attached" in shop.no(discard_flash, DiscardFlash(uuid=str(flash), reason="x")).message


def test_a_discarded_flash_leaves_the_tray_and_can_be_fetched_back(shop: Shop) -> None:
    pending(shop)
    flash = shop.flash(GOOD, READ_BADLY)
    assert shop.no(discard_flash, DiscardFlash(uuid=str(flash), reason="")).code == "invalid"
    assert shop.no(discard_flash, DiscardFlash(uuid=str(flash), reason="x"), "otto").code == "forbidden"
    shop.get(discard_flash, DiscardFlash(uuid=str(flash), reason="set-up"))
    assert shop.view.tray(10) == ()
    assert shop.row(flash).pmax_w == GOOD.pmax_w
    assert shop.no(discard_flash, DiscardFlash(uuid=str(flash), reason="x")).code == "refused"
    shop.get(assign_flash, AssignFlash(uuid=str(flash), serial=SERIAL, reason="it was"))


def test_a_flash_is_named_by_a_part_of_its_id_that_only_it_has(shop: Shop) -> None:
    shop.work(SERIAL, 1, 2, 3, 4)
    first, second = shop.flash(GOOD, READ_BADLY), shop.flash(WEAK, READ_BADLY, at_text="09:00:00")
    shared = first.hex[:6]
    assert second.hex.startswith(shared)
    no = shop.no(discard_flash, DiscardFlash(uuid=shared, reason="x"))
    assert (no.code, no.message) == ("refused", f"More than one flash has the id {shared}...")
    for text in ("", "12345", "nonsense", "1" * 33, "%"):
        assert shop.no(discard_flash, DiscardFlash(uuid=text, reason="x")).code == "invalid"
    assert shop.no(discard_flash, DiscardFlash(uuid="ffffffffff", reason="x")).code == "not_found"
    assert shop.get(discard_flash, DiscardFlash(uuid=f" {first.hex[-8:].upper()} ", reason="x")).flash_uuid == first
    assert shop.get(discard_flash, DiscardFlash(uuid=str(second)[:30], reason="x")).flash_uuid == second


@given(st.uuids(), st.integers(6, 32))
def test_the_beginning_of_an_id_is_written_as_ids_are_stored(uuid: UUID, digits: int) -> None:
    assert str(uuid).startswith(dashed(uuid.hex[:digits]))
    assert dashed(uuid.hex) == str(uuid)
