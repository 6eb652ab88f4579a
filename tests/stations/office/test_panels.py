from stations.office.orders import ResizeOrder, resize_order
from stations.office.pallets import ClosePallet, close_pallet
from stations.office.panels import (
    MovePanel,
    NotePanel,
    ScrapPanel,
    UndoVerdict,
    move_panel,
    note_panel,
    scrap_panel,
    undo_verdict,
)
from stations.rules.routing import effective
from storage.records import OrderStatus, PanelStatus, Verdict
from storage.sqlite import View
from tests.stations.office.shop import OTHER, SERIAL, Shop


def pallet_of(view: View, serial: str) -> str | None:
    panel = view.panel(serial)
    found = view.pallet_of(panel.uuid) if panel else None
    return found[0].pallet_number if found else None


def test_a_moved_panel_is_expected_where_it_was_sent(shop: Shop) -> None:
    shop.work(SERIAL, 1)
    moved = shop.get(move_panel, MovePanel(serial=SERIAL.lower(), station=4, reason="framed by hand"))
    assert (moved.status, moved.current_station) == (PanelStatus.IN_PRODUCTION, 4)
    assert shop.scan(2, "SL-U-otto", SERIAL).open is None
    assert shop.work(SERIAL, 4).status is PanelStatus.COMPLETED
    (override,) = shop.view.overrides_of(moved.uuid)
    assert (override.action, override.station_number, override.reason) == ("move", 4, "framed by hand")


def test_a_station_finds_out_that_its_open_panel_was_moved(shop: Shop) -> None:
    shop.work(SERIAL, 1)
    assert shop.scan(2, "SL-U-otto", SERIAL).open is not None
    shop.get(move_panel, MovePanel(serial=SERIAL, station=1, reason="string cracked"))
    state = shop.scan(2, "SL-PASS")
    assert state.open is None
    assert state.banner.headline == "Panel was moved"


def test_moving_a_finished_panel_takes_it_off_its_open_pallet_and_opens_its_order(shop: Shop) -> None:
    shop.get(resize_order, ResizeOrder(mo_number="MO-1", quantity=1, reason="one"))
    done = shop.work(SERIAL, 1, 2, 3, 4)
    assert pallet_of(shop.view, SERIAL)
    assert shop.view.order(done.order_uuid).status is OrderStatus.COMPLETED  # type: ignore[union-attr]
    shop.get(move_panel, MovePanel(serial=SERIAL, station=3, reason="box loose"))
    assert pallet_of(shop.view, SERIAL) is None
    assert shop.view.order(done.order_uuid).status is OrderStatus.ACTIVE  # type: ignore[union-attr]


def test_a_panel_on_a_closed_pallet_stays_as_it_is(shop: Shop) -> None:
    shop.work(SERIAL, 1, 2, 3, 4)
    shop.get(close_pallet, ClosePallet(number=pallet_of(shop.view, SERIAL) or ""))
    assert "closed" in shop.no(move_panel, MovePanel(serial=SERIAL, station=3, reason="x")).message
    assert "closed" in shop.no(scrap_panel, ScrapPanel(serial=SERIAL, reason="x")).message
    assert "closed" in shop.no(undo_verdict, UndoVerdict(serial=SERIAL, reason="x")).message


def test_a_move_to_where_it_is_or_nowhere_is_refused(shop: Shop) -> None:
    shop.work(SERIAL, 1)
    assert shop.no(move_panel, MovePanel(serial=SERIAL, station=2, reason="x")).code == "refused"
    assert shop.no(move_panel, MovePanel(serial=SERIAL, station=5, reason="x")).code == "invalid"
    assert shop.no(move_panel, MovePanel(serial=SERIAL, station=3, reason="")).code == "invalid"
    assert shop.no(move_panel, MovePanel(serial=OTHER, station=3, reason="x")).code == "not_found"
    assert shop.no(move_panel, MovePanel(serial=SERIAL, station=3, reason="x"), "otto").code == "forbidden"


