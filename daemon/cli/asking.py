"""Ask the line's daemon one thing over its control socket."""

import math
from typing import TYPE_CHECKING, Any

from daemon.cli.exits import OF_CODE, Exit, Failed
from daemon.cli.where import To, socket_of

if TYPE_CHECKING:
    from daemon.control.protocol import ControlError

_ANSWER_S = 30.0
_LARGEST = 2**53


def ask(to: To, op: str, **args: object) -> Any:  # noqa: ANN401 -- JSON, shown at once
    """Do one operation and give its result. Raises Failed."""
    for name, value in args.items():
        _assert_sendable(name.replace("_", "-"), value)
    from daemon.control.client import ControlClient  # noqa: PLC0415 -- only where a daemon is asked
    from daemon.control.protocol import ControlError  # noqa: PLC0415 -- as above

    try:
        return ControlClient(socket_of(to), _ANSWER_S).call(op, **args)
    except ControlError as error:
        raise failed(error) from error


def _assert_sendable(name: str, value: object) -> None:
    """Refuse what JSON cannot hold: bytes that are no text, numbers that are none."""
    if isinstance(value, str) and any("\ud800" <= one <= "\udfff" for one in value):
        raise Failed(Exit.USAGE, f"{name} holds bytes that are no text (UTF-8).", "Type it again.", "invalid")
    if isinstance(value, int | float) and not (math.isfinite(value) and abs(value) <= _LARGEST):
        raise Failed(Exit.USAGE, f"{name} cannot be {value}.", "Give an ordinary number.", "invalid")


def failed(error: "ControlError") -> Failed:
    """Give what a person is told, and the exit code, for a request that was not done."""
    return Failed(OF_CODE.get(error.code, Exit.INTERNAL), str(error), error.todo, error.code)


def given(**args: object) -> dict[str, object]:
    """Give the arguments that are not None: what a person left out is left out."""
    return {key: value for key, value in args.items() if value is not None}
