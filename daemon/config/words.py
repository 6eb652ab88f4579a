"""Faults of a configuration in plain words: where, what, what to do. One line a fault."""

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails

Where = tuple[int | str, ...]

_FORMS = {
    "site": "1 to 8 capital letters or digits, like PLANT1",
    "tcp": "a host and a port, like 192.168.10.40:4001",
    "listen": "an address of this PC and a port, like 127.0.0.1:8401",
    "redis": "an address like redis://192.168.10.5:6379",
}
"""What a setting with a pattern is, by its last name."""

_MUST_BE: Mapping[str, str] = {
    "string_type": "a text in quotes",
    "path_type": "a path in quotes",
    "path_not_str": "a path in quotes",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_parsing_size": "a whole number of ordinary size",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "greater_than": "above {gt}",
    "greater_than_equal": "{ge} or more",
    "less_than": "below {lt}",
    "less_than_equal": "{le} or less",
    "literal_error": "one of {expected}",
    "string_too_short": "a text of at least {min_length} characters",
    "string_too_long": "a text of at most {max_length} characters",
    "tuple_type": "sections in double brackets, like [[{name}]]",
    "list_type": "sections in double brackets, like [[{name}]]",
    "model_type": "a section of settings, like [{name}]",
    "model_attributes_type": "a section of settings, like [{name}]",
    "dict_type": "a section of settings, like [{name}]",
}
"""Kind of error → what completes "must be …"."""


def fault_of(error: ErrorDetails, root: type[BaseModel]) -> str:
    """Say one error of a file that is read as `root`."""
    where, name = error["loc"], next((str(part) for part in reversed(error["loc"]) if isinstance(part, str)), "")
    place = place_of(where)
    match error["type"]:
        case "extra_forbidden":
            near = nearest(name, names_at(root, where[:-1]))
            return f"{place} is no setting{near or ': take it out.'}"
        case "missing":
            return f"{place} is missing: add it."
        case "value_error":
            return f"{place}: {error['msg'].removeprefix('Value error, ')}."
        case "string_pattern_mismatch":
            must = _FORMS.get(name, error["msg"])
        case kind:
            must = _MUST_BE.get(kind, error["msg"]).format_map({"name": name, **error.get("ctx", {})})
    return f"{place}: must be {must}, not {_shown(error['input'])}."


def place_of(where: Where) -> str:
    """Write where something stands, counted from 1: `station.2.scanner.1.kind`."""
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in where) or "The file"


def nearest(name: str, known: Iterable[str]) -> str:
    """Give the question after the nearest known name; empty where none is near."""
    near = difflib.get_close_matches(name, sorted(known), n=1)
    return f"; did you mean {near[0]}?" if near else ""


def names_at(root: type[BaseModel], where: Where) -> set[str]:
    """Give the names of the settings there may be at a place."""
    model = root
    for part in where:
        if isinstance(part, str) and part in model.model_fields:
            model = next(_models(model.model_fields[part].annotation), model)
    return set(model.model_fields)


def _models(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)


def _shown(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case dict():
            return "a section"
        case list() | tuple():
            return "a list"
        case _:
            text = repr(value) if isinstance(value, str) else str(value)
            return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


_SHOWN = 60


def mend(data: dict[str, Any], error: ErrorDetails, stand_in: Callable[[str], object]) -> None:
    """Take what is wrong out of `data`, or put a stand-in there, so that what is right can be looked at."""
    *way, last = error["loc"]
    here: Any = data
    for part in way:
        here = _within(here, part)
    if not isinstance(here, dict):  # a whole element of a list, or from the environment
        data.pop(str(error["loc"][0]), None)
        return
    here.pop(last, None)
    if error["type"] != "extra_forbidden" and (value := stand_in(str(last))) is not None:
        here[last] = value


def _within(here: Any, part: int | str) -> Any:  # noqa: ANN401 -- what TOML holds
    if isinstance(here, list) and isinstance(part, int):
        return here[part] if part < len(here) else None
    return here.get(str(part)) if isinstance(here, dict) else None