def test_scrap_makes_room_and_comes_back_only_into_room(shop: Shop) -> None:
    shop.get(resize_order, ResizeOrder(mo_number="MO-1", quantity=1, reason="one"))
    shop.work(SERIAL, 1)
    assert shop.get(scrap_panel, ScrapPanel(serial=SERIAL, reason="dropped")).status is PanelStatus.FAILED
    assert shop.no(scrap_panel, ScrapPanel(serial=SERIAL, reason="dropped")).code == "refused"
    assert "sunline panel move" in shop.no(undo_verdict, UndoVerdict(serial=SERIAL, reason="x")).todo
    shop.work(OTHER, 1)
    assert "no room" in shop.no(move_panel, MovePanel(serial=SERIAL, station=2, reason="fine after all")).message
    shop.get(resize_order, ResizeOrder(mo_number="MO-1", quantity=2, reason="two"))
    back = shop.get(move_panel, MovePanel(serial=SERIAL, station=2, reason="fine after all"))
    assert (back.status, back.current_station) == (PanelStatus.IN_PRODUCTION, 2)


def test_the_last_verdict_is_taken_back_at_any_age(shop: Shop) -> None:
    done = shop.work(SERIAL, 1, 2, 3, 4)
    shop.at = shop.at.replace(day=20)
    back = shop.get(undo_verdict, UndoVerdict(serial=SERIAL, reason="wrong panel"))
    assert (back.status, back.current_station) == (PanelStatus.IN_PRODUCTION, 4)
    rows = shop.view.results_of(done.uuid)
    assert (rows[-1].result, rows[-1].supersedes) == (Verdict.VOID, rows[-2].uuid)
    assert [row.station_number for row in effective(rows)] == [1, 2, 3]
    assert pallet_of(shop.view, SERIAL) is None
    shop.get(undo_verdict, UndoVerdict(serial=SERIAL, reason="and the one before"))
    assert shop.work(SERIAL, 3, 4).status is PanelStatus.COMPLETED


def test_a_fail_taken_back_is_no_rework(shop: Shop) -> None:
    shop.scan(1, "SL-U-otto", SERIAL, "SL-OTHER", "SL-D-101", "SL-DONE", "SL-OUT")
    failed = shop.view.panel(SERIAL)
    assert failed is not None
    assert failed.status is PanelStatus.REWORK
    assert shop.get(undo_verdict, UndoVerdict(serial=SERIAL, reason="wrong")).status is PanelStatus.IN_PRODUCTION
    assert "no verdict" in shop.no(undo_verdict, UndoVerdict(serial=SERIAL, reason="again")).message


def test_undoing_is_for_supervisors(shop: Shop) -> None:
    shop.work(SERIAL, 1)
    assert shop.no(undo_verdict, UndoVerdict(serial=SERIAL, reason="x"), "otto").code == "forbidden"
    assert shop.no(scrap_panel, ScrapPanel(serial=SERIAL, reason="x"), "otto").code == "forbidden"


def test_notes_grow_and_name_their_writers(shop: Shop) -> None:
    shop.work(SERIAL, 1)
    shop.get(note_panel, NotePanel(serial=SERIAL, text="scratch\r\non the back"), "otto")
    noted = shop.get(note_panel, NotePanel(serial=SERIAL, text="seen"), "sam")
    assert noted.notes is not None
    assert "otto: scratch\non the back" in noted.notes
    assert noted.notes.endswith("sam: seen")
    assert shop.no(note_panel, NotePanel(serial=SERIAL, text=" \n "), "otto").code == "invalid"
    assert shop.no(note_panel, NotePanel(serial=SERIAL, text="x" * 1001), "otto").code == "invalid"
    assert shop.no(note_panel, NotePanel(serial=SERIAL, text="x"), "nobody").code == "forbidden"
