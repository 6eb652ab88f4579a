"""The command line as data: walked once, for the manual page and for every shell's completion."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from cyclopts import App
from cyclopts.argument import Argument, ArgumentCollection
from cyclopts.help import HelpEntry, create_parameter_help_panel
from cyclopts.help.help import docstring_parse


@dataclass(frozen=True, slots=True)
class Option:
    """One thing a command takes; with a `label` it may also stand at its place, without its name."""

    names: tuple[str, ...]
    label: str
    metavar: str
    about: str
    heading: str
    choices: tuple[str, ...] = ()
    default: str = ""
    is_required: bool = False
    is_file: bool = False
    is_repeated: bool = False

    @property
    def takes_value(self) -> bool:
        """Whether a value follows its name."""
        return bool(self.metavar)


@dataclass(frozen=True, slots=True)
class Command:
    """One command or group of commands: what to type for it, what it says of itself, what it takes."""

    words: tuple[str, ...]
    about: str
    details: str
    epilogue: str
    below: tuple[str, ...]
    options: tuple[Option, ...]
    does_something: bool

    @property
    def typed(self) -> str:
        """The command as people type it."""
        return " ".join(self.words)

    @property
    def places(self) -> tuple[Option, ...]:
        """What is given by place, in order."""
        return tuple(option for option in self.options if option.label)


def commands_of(app: App, name: str = "sunline") -> tuple[Command, ...]:
    """Give every command and group, each before those below it, in the order of --help."""
    return tuple(_walk(app, (name,)))


def _walk(app: App, words: tuple[str, ...]) -> Iterator[Command]:
    below = {name: sub for name, sub in app.resolved_commands().items() if not name.startswith("-") and sub.show}
    said = docstring_parse(app.help, "plaintext")
    yield Command(
        words=words,
        about=said.short_description or "",
        details=said.long_description or "",
        epilogue=app.help_epilogue or "",
        below=tuple(below),
        options=tuple(_options(app)) if app.default_command else (),
        does_something=app.default_command is not None,
    )
    for name, sub in below.items():
        yield from _walk(sub, (*words, name))


def _options(app: App) -> Iterator[Option]:
    arguments = app.assemble_argument_collection(parse_docstring=True)
    for group in arguments.groups:
        for argument in arguments.filter_by(group=group):
            alone = ArgumentCollection([argument])  # type: ignore[no-untyped-call]
            panel = create_parameter_help_panel(group, alone, "plaintext")
            yield from (_option(argument, entry, group.name) for entry in panel.entries)


def _option(argument: Argument, entry: HelpEntry, heading: str) -> Option:
    about = argument.parameter.help or ""
    return Option(
        names=entry.all_options,
        label=entry.positional_label or "",
        metavar=entry.metavar or "",
        about=" ".join(about.split()),
        heading=heading,
        choices=entry.choices or (),
        default=entry.default if entry.default and entry.metavar else "",
        is_required=entry.required,
        is_file=_is_file(argument.hint),
        is_repeated=argument.is_var_positional(),
    )


def _is_file(hint: object) -> bool:
    return hint is Path or any(_is_file(one) for one in get_args(hint))
