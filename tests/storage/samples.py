"""A small factory to store: one of everything, and what a typical scan writes."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

from uuid_utils.compat import uuid7

from storage.records import (
    Batch,
    Criterion,
    CriterionResult,
    Mark,
    Order,
    Panel,
    RawFlash,
    RawScan,
    Record,
    Role,
    ScanOutcome,
    StateRow,
    StationResult,
    User,
    Verdict,
    thing_uuid,
)
from storage.sqlite import Store

NOW = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)

ADMIN = User(
    uuid=thing_uuid("TEST", "user", "ada"),
    username="ada",
    role=Role.ADMIN,
    badge_hash="b" * 64,
    os_user="ada",
    created_at=NOW,
)
ORDER = Order(
    uuid=thing_uuid("TEST", "order", "MO-1"),
    mo_number="MO-1",
    panel_type="60",
    line_number=1,
    quantity=100,
    created_at=NOW,
)
CRITERION = Criterion(
    uuid=thing_uuid("TEST", "criterion", "cleaning"),
    code="cleaning",
    station_number=2,
    criterion_name="Cleaning",
    order_index=1,
)


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision, as the workflow would hand it over."""

    batch: Batch


def open_store(path: Path, vfs: str | None = None) -> Store:
    return Store.open(path, site="TEST", line_number=1, vfs=vfs)


def furnished(path: Path) -> Store:
    """A store with what results refer to."""
    store = open_store(path)
    store.write(Batch((ADMIN, ORDER, CRITERION)))
    return store


def crashed(store: Store) -> None:
    """Leave the store as a killed process does: the log still holds everything."""
    store._connection.close(force=True)
    store._closed = True
    store._ownership.give_up()


def panel(serial: str = "CRS25WT6000001", **changes: object) -> Panel:
    values: dict[str, object] = {
        "uuid": uuid4(),
        "serial_number": serial,
        "order_uuid": ORDER.uuid,
        "mo_number": ORDER.mo_number,
        "panel_type": "60",
        "frame_type": "W",
        "backsheet_type": "T",
        "year": 2025,
        "line_number": 1,
        "created_at": NOW,
    }
    return Panel(**(values | changes))  # type: ignore[arg-type]


def scan(text: str = "CRS25WT6000001") -> RawScan:
    return RawScan(uuid=uuid7(), device="scan-1", station_number=1, raw=text.encode(), text=text, seen_at=NOW)


def result(panel_uuid: UUID, **changes: object) -> StationResult:
    values: dict[str, object] = {
        "uuid": uuid7(),
        "panel_uuid": panel_uuid,
        "station_number": 1,
        "operator_uuid": ADMIN.uuid,
        "result": Verdict.PASS,
        "attempt": 1,
        "created_at": NOW,
    }
    return StationResult(**(values | changes))  # type: ignore[arg-type]


def flash(**changes: object) -> RawFlash:
    values: dict[str, object] = {
        "uuid": uuid7(),
        "flash_key": "key",
        "values_key": "values",
        "device": "tester",
        "source": "live",
        "flash_kind": "panel",
        "origin": "",
        "serial_text": "crs25wt6000001",
        "serial_number": "CRS25WT6000001",
        "date_text": None,
        "time_text": None,
        "pmax_w": 300.5,
        "voc_v": 40.1,
        "isc_a": 9.5,
        "vmp_v": 33.2,
        "imp_a": 9.05,
        "significant_digits": 5,
        "irradiance_w_m2": None,
        "temperature_c": None,
        "raw": b"\x00\xff\r\n",
        "seen_at": NOW,
    }
    return RawFlash(**(values | changes))  # type: ignore[arg-type]


def step(serial: str) -> tuple[RawScan, Batch]:
    """What scanning and passing one new panel writes: a raw scan and its decision."""
    seen, made = scan(serial), panel(serial)
    passed = result(made.uuid)
    mark = CriterionResult(
        uuid=uuid7(),
        station_result_uuid=passed.uuid,
        criterion_uuid=CRITERION.uuid,
        result=Mark.PASS,
        created_at=NOW,
    )
    outcome = ScanOutcome(
        uuid=uuid7(),
        scan_uuid=seen.uuid,
        station_number=1,
        code="passed",
        message="Passed.",
        operator_uuid=ADMIN.uuid,
        panel_uuid=made.uuid,
        created_at=NOW,
    )
    records: tuple[Record, ...] = (made, passed, mark, outcome)
    return seen, Batch(records, (StateRow(1, f'{{"open":"{serial}"}}'),))
