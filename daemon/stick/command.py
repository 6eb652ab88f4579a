"""The command `sunline-usb`: serve one plugged stick and give the exit code of what came of it."""

import argparse
import logging
import os
import sys
import tempfile
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from daemon.stick.endings import SERVED_ALREADY
from daemon.stick.line import Line
from daemon.stick.lock import ServedAlready, alone
from daemon.stick.ports import DevicePort, FolderPort
from daemon.stick.service import Service
from daemon.stick.sockets import ETC, RUN, SocketLine, lines_here
from daemon.stick.volume import private_mounts
from drivers.stick.errors import VolumeForbidden

_RUNTIME: Final = Path("/run/sunline-usb")


def run(stopped: threading.Event, argv: Sequence[str] | None = None) -> int:
    """Run the command and give its exit code; `stopped` asks it to leave what is under way in order."""
    given = arguments().parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    port = FolderPort(given.folder) if given.folder else _plugged(given.stick)
    service = Service(port.disk, port, _lines(given), given.full, stopped=stopped)
    try:
        with alone(_runtime(), f"{port.disk}-{port.mark}"):
            return service.run().exit_status
    except ServedAlready as error:
        logging.getLogger(__name__).info("%s It says what comes of the stick.", error)
        return SERVED_ALREADY


def arguments() -> argparse.ArgumentParser:
    """Build the reader of the command line."""
    parser = argparse.ArgumentParser("sunline-usb", description="Export to one USB stick, or say why not.")
    serve = parser.add_subparsers(required=True, metavar="serve").add_parser("serve")
    serve.add_argument("stick", nargs="?", default="", help="a disk or a partition: sda, sda1; sda_34: disk 34 alone")
    serve.add_argument("--folder", type=Path, help="a folder that stands for a stick")
    serve.add_argument("--full", action="store_true", help="everything anew, not only what is new for the stick")
    serve.add_argument("--socket", type=Path, action="append", default=[], help="control socket of a line")
    serve.add_argument("--run", type=Path, default=RUN, help="where the lines' sockets are")
    serve.add_argument("--etc", type=Path, default=ETC, help="where the lines' configuration is")
    return parser


def _lines(given: argparse.Namespace) -> Sequence[Line]:
    """Give every line of this computer; where there is none, the central server, if this is its computer."""
    lines = tuple(SocketLine(f"Line at {path}", path) for path in given.socket) or lines_here(given.run, given.etc)
    if lines:
        return lines
    from daemon.stick.central import central_line  # noqa: PLC0415 -- only where no line is

    central = central_line(given.etc / "stick.toml")
    return () if central is None else (central,)


def _plugged(name: str) -> DevicePort:
    with suppress(VolumeForbidden):  # the service unit has given it mounts of its own already
        private_mounts()
    return DevicePort.of(name, _runtime())


def _runtime() -> Path:
    uid = os.geteuid()
    return _RUNTIME if uid == 0 else Path(tempfile.gettempdir()) / f"sunline-usb-{uid}"
