"""What each read means, where that is more than a row by its key."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from uuid_utils.compat import uuid7

from storage.errors import StoreDamaged
from storage.records import (
    Batch,
    Disposition,
    FlashRuling,
    Hold,
    HoldRelease,
    ImportedFile,
    Order,
    OrderCounts,
    OrderStatus,
    Pallet,
    PalletPanel,
    PalletRemoval,
    PalletStatus,
    PanelStatus,
    Role,
    ScanOutcome,
    SignIn,
    SignOut,
    Subject,
    Verdict,
    Waiver,
)
from storage.sqlite import FindingCount, PanelCount, ResultCount, Store
from tests.storage.samples import ADMIN, NOW, ORDER, flash, furnished, open_store, panel, result, scan, step

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = furnished(tmp_path / "line.db")
    yield store
    store.close()


def put(store: Store, *records: object) -> None:
    store.write(Batch(tuple(records)))  # type: ignore[arg-type]


def pallet(number: str, **changes: object) -> Pallet:
    made = Pallet(uuid=uuid4(), pallet_number=number, order_uuid=ORDER.uuid, created_at=NOW)
    return replace(made, **changes)  # type: ignore[arg-type]


def place(on: Pallet, panel_uuid: UUID, position: int) -> PalletPanel:
    return PalletPanel(
        uuid=uuid7(), pallet_uuid=on.uuid, panel_uuid=panel_uuid, position_in_pallet=position, added_at=NOW
    )


def remove(placed: PalletPanel) -> PalletRemoval:
    return PalletRemoval(
        uuid=uuid7(), pallet_panel_uuid=placed.uuid, reason="undo", removed_by=ADMIN.uuid, created_at=NOW
    )


def ruling(flash_uuid: UUID, disposition: Disposition, findings: str = "[]") -> FlashRuling:
    return FlashRuling(
        uuid=uuid7(),
        flash_uuid=flash_uuid,
        disposition=disposition,
        reason="",
        findings=findings,
        created_at=NOW,
    )


def test_an_order_counts_its_own_panels(store: Store) -> None:
    put(
        store,
        panel("A"),
        panel("B", status=PanelStatus.COMPLETED),
        panel("C", status=PanelStatus.FAILED),
        panel("D", status=PanelStatus.REWORK, current_station=3),
    )
    assert store.view.order_counts(ORDER.uuid) == OrderCounts(joined=4, completed=1, scrapped=1)
    assert store.view.order_counts(uuid4()) == OrderCounts(0, 0, 0)
    assert PanelCount(PanelStatus.REWORK, 3, 1) in store.view.panel_counts()


def test_active_orders_come_oldest_first_and_only_of_the_line_and_type(store: Store) -> None:
    def order(number: str, **changes: object) -> Order:
        return replace(ORDER, uuid=uuid4(), mo_number=number, **changes)  # type: ignore[arg-type]

    older = order("MO-0", created_at=NOW - timedelta(days=1))
    put(
        store,
        older,
        order("MO-2", panel_type="72"),
        order("MO-3", line_number=2),
        order("MO-4", status=OrderStatus.COMPLETED),
    )
    assert store.view.active_orders("60", 1) == (older, ORDER)
    assert len(store.view.orders()) == 5
    assert [each.mo_number for each in store.view.orders(OrderStatus.COMPLETED)] == ["MO-4"]


def test_results_come_oldest_first_with_void_rows_and_count_by_verdict(store: Store) -> None:
    made = panel()
    first = result(made.uuid, result=Verdict.FAIL)
    void = result(made.uuid, result=Verdict.VOID, supersedes=first.uuid, created_at=LATER)
    put(store, made, first, void)
    assert store.view.results_of(made.uuid) == (first, void)
    assert store.view.last_results(1, 1) == (void,)
    assert store.view.last_results(2, 9) == ()
    assert store.view.result_counts(LATER) == (ResultCount(1, Verdict.VOID, 1),)
    assert len(store.view.result_counts(NOW)) == 2


def test_a_pallet_holds_what_was_put_on_it_and_not_taken_off(store: Store) -> None:
    a, b, c, one = panel("A"), panel("B"), panel("C"), pallet("P1-1-2026-000001")
    placed = [place(one, a.uuid, 1), place(one, b.uuid, 2), place(one, c.uuid, 3)]
    put(store, a, b, c, one, *placed, remove(placed[1]))
    assert store.view.pallet_panels(one.uuid) == (placed[0], placed[2])
    assert store.view.pallet_of(a.uuid) == (one, placed[0])
    assert store.view.pallet_of(b.uuid) is None
    again = place(one, b.uuid, 2)
    put(store, again)
    assert store.view.pallet_of(b.uuid) == (one, again)
    assert store.view.pallet_panels(one.uuid) == (placed[0], again, placed[2])


def test_pallet_numbers_and_the_open_pallet(store: Store) -> None:
    assert store.view.last_pallet_number("P1-1-2026-") is None
    closed = pallet("P1-1-2026-000001", status=PalletStatus.COMPLETED)
    filling = pallet("P1-1-2026-000002")
    put(store, closed, filling, pallet("P1-2-2026-000009", order_uuid=ORDER.uuid, status=PalletStatus.COMPLETED))
    assert store.view.last_pallet_number("P1-1-2026-") == "P1-1-2026-000002"
    assert store.view.open_pallet(ORDER.uuid) == filling
    assert store.view.open_pallet(uuid4()) is None
    assert store.view.pallets(after_number="P1-1-2026-000001", limit=1) == (filling,)


def test_a_hold_is_open_until_it_is_released(store: Store) -> None:
    made = panel()
    hold = Hold(
        uuid=uuid7(), subject=Subject.PANEL, subject_uuid=made.uuid, code="late", reason="differs", created_at=NOW
    )
    other = replace(hold, uuid=uuid7(), code="stale")
    put(store, made, hold, other)
    put(store, HoldRelease(uuid=uuid7(), hold_uuid=hold.uuid, reason="ok", released_by=ADMIN.uuid, created_at=NOW))
    assert store.view.open_holds(made.uuid) == (other,)
    assert store.view.all_open_holds() == (other,)


def test_the_newest_session_counts_until_it_is_signed_out(store: Store) -> None:
    first = SignIn(uuid=uuid7(), user_uuid=ADMIN.uuid, station_number=1, created_at=NOW, expires_at=LATER)
    second = replace(first, uuid=uuid7())
    put(store, first, second)
    assert store.view.open_sign_in(1) == second
    assert store.view.open_sign_in(2) is None
    put(store, SignOut(uuid=uuid7(), sign_in_uuid=second.uuid, reason="left", created_at=LATER))
    assert store.view.open_sign_in(1) is None


def test_people_are_found_by_every_name(store: Store) -> None:
    view = store.view
    assert view.user(ADMIN.uuid) == view.user_by_name("ada") == view.user_by_os_user("ada") == ADMIN
    assert view.user_by_badge("b" * 64) == ADMIN
    assert view.user_by_badge("") is None
    assert view.any_admin()
    put(store, replace(ADMIN, active=False))
    assert not view.any_admin()
    put(store, replace(ADMIN, role=Role.OPERATOR))
    assert not view.any_admin()


def test_the_first_flash_of_a_key_is_the_flash(store: Store) -> None:
    first, second = flash(), flash()
    put(store, first, second)
    assert store.view.earlier_flash(first) is None
    assert store.view.earlier_flash(second) == first


def test_equal_values_seen_before_under_other_serials_are_found(store: Store) -> None:
    rows = [flash(serial_number=serial) for serial in ("A", "B", "B", None, "A")]
    put(store, *rows, *(ruling(row.uuid, Disposition.TRAY) for row in rows))
    assert store.view.serials_with_values(rows[-1], "A") == ("B",)
    assert store.view.serials_with_values(rows[0], "A") == ()
    assert len(store.view.flashes_of_serial("B")) == 2


def test_a_flash_is_undecided_then_in_the_tray_then_gone_from_it(store: Store) -> None:
    one, two = flash(), flash()
    put(store, one, two)
    assert store.view.undecided_flashes(1) == (one,)
    waiting = ruling(one.uuid, Disposition.TRAY)
    put(store, waiting)
    assert store.view.undecided_flashes(9) == (two,)
    assert store.view.tray(9) == ((one, waiting),)
    done = ruling(one.uuid, Disposition.DISCARDED)
    put(store, done)
    assert store.view.tray(9) == ()
    assert store.view.ruling_of(one.uuid) == done


def test_findings_are_counted_per_tester_and_rule(store: Store) -> None:
    one = flash()
    low = '{"rule": "ff_low", "severity": "warn", "detail": ""}'
    put(
        store,
        one,
        ruling(one.uuid, Disposition.ATTACHED, f"[{low}]"),
        ruling(one.uuid, Disposition.ATTACHED, f"[{low}]"),
    )
    put(store, ruling(one.uuid, Disposition.ATTACHED, "not json"))
    assert store.view.tester_findings(NOW) == (FindingCount("tester", "ff_low", "warn", 2),)
    assert store.view.tester_findings(LATER) == ()


def test_waivers_hold_until_their_date(store: Store) -> None:
    waiver = Waiver(
        uuid=uuid7(),
        rule="ff_low",
        panel_type="60",
        until=LATER,
        reason="new cells",
        granted_by=ADMIN.uuid,
        created_at=NOW,
    )
    put(store, waiver)
    assert store.view.waivers(NOW) == (waiver,)
    assert store.view.waivers(LATER) == ()


def test_a_file_is_imported_once_it_is_noted(store: Store) -> None:
    assert not store.view.imported("d")
    put(store, ImportedFile(uuid=uuid7(), device="t", name="a.csv", digest="d", row_count=3, created_at=NOW))
    assert store.view.imported("d")


def test_recent_scans_come_newest_first_with_what_they_led_to(store: Store) -> None:
    first, second = scan("A"), scan("B")
    outcome = ScanOutcome(
        uuid=uuid7(), scan_uuid=first.uuid, station_number=1, code="unknown", message="Unknown.", created_at=NOW
    )
    put(store, first, outcome, second)
    assert store.view.recent_scans(1, 9) == ((second, None), (first, outcome))
    assert store.view.recent_scans(2, 9) == ()


def test_the_history_of_a_panel_is_all_of_it(store: Store) -> None:
    seen, batch = step("A")
    made, passed, mark, outcome = batch.records
    one = pallet("P1-1-2026-000001")
    placed = place(one, made.uuid, 1)
    put(store, seen, *batch.records, one, placed)
    history = store.view.history(made.uuid)
    assert history
    assert (history.panel, history.results, history.criteria, history.outcomes, history.placements) == (
        made,
        (passed,),
        (mark,),
        (outcome,),
        (placed,),
    )
    assert store.view.history(uuid4()) is None


def test_changes_come_in_order_in_pages(store: Store) -> None:
    put(store, *(scan(str(number)) for number in range(10)))
    assert [change.seq for change in store.view.changes_after(4, 5)] == [5, 6, 7, 8, 9]
    assert store.view.last_seq() == 13


@pytest.mark.parametrize("altered", ["CAST(x'ff41' AS TEXT)", "'soldered'", "''"])
def test_a_row_altered_from_outside_is_damage_in_plain_words(tmp_path: Path, altered: str) -> None:
    path = tmp_path / "line.db"
    furnished(path).close()
    with closing(sqlite3.connect(path)) as other:
        other.execute(f"UPDATE users SET created_at = {altered}")
        other.commit()
    store = open_store(path)
    with pytest.raises(StoreDamaged, match="altered from outside") as damage:
        store.view.users()
    assert "technician" in damage.value.todo
    store.close()
