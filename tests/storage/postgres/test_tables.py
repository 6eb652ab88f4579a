import asyncio
from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from storage.changes import TABLES, form_of
from storage.postgres.link import Link, connect
from storage.postgres.tables import OF_KIND, EditRow, FactRow, read_rows, store_edits, store_facts
from storage.records import (
    EDITABLE,
    FACTS,
    Hold,
    Pallet,
    PalletPanel,
    Record,
    SignIn,
    Stick,
    StickExport,
    Takes,
)
from tests.storage.samples import ADMIN, CRITERION, ORDER, flash, panel, result
from tests.storage.strategies import records

STORE = UUID(int=7)
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
PANEL = panel()
RESULT = result(PANEL.uuid)
PALLET = Pallet(uuid=uuid4(), pallet_number="PX-1-2026-000001", order_uuid=ORDER.uuid, created_at=NOW)
PLACED = PalletPanel(uuid=uuid4(), pallet_uuid=PALLET.uuid, panel_uuid=PANEL.uuid, position_in_pallet=1, added_at=NOW)
FLASH = flash()
SIGN_IN = SignIn(uuid=uuid4(), user_uuid=ADMIN.uuid, station_number=1, created_at=NOW, expires_at=NOW)
HOLD = Hold(uuid=uuid4(), subject="panel", subject_uuid=PANEL.uuid, code="x", reason="x", created_at=NOW)  # type: ignore[arg-type]
STICK = Stick(
    uuid=uuid4(), name="BLUE", usb_serial="4C53", vendor_id="0781", product_id="5581", volume_id="1234-ABCD",
    enrolled_by=ADMIN.uuid, created_at=NOW,
)  # fmt: skip
GIVEN = StickExport(
    uuid=uuid4(), stick_uuid=STICK.uuid, log_store=STORE, after_seq=0, upto_seq=9, since=NOW, until=NOW,
    first_day="2026-03-01", last_day="2026-03-01", takes=Takes.DATA, exported_by=ADMIN.uuid, created_at=NOW,
)  # fmt: skip
PARENTS: tuple[Record, ...] = (
    ADMIN, CRITERION, ORDER, PANEL, RESULT, PALLET, PLACED, FLASH, SIGN_IN, HOLD, STICK, GIVEN,
)  # fmt: skip
CRITERIA = ("PASS_FAIL", "N_A")

_TEXT = st.characters(exclude_characters="\0", exclude_categories=["Cs"])
_JSON = st.dictionaries(
    st.text(_TEXT, max_size=5), st.none() | st.integers(-(2**40), 2**40) | st.text(_TEXT, max_size=9), max_size=4
).map(lambda value: orjson.dumps(value).decode())

_KNOWN: dict[str, dict[str, Any]] = {
    "config": {"updated_by": st.none() | st.just(ADMIN.uuid)},
    "criterion": {"criterion_type": st.sampled_from(CRITERIA)},
    "order": {"created_by": st.none() | st.just(ADMIN.uuid), "panel_type": st.text(_TEXT, max_size=10)},
    "order_choice": {"order_uuid": st.none() | st.just(ORDER.uuid), "panel_type": st.text(_TEXT, max_size=10)},
    "order_alert": {"order_uuid": st.just(ORDER.uuid)},
    "panel": {
        "order_uuid": st.just(ORDER.uuid), "mo_number": st.just(ORDER.mo_number), "panel_type": st.just("60"),
        "frame_type": st.text(_TEXT, max_size=1), "backsheet_type": st.text(_TEXT, max_size=1),
    },
    "station_result": {
        "panel_uuid": st.just(PANEL.uuid), "operator_uuid": st.just(ADMIN.uuid),
        "supersedes": st.none() | st.just(RESULT.uuid), "electrical_data": st.none() | _JSON,
    },
    "criterion_result": {"station_result_uuid": st.just(RESULT.uuid), "criterion_uuid": st.just(CRITERION.uuid)},
    "override": {"panel_uuid": st.just(PANEL.uuid)},
    "pallet": {"order_uuid": st.just(ORDER.uuid), "created_by": st.none() | st.just(ADMIN.uuid)},
    "pallet_panel": {"pallet_uuid": st.just(PALLET.uuid), "panel_uuid": st.just(PANEL.uuid)},
    "pallet_removal": {"pallet_panel_uuid": st.just(PLACED.uuid)},
    "hold_release": {"hold_uuid": st.just(HOLD.uuid)},
    "sign_in": {"user_uuid": st.just(ADMIN.uuid)},
    "sign_out": {"sign_in_uuid": st.just(SIGN_IN.uuid)},
    "flash_ruling": {
        "flash_uuid": st.just(FLASH.uuid), "panel_uuid": st.none() | st.just(PANEL.uuid), "findings": _JSON,
    },
    "raw_flash": {"extra": _JSON},
    "stick_export": {"stick_uuid": st.just(STICK.uuid)},
    "stick_visit": {
        "stick_uuid": st.none() | st.just(STICK.uuid), "stick_export_uuid": st.none() | st.just(GIVEN.uuid),
        "files": _JSON,
    },
}  # fmt: skip
"""What a kind refers to, and where its columns are narrower than its fields."""

