import pytest

from stations.office.holds import RaiseHold, ReleaseHold, raise_hold, release_hold
from stations.workflow.turn import TesterMode
from storage.records import Pallet, PalletStatus, thing_uuid
from tests.stations.shift import SITE, Shift, serial, values

A, B, C, D = (serial(number) for number in range(1, 5))


@pytest.fixture(autouse=True)
def pallets_of_two(shift: Shift) -> None:
    shift.rule("default_pallet_size", "2")


def lies_on(shift: Shift, number: str) -> Pallet:
    found = shift.pallet_of(number)
    assert found is not None
    return found


def complete(shift: Shift, *numbers: str) -> None:
    for number in numbers:
        shift.passed(number, 1, 2, 3, 4, nudge=int(number[-5:]) / 1000)


def test_a_pallet_with_a_held_panel_stays_open_when_full_and_the_next_panel_starts_another(shift: Shift) -> None:
    complete(shift, A)
    shift.get(raise_hold, RaiseHold(subject=A, reason="look at it"))
    complete(shift, B)
    assert lies_on(shift, B).status is PalletStatus.IN_PROGRESS
    assert f"{A} is on hold" in shift.screen(4)
    complete(shift, C)
    assert lies_on(shift, C).uuid != lies_on(shift, A).uuid


def test_a_held_pallet_takes_no_more_panels(shift: Shift) -> None:
    complete(shift, A)
    shift.get(raise_hold, RaiseHold(subject=lies_on(shift, A).pallet_number, reason="wet"))
    complete(shift, B)
    assert lies_on(shift, B).uuid != lies_on(shift, A).uuid
    assert lies_on(shift, A).status is PalletStatus.IN_PROGRESS


@pytest.mark.parametrize("size", [1, 2])
def test_a_panel_held_by_its_own_verdict_does_not_close_the_pallet_it_fills(shift: Shift, size: int) -> None:
    shift.rule("default_pallet_size", str(size))
    complete(shift, *[B, C][: size - 1])
    shift.tester = TesterMode.DEAD
    shift.passed(A, 1, 2, 3)
    shift.scan(4, A)
    shift.enter(values())
    shift.late(shift.row(A, values(factor=1.1)))
    assert shift.scan(4, "SL-PASS") == "verdict_pass"
    assert shift.holds(A)
    assert len(shift.store.view.pallet_panels(lies_on(shift, A).uuid)) == size
    assert lies_on(shift, A).status is PalletStatus.IN_PROGRESS


def test_close_pallet_is_refused_for_held_panels_and_held_pallets(shift: Shift) -> None:
    complete(shift, A)
    number = lies_on(shift, A).pallet_number
    for subject in (A, number):
        shift.get(raise_hold, RaiseHold(subject=subject, reason="look at it"))
        assert shift.scan(4, "SL-CLOSE") == "pallet_not_closed"
        shift.get(release_hold, ReleaseHold(hold=subject, reason="fine"))
    assert shift.scan(4, "SL-CLOSE") == "pallet_closed"


def test_a_full_pallet_is_closed_by_hand_after_its_hold_was_released(shift: Shift) -> None:
    complete(shift, A)
    shift.get(raise_hold, RaiseHold(subject=A, reason="look at it"))
    complete(shift, B)
    shift.get(release_hold, ReleaseHold(hold=A, reason="fine"))
    assert shift.scan(4, "SL-CLOSE") == "pallet_closed"
    assert lies_on(shift, A).status is PalletStatus.COMPLETED


def test_with_two_orders_the_pallet_of_the_order_completed_last_is_closed(shift: Shift) -> None:
    shift.order("MO36", "36", quantity=4)
    complete(shift, A)
    other = serial(9, "36")
    shift.passed(other, 1, 2, 3, 4, cells="36")
    assert shift.scan(4, "SL-CLOSE") == "pallet_closed"
    assert lies_on(shift, other).status is PalletStatus.COMPLETED
    assert lies_on(shift, A).status is PalletStatus.IN_PROGRESS


def test_numbers_go_on_past_the_sixth_digit(shift: Shift) -> None:
    order = shift.store.view.order_by_number("MO1")
    assert order is not None
    for number in ("PT-1-2026-999999", "PT-1-2026-1000000"):
        shift.write(
            Pallet(
                uuid=thing_uuid(SITE, "pallet", number), pallet_number=number, order_uuid=order.uuid,
                status=PalletStatus.COMPLETED, created_at=shift.now,
            )
        )  # fmt: skip
    complete(shift, A)
    assert lies_on(shift, A).pallet_number == "PT-1-2026-1000001"
