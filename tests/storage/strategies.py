"""Any record at all, from its annotations."""

from dataclasses import fields
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from types import UnionType
from typing import Any, get_args, get_type_hints
from uuid import UUID

from hypothesis import strategies as st

from storage.records import Record

_TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40)
_ZONES = st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30)), timezone(timedelta(hours=-8))])
_PLAIN: dict[object, st.SearchStrategy[Any]] = {
    str: _TEXT,
    int: st.integers(-(2**53), 2**53),
    float: st.floats(allow_nan=False, allow_infinity=False),
    bool: st.booleans(),
    bytes: st.binary(max_size=60),
    UUID: st.uuids(),
    datetime: st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=_ZONES),  # noqa: DTZ001
}


def records(record: type[Record]) -> st.SearchStrategy[Record]:
    """Give any record of a class."""
    hints = get_type_hints(record)
    return st.builds(record, **{each.name: _values(hints[each.name]) for each in fields(record)})


def _values(hint: object) -> st.SearchStrategy[Any]:
    if isinstance(hint, UnionType):
        return st.one_of(*map(_values, get_args(hint)))
    if hint is type(None):
        return st.none()
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return st.sampled_from(list(hint))
    return _PLAIN[hint]
