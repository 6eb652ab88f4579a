"""The sections of a line's file. A new one is a class here and a field of LineConfig; faults find their words by it."""

import os
import re
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from storage.redis.place import Place


class Part(BaseModel):
    """A section: unknown settings are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


_LAST_PORT: Final = 65_535


def _with_port(address: str) -> str:
    """Refuse an address whose port there cannot be."""
    if not 1 <= int(address.rpartition(":")[2]) <= _LAST_PORT:
        raise ValueError(f"a port is a number from 1 to {_LAST_PORT}")
    return address


class PortPart(Part):
    """Where a device is plugged in: attributes that survive a reboot, a fixed device file, or a serial server."""

    path: str | None = None
    chip_serial: str | None = None
    vendor_id: str | None = None
    product_id: str | None = None
    interface: str | None = None
    file: str | None = None
    tcp: Annotated[str, Field(pattern=r"^[^\s:]+:[0-9]{1,5}$"), AfterValidator(_with_port)] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> "PortPart":
        usb = (self.path, self.chip_serial, self.vendor_id, self.product_id, self.interface)
        ways = [any(usb), self.file is not None, self.tcp is not None]
        if sum(ways) != 1:
            raise ValueError("name the port by path or chip_serial, or by file, or by tcp")
        return self


class SerialPart(Part):
    """The line settings of a serial port."""

    baud: Annotated[int, Field(gt=0, le=4_000_000)] = 9600
    bytesize: Literal[7, 8] = 8
    parity: Literal["N", "E", "O", "M", "S"] = "N"
    stopbits: Literal[1, 2] = 1
    dtr: bool = True
    rts: bool = True


class ScannerPart(Part):
    """A barcode scanner at a station."""

    name: Annotated[str, Field(min_length=1, max_length=40)]
    kind: Literal["plain", "honeywell-host-ack", "honeywell-ack-nak", "ssi", "hid"]
    port: PortPart
    serial: SerialPart = SerialPart()
    ending: Literal["cr", "lf", "crlf", "line", "gap"] = "line"
    gap_ms: Annotated[int, Field(ge=50, le=100)] = 100
    stx_etx: bool = False
    max_length: Annotated[int, Field(ge=8, le=4096)] = 128
    silent_after_s: Annotated[float, Field(gt=0)] | None = None

    @property
    def gives_feedback(self) -> bool:
        """Tell whether the scanner itself can say good or bad."""
        return self.kind not in {"plain", "hid"}

    @property
    def types(self) -> bool:
        """Tell whether it types like a keyboard."""
        return self.kind == "hid"

    def nonsense(self) -> tuple[str, ...]:
        """Say which of its settings make no sense together, half a sentence each."""
        if not self.types:
            return _GAP if "gap_ms" in self.model_fields_set and self.ending != "gap" else ()
        found = {
            'types like a keyboard: take serial out, kind "hid" has no serial line': "serial" in self.model_fields_set,
            'types like a keyboard: take stx_etx out, kind "hid" has none': self.stx_etx,
            'types like a keyboard: its codes end with Enter (ending = "line") or a pause (ending = "gap")': (
                self.ending not in {"line", "gap"}
            ),
            'types like a keyboard: kind "hid" hangs on this PC, not on a serial server': self.port.tcp is not None,
            "has a port whose number changes: name it by its path (sunline device ports)": _is_numbered(self.port.file),
            _GAP[0]: "gap_ms" in self.model_fields_set and self.ending != "gap",
        }
        return tuple(words for words, applies in found.items() if applies)


_GAP: Final = ('has gap_ms, which goes with ending = "gap" alone',)


def _is_numbered(file: str | None) -> bool:
    return file is not None and re.fullmatch(r"/dev/input/event\d+", file) is not None


class StationPart(Part):
    """One station. `screen`: an operator's screen stands there."""

    number: Annotated[int, Field(ge=1, le=4)]
    screen: bool = False
    scanner: tuple[ScannerPart, ...] = ()


