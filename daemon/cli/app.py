"""The command line as cyclopts sees it: every command by name, none of them imported before it is needed."""

from cyclopts import App

from daemon.cli.exits import MEANING
from daemon.cli.overview import COMMANDS

_EPILOGUE = (
    "Exit codes: " + ", ".join(f"{int(status)} {status.name.lower().replace('_', ' ')}" for status in MEANING) + "."
)


def make_app() -> App:
    """Build the `sunline` command."""
    app = App(name="sunline", help="The line daemon of a solar-panel factory.", version=_version, help_on_error=False)
    for command in COMMANDS:
        app.command(command.target, name=command.name, help=command.about)
    return app


def group(name: str, about: str) -> App:
    """Build one group of commands."""
    return App(name=name, help=about, help_epilogue=_EPILOGUE)


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 -- for --version only

    try:
        return version("sunline")
    except PackageNotFoundError:
        return "0 (not installed)"
