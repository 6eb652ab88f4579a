"""Records as JSON-able objects."""

import json
from dataclasses import fields
from datetime import UTC, datetime
from enum import Enum
from uuid import UUID

from stations.rules.flashes import values_of
from storage.reads import FoundNote, FoundResult
from storage.records import FlashRuling, Order, RawFlash, Record, StationResult, User
from storage.records.batch import OrderCounts

Json = dict[str, object]

VALUES = ("Pmax", "Voc", "Isc", "Vmp", "Imp")


def plain(record: Record | FoundNote | FoundResult, *without: str) -> Json:
    """Give a record's fields under their own names."""
    return {one.name: plain_value(getattr(record, one.name)) for one in fields(record) if one.name not in without}


def plain_value(value: object) -> object:
    """Give one value as JSON knows it."""
    match value:
        case UUID():
            return str(value)
        case datetime():
            return moment(value)
        case Enum():
            return value.value
        case bytes():
            return value.decode("utf-8", "backslashreplace")
        case _:
            return value


def moment(at: datetime | None) -> str | None:
    """Write a time as ISO 8601 in UTC."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at is not None else None


def plain_user(user: User) -> Json:
    """Give a user without secrets: whether there is a badge and a password, not their hashes."""
    has = {"has_badge": user.badge_hash is not None, "has_password": user.password_hash is not None}
    return plain(user, "badge_hash", "password_hash") | has


def plain_order(order: Order, counts: OrderCounts | None) -> Json:
    """Give an order with what its panels add up to; None, an order of another line: that is not known here."""
    return plain(order) | {
        "joined": counts and counts.joined,
        "completed": counts and counts.completed,
        "scrapped": counts and counts.scrapped,
        "room": counts and order.quantity - counts.joined + counts.scrapped,
        "remaining": counts and order.quantity - counts.completed,
    }


def plain_result(result: StationResult, operator: str | None) -> Json:
    """Give a verdict with its operator's name and its values as an object."""
    return plain(result, "electrical_data") | {"operator": operator, "values": electrical(result)}


def electrical(result: StationResult) -> Json | None:
    """Give the five values stored beside a result, with their source."""
    found: Json | None = json.loads(result.electrical_data) if result.electrical_data else None
    return found


def plain_flash(flash: RawFlash) -> Json:
    """Give a flash; its five values under the names of the data sheet, the raw bytes as text."""
    body = plain(flash, "pmax_w", "voc_v", "isc_a", "vmp_v", "imp_a", "extra")
    return body | {"values": five(flash), "extra": json.loads(flash.extra)}


def five(flash: RawFlash) -> Json:
    """Give the five values of a flash by name."""
    return dict(zip(VALUES, values_of(flash).five, strict=True))


def plain_ruling(ruling: FlashRuling, decided_by: str | None = None) -> Json:
    """Give a ruling with its findings as a list."""
    return plain(ruling, "findings") | {"findings": json.loads(ruling.findings), "decided_by_name": decided_by}
