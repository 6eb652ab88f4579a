"""How each field of a record stands in the central server: its column, and the SQL into it and back out."""

from dataclasses import MISSING, Field, dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, get_type_hints
from uuid import UUID

from storage.changes.codec import bare
from storage.records import (
    ConfigEntry,
    CriterionResult,
    FlashRuling,
    Order,
    Pallet,
    PalletPanel,
    Panel,
    RawFlash,
    RawGarble,
    RawScan,
    StationResult,
    StickExport,
    StickVisit,
)

_REFERENCES: Final[dict[tuple[type[Any], str], tuple[str, str]]] = {
    (ConfigEntry, "updated_by"): ("updated_by", "users"),
    (Order, "created_by"): ("created_by", "users"),
    (Panel, "order_uuid"): ("mo_id", "manufacturing_orders"),
    (StationResult, "panel_uuid"): ("panel_id", "panels"),
    (StationResult, "operator_uuid"): ("operator_id", "users"),
    (CriterionResult, "station_result_uuid"): ("station_result_id", "station_results"),
    (CriterionResult, "criterion_uuid"): ("criterion_id", "station_criteria"),
    (Pallet, "order_uuid"): ("mo_id", "manufacturing_orders"),
    (Pallet, "created_by"): ("created_by", "users"),
    (PalletPanel, "pallet_uuid"): ("pallet_id", "pallets"),
    (PalletPanel, "panel_uuid"): ("panel_id", "panels"),
}
"""Fields that stand as the plant's own integers: the column, and the table whose `id` it is."""

_JOINED: Final[dict[tuple[type[Any], str], str]] = {
    (Panel, "mo_number"): "(SELECT mo_number FROM manufacturing_orders WHERE id = t.mo_id)",
}
"""Fields that stand in another table: read from there, never written."""

_JSON: Final = {(StationResult, "electrical_data"), (FlashRuling, "findings"), (StickVisit, "files")}
_LENIENT: Final = {(RawFlash, "extra")}
"""Text that is JSON; a raw row's may be anything."""

_WIDE: Final = frozenset({RawScan, RawGarble, RawFlash, StickExport})
"""Records whose integers may be any."""

_TYPES: Final[dict[type, str]] = {
    str: "text", int: "integer", float: "double precision", bool: "boolean",
    bytes: "text", UUID: "uuid", datetime: "timestamptz",
}  # fmt: skip

_TIME: Final = """'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'"""


@dataclass(frozen=True, slots=True)
class Column:
    """One field: `given` its type in a JSON row `x`, `put` the SQL from `x` into `column`, `got` the SQL from `t` back.

    `column` is empty where the field is never written.
    """

    field: str
    column: str
    given: str
    put: str
    got: str


def columns_of(record: type[Any]) -> tuple[Column, ...]:
    """Work out the columns of a record class, in the order of its fields."""
    hints = get_type_hints(record)
    return tuple(_column(record, field, bare(hints[field.name])) for field in fields(record))


def _column(record: type[Any], field: Field[Any], kind: type) -> Column:
    name = field.name
    given = "text" if issubclass(kind, StrEnum) else "bigint" if kind is int and record in _WIDE else _TYPES[kind]
    place = (record, name)
    if place in _JOINED:
        return Column(name, "", given, "", _JOINED[place])
    if place in _REFERENCES:
        column, parent = _REFERENCES[place]
        return Column(name, column, given, _id_of(name, parent), f"(SELECT uuid FROM {parent} WHERE id = t.{column})")  # noqa: S608
    return Column(name, name, given, _put(place, field, kind), _got(place, name, kind))


def _id_of(name: str, parent: str) -> str:
    """Look the parent up; -1 for one that is not there, so that the server names the constraint, not a NULL."""
    found = f"coalesce((SELECT id FROM {parent} WHERE uuid = x.{name}), -1)"  # noqa: S608 -- names of this module
    return f"CASE WHEN x.{name} IS NOT NULL THEN {found} END"


def _put(place: tuple[type[Any], str], field: Field[Any], kind: type) -> str:
    """Take the field; where a body written by an older program lacks it, its default."""
    value = f"x.{field.name}"
    if kind is bytes:
        value = f"decode({value}, 'base64')"
    if field.default is not MISSING and field.default is not None:
        value = f"coalesce({value}, {_literal(field.default)})"
    if place in _LENIENT:
        return f"lenient_jsonb({value})"
    return f"{value}::jsonb" if place in _JSON else value


def _literal(default: object) -> str:
    return str(default).lower() if isinstance(default, bool | int) else "'" + str(default).replace("'", "''") + "'"


def _got(place: tuple[type[Any], str], name: str, kind: type) -> str:
    if place in _LENIENT:
        return f"CASE jsonb_typeof(t.{name}) WHEN 'string' THEN t.{name} #>> '{{}}' ELSE t.{name}::text END"
    if place in _JSON:
        return f"t.{name}::text"
    if kind is bytes:
        return f"translate(encode(t.{name}, 'base64'), E'\\n', '')"
    if kind is datetime:
        return f"to_char(t.{name} AT TIME ZONE 'UTC', {_TIME})"
    return f"t.{name}"
