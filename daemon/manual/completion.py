"""What a shell needs to know at each place of the command line: the same tables for every shell."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from daemon.manual.commands import Command, Option

FILE: Final = "FILE"
"""Stands for the names of files, among the values."""

REST: Final = "..."
"""The place of all further words of a command."""

_HELP: Final = ("--help", "Display what it takes, and exit.")


@dataclass(frozen=True, slots=True)
class Tables:
    """Three tables, by what was typed so far: `sunline order list`.

    `below`: the commands that may follow, each with what it is for. `options`: the options, likewise. `values`, by that
    and an option's name or a place (0, 1, … or REST): FILE, or the words to choose from, or nothing known.
    """

    below: dict[str, tuple[tuple[str, str], ...]]
    options: dict[str, tuple[tuple[str, str], ...]]
    values: dict[str, str]


def tables_of(commands: Sequence[Command]) -> Tables:
    """Lay the commands out in tables."""
    about = {command.typed: command.about for command in commands}
    return Tables(
        below={
            one.typed: tuple((name, about[f"{one.typed} {name}"]) for name in one.below)
            for one in commands
            if one.below
        },
        options={one.typed: tuple(_options(one)) for one in commands},
        values={key: value for one in commands for key, value in _values(one)},
    )


def _options(command: Command) -> Iterator[tuple[str, str]]:
    for option in command.options:
        yield from ((name, option.about) for name in option.names)
    yield _HELP


def _values(command: Command) -> Iterator[tuple[str, str]]:
    for option in command.options:
        for name in option.names if option.takes_value else ():
            yield f"{command.typed} {name}", _value(option)
    for place, option in enumerate(command.places):
        yield f"{command.typed} {REST if option.is_repeated else place}", _value(option)


def _value(option: Option) -> str:
    return FILE if option.is_file else " ".join(option.choices)
