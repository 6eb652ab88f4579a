"""Every kind of record comes back from its table and from the change log as it went in."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.changes import form_of
from storage.changes.codec import time_text
from storage.records import EDITABLE, FACTS, Batch, OrderChoice, Record, StationResult
from storage.sqlite import Store
from storage.sqlite.tables import OF_CLASS, table_of
from tests.storage.samples import ADMIN, flash, furnished, open_store, panel, scan
from tests.storage.strategies import records

ANY = st.one_of(*(records(each) for each in (*FACTS, *EDITABLE)))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store without reference checks: any record stands alone."""
    store = open_store(tmp_path_factory.mktemp("records") / "line.db")
    store._connection.pragma("foreign_keys", False)
    yield store
    store.close()


def stored(store: Store, record: Record) -> Record:
    table: Any = table_of(type(record))
    rows = store._connection.execute(
        f"SELECT {table.columns} FROM {table.name} WHERE {table.name}.uuid = ?", (str(record.uuid),)
    ).fetchall()
    made: Record = table.decode(rows[0])
    return made


def test_every_record_has_a_table() -> None:
    assert set(OF_CLASS) == {*FACTS, *EDITABLE}


@given(record=ANY)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_record_comes_back_from_its_body(record: Record) -> None:
    form: Any = form_of(type(record))
    assert form.from_body(form.encode(record)[1]) == record


@pytest.mark.parametrize("record_class", [each for each in OF_CLASS if each not in (StationResult, OrderChoice)])
@given(data=st.data())
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_record_comes_back_from_its_table(store: Store, record_class: type[Record], data: st.DataObject) -> None:
    record = data.draw(records(record_class))
    store._connection.execute(f"DELETE FROM {table_of(record_class).name}")
    store.write(Batch((record,)))
    assert stored(store, record) == record
    assert store.view.changes_after(store.view.last_seq() - 1, 5)[0].record() == record


@given(data=st.data())
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_result_names_its_panel_and_operator_again(store: Store, data: st.DataObject) -> None:
    made = panel()
    store._connection.execute("DELETE FROM local_station_results")
    store._connection.execute("DELETE FROM local_panels")
    drawn = data.draw(records(StationResult))
    assert isinstance(drawn, StationResult)
    values = {name: getattr(drawn, name) for name in form_of(StationResult).names}
    passed = StationResult(**values | {"panel_uuid": made.uuid, "operator_uuid": ADMIN.uuid})
    store.write(Batch((ADMIN, made, passed)))
    assert store.view.results_of(made.uuid) == (passed,)


def test_the_search_refuses_no_record(tmp_path: Path) -> None:
    """Whatever stands in its table already: a result counts for more than how it is found."""
    store = furnished(tmp_path / "line.db")
    noted = replace(panel(), notes="scratch")
    row = ("scratch", time_text(noted.created_at), str(noted.uuid), "panel", str(noted.uuid))
    store._connection.execute("INSERT INTO note_words VALUES (?, ?, ?, ?, ?)", row)
    store.write(Batch((noted,)))
    assert store.view.panel(noted.serial_number) == noted
    store.close()


def test_a_naive_time_is_refused(store: Store) -> None:
    seen = scan()
    with pytest.raises(ValueError, match="without time zone"):
        store.write(Batch((panel(created_at=seen.seen_at.replace(tzinfo=None)),)))


@pytest.mark.parametrize("text", ["a\0b", "lone \ud800", "\udcff"])
def test_text_no_database_takes_is_stored_readable_beside_its_bytes(store: Store, text: str) -> None:
    arrived = flash(serial_text=text)
    store.write(Batch((arrived,)))
    found = store.view.raw_flash(arrived.uuid)
    assert found
    assert found.raw == arrived.raw
    assert "�" in (found.serial_text or "")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_number_that_is_none_is_stored_as_absent(store: Store, value: float) -> None:
    arrived = flash(pmax_w=value)
    store.write(Batch((arrived,)))
    found = store.view.raw_flash(arrived.uuid)
    assert found
    assert found.pmax_w is None
