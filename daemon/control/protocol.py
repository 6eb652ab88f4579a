"""The wire of the control API: a JSON object a line, both ways.

Request `{"id": 1, "op": "order.create", "args": {...}}`; answer `{"id": 1, "ok": true, "result": ...}` or
`{"id": 1, "ok": false, "error": {"code", "message", "todo"}}`; streams go on with `{"id": 1, "event": ...}` and end
with `{"id": 1, "end": true}`, or with an error.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import orjson

LONGEST_LINE: Final = 1_000_000
"""Bytes of a request, line end included. Answers may be longer."""

Id = int | str | None


class Code(StrEnum):
    """Why something was not done."""

    REFUSED = "refused"
    INVALID = "invalid"
    FORBIDDEN = "forbidden"
    UNKNOWN_OP = "unknown_op"
    NOT_FOUND = "not_found"
    NOT_DURABLE = "not_durable"
    INTERNAL = "internal"


class ControlError(Exception):
    """Something was not done: `code` for machines, `str()` one plain sentence, `todo` what to do next."""

    def __init__(self, code: str, message: str, todo: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.todo = todo


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asks. `args` are not checked yet."""

    id: Id
    op: str
    args: dict[str, object] = field(default_factory=dict)


def read_request(line: bytes) -> Request:
    """Read one line. Raises ControlError (invalid) for anything that is no request."""
    body = _object(line)
    unknown = body.keys() - {"id", "op", "args"}
    if unknown:
        raise ControlError(Code.INVALID, f"A request has no field {min(unknown)!r}.", _FORM)
    number, op, args = body.get("id"), body.get("op"), body.get("args", {})
    if isinstance(number, bool) or not isinstance(number, int | str | None):
        raise ControlError(Code.INVALID, "The id of a request is a number or a text.", _FORM)
    if not isinstance(op, str):
        raise ControlError(Code.INVALID, "The request names no operation.", _FORM)
    if not isinstance(args, dict):
        raise ControlError(Code.INVALID, "The arguments of a request are a JSON object.", _FORM)
    return Request(number, op, args)


def id_of(line: bytes) -> Id:
    """Give the id of a request that could not be read, as far as it has one."""
    try:
        number = _object(line).get("id")
    except ControlError:
        return None
    return number if isinstance(number, int | str) and not isinstance(number, bool) else None


def answer_line(number: Id, result: object) -> bytes:
    """Write a good answer."""
    return orjson.dumps({"id": number, "ok": True, "result": result}, option=orjson.OPT_APPEND_NEWLINE)


def error_line(number: Id, error: ControlError) -> bytes:
    """Write a refusal."""
    body = {"code": str(error.code), "message": str(error), "todo": error.todo}
    return orjson.dumps({"id": number, "ok": False, "error": body}, option=orjson.OPT_APPEND_NEWLINE)


def event_line(number: Id, event: object) -> bytes:
    """Write one more item of a stream."""
    return orjson.dumps({"id": number, "event": event}, option=orjson.OPT_APPEND_NEWLINE)


def end_line(number: Id) -> bytes:
    """Write that a stream came to its end. One without items has nothing else."""
    return orjson.dumps({"id": number, "end": True}, option=orjson.OPT_APPEND_NEWLINE)


_FORM = 'Send one line like {"id": 1, "op": "line.status", "args": {}}.'


def _object(line: bytes) -> dict[str, object]:
    try:
        body: object = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise ControlError(Code.INVALID, f"This is no JSON: {error}.", _FORM) from error
    if not isinstance(body, dict):
        raise ControlError(Code.INVALID, "A request is a JSON object.", _FORM)
    return body
