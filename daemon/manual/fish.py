"""Completion for fish: three tables and one function; the program itself is not started."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from daemon.manual.completion import Tables

_FUNCTION: Final = """\
function __sunline_complete
    set -l tokens (commandline -opc)
    set -l current (commandline -ct)
    set -l typed sunline
    set -l option ''
    set -l place 0
    for word in $tokens[2..]
        if test -n "$option"
            set option ''
        else if string match -q -- '-*' "$word"
            __sunline_values "$typed $word" >/dev/null; and set option "$word"
        else if test $place -eq 0; and contains -- "$word" (__sunline_below "$typed" | string replace -r '\\t.*' '')
            set typed "$typed $word"
        else
            set place (math $place + 1)
        end
    end

    set -l before ''
    if test -z "$option"; and string match -q -- '--*=*' "$current"
        set option (string replace -r '=.*' '' -- "$current")
        set before "$option="
    end
    if test -n "$option"
        set -l words (__sunline_values "$typed $option")
        if test "$words" = FILE
            __fish_complete_path (string replace -- "$before" '' "$current") | string replace -r '^' -- "$before"
        else
            test -n "$words"; and printf "$before%s\\n" $words
        end
    else if string match -q -- '-*' "$current"
        __sunline_options "$typed"
    else if test $place -eq 0; and __sunline_below "$typed"
        true
    else
        set -l words (__sunline_values "$typed $place"; or __sunline_values "$typed ...")
        if test "$words" = FILE
            __fish_complete_path "$current"
        else
            test -n "$words"; and printf '%s\\n' $words
        end
    end
end

complete -c sunline -e
complete -c sunline -f -a '(__sunline_complete)'
"""


def fish(tables: Tables) -> str:
    """Write the script."""
    lines = (
        "# fish completion for sunline",
        *_table("__sunline_below", tables.below),
        *_table("__sunline_options", tables.options),
        *_table(
            "__sunline_values", {key: [(word, "") for word in words.split()] for key, words in tables.values.items()}
        ),
    )
    return "\n".join([*lines, "", _FUNCTION])


def _table(name: str, table: Mapping[str, Iterable[tuple[str, str]]]) -> Iterator[str]:
    """Write a function that prints a row's words, each with what it is for, and fails where there is no such row."""
    yield ""
    yield f"function {name} -a key"
    yield "    switch $key"
    for key, rows in table.items():
        said = " ".join(_quoted(f"{word}\t{about}" if about else word) for word, about in rows)
        yield f"        case {_quoted(key)}"
        yield f"            printf '%s\\n' {said}" if said else "            true"
    yield "        case '*'"
    yield "            return 1"
    yield "    end"
    yield "end"


def _quoted(text: str) -> str:
    inside = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{inside}'"
