"""Log records for the journal in its own protocol, so that they can be searched by line, station, device and panel.

Protocol: systemd's "Native Journal Protocol". Search: `journalctl -u 'sunline@*' STATION=4 PANEL=CRS25WT6000001`.
"""

import logging
import os
import socket
import struct
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final, TextIO

SOCKET: Final = Path("/run/systemd/journal/socket")
FIELDS: Final = ("station", "device", "panel", "action")
"""What a record may carry in `extra`; the names in the journal are in capitals."""

_PRIORITIES: Final = ((logging.CRITICAL, 2), (logging.ERROR, 3), (logging.WARNING, 4), (logging.INFO, 6))
_LENGTH: Final = struct.Struct("<Q")
_LONGEST: Final = 48 * 1024


def leads_to_journal(stream: TextIO, environment: Mapping[str, str]) -> bool:
    """Tell whether a stream is the one systemd connected to the journal."""
    device, _, inode = environment.get("JOURNAL_STREAM", "").partition(":")
    with suppress(OSError, ValueError):
        found = os.fstat(stream.fileno())
        return (str(found.st_dev), str(found.st_ino)) == (device, inode)
    return False


class JournalHandler(logging.Handler):
    """Hands records over without ever waiting; what the journal does not take is counted, and said later."""

    def __init__(self, line: int, address: Path = SOCKET) -> None:
        super().__init__()
        self._always = {"SYSLOG_IDENTIFIER": "sunline", "LINE": str(line)}
        self._address = address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._lost = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Send one record, after what there is to say about lost ones."""
        try:
            fields = self._fields(record, self.format(record))
        except Exception:  # noqa: BLE001 -- what cannot be worded is no reason to stop whoever said it
            self.handleError(record)
            return
        if self._lost and self._sent(self._loss()):
            self._lost = 0
        if not self._sent(fields):
            self._lost += 1

    def close(self) -> None:
        """Let the socket go."""
        self._socket.close()
        super().close()

    def _fields(self, record: logging.LogRecord, message: str) -> dict[str, str]:
        told = {name.upper(): str(getattr(record, name)) for name in FIELDS if getattr(record, name, None) is not None}
        return {"MESSAGE": message, "PRIORITY": priority_of(record.levelno), "LOGGER": record.name, **told}

    def _loss(self) -> dict[str, str]:
        message = f"{self._lost} log records were lost: the journal did not take them."
        return {"MESSAGE": message, "PRIORITY": "4", "LOGGER": __name__}

    def _sent(self, fields: Mapping[str, str]) -> bool:
        short = {**fields, "MESSAGE": fields["MESSAGE"][:_LONGEST]}
        for attempt in (fields, short):
            with suppress(OSError):
                self._socket.sendto(datagram({**attempt, **self._always}.items()), str(self._address))
                return True
        return False


def priority_of(level: int) -> str:
    """Give the journal's number for a level."""
    return next((str(number) for least, number in _PRIORITIES if level >= least), "7")


def datagram(fields: Iterable[tuple[str, str]]) -> bytes:
    """Write fields as the journal reads them."""
    return b"".join(_field(name.encode(), value.encode(errors="backslashreplace")) for name, value in fields)


def _field(name: bytes, value: bytes) -> bytes:
    if b"\n" not in value:
        return b"%s=%s\n" % (name, value)
    return b"%s\n%s%s\n" % (name, _LENGTH.pack(len(value)), value)
