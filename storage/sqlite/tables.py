"""Which record stands in which table, and how to get it in and out: worked out once, at import."""

from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any, Final, Generic, TypeVar, get_type_hints
from uuid import UUID

import orjson

from storage.records import (
    EDITABLE,
    Alarm,
    ConfigEntry,
    ConflictRuling,
    Criterion,
    CriterionResult,
    FlashRuling,
    Hold,
    HoldRelease,
    ImportedFile,
    IntakeError,
    Order,
    OrderAlert,
    OrderChoice,
    Override,
    Pallet,
    PalletPanel,
    PalletRemoval,
    Panel,
    RawFlash,
    RawGarble,
    RawScan,
    Record,
    ScanOutcome,
    SignIn,
    SignOut,
    StationResult,
    User,
    Waiver,
)
from storage.sqlite.codec import Decode, Encode, bare, codec

R = TypeVar("R", bound=Record)
Row = tuple[Any, ...]

_REMEMBERED: Final = 512
_TIME_WIDTH: Final = len("2026-03-01T12:00:00.123456+00:00")

TABLES: Final[dict[type[Any], str]] = {
    User: "users",
    ConfigEntry: "system_config",
    Criterion: "station_criteria",
    Order: "manufacturing_orders",
    OrderChoice: "order_choices",
    OrderAlert: "order_alerts",
    Panel: "local_panels",
    StationResult: "local_station_results",
    CriterionResult: "criteria_results",
    Override: "overrides",
    Hold: "holds",
    HoldRelease: "hold_releases",
    Pallet: "pallets",
    PalletPanel: "pallet_panels",
    PalletRemoval: "pallet_removals",
    Waiver: "waivers",
    SignIn: "sign_ins",
    SignOut: "sign_outs",
    ImportedFile: "imported_files",
    RawScan: "raw_scans",
    ScanOutcome: "scan_outcomes",
    RawGarble: "raw_garbles",
    RawFlash: "raw_flashes",
    FlashRuling: "flash_rulings",
    Alarm: "alarms",
    IntakeError: "intake_errors",
    ConflictRuling: "conflict_rulings",
}
"""Parents before children."""

_REFERENCES: Final[dict[tuple[type[Any], str], tuple[str, str]]] = {
    (StationResult, "panel_uuid"): ("panel_id", "local_panels"),
    (StationResult, "operator_uuid"): ("operator_id", "users"),
}
"""Fields that stand as local integers: the column, and the table whose `id` it is."""

_KEYS: Final[dict[type[Any], tuple[str, ...]]] = {
    RawScan: ("station_number", "uuid"),
    ScanOutcome: ("scan_uuid", "uuid"),
    CriterionResult: ("station_result_uuid", "uuid"),
}
"""Tables without `id`, and the key they are ordered by; everywhere else it is `uuid`."""

_FIXED: Final = frozenset({"uuid", "serial_number", "pallet_number", "config_key"})
"""Natural keys never change under one uuid: leaving them out of an update spares their indexes."""


@dataclass(frozen=True, slots=True)
class Table(Generic[R]):
    """One record class and its table. `columns` is what to SELECT, `order` its key.

    `decode` makes the record of one selected row; it raises ValueError or TypeError where the row is no such record.
    """

    record: type[R]
    name: str
    columns: str
    write: str
    editable: bool
    order: tuple[str, ...]
    names: tuple[str, ...]
    decode: Callable[[Row], R]
    _values: Callable[[R], tuple[Any, ...]]
    _encoders: tuple[tuple[int, Encode], ...]
    _decoders: tuple[tuple[int, Decode], ...]
    _bytes: tuple[tuple[int, str], ...]
    _times: tuple[int, ...]

    def encode(self, record: R) -> tuple[list[Any], bytes]:
        """Give the values to bind, in the order of `names`, and the change body: a JSON object, bytes as base64.

        JSON writes uuids, times and words as they stand in the tables, so what it wrote is bound; what it cannot
        write, or writes otherwise, goes the careful way. Raises ValueError for a time without zone.
        """
        try:
            body = orjson.dumps(record, default=_base64)
        except TypeError:
            return self._encode_carefully(record)
        values = list(orjson.loads(body).values())
        if b"\\u0000" in body or not all(_is_time_text(values[place]) for place in self._times):
            return self._encode_carefully(record)
        for place, name in self._bytes:
            values[place] = getattr(record, name)
        return values, body

    def _encode_carefully(self, record: R) -> tuple[list[Any], bytes]:
        values = list(self._values(record))
        for place, encode in self._encoders:
            if values[place] is not None:
                values[place] = encode(values[place])
        return values, orjson.dumps(dict(zip(self.names, values, strict=True)), default=_base64)

    def from_body(self, body: bytes) -> R:
        """Make the record of a change body; fields younger than the body take their defaults."""
        values: dict[str, Any] = orjson.loads(body)
        for _, name in self._bytes:
            values[name] = b64decode(values[name])
        for place, decode in self._decoders:
            name = self.names[place]
            if values.get(name) is not None:
                values[name] = decode(values[name])
        return self.record(**values)


