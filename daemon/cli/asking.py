"""Ask the line's daemon one thing over its control socket."""

import json
import socket
from pathlib import Path
from typing import Any

from daemon.cli.exits import OF_CODE, Exit, Failed
from daemon.cli.where import To, socket_of

_CONNECT_S, _ANSWER_S = 5.0, 60.0
_LONGEST = 256 * 1024 * 1024


def ask(to: To, op: str, **args: object) -> Any:  # noqa: ANN401 -- JSON, shown at once
    """Do one operation and give its result. Raises Failed."""
    request = {"id": 1, "op": op, "args": args}
    path = socket_of(to)
    try:
        answer = json.loads(_exchange(path, json.dumps(request).encode() + b"\n"))
    except PermissionError as error:
        todo = f"Your user needs the group of {path}; ask an administrator."
        raise Failed(Exit.FORBIDDEN, "You may not talk to this line.", todo) from error
    except TimeoutError as error:
        raise Failed(Exit.NOT_RUNNING, "The line daemon does not answer.", "Look at its log: journalctl.") from error
    except (OSError, ValueError) as error:
        todo = "Start it, or look at its log: journalctl."
        raise Failed(Exit.NOT_RUNNING, f"The line daemon is not running ({path}).", todo) from error
    if answer["ok"]:
        return answer["result"]
    raise _failure(answer["error"])


def given(**args: object) -> dict[str, object]:
    """Give the arguments that are not None: what a person left out is left out."""
    return {key: value for key, value in args.items() if value is not None}


def _exchange(path: Path, request: bytes) -> bytes:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as wire:
        wire.settimeout(_CONNECT_S)
        wire.connect(str(path))
        wire.settimeout(_ANSWER_S)
        wire.sendall(request)
        with wire.makefile("rb") as lines:
            return lines.readline(_LONGEST)


def _failure(error: dict[str, str]) -> Failed:
    code = error.get("code", "internal")
    status = OF_CODE.get(code, Exit.INTERNAL)
    return Failed(status, error.get("message") or "It was refused.", error.get("todo") or "", code)
