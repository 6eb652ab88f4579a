"""The one line of `systemctl status`."""

from datetime import UTC, datetime

from daemon.control.face import DeviceStanding, Standing, StoreStanding
from daemon.service.words import status_words
from drivers.readings import DeviceState
from storage.sync.status import SyncStatus

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def device(name: str, state: DeviceState = DeviceState.ONLINE) -> DeviceStanding:
    return DeviceStanding(name=name, kind="scanner", station=1, state=state, since=NOON)


def standing(*devices: DeviceStanding, store: StoreStanding | None = None) -> Standing:
    return Standing(at=NOON, version="1", started_at=NOON, store=store or StoreStanding(), devices=devices)


def test_all_well_is_said_in_two_sentences() -> None:
    assert (
        status_words(1, standing(device("a"), device("b")), (), None) == "Line 1 takes scans. All 2 devices are there."
    )


def test_what_stops_the_line_comes_first() -> None:
    full = StoreStanding(state="refusing", reason="The data disk is full.", todo="Free space.")
    said = status_words(2, standing(device("a"), store=full), (), None)
    assert said.startswith("Line 2 refuses scans: The data disk is full. Free space.")


def test_absent_devices_are_named_but_not_all_of_many() -> None:
    away = [device(f"scan-{n}", DeviceState.SEARCHING) for n in range(5)]
    said = status_words(1, standing(device("a"), *away), (), None)
    assert (
        "1 of 6 devices are there, not scan-0 (searching), scan-1 (searching), scan-2 (searching) and 2 more." in said
    )


def test_the_exchange_is_told_with_what_it_means_for_the_line() -> None:
    assert status_words(1, standing(), (), SyncStatus(True, NOON)).endswith("Connected to the central server.")
    away = status_words(1, standing(), (), SyncStatus(False, NOON, trouble="No answer."))
    assert away.endswith("Not connected to the central server since 2026-11-23 12:00 UTC; the line goes on.")
    rival = status_words(1, standing(), (), SyncStatus(True, NOON, rival="pc2"))
    assert rival.endswith("Another PC runs this line too: pc2.")


def test_where_somebody_is_signed_in_is_told() -> None:
    assert status_words(1, standing(), (2,), None).endswith("Signed in at station 2.")
    assert status_words(1, standing(), (1, 3), None).endswith("Signed in at stations 1, 3.")