def _is_time_text(text: str | None) -> bool:
    return text is None or (len(text) == _TIME_WIDTH and text.endswith("+00:00"))


def _base64(value: bytes) -> str:
    return b64encode(value).decode("ascii")


def _read_column(record: type[Any], field: str) -> str:
    table = TABLES[record]
    if reference := _REFERENCES.get((record, field)):
        column, parent = reference
        return f"(SELECT uuid FROM {parent} WHERE id = {table}.{column})"  # noqa: S608 -- names of this module
    return f"{table}.{field}"


def _write_statement(record: type[Any], names: tuple[str, ...]) -> str:
    columns, marks = [], []
    for name in names:
        column, parent = _REFERENCES.get((record, name), (name, ""))
        columns.append(column)
        marks.append(f"(SELECT id FROM {parent} WHERE uuid = ?)" if parent else "?")  # noqa: S608
    key = ", ".join(_KEYS.get(record, ("uuid",)))
    update = ", ".join(f"{column} = excluded.{column}" for column in columns if column not in _FIXED)
    conflict = f"DO UPDATE SET {update}" if record in EDITABLE else "DO NOTHING"
    return (
        f"INSERT INTO {TABLES[record]} ({', '.join(columns)}) VALUES ({', '.join(marks)}) "  # noqa: S608
        f"ON CONFLICT ({key}) {conflict}"
    )


def _decoder(record: type[R], names: tuple[str, ...], decoders: tuple[tuple[int, Decode], ...]) -> Callable[[Row], R]:
    """Give the way back from a row. Things are looked at again and again as they are: those are remembered."""

    def decode(row: Row) -> R:
        values = list(row)
        for place, decode_one in decoders:
            if values[place] is not None:
                values[place] = decode_one(values[place])
        return record(**dict(zip(names, values, strict=True)))

    return lru_cache(maxsize=_REMEMBERED)(decode) if record in EDITABLE else decode


def _table(record: type[R]) -> Table[R]:
    hints = get_type_hints(record)
    names = tuple(field.name for field in fields(record))
    codecs = [codec(hints[name]) for name in names]
    decoders = tuple((place, decode) for place, (_, decode) in enumerate(codecs) if decode)
    return Table(
        record=record,
        name=TABLES[record],
        columns=", ".join(_read_column(record, name) for name in names),
        write=_write_statement(record, names),
        editable=record in EDITABLE,
        order=_KEYS.get(record, ("id",)),
        names=names,
        decode=_decoder(record, names, decoders),
        _values=attrgetter(*names),
        _encoders=tuple((place, encode) for place, (encode, _) in enumerate(codecs) if encode),
        _decoders=decoders,
        _bytes=tuple((place, name) for place, name in enumerate(names) if bare(hints[name]) is bytes),
        _times=tuple(place for place, name in enumerate(names) if bare(hints[name]) is datetime),
    )


OF_CLASS: Final[dict[type[Any], Table[Any]]] = {record: _table(record) for record in TABLES}
OF_KIND: Final[dict[str, Table[Any]]] = {record.KIND: table for record, table in OF_CLASS.items()}


def table_of(record: type[R]) -> Table[R]:
    """Give the table of a record class."""
    return OF_CLASS[record]


def text_of(uuid: UUID | None) -> str | None:
    """Write a uuid as it stands in the tables."""
    return None if uuid is None else str(uuid)
