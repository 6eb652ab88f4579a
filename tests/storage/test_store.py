"""One transaction a decision: all of it, or the raw rows with the reason."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest

from storage.changes import ClockState, Moment
from storage.errors import DecisionFailed, RecordRefused, StoreBusy, StoreClosed
from storage.records import Batch, PanelStatus, StateRow
from storage.records.seeds import seed_records
from storage.sqlite import Store, View
from storage.sqlite.connection import open_reading
from storage.sqlite.store import CHECKPOINT_PAGES
from tests.storage.samples import NOW, Decided, flash, furnished, open_store, panel, result, scan, step


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = furnished(tmp_path / "line.db")
    yield store
    store.close()


def test_a_decision_sees_the_raw_rows_and_commits_with_them(store: Store) -> None:
    seen, batch = step("CRS25WT6000001")

    def decide(view: View) -> Decided:
        assert view.recent_scans(1, 5) == ((seen, None),)
        return Decided(batch)

    assert store.transact((seen,), decide) == Decided(batch)
    assert store.view.panel("CRS25WT6000001") == batch.records[0]
    assert store.view.station_state(1) == '{"open":"CRS25WT6000001"}'
    kinds = [change.kind for change in store.view.changes_after(3, 100)]
    assert kinds == ["raw_scan", "panel", "station_result", "criterion_result", "scan_outcome"]


def test_a_decision_that_raises_leaves_the_raw_row_and_the_reason(store: Store) -> None:
    seen = scan()

    def decide(view: View) -> Decided:
        raise KeyError("no such station")

    with pytest.raises(DecisionFailed) as failed:
        store.transact((seen,), decide)
    assert isinstance(failed.value.__cause__, KeyError)
    assert store.view.recent_scans(1, 5) == ((seen, None),)
    (note,) = store.view.intake_errors(5)
    assert note.raw_uuid == seen.uuid
    assert "no such station" in note.error


def test_a_decision_that_breaks_a_rule_of_the_store_writes_nothing_of_itself(store: Store) -> None:
    seen, made = scan(), panel()
    decided = Decided(Batch((made, result(uuid4())), (StateRow(1, "{}"),)))
    with pytest.raises(DecisionFailed):
        store.transact((seen,), lambda _: decided)
    assert store.view.panel(made.serial_number) is None
    assert store.view.station_states() == {}
    assert len(store.view.intake_errors(5)) == 1


def test_of_many_decisions_in_one_commit_the_good_ones_stand(store: Store) -> None:
    def fail(view: View) -> Decided:
        raise KeyError("second")

    def see(view: View) -> Decided:
        assert view.panel("A")
        return Decided(Batch((panel("B"),)))

    first = Decided(Batch((panel("A"),)))
    bad = Decided(Batch((panel("C"), result(uuid4()))))
    answers = store.transact_each((), [lambda _: first, fail, lambda _: bad, see])
    assert [isinstance(answer, DecisionFailed) for answer in answers] == [False, True, True, False]
    assert [made.serial_number for made in store.view.panels()] == ["A", "B"]


def test_of_many_decisions_none_is_taken_once_it_is_enough(store: Store) -> None:
    taken = [Decided(Batch((panel(name),))) for name in "ABC"]
    answers = store.transact_each((scan(),), [partial(lambda one, _: one, one) for one in taken], lambda: True)
    assert answers == taken[:1]
    assert [made.serial_number for made in store.view.panels()] == ["A"]


def test_a_batch_is_whole_or_absent(store: Store) -> None:
    with pytest.raises(RecordRefused):
        store.write(Batch((panel(), result(uuid4()))))
    assert store.view.panels() == ()


def test_a_fact_written_twice_is_stored_and_logged_once(store: Store) -> None:
    seen, batch = step("CRS25WT6000001")
    for _ in range(2):
        store.transact((seen,), lambda _: Decided(batch))
    kinds = [change.kind for change in store.view.changes_after(3, 100)]
    assert sorted(kinds) == sorted(["raw_scan", "panel", "station_result", "criterion_result", "scan_outcome", "panel"])


def test_an_editable_thing_keeps_its_last_version_and_logs_each(store: Store) -> None:
    made = panel()
    later = replace(made, status=PanelStatus.REWORK, current_station=3, notes="cracked")
    store.write(Batch((made, later)))
    assert store.view.panel(made.serial_number) == later
    assert [change.record() for change in store.view.changes_after(3, 10)] == [made, later]


def test_no_flash_is_refused(store: Store) -> None:
    odd = flash(serial_text="", serial_number=None, flash_key="", values_key="", significant_digits=-1, extra="no json")
    store.write(Batch((odd, replace(odd, uuid=uuid4()))))
    assert len(store.view.undecided_flashes(10)) == 2


def test_a_second_owner_is_told_so(store: Store, tmp_path: Path) -> None:
    with pytest.raises(StoreBusy):
        open_store(tmp_path / "line.db")


def test_a_closed_store_says_so(tmp_path: Path) -> None:
    store = furnished(tmp_path / "line.db")
    store.close()
    store.close()
    with pytest.raises(StoreClosed):
        store.write(Batch((scan(),)))


def test_what_was_written_is_there_after_reopening(tmp_path: Path) -> None:
    store = furnished(tmp_path / "line.db")
    identity = store.store_id
    store.write(Batch((panel(),)))
    store.close()
    again = open_store(tmp_path / "line.db")
    assert again.store_id == identity
    assert again.view.panel("CRS25WT6000001")
    again.close()


def test_cursors_belong_to_one_store(store: Store) -> None:
    assert store.view.cursor("sync") == 0
    store.set_cursor("sync", 2)
    assert store.view.cursor("sync") == 2
    store.rebuild()
    assert store.view.cursor("sync") == 0


def test_logical_time_only_grows_whatever_the_clock_does(tmp_path: Path) -> None:
    moments = [NOW, NOW - timedelta(days=1), NOW + timedelta(days=1), NOW.replace(year=1970)]
    seen: list[int] = []
    states: list[ClockState] = []
    for moment in moments:
        store = Store.open(
            tmp_path / "line.db",
            site="TEST",
            line_number=1,
            clock=lambda moment=moment: Moment(moment, "boot", 1, ClockState.SYNCED),
        )
        store.write(Batch((scan(), scan())))
        changes = store.view.changes_after(len(seen), 10)
        seen += [change.hlc for change in changes]
        states += [change.clock_state for change in changes]
        store.close()
    assert seen == sorted(set(seen))
    assert (
        states == [ClockState.SYNCED] * 2 + [ClockState.BEHIND] * 2 + [ClockState.SYNCED] * 2 + [ClockState.BEHIND] * 2
    )


def test_the_sample_rules_are_the_same_on_every_line_and_write_twice_harmlessly(store: Store) -> None:
    store.write(Batch(seed_records("SB", NOW)))
    store.write(Batch(seed_records("SB", NOW)))
    assert store.view.config()["default_pallet_size"] == "25"
    assert "serial_pattern" not in store.view.config()
    codes = [each.code for each in store.view.criteria() if each.station_number == 1]
    assert "glass_placement" in codes
    assert "mirror_examination" in codes


def test_what_a_checkpoint_moved_is_not_counted_again_while_a_reader_holds_the_log(tmp_path: Path) -> None:
    store = furnished(tmp_path / "line.db")
    store.write(Batch((flash(raw=bytes(CHECKPOINT_PAGES * 4096)),)))
    reader = open_reading(tmp_path / "line.db")
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM meta").fetchall()
    assert store.log_pages > CHECKPOINT_PAGES
    store.tend()
    store.write(Batch((scan(),)))
    assert 0 < store.log_pages < CHECKPOINT_PAGES
    reader.close()
    store.write(Batch((scan(),)))
    assert 0 < store.log_pages < CHECKPOINT_PAGES
    store.close()
