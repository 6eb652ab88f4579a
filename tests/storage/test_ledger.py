"""The books of the exchange with the central server."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

from storage.changes import NOBODY, Arrival, FeedPosition, Stamp, form_of
from storage.records import Batch, ConfigEntry, Order, Waiver, thing_uuid
from storage.records.seeds import seed_records
from storage.sqlite import Store
from tests.storage.samples import open_store

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ELSEWHERE = UUID(int=2)
HERE = FeedPosition(7, 1)


def order(**changes: object) -> Order:
    it = Order(
        uuid=thing_uuid("SUN", "order", "MO-1"), mo_number="MO-1", panel_type="60", line_number=1, quantity=5,
        created_at=NOW,
    )  # fmt: skip
    return replace(it, **changes)  # type: ignore[arg-type]


def arrival(record: Order | Waiver | ConfigEntry, hlc: int = 900) -> Arrival:
    _, body = form_of(type(record)).encode(record)
    return Arrival(record.KIND, body, Stamp(hlc, ELSEWHERE), "synced", NOW)


def met(path: Path) -> Store:
    store = open_store(path)
    store.keep(lambda ledger: ledger.begin("first"))
    return store


def test_what_comes_down_stands_in_its_table_and_in_the_log_under_its_makers_stamp(tmp_path: Path) -> None:
    store = met(tmp_path / "line.db")
    assert store.keep(lambda ledger: ledger.receive([arrival(order())], HERE))
    assert store.view.order(order().uuid) == order()
    change = store.view.changes_after(0, 100)[-1]
    assert (change.received, change.hlc, change.store_id) == (True, 900, ELSEWHERE)
    exchange = store.view.ledger.exchange()
    assert exchange is not None
    assert exchange.feed == HERE
    store.close()


def test_what_stands_here_already_makes_no_change(tmp_path: Path) -> None:
    store = met(tmp_path / "line.db")
    waiver = Waiver(uuid=uuid4(), rule="ff", panel_type="60", until=NOW, reason="r", granted_by=NOBODY, created_at=NOW)
    for _ in range(2):
        store.keep(lambda ledger: ledger.receive([arrival(order()), arrival(waiver)], HERE))
    assert [change.kind for change in store.view.changes_after(0, 100)] == ["order", "waiver"]
    store.close()


def test_a_thing_edited_here_meanwhile_has_to_go_up_first(tmp_path: Path) -> None:
    store = met(tmp_path / "line.db")
    store.write(Batch((order(notes="mine"),)))
    assert not store.keep(lambda ledger: ledger.receive([arrival(order(notes="theirs"))], HERE))
    assert store.view.order(order().uuid) == order(notes="mine")
    exchange = store.view.ledger.exchange()
    assert exchange is not None
    assert exchange.feed is None
    store.keep(lambda ledger: ledger.acknowledge(store.view.last_seq()))
    assert store.keep(lambda ledger: ledger.receive([arrival(order(notes="theirs"))], HERE))
    assert store.view.order(order().uuid) == order(notes="theirs")
    store.close()


def test_a_parked_edit_does_not_keep_others_edits_away(tmp_path: Path) -> None:
    store = met(tmp_path / "line.db")
    store.write(Batch((order(notes="mine"),)))
    change = store.view.changes_after(0, 1)[0]
    store.keep(lambda ledger: ledger.park(change, "refused", sqlstate="22001", because_of=None))
    assert store.keep(lambda ledger: ledger.receive([arrival(order(notes="theirs"))], HERE))
    (parked,) = store.view.ledger.parked()
    assert (parked.uuid, parked.attempts, parked.sqlstate) == (order().uuid, 1, "22001")
    store.close()


def test_a_stamp_from_elsewhere_does_not_set_this_lines_clock(tmp_path: Path) -> None:
    store = met(tmp_path / "line.db")
    store.write(Batch((order(),)))
    own = store.view.changes_after(0, 1)[0].hlc
    store.keep(lambda ledger: ledger.acknowledge(1))
    store.keep(lambda ledger: ledger.receive([arrival(order(notes="x"), hlc=1)], HERE))
    store.close()
    store = open_store(tmp_path / "line.db")
    store.write(Batch((order(notes="y"),)))
    assert store.view.changes_after(2, 1)[0].hlc > own
    assert store.view.ledger.received_before(order().uuid, 3) == Stamp(1, ELSEWHERE)
    store.close()


def test_defaults_carry_the_stamp_that_loses(tmp_path: Path) -> None:
    store = open_store(tmp_path / "line.db")
    store.keep(lambda ledger: ledger.seed(seed_records("SUN", NOW)))
    assert {(c.hlc, c.store_id, c.received) for c in store.view.changes_after(0, 100)} == {(0, NOBODY, False)}
    store.close()


def test_a_server_set_back_is_fed_again_from_the_first_change(tmp_path: Path) -> None:
    store = met(tmp_path / "line.db")
    store.write(Batch((order(),)))
    change = store.view.changes_after(0, 1)[0]
    store.keep(lambda ledger: ledger.park(change, "refused", sqlstate=None, because_of=None))
    store.keep(lambda ledger: ledger.acknowledge(1))
    assert store.view.ledger.waiting() == (0, None)
    store.keep(lambda ledger: ledger.begin("second"))
    assert store.view.ledger.waiting()[0] == 1
    assert store.view.ledger.parked() == ()
    exchange = store.view.ledger.exchange()
    assert exchange is not None
    assert (exchange.refeed_until, exchange.feed) == (1, None)
    store.close()
