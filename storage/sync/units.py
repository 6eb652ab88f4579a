"""What belongs together on the way up, and what needs what. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import fields
from itertools import groupby
from typing import Any, Final
from uuid import UUID
from zlib import crc32

import orjson

from storage.changes import BODY_VERSION, OF_KIND, Change
from storage.errors import RowsRefused
from storage.records import EDITABLE, CriterionResult

Unit = tuple[Change, ...]
"""Changes that go up together or not at all: one, or a result with its criteria."""

_KEYS: Final = ("serial_number", "mo_number", "pallet_number", "username", "config_key", "code", "panel_type", "name")
"""What people call a thing by."""
NEWER: Final = "newer"
"""Stands where a refusal has its sqlstate."""
_EDITABLE_KINDS: Final = frozenset(record.KIND for record in EDITABLE)
_REFERENCES: Final[dict[str, tuple[str, ...]]] = {
    kind: tuple(field.name for field in fields(form.record) if field.name != "uuid" and "UUID" in str(field.type))
    for kind, form in OF_KIND.items()
}


def is_editable(kind: str) -> bool:
    """Tell a thing with versions from a fact."""
    return kind in _EDITABLE_KINDS


def is_sound(change: Change) -> bool:
    """Tell whether a change is as it was stored, by its check sum."""
    return crc32(change.body) == change.digest


def refuse_altered(changes: Iterable[Change]) -> None:
    """Raise RowsRefused where one of the changes is not as it was stored: the server is not to take that for a fact."""
    if not all(map(is_sound, changes)):
        raise RowsRefused("It was altered on this line's disk after it was stored: its check sum is wrong.")


def refuse_newer(changes: Iterable[Change]) -> None:
    """Raise RowsRefused where a newer program recorded one of the changes: sent by this one, it would not be whole."""
    if any(change.kind not in OF_KIND or change.schema_version > BODY_VERSION for change in changes):
        message = "A newer program recorded it, and only that can send it: it waits until that runs again."
        raise RowsRefused(message, sqlstate=NEWER)


def units(changes: Sequence[Change]) -> list[Unit]:
    """Group changes in the order they were recorded."""
    return [tuple(group) for _, group in groupby(changes, key=_root)]


def _root(change: Change) -> str | UUID:
    if change.kind != CriterionResult.KIND or not is_sound(change):
        return change.uuid
    return UUID(body_of(change.body)["station_result_uuid"])


def needs(change: Change) -> Iterator[UUID]:
    """Name what has to be there before a change: what it refers to, and for a fact's kind never itself."""
    body = body_of(change.body) if is_sound(change) else {}
    for name in _REFERENCES.get(change.kind, ()):
        if body.get(name):
            yield UUID(body[name])


def blocked(unit: Unit, parked: AbstractSet[UUID]) -> UUID | None:
    """Name what a unit needs of what is parked; None when it may go."""
    mine = {change.uuid for change in unit}
    return next((it for change in unit for it in needs(change) if it in parked and it not in mine), None)


def body_of(body: bytes) -> dict[str, Any]:
    """Read a change body."""
    values: dict[str, Any] = orjson.loads(body)
    return values


def key_of(body: dict[str, Any]) -> str | None:
    """Say what people call a thing; None where it has no name."""
    return next((str(body[name]) for name in _KEYS if body.get(name)), None)