_WIDE = {"raw_scan", "raw_garble", "raw_flash", "stick_export"}


def _narrow(record: type[Record]) -> st.SearchStrategy[Record]:
    """Any record of a class that the server's columns can hold."""
    whole = st.integers(-(2**31), 2**31 - 1)
    known: dict[str, Any] = dict(_KNOWN.get(record.KIND, {}))
    if record.KIND not in _WIDE:
        for each in fields(record):
            if each.type in (int, "int"):
                known[each.name] = whole
            elif each.type in (int | None, "int | None"):
                known[each.name] = st.none() | whole
    changed = st.fixed_dictionaries(known)
    return st.builds(lambda made, other: replace(made, **other), records(record), changed)


def _body(record: Record) -> bytes:
    return form_of(type(record)).encode(record)[1]


async def put(conn: Link, record: Record, hlc: int = 1, was: tuple[int, UUID] | None = None) -> list[UUID]:
    body = _body(record)
    if OF_KIND[record.KIND].editable:
        cursor = await store_edits(conn, record.KIND, [EditRow(body, hlc, STORE, "synced", NOW, was)])
        return [row[0] for row in await cursor.fetchall()]
    await store_facts(conn, record.KIND, [FactRow(body, hlc, STORE, "synced")])
    return [record.uuid]


async def get(conn: Link, record: Record) -> Record | None:
    for row in await read_rows(conn, record.KIND, [record.uuid]):
        return form_of(type(record)).from_body(row.body)
    return None


@pytest.fixture
async def stocked(conn: Link) -> Link:
    for record in PARENTS:
        await put(conn, record)
    return conn


@pytest.fixture(scope="session")
def stocked_dsn(shared_dsn: str) -> str:
    """A database with what records refer to; take back what you write."""

    async def stock() -> None:
        async with await connect(shared_dsn) as conn:
            for record in PARENTS:
                await put(conn, record)

    asyncio.run(stock())
    return shared_dsn


def _meant(record: Record) -> Record:
    """A record with its JSON in one form: the server keeps what JSON means, not how it was written."""
    for name in ("electrical_data", "findings", "extra", "files"):
        if text := getattr(record, name, None):
            changes: dict[str, Any] = {name: orjson.dumps(orjson.loads(text), option=orjson.OPT_SORT_KEYS).decode()}
            record = replace(record, **changes)
    return record


def test_every_kind_has_a_table() -> None:
    assert set(OF_KIND) == {record.KIND for record in (*FACTS, *EDITABLE)}
    assert {kind for kind, table in OF_KIND.items() if table.editable} == {record.KIND for record in EDITABLE}


@pytest.mark.parametrize("record", TABLES, ids=lambda record: record.KIND)
@settings(
    max_examples=4,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow],
)
@given(data=st.data())
def test_what_goes_up_comes_down_equal(stocked_dsn: str, record: type[Record], data: st.DataObject) -> None:
    made = data.draw(st.lists(_narrow(record), min_size=10, max_size=10, unique_by=lambda it: it.uuid))

    async def there_and_back() -> None:
        async with await connect(stocked_dsn) as conn:
            for one in made:
                async with conn.transaction(force_rollback=True):
                    await put(conn, one)
                    assert _meant(await get(conn, one)) == _meant(_clean(one))  # type: ignore[arg-type]

    asyncio.run(there_and_back())


def _clean(record: Record) -> Record:
    """The record as a change body keeps it."""
    return form_of(type(record)).from_body(_body(record))
