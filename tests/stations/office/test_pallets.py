from dataclasses import replace

from uuid_utils.compat import uuid7

from stations.office.holds import RaiseHold, ReleaseHold, raise_hold, release_hold
from stations.office.pallets import ClosePallet, ReopenPallet, close_pallet, reopen_pallet
from stations.office.panels import MovePanel, move_panel
from storage.records import Pallet, PalletPanel, PalletStatus, Panel, PanelStatus
from tests.stations.office.shop import OTHER, SERIAL, Shop, order


def loaded(shop: Shop, *serials: str) -> Pallet:
    for serial in serials:
        shop.work(serial, 1, 2, 3, 4)
    (pallet,) = shop.view.open_pallets()
    return pallet


def also_on(shop: Shop, pallet: Pallet, panel: Panel, position: int = 9) -> None:
    place = PalletPanel(
        uuid=uuid7(), pallet_uuid=pallet.uuid, panel_uuid=panel.uuid, position_in_pallet=position, added_at=shop.at
    )
    shop.write(place)


def why_not(shop: Shop, pallet: Pallet) -> str:
    return shop.no(close_pallet, ClosePallet(number=pallet.pallet_number)).message


def test_a_pallet_is_closed_with_fewer_panels_than_it_holds(shop: Shop) -> None:
    pallet = loaded(shop, SERIAL, OTHER)
    closed = shop.get(close_pallet, ClosePallet(number=pallet.pallet_number.lower()))
    assert (closed.status, closed.completed_at) == (PalletStatus.COMPLETED, shop.at)
    assert "closed already" in why_not(shop, pallet)
    assert shop.no(close_pallet, ClosePallet(number="P0")).code == "not_found"


def test_an_empty_pallet_stays_open(shop: Shop) -> None:
    pallet = Pallet(uuid=uuid7(), pallet_number="PIN-1-2025-000001", order_uuid=order().uuid, created_at=shop.at)
    shop.write(pallet)
    assert "empty" in why_not(shop, pallet)


def test_holds_keep_a_pallet_open_until_released(shop: Shop) -> None:
    pallet = loaded(shop, SERIAL, OTHER)
    shop.get(raise_hold, RaiseHold(subject=OTHER, reason="look again"))
    shop.get(raise_hold, RaiseHold(subject=pallet.pallet_number, reason="wood is wet"))
    assert f"{pallet.pallet_number} is on hold" in why_not(shop, pallet)
    shop.get(release_hold, ReleaseHold(hold=pallet.pallet_number, reason="dry"))
    assert f"{OTHER} is on hold" in why_not(shop, pallet)
    shop.get(release_hold, ReleaseHold(hold=OTHER, reason="fine"))
    shop.get(close_pallet, ClosePallet(number=pallet.pallet_number))


def test_failed_foreign_and_doubled_panels_are_never_shipped(shop: Shop) -> None:
    pallet = loaded(shop, SERIAL)
    panel = shop.view.panel(SERIAL)
    assert panel is not None
    shop.write(replace(panel, status=PanelStatus.FAILED))
    assert "not completed, it is failed" in why_not(shop, pallet)
    shop.write(order("MO-2"), replace(panel, order_uuid=order("MO-2").uuid, mo_number="MO-2"))
    assert "another order, MO-2" in why_not(shop, pallet)
    shop.write(panel)
    also_on(shop, pallet, panel)
    assert "twice" in why_not(shop, pallet)


def test_a_panel_on_two_pallets_is_shipped_with_neither(shop: Shop) -> None:
    pallet = loaded(shop, SERIAL)
    panel = shop.view.panel(SERIAL)
    assert panel is not None
    other = replace(pallet, uuid=uuid7(), pallet_number="PIN-1-2025-000099")
    shop.write(other)
    also_on(shop, other, panel)
    assert "000099" in why_not(shop, pallet)


def test_closing_by_the_office_is_for_supervisors(shop: Shop) -> None:
    pallet = loaded(shop, SERIAL)
    assert shop.no(close_pallet, ClosePallet(number=pallet.pallet_number), "otto").code == "forbidden"


def test_a_closed_pallet_is_opened_again_with_a_reason_that_stays(shop: Shop) -> None:
    pallet = loaded(shop, SERIAL, OTHER)
    request = ReopenPallet(number=pallet.pallet_number, reason="one panel is scratched.")
    assert "open already" in shop.no(reopen_pallet, request).message
    shop.get(close_pallet, ClosePallet(number=pallet.pallet_number))
    assert shop.no(move_panel, MovePanel(serial=SERIAL, station=2, reason="scratched")).code == "refused"
    assert shop.no(reopen_pallet, request, "otto").code == "forbidden"
    assert shop.no(reopen_pallet, replace(request, reason=" ")).code == "invalid"
    opened = shop.get(reopen_pallet, request)
    assert opened == replace(pallet, status=PalletStatus.IN_PROGRESS, completed_at=None)
    (alarm,) = shop.view.alarms(1)
    assert (alarm.code, pallet.pallet_number in alarm.message) == ("pallet_reopened", True)
    noted = shop.view.order_by_number("MO-1")
    assert noted is not None
    assert f"sam: pallet {pallet.pallet_number} opened again. one panel is scratched." in (noted.notes or "")
    shop.get(move_panel, MovePanel(serial=SERIAL, station=4, reason="scratched"))
    other = shop.view.panel(OTHER)
    assert other is not None
    assert [place.panel_uuid for place in shop.view.pallet_panels(pallet.uuid)] == [other.uuid]


def test_an_order_never_has_two_open_pallets_by_a_supervisors_word(shop: Shop) -> None:
    first = loaded(shop, SERIAL)
    shop.get(close_pallet, ClosePallet(number=first.pallet_number))
    second = loaded(shop, OTHER)
    no = shop.no(reopen_pallet, ReopenPallet(number=first.pallet_number, reason="x"))
    assert second.pallet_number in no.message
    shop.get(close_pallet, ClosePallet(number=second.pallet_number))
    assert shop.get(reopen_pallet, ReopenPallet(number=first.pallet_number, reason="x")).uuid == first.uuid
    assert "open already" in shop.no(reopen_pallet, ReopenPallet(number=first.pallet_number, reason="x")).message
    assert shop.no(reopen_pallet, ReopenPallet(number="P0", reason="x")).code == "not_found"
