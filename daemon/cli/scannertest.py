"""A scanner tested with the printed test codes, step by step."""

import contextlib
import json
import sys
import textwrap
from typing import Annotated

from cyclopts import Parameter

from daemon.cli.asking import ask, failed
from daemon.cli.exits import Exit
from daemon.cli.showing import Row, console, printable, said
from daemon.cli.where import HERE, To, socket_of

_ANSWER_S = 10.0
_UNDO = "Instead read it as its configuration says again."
_INDENT = "     "


def try_out(
    name: Annotated[str, Parameter(help="Name of the scanner.")],
    *,
    undo: Annotated[bool, Parameter(negative="", show_default=False, help=_UNDO)] = False,
    to: To = HERE,
) -> int:
    """Test a scanner with the sheet of test codes (sunline sheet --test), and read it as it sends. For supervisors.

    Says what is wrong, with the one thing to do; 1: somebody has to do it. Its station does without it meanwhile.
    """
    if undo:
        row = ask(to, "device.untest", name=name)
        again = "again" if row["changed"] else "already"
        said(to, row, f"{name} is read as its configuration says {again}.")
        return Exit.OK
    with contextlib.suppress(KeyboardInterrupt):
        result = _tested(to, name)
        return Exit.REFUSED if any(one["bad"] for one in result.get("findings", ())) else Exit.OK
    sys.stderr.write("Stopped: nothing was changed.\n")
    return Exit.INTERRUPTED


def _tested(to: To, name: str) -> Row:
    """Lead through the test and give its result. Raises Failed."""
    from daemon.control.client import ControlClient  # noqa: PLC0415 -- only where a daemon is asked
    from daemon.control.protocol import ControlError  # noqa: PLC0415 -- as above

    item: Row = {}
    try:
        with contextlib.closing(ControlClient(socket_of(to), _ANSWER_S).stream("device.test", name=name)) as items:
            for item in items:
                _show(to, item, name)
    except ControlError as error:
        raise failed(error) from error
    return item


def _show(to: To, item: Row, name: str) -> None:
    if to.json:
        if item:
            print(json.dumps(item, ensure_ascii=False), flush=True)
        return
    for line in lines_of(item, name):
        print("\n".join(textwrap.wrap(line, console().width, subsequent_indent=_INDENT) or [""]), flush=True)


def lines_of(item: Row, name: str) -> list[str]:
    """Write what the test says for a person."""
    if "codes" in item:
        minutes = round(item["limit_s"] / 60)
        return [
            f"Testing {name}. Its station does without it until this ends, in {minutes} minutes at the latest.",
            "Take the sheet of test codes (print it: sunline sheet --test). Ctrl-C stops.",
            "",
        ]
    if "scan" in item:
        return [f"Scan code {item['scan']}."]
    if "heard" in item:
        which = f"code {item['code']}" if item["code"] else "no test code"
        return [f"{_INDENT}{which}: {printable(item['heard'])}"]
    return _result(item, name) if "findings" in item else []


def _result(item: Row, name: str) -> list[str]:
    lines = [""] if item["findings"] else ["", f"{name} is well: every code came as it is printed."]
    for one in item["findings"]:
        lines += [f"{'!' if one['bad'] else '-'} {one['fault']}: {printable(one['message'])}"]
        lines += [f"{_INDENT}Do: {printable(one['todo'])}"] if one["todo"] else []
    if item["kept"]:
        lines += [
            "",
            f"From now on {name} is read so: its codes end with {item['form']['words']}.",
            f"Take that back: sunline device test {name} --undo",
        ]
    return [*lines, item["trouble"]] if item["trouble"] else lines
