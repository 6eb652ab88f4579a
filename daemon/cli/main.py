"""Run one command and leave with its exit code; every failure is one sentence on stderr."""

import io
import json
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, TextIO, cast

from daemon.cli.exits import Exit, Failed
from daemon.cli.overview import overview

if TYPE_CHECKING:
    from cyclopts import CycloptsError


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command in `argv` (default: the process's) and give its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    _assert_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a name is no reason to fail on a terminal that cannot show it
    return _finished(arguments)


def _assert_streams() -> None:
    """Put the null device where a stream was closed (`>&-`): the command does its work and says nothing."""
    sys.stdin = sys.stdin or _null("r")
    sys.stdout = sys.stdout or _null("w")
    sys.stderr = sys.stderr or _null("w")


def _null(mode: str) -> TextIO:
    return cast("TextIO", open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123 -- for the process's life


def _finished(arguments: list[str]) -> int:
    try:
        status = _run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read us has seen enough
        _silence()
        return Exit.PIPE_CLOSED
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except Exception as error:  # noqa: BLE001 -- the last place that can turn it into a sentence
        told = _told(explained(error), as_json="--json" in arguments)
        _silence()
        return told
    return status


def _silence() -> None:
    """Let nothing that is still buffered fail once more when the interpreter ends."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(arguments: list[str]) -> int:
    if arguments in ([], ["--help"], ["-h"], ["help"]):
        sys.stdout.write(overview(colour=sys.stdout.isatty() and "NO_COLOR" not in os.environ))
        return Exit.OK if arguments else Exit.USAGE
    from daemon.cli.app import make_app  # noqa: PLC0415 -- cyclopts costs a fifth of a second; the overview has none

    app = make_app()
    command, bound, _ = app.parse_args(arguments, print_error=False, exit_on_error=False)
    status = command(*bound.args, **bound.kwargs)
    return status if isinstance(status, int) else Exit.OK


def explained(error: Exception) -> Failed:
    """Turn any error into a Failed: known ones by their own words, unknown ones as a fault of this program."""
    from cyclopts import CycloptsError  # noqa: PLC0415 -- already imported wherever this can be reached

    if isinstance(error, Failed):
        return error
    if isinstance(error, CycloptsError):
        return _usage(error)
    if hasattr(error, "faults"):  # ConfigRefused, not imported for its weight
        return Failed(Exit.USAGE, "\n".join(error.faults))
    if hasattr(error, "todo"):
        return Failed(Exit.REFUSED, str(error), str(error.todo))
    if isinstance(error, OSError) and error.strerror:
        return Failed(Exit.REFUSED, f"{error.filename or 'The output'}: {error.strerror}.")
    where = _place(error)
    return Failed(
        Exit.INTERNAL, f"Fault in this program: {type(error).__name__}: {error} ({where}).", "Please report it."
    )


def _usage(error: "CycloptsError") -> Failed:
    chain = " ".join(error.command_chain or ())
    return Failed(Exit.USAGE, _usage_words(error), f"See `sunline {chain} --help`.".replace("  ", " "))


def _usage_words(error: "CycloptsError") -> str:
    from cyclopts import MissingArgumentError  # noqa: PLC0415 -- as above

    argument = error.argument
    if not isinstance(error, MissingArgumentError) or argument is None or argument.tokens:
        return " ".join(str(error).split())
    if error.keyword:
        return f"{error.keyword} needs a value."
    by_place = argument.index is not None
    return f"{argument.name.removeprefix('--').upper() if by_place else argument.name} is missing."


def _place(error: Exception) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "nowhere"


def _told(failed: Failed, *, as_json: bool) -> int:
    if as_json:
        error = {"code": failed.code, "message": str(failed.args[0]), "todo": failed.todo, "exit": int(failed.status)}
        sys.stderr.write(json.dumps({"error": error}, ensure_ascii=False) + "\n")
    else:
        sys.stderr.write(f"{failed}\n")
    return failed.status
