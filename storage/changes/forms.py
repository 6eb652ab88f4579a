"""How the records of a class stand in change bodies: worked out once, at import."""

from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any, Final, Generic, TypeVar, get_type_hints

import orjson

from storage.changes.codec import Decode, Encode, bare, codec
from storage.changes.kinds import TABLES
from storage.records import EDITABLE, Record

R = TypeVar("R", bound=Record)
Row = tuple[Any, ...]

BODY_VERSION: Final = 1
"""The form of change bodies; raised when a record changes its meaning, not when it gains a field with a default."""

_REMEMBERED: Final = 512
_TIME_WIDTH: Final = len("2026-03-01T12:00:00.123456+00:00")


@dataclass(frozen=True, slots=True)
class Form(Generic[R]):
    """One record class, its fields in order, and the way into bodies and out of them.

    `decode` makes the record of its encoded values; it raises ValueError or TypeError where they are no such record.
    """

    record: type[R]
    editable: bool
    names: tuple[str, ...]
    decode: Callable[[Row], R]
    _values: Callable[[R], tuple[Any, ...]]
    _encoders: tuple[tuple[int, Encode], ...]
    _decoders: tuple[tuple[int, Decode], ...]
    _bytes: tuple[tuple[int, str], ...]
    _times: tuple[int, ...]

    def encode(self, record: R) -> tuple[list[Any], bytes]:
        """Give the values as they stand in tables, in the order of `names`, and the change body.

        That is a JSON object, with bytes as base64. JSON writes uuids, times and words as they stand in tables, so
        what it wrote is given; what it cannot write, or writes otherwise, goes the careful way. Raises ValueError for
        a time without zone.
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


def _decoder(record: type[R], names: tuple[str, ...], decoders: tuple[tuple[int, Decode], ...]) -> Callable[[Row], R]:
    """Give the way back from values. Things are looked at again and again as they are: those are remembered."""

    def decode(row: Row) -> R:
        values = list(row)
        for place, decode_one in decoders:
            if values[place] is not None:
                values[place] = decode_one(values[place])
        return record(**dict(zip(names, values, strict=True)))

    return lru_cache(maxsize=_REMEMBERED)(decode) if record in EDITABLE else decode


def _form(record: type[R]) -> Form[R]:
    hints = get_type_hints(record)
    names = tuple(field.name for field in fields(record))
    codecs = [codec(hints[name]) for name in names]
    decoders = tuple((place, decode) for place, (_, decode) in enumerate(codecs) if decode)
    return Form(
        record=record,
        editable=record in EDITABLE,
        names=names,
        decode=_decoder(record, names, decoders),
        _values=attrgetter(*names),
        _encoders=tuple((place, encode) for place, (encode, _) in enumerate(codecs) if encode),
        _decoders=decoders,
        _bytes=tuple((place, name) for place, name in enumerate(names) if bare(hints[name]) is bytes),
        _times=tuple(place for place, name in enumerate(names) if bare(hints[name]) is datetime),
    )


OF_CLASS: Final[dict[type[Any], Form[Any]]] = {record: _form(record) for record in TABLES}
OF_KIND: Final[dict[str, Form[Any]]] = {record.KIND: form for record, form in OF_CLASS.items()}


def form_of(record: type[R]) -> Form[R]:
    """Give the form of a record class."""
    return OF_CLASS[record]
