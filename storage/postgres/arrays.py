"""A column of many rows as one parameter: PostgreSQL's array literals, made without a look at every cell."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from psycopg import errors

Cell = str | int | float | bool | UUID | datetime | None


def read_bodies(bodies: Sequence[bytes]) -> list[dict[str, Any]]:
    """Read change bodies, all at once. Raises what the server would where one of them is no JSON object."""
    try:
        rows: list[dict[str, Any]] = orjson.loads(b"[%b]" % b",".join(bodies))
    except orjson.JSONDecodeError as error:
        raise errors.InvalidTextRepresentation(f"A change body is no JSON: {error}") from error
    if len(rows) != len(bodies) or set(map(type, rows)) != {dict}:
        raise errors.InvalidTextRepresentation("A change body is no JSON object.")
    return rows


def literal(column: Sequence[Cell]) -> str:
    """Write a column as an array literal. Raises what the server would for a NUL, which it does not store.

    Numbers, null and text without a backslash read the same in JSON and in an array; an escape does not.
    """
    text = orjson.dumps(column)
    if b"\\" in text:
        return f"{{{','.join(map(_cell, column))}}}"
    return f"{{{text[1:-1].decode()}}}"


def _cell(value: Cell) -> str:
    if not isinstance(value, str):
        return orjson.dumps(value).decode()
    if "\0" in value:
        raise errors.UntranslatableCharacter("unsupported Unicode escape sequence")
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
