"""Completion for bash, 4.0 or newer: three tables and one function; the program itself is not started."""

from collections.abc import Iterator, Mapping
from typing import Final

from daemon.manual.completion import Tables

_FUNCTION: Final = """\
_sunline() {
    local cur=${COMP_WORDS[COMP_CWORD]} typed=sunline option= place=0 word i
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if [[ -n $option ]]; then
            [[ $word == "=" ]] || option=
        elif [[ $word == -* ]]; then
            [[ -z ${_sunline_values["$typed $word"]+known} ]] || option=$word
        elif [[ $place == 0 && " ${_sunline_below["$typed"]-} " == *" $word "* ]]; then
            typed+=" $word"
        else
            place=$((place + 1))
        fi
    done
    [[ $cur == "=" ]] && cur=

    local words key="$typed ${option:-$place}"
    if [[ -z $option && $cur == -* ]]; then
        words=${_sunline_options["$typed"]-}
    elif [[ -z $option && $place == 0 && -n ${_sunline_below["$typed"]-} ]]; then
        words=${_sunline_below["$typed"]}
    elif [[ -z $option && -z ${_sunline_values["$key"]+known} ]]; then
        words=${_sunline_values["$typed ..."]-}
    else
        words=${_sunline_values["$key"]-}
    fi
    COMPREPLY=()
    if [[ $words == FILE ]]; then
        compopt -o default
    else
        mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
    fi
}
complete -F _sunline sunline
"""


def bash(tables: Tables) -> str:
    """Write the script."""
    below = {typed: " ".join(name for name, _ in rows) for typed, rows in tables.below.items()}
    options = {typed: " ".join(name for name, _ in rows) for typed, rows in tables.options.items()}
    lines = (
        "# bash completion for sunline",
        *_table("_sunline_below", below),
        *_table("_sunline_options", options),
        *_table("_sunline_values", tables.values),
    )
    return "\n".join([*lines, "", _FUNCTION])


def _table(name: str, rows: Mapping[str, str]) -> Iterator[str]:
    yield ""
    yield f"declare -gA {name}=("
    yield from (f"    ['{key}']='{value}'" for key, value in rows.items())
    yield ")"
