"""The manual page of `sunline`."""

from collections.abc import Iterable, Iterator, Sequence

from daemon.cli.app import group
from daemon.cli.exits import MEANING
from daemon.cli.overview import GROUPS
from daemon.manual import words
from daemon.manual.commands import Command, Option
from daemon.manual.roff import (
    bold,
    chapter,
    close_together,
    escaped,
    head,
    indented,
    italic,
    item,
    paragraphs,
    part,
    prose,
)

_EXIT_CODES = group("", "").help_epilogue or ""
_NAMES_WIDE = 15
_EVERYWHERE = (
    Option(("--help", "-h"), "", "", "Display what a command takes, and exit.", ""),
    Option(("--version",), "", "", "Display the version, and exit.", ""),
)


def page(commands: Sequence[Command], version: str, date: str) -> str:
    """Write the page from the commands; `date` may be empty."""
    lines = (
        *head("sunline", 1, date, f"sunline {version}"),
        *(chapter("NAME"), r"sunline \- the line daemon of a solar\-panel factory"),
        *(chapter("SYNOPSIS"), *_synopsis()),
        *(chapter("DESCRIPTION"), *paragraphs(*words.DESCRIPTION)),
        *(chapter("COMMANDS"), *_overview(), *_shared(commands), *_commands(commands)),
        *(chapter("SERVICE"), *_pairs(words.SERVICE)),
        *(chapter("EXIT STATUS"), *_statuses()),
        *(chapter("ENVIRONMENT"), *_pairs(words.ENVIRONMENT)),
        *(chapter("FILES"), *_pairs(words.FILES)),
        *(chapter("EXAMPLES"), *_examples()),
        *(chapter("SEE ALSO"), ", ".join(map(_reference, words.SEE_ALSO))),
    )
    return "\n".join([*lines, ""])


def _synopsis() -> Iterator[str]:
    yield f"{bold('sunline')} {italic('COMMAND')} [{italic('OPTIONS')}]"
    yield ".br"
    yield f"{bold('sunline')} [{italic('COMMAND')}] {bold('--help')}"
    yield ".br"
    yield f"{bold('sunline')} {bold('--version')}"


def _overview() -> Iterator[str]:
    yield from paragraphs("In short; each has a part of its own below.")
    for heading, commands in GROUPS:
        rows = (line for one in commands for line in item(bold(one.name), one.about, _NAMES_WIDE))
        yield from (".PP", bold(heading), *close_together(rows))


def _shared(commands: Iterable[Command]) -> Iterator[str]:
    yield part("Options of many commands")
    for option in (*_common(commands), *_EVERYWHERE):
        yield from _described(option)


def _common(commands: Iterable[Command]) -> tuple[Option, ...]:
    """Give the options in panels of their own, which are the same for every command that has them."""
    return tuple(dict.fromkeys(option for command in commands for option in command.options if _is_common(option)))


def _is_common(option: Option) -> bool:
    return option.heading not in ("Parameters", "Arguments")


def _commands(commands: Iterable[Command]) -> Iterator[str]:
    for command in commands:
        if len(command.words) == 2:
            yield part(command.typed)
        if command.does_something:
            yield from item(_usage(command), command.about)
            yield from indented(_details(command))
        elif len(command.words) == 2:
            yield from paragraphs(command.about)
        elif command.words[1:]:
            yield from item(bold(command.typed), command.about)


def _usage(command: Command) -> str:
    required = [f"{bold(one.names[0])} {italic(one.metavar)}" for one in command.options if _is_demanded(one)]
    places = [_place(one) for one in command.places]
    options = (
        [f"[{italic('OPTIONS')}]"] if any(not one.label and not one.is_required for one in command.options) else []
    )
    return " ".join([bold(command.typed), *places, *required, *options])


def _is_demanded(option: Option) -> bool:
    return option.is_required and not option.label


def _place(option: Option) -> str:
    name = italic(option.label) + ("..." if option.is_repeated else "")
    return name if option.is_required else f"[{name}]"


def _details(command: Command) -> Iterator[str]:
    for paragraph in filter(None, (command.details, command.epilogue.removesuffix(_EXIT_CODES).strip())):
        yield ".PP"
        yield from paragraphs(paragraph)
    for option in command.options:
        if not _is_common(option):
            yield from _described(option)


def _described(option: Option) -> Iterator[str]:
    names = [bold(name) for name in option.names]
    if option.label:
        tag = ", ".join([italic(option.label), *names])
    else:
        tag = ", ".join(names) + (f" {italic(option.metavar)}" if option.takes_value else "")
    yield from item(tag, " ".join(_sentences(option)))


def _sentences(option: Option) -> Iterator[str]:
    if option.about:
        yield option.about
    if option.choices:
        yield f"One of: {', '.join(option.choices)}."
    if option.default:
        yield f"Default: {option.default}."
    if option.is_required:
        yield "Required."


def _pairs(rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    for name, about in rows:
        yield from item(bold(name), about)


def _statuses() -> Iterator[str]:
    for status, meaning in MEANING.items():
        yield from item(bold(str(int(status))), meaning[0].upper() + meaning[1:] + ".")


def _examples() -> Iterator[str]:
    for place, (about, lines) in enumerate(words.EXAMPLES):
        typed = [roff for line in lines for roff in (".br", bold(line))][1:]
        yield from (*([".PP"] if place else []), prose(about), *indented(typed))


def _reference(page_name: str) -> str:
    name, _, section = page_name.partition("(")
    return f"{bold(name)}({escaped(section)}"
