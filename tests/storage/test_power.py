"""Power cuts: what was acknowledged is there; and the method would notice if it were not."""

from pathlib import Path

import pytest

from tests.storage.power import Recorder, cuts, rebuild, record
from tests.storage.samples import Decided, furnished, open_store, step

SMALL, FULL = 100, 2000
STEPS = 60


def shift(folder: Path, *, flushed: bool = True) -> Recorder:
    """Pass panels through a recorded store, some of them around checkpoints; acknowledge each serial."""
    path = folder / "line.db"
    furnished(path).close()
    with record(path) as recorder:
        store = open_store(path, recorder.vfs)
        if not flushed:
            store._connection.pragma("synchronous", 1)
        for number in range(STEPS):
            serial = f"CRS25WT60{number:05}"
            seen, batch = step(serial)
            store.transact((seen,), lambda _, batch=batch: Decided(batch))  # type: ignore[misc]
            recorder.acknowledge(serial)
            if number % 17 == 16:
                store.log_pages = 10**6
                store.tend()
        assert not store.doubtful
        events = len(recorder.events)
        store.close()
        del recorder.events[events:]
    return recorder


def lost(recorder: Recorder, number: int, folder: Path) -> tuple[int, int]:
    """Count the acknowledged serials that are missing, and the alarms at the start, over many cuts."""
    missing = alarms = 0
    for cut in cuts(recorder, number, seed=20260301):
        store = open_store(rebuild(cut, folder))
        found = {each.serial_number: each for each in store.view.panels(limit=1000)}
        missing += sum(serial not in found for serial in cut.acknowledged)
        for made in found.values():
            (passed,) = store.view.results_of(made.uuid)
            assert len(store.view.criteria_results_of(passed.uuid)) == 1
        told = store.view.alarms(10)
        assert store.view.last_seq() == 3 + 5 * len(found) + len(told)
        assert all(alarm.code == "store_log_damaged" for alarm in told)
        alarms += len(told)
        store.close()
    return missing, alarms


@pytest.mark.parametrize("number", [SMALL, pytest.param(FULL, marks=[pytest.mark.faults, pytest.mark.timeout(600)])])
def test_no_acknowledged_row_is_lost_by_a_power_cut_nor_any_alarm_raised(tmp_path: Path, number: int) -> None:
    assert lost(shift(tmp_path / "line"), number, tmp_path / "cut") == (0, 0)


@pytest.mark.parametrize("number", [SMALL, pytest.param(FULL, marks=[pytest.mark.faults, pytest.mark.timeout(600)])])
def test_without_flushing_each_commit_the_same_cuts_lose_rows(tmp_path: Path, number: int) -> None:
    missing, alarms = lost(shift(tmp_path / "line", flushed=False), number, tmp_path / "cut")
    assert missing > 0
    assert alarms > 0  # the start notices that the log is not as the flushes would have left it
