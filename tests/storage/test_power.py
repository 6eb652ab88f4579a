"""Power cuts: what was acknowledged is there; and the method would notice if it were not."""

from pathlib import Path

import pytest

from storage.errors import StorageError
from tests.storage.power import Recorder, cuts, rebuild, record
from tests.storage.samples import Decided, furnished, open_store, step

SMALL, FULL = 200, 2000
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


def lost(recorder: Recorder, number: int, folder: Path) -> int:
    """Count the acknowledged serials that are missing or half there, over many cuts."""
    missing = 0
    for cut in cuts(recorder, number, seed=20260301):
        store = open_store(rebuild(cut, folder))
        found = {each.serial_number: each for each in store.view.panels(limit=1000)}
        missing += sum(serial not in found for serial in cut.acknowledged)
        for made in found.values():
            (passed,) = store.view.results_of(made.uuid)
            assert len(store.view.criteria_results_of(passed.uuid)) == 1
        assert store.view.last_seq() == 3 + 5 * len(found)
        assert not [alarm for alarm in store.view.alarms(10) if alarm.code == "store_salvaged"]
        store.close()
    return missing


@pytest.mark.parametrize("number", [SMALL, pytest.param(FULL, marks=pytest.mark.faults)])
def test_no_acknowledged_row_is_lost_by_a_power_cut(tmp_path: Path, number: int) -> None:
    assert lost(shift(tmp_path / "line"), number, tmp_path / "cut") == 0


@pytest.mark.parametrize("number", [SMALL, pytest.param(FULL, marks=pytest.mark.faults)])
def test_without_flushing_each_commit_the_same_cuts_lose_rows(tmp_path: Path, number: int) -> None:
    recorder = shift(tmp_path / "line", flushed=False)
    try:
        assert lost(recorder, number, tmp_path / "cut") > 0
    except (AssertionError, StorageError) as error:
        pytest.fail(f"rows may be late, but never halves: {error}")
