"""The manual page of `sunline-usb`, which the service manager runs for a plugged stick."""

import argparse
from collections.abc import Iterator

from daemon.manual.roff import bold, chapter, head, italic, item, paragraphs
from daemon.stick.command import arguments
from daemon.stick.endings import EXIT_STATUS, SERVED_ALREADY, USUAL

_DESCRIPTION = (
    """sunline-usb exports to one USB stick what is new since its last visit, reads it back, compares it, and says in
    one sentence what came of it: in the log, on the screens of the line, and by its exit status.""",
    """The service `sunline-usb@NAME` runs it for each stick that is plugged in; nobody has to type it. Only sticks that
    an admin enrolled get anything: `sunline usb enrol`. Where no service manager serves sticks, `sunline usb watch`
    does.""",
)
_FILES = (
    ("/run/sunline/", "The control sockets of the lines of this computer."),
    ("/etc/sunline/stick.toml", "On the central server's computer, where no line runs: what a plugged stick gets."),
    ("/run/sunline-usb/", "Where a stick is mounted while it is served, seen by nobody else."),
)


def usb_page(version: str, date: str) -> str:
    """Write the page from the command's own arguments and endings; `date` may be empty."""
    serve = _serve()
    lines = (
        *head("sunline-usb", 1, date, f"sunline {version}"),
        *(chapter("NAME"), r"sunline\-usb \- export to one USB stick, or say why not"),
        *(chapter("SYNOPSIS"), f"{bold('sunline-usb serve')} [{italic('OPTIONS')}] [{italic('STICK')}]"),
        *(chapter("DESCRIPTION"), *paragraphs(*_DESCRIPTION)),
        *(chapter("OPTIONS"), *(line for action in serve for line in _option(action))),
        *(chapter("EXIT STATUS"), *_statuses()),
        *(chapter("FILES"), *(line for name, about in _FILES for line in item(bold(name), about))),
        *(chapter("SEE ALSO"), rf"{bold('sunline')}(1), {bold('systemctl')}(1)"),
    )
    return "\n".join([*lines, ""])


def _serve() -> tuple[argparse.Action, ...]:
    (commands,) = (one for one in arguments()._actions if isinstance(one, argparse._SubParsersAction))
    return tuple(commands.choices["serve"]._actions)


def _option(action: argparse.Action) -> Iterator[str]:
    value = "" if action.nargs == 0 else italic((action.metavar or action.dest).upper())  # type: ignore[union-attr]
    tag = " ".join(filter(None, (", ".join(map(bold, action.option_strings)), value)))
    yield from item(tag, f"{(action.help or '').capitalize()}.")


def _statuses() -> Iterator[str]:
    for outcome, status in sorted(EXIT_STATUS.items(), key=lambda row: row[1]):
        yield from item(bold(str(status)), USUAL[outcome][0])
    yield from item(bold(str(SERVED_ALREADY)), "Another process serves this stick: that one says what comes of it.")
