"""`python -m daemon.manual FOLDER` writes every manual page and completion there."""

import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from daemon.cli.app import make_app
from daemon.manual.bash import bash
from daemon.manual.commands import commands_of
from daemon.manual.completion import tables_of
from daemon.manual.fish import fish
from daemon.manual.page import page
from daemon.manual.usbpage import usb_page
from daemon.manual.zsh import zsh


def files(version: str, date: str) -> Mapping[str, str]:
    """Give each file's name and text; the same program, version and date give the same."""
    app = make_app()
    commands = commands_of(app)
    tables = tables_of(commands)
    return {
        "sunline.1": page(commands, version, date),
        "sunline-usb.1": usb_page(version, date),
        "sunline.bash": bash(tables),
        "_sunline": zsh(app),
        "sunline.fish": fish(tables),
    }


def main(arguments: list[str]) -> int:
    """Write the files into the folder that is named, and make it where it is not there."""
    if len(arguments) != 1 or arguments[0].startswith("-"):
        sys.stderr.write("Usage: python -m daemon.manual FOLDER\n")
        return 2
    folder = Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files(_version(), day(os.environ)).items():
        (folder / name).write_text(text, encoding="utf-8")
    return 0


def _version() -> str:
    from importlib.metadata import version  # noqa: PLC0415 -- as in daemon.cli.app

    return version("sunline")


def day(environment: Mapping[str, str]) -> str:
    """Give the day of SOURCE_DATE_EPOCH; without one a page has no date, so that each build gives the same."""
    seconds = environment.get("SOURCE_DATE_EPOCH")
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%d") if seconds else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
