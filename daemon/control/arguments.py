"""The arguments of an operation: a frozen dataclass says what they are, strictly; what is wrong is said plainly."""

import difflib
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from typing import TypeVar, cast

import orjson
from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as checked_dataclass
from pydantic_core import ErrorDetails

from daemon.control.protocol import Code, ControlError

A = TypeVar("A")

_STRICT = ConfigDict(extra="forbid", strict=True, ser_json_inf_nan="null")


def reader_of(kind: type[A]) -> Callable[[Mapping[str, object]], A]:
    """Give the function that reads arguments as a dataclass; it raises ControlError (invalid)."""
    if not is_dataclass(kind):
        raise TypeError(f"{kind.__name__} is no dataclass")
    names = tuple(one.name for one in fields(kind))
    checked = checked_dataclass(kind, frozen=True, slots=True, kw_only=True, config=_STRICT)
    adapter = TypeAdapter(cast("type[A]", checked))

    def read(args: Mapping[str, object]) -> A:
        try:
            return adapter.validate_json(orjson.dumps(args))
        except ValidationError as error:
            message, todo = _plain(error.errors(include_url=False), names)
            raise ControlError(Code.INVALID, message, todo) from error

    return read


def _plain(errors: list[ErrorDetails], names: tuple[str, ...]) -> tuple[str, str]:
    sentences = {str(one["loc"][0]): _sentence(one, names) for one in reversed(errors) if one["loc"]}
    takes = f"It takes {', '.join(names)}." if names else "It takes no arguments."
    return " ".join(reversed(sentences.values())) or "The arguments cannot be read.", takes


def _sentence(error: ErrorDetails, names: tuple[str, ...]) -> str:
    name = str(error["loc"][0])
    if error["type"] == "missing":
        return f"The argument {name} is missing."
    if error["type"] in ("unexpected_keyword_argument", "extra_forbidden"):
        near = difflib.get_close_matches(name, names, 1)
        return f"There is no argument {name}" + (f"; did you mean {near[0]}?" if near else ".")
    said = error["msg"].removeprefix("Value error, ").removeprefix("Input ")
    return f"The argument {name} {said}."
