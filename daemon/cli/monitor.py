"""What passes over the wires of devices, as it passes."""

import asyncio
import contextlib
import json
import sys
import textwrap
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from daemon.cli.asking import failed
from daemon.cli.exits import Exit, Failed
from daemon.cli.lookaround import ConfigFile
from daemon.cli.showing import Row, console, printable, when
from daemon.cli.where import HERE, To, is_line_chosen, socket_of

if TYPE_CHECKING:
    from daemon.config import LineConfig, ScannerPart, TesterPart

_ANSWER_S = 10.0
_INDENT = " " * 14

Show = Callable[[Row], None]


def monitor(
    name: Annotated[str | None, Parameter(help="Only this device.")] = None,
    *,
    config: ConfigFile = None,
    to: To = HERE,
) -> int:
    """Show the bytes of devices as they pass, and what was read of them, until Ctrl-C. For supervisors.

    With --config FILE, and while the line's daemon does not run, the ports are opened by this command itself.
    """
    show = _as_json if to.json else _for_people
    with contextlib.suppress(KeyboardInterrupt):
        settings = _settings(config)
        try:
            _ask(to, settings, name, show)
        except Failed as why:
            if why.code != "absent" or settings is None:
                raise
            sys.stderr.write(f"The daemon of line {settings.line} does not run: the ports are opened here.\n")
            asyncio.run(_alone(_parts(settings, name, config), show))
    return Exit.OK


def _settings(config: Path | None) -> "LineConfig | None":
    if config is None:
        return None
    from daemon.config import load_config  # noqa: PLC0415 -- half a second

    return load_config(config)


def _ask(to: To, settings: "LineConfig | None", name: str | None, show: Show) -> None:
    """Show what the line's daemon hears, until it ends. Raises Failed."""
    from daemon.control.client import ControlClient  # noqa: PLC0415 -- only where a daemon is asked
    from daemon.control.protocol import ControlError  # noqa: PLC0415 -- as above

    path = socket_of(to) if settings is None or is_line_chosen(to) else settings.control.socket
    try:
        items = ControlClient(path, _ANSWER_S).stream("device.monitor", **({"name": name} if name else {}))
        with contextlib.closing(items):
            _greet(next(items, {}))
            for item in items:
                show(item)
    except ControlError as error:
        raise failed(error) from error


async def _alone(parts: "list[ScannerPart | TesterPart]", show: Show) -> None:
    """Open the ports oneself and show what passes, until cancelled."""
    from daemon.control.overhearing import items_of  # noqa: PLC0415 -- only here
    from daemon.wiring.alone import listening_alone  # noqa: PLC0415 -- only here

    _greet({"devices": [part.name for part in parts]})
    async with listening_alone(parts, _note) as ear:
        async for item in items_of(ear):
            show(item)


def _parts(settings: "LineConfig", name: str | None, config: Path | None) -> "list[ScannerPart | TesterPart]":
    """Give the devices with a wire, bound and read as the line's daemon would. Raises Failed."""
    from daemon.wiring.patchbay import Patchbay  # noqa: PLC0415 -- only here

    wanted = Patchbay(settings.store.path, lambda: datetime.now(UTC)).wanted(settings)
    wired = {part.name: part for _, part in wanted if part.port is not None}
    if name is None:
        return list(wired.values())
    if name not in wired:
        raise Failed(Exit.USAGE, f"There is no device {name} with a wire in {config}.", f"It has {', '.join(wired)}.")
    return [wired[name]]


def _greet(first: Row) -> None:
    sys.stderr.write(f"Listening to {', '.join(first.get('devices', ()))}. Ctrl-C ends.\n")


def _note(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")


def _as_json(item: Row) -> None:
    if item:
        print(json.dumps(item, ensure_ascii=False), flush=True)


def _for_people(item: Row) -> None:
    if "missed" in item:
        print(f"... {item['missed']} messages were not shown: this terminal was too slow.", flush=True)
    elif item:
        print("\n".join(lines_of(item, console().width)), flush=True)


def lines_of(item: Row, width: int) -> list[str]:
    """Write a line of the wire: time, device, direction, bytes; the reading beside them, or below where it is long."""
    time = when(item["at"], "%H:%M:%S.%f")[:-3]
    head = f"{time}  {item['device']} {_arrow(item['way'])} {item['bytes']}"
    read = [*(f"= {printable(one)}" for one in item["said"]), *([f"! {item['fault']}"] if item["fault"] else [])]
    beside = f"{head}   {'  '.join(read)}".rstrip()
    if len(beside) <= width:
        return [beside]
    below = [textwrap.wrap(one, width, initial_indent=_INDENT, subsequent_indent=f"{_INDENT}  ") for one in read]
    return [*_cut(head, width), *(row for rows in below for row in rows)]


def _cut(text: str, width: int) -> list[str]:
    """Break a text wherever the terminal ends: bytes have no words."""
    room = max(width - len(_INDENT), 8)
    return [text[:width], *(_INDENT + text[at : at + room] for at in range(width, len(text), room))]


def _arrow(way: str) -> str:
    sent, heard = ("→", "←") if "utf" in (sys.stdout.encoding or "").lower() else ("->", "<-")
    return sent if way == "sent" else heard