class TesterPart(Part):
    """The IV tester of station 4: an ASCII dialect, an IV Swinger 2, or a folder of result files."""

    name: Annotated[str, Field(min_length=1, max_length=40)] = "tester"
    kind: Literal["ascii", "ivswinger", "files"]
    port: PortPart | None = None
    dialect: str | None = None
    folder: Path | None = None
    poll_s: Annotated[float, Field(ge=0.1, le=3600)] = 2.0
    silent_after_s: Annotated[float, Field(gt=0)] | None = None

    @model_validator(mode="after")
    def _complete(self) -> "TesterPart":
        if self.kind == "files" and (self.folder is None or self.port is not None):
            raise ValueError('a tester of kind "files" needs a folder and no port')
        if self.kind != "files" and self.port is None:
            raise ValueError(f'a tester of kind "{self.kind}" needs a port')
        if self.kind == "ascii" and not self.dialect:
            raise ValueError('a tester of kind "ascii" needs a dialect: the name of a shipped one or a TOML file')
        return self


class StorePart(Part):
    """Where the line keeps its facts, and how much free disk it wants."""

    path: Path
    warn_free_mb: Annotated[int, Field(gt=0)] = 2048
    refuse_free_mb: Annotated[int, Field(gt=0)] = 64
    ballast_mb: Annotated[int, Field(ge=0)] = 64


class ShadowPart(Part):
    """While this stands there, the line runs beside paper, and the paper counts: its facts go into a `store` apart."""

    store: Path


class ControlPart(Part):
    """The control socket. `group` may use it besides the daemon's own user."""

    socket: Path
    group: str | None = None


class HttpPart(Part):
    """Pages for machines that watch, `/healthz` and `/metrics`. Without `listen`: this PC alone, port 8400 + line."""

    enabled: bool = True
    listen: Annotated[str, Field(pattern=r"^(\[[0-9A-Fa-f:.]+\]|[^\s:\[\]]+):[0-9]{1,5}$")] | None = None

    @model_validator(mode="after")
    def _a_port(self) -> "HttpPart":
        if self.address(1)[1] > _LAST_PORT:
            raise ValueError(f"listen: a port is at most {_LAST_PORT}")
        return self

    def address(self, line_number: int) -> tuple[str, int]:
        """Give host and port to listen on."""
        host, _, port = (self.listen or f"127.0.0.1:{8400 + line_number}").rpartition(":")
        return host.strip("[]"), int(port)


CREDENTIALS: Final = Path("%d")
"""Stands, as in a unit file, for the folder with the secrets that systemd hands to the service."""


def _secret_file(path: Path) -> Path:
    """Find a file named below `%d`; outside the service nobody knows where that is, and it stays as it is."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    return Path(folder) / path.relative_to(CREDENTIALS) if folder and path.is_relative_to(CREDENTIALS) else path


SecretFile = Annotated[Path, AfterValidator(_secret_file)]

_URL_PASSWORD = re.compile(r"^\w+://[^/@]*:[^/@]+@")


class CentralPart(Part):
    """The factory's central server. No password stands here: the address's file, a passfile, or none at all.

    `dsn` is a libpq connection string, several hosts allowed; `dsn_file` a file that holds one. `redis` is an address,
    its password stands in `redis_password_file`. `%d/NAME` is a credential of the service.
    """

    dsn: str | None = None
    dsn_file: SecretFile | None = None
    redis: Annotated[str, Field(pattern=r"^(rediss?|unix)://")] | None = None
    redis_password_file: SecretFile | None = None

    @model_validator(mode="after")
    def _one_address(self) -> "CentralPart":
        if (self.dsn is None) == (self.dsn_file is None):
            raise ValueError("name the server by dsn, or by dsn_file, a file that holds it")
        if self.dsn is not None and ("password=" in self.dsn.replace(" ", "") or _URL_PASSWORD.match(self.dsn)):
            raise ValueError("a password does not belong in this file: put the dsn into a file and name it by dsn_file")
        if self.redis is not None:
            Place(self.redis, self.redis_password_file)
        return self
