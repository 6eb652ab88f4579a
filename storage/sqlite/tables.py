"""Which record stands in which table of the line, and the statements that write and read it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar
from uuid import UUID

from storage.changes import TABLES, Form, form_of
from storage.records import CriterionResult, Panel, RawScan, Record, ScanOutcome, StationResult

R = TypeVar("R", bound=Record)
Row = tuple[Any, ...]

_LOCAL: Final[dict[type[Any], str]] = {Panel: "local_panels", StationResult: "local_station_results"}
"""Tables that have another name here than in the plant."""

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
    """One record class and its table. `columns` is what to SELECT, `write` takes encoded values, `order` is its key.

    `decode` makes the record of one selected row; it raises ValueError or TypeError where the row is no such record.
    """

    record: type[R]
    form: Form[R]
    name: str
    columns: str
    write: str
    order: tuple[str, ...]
    decode: Callable[[Row], R]


def _name(record: type[Any]) -> str:
    return _LOCAL.get(record, TABLES[record])


def _read_column(record: type[Any], field: str) -> str:
    table = _name(record)
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
    conflict = f"DO UPDATE SET {update}" if form_of(record).editable else "DO NOTHING"
    return (
        f"INSERT INTO {_name(record)} ({', '.join(columns)}) VALUES ({', '.join(marks)}) "  # noqa: S608
        f"ON CONFLICT ({key}) {conflict}"
    )


def _table(record: type[R]) -> Table[R]:
    form = form_of(record)
    return Table(
        record=record,
        form=form,
        name=_name(record),
        columns=", ".join(_read_column(record, name) for name in form.names),
        write=_write_statement(record, form.names),
        order=_KEYS.get(record, ("id",)),
        decode=form.decode,
    )


OF_CLASS: Final[dict[type[Any], Table[Any]]] = {record: _table(record) for record in TABLES}
OF_KIND: Final[dict[str, Table[Any]]] = {record.KIND: table for record, table in OF_CLASS.items()}


def table_of(record: type[R]) -> Table[R]:
    """Give the table of a record class."""
    return OF_CLASS[record]


def text_of(uuid: UUID | None) -> str | None:
    """Write a uuid as it stands in the tables."""
    return None if uuid is None else str(uuid)
