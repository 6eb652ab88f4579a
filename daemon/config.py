"""The configuration of one line: what the machine is. The rules of the factory live in `system_config`, not here."""

import difflib
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from daemon.dialects import find_dialect
from drivers.tester import DialectRefused

PREFIX = "SUNLINE_"
_CLIENT_VARIABLES = frozenset({"SUNLINE_SOCKET", "SUNLINE_LINE"})


class ConfigRefused(Exception):
    """The configuration cannot be used; `faults` are plain sentences, all of them at once."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PortPart(_Part):
    """Where a device is plugged in: attributes that survive a reboot, a fixed device file, or a serial server."""

    path: str | None = None
    chip_serial: str | None = None
    vendor_id: str | None = None
    product_id: str | None = None
    interface: str | None = None
    file: str | None = None
    tcp: Annotated[str, Field(pattern=r"^[^\s:]+:[0-9]{1,5}$")] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> "PortPart":
        usb = (self.path, self.chip_serial, self.vendor_id, self.product_id, self.interface)
        ways = [any(usb), self.file is not None, self.tcp is not None]
        if sum(ways) != 1:
            raise ValueError("name the port by path or chip_serial, or by file, or by tcp")
        return self


class SerialPart(_Part):
    """The line settings of a serial port."""

    baud: Annotated[int, Field(gt=0, le=4_000_000)] = 9600
    bytesize: Literal[7, 8] = 8
    parity: Literal["N", "E", "O", "M", "S"] = "N"
    stopbits: Literal[1, 2] = 1
    dtr: bool = True
    rts: bool = True


class ScannerPart(_Part):
    """A barcode scanner at a station."""

    name: Annotated[str, Field(min_length=1, max_length=40)]
    kind: Literal["plain", "honeywell-host-ack", "honeywell-ack-nak", "ssi"]
    port: PortPart
    serial: SerialPart = SerialPart()
    ending: Literal["cr", "lf", "crlf", "line", "gap"] = "line"
    stx_etx: bool = False
    max_length: Annotated[int, Field(ge=8, le=4096)] = 128
    silent_after_s: Annotated[float, Field(gt=0)] | None = None

    @property
    def gives_feedback(self) -> bool:
        """Tell whether the scanner itself can say good or bad."""
        return self.kind != "plain"


class StationPart(_Part):
    """One station. `screen`: an operator's screen stands there."""

    number: Annotated[int, Field(ge=1, le=4)]
    screen: bool = False
    scanner: tuple[ScannerPart, ...] = ()


class TesterPart(_Part):
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


class StorePart(_Part):
    """Where the line keeps its facts, and how much free disk it wants."""

    path: Path
    warn_free_mb: Annotated[int, Field(gt=0)] = 2048
    refuse_free_mb: Annotated[int, Field(gt=0)] = 64
    ballast_mb: Annotated[int, Field(ge=0)] = 64


class ControlPart(_Part):
    """The control socket. `group` may use it besides the daemon's own user."""

    socket: Path
    group: str | None = None


class LineConfig(BaseSettings):
    """Everything one line's TOML file says."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        nested_model_default_partial_update=True,
    )

    site: Annotated[str, Field(pattern=r"^[A-Z0-9]{1,8}$")]
    line: Annotated[int, Field(ge=1, le=9)]
    store: StorePart
    control: ControlPart
    station: tuple[StationPart, ...]
    tester: TesterPart | None = None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the environment win over the file."""
        del settings_cls, dotenv_settings, file_secret_settings
        return env_settings, init_settings

    def faults(self) -> tuple[str, ...]:
        """Say what is well-formed and still wrong, one sentence a fault."""
        return (
            *self._station_faults(),
            *self._name_faults(),
            *self._port_faults(),
            *self._store_faults(),
            *self._dialect_faults(),
        )

    def _station_faults(self) -> tuple[str, ...]:
        numbers = [station.number for station in self.station]
        missing = [n for n in (1, 2, 3, 4) if n not in numbers]
        twice = sorted({n for n in numbers if numbers.count(n) > 1})
        mute = [s.number for s in self.station if not s.screen and not any(one.gives_feedback for one in s.scanner)]
        return (
            *(f"Station {n} is missing: add [[station]] number = {n}." for n in missing),
            *(f"Station {n} stands twice: keep one." for n in twice),
            *(
                f"Station {n} cannot answer its operator: give it a scanner with feedback or set screen = true."
                for n in mute
            ),
        )

    def devices(self) -> tuple[ScannerPart | TesterPart, ...]:
        """Every configured device."""
        scanners = tuple(one for station in self.station for one in station.scanner)
        return (*scanners, self.tester) if self.tester else scanners

    def _name_faults(self) -> tuple[str, ...]:
        names = [device.name for device in self.devices()]
        return tuple(
            f"Two devices are named {n}: give each its own name."
            for n in sorted({n for n in names if names.count(n) > 1})
        )

    def _port_faults(self) -> tuple[str, ...]:
        ports = [device.port for device in self.devices() if device.port is not None]
        twice = [port for number, port in enumerate(ports) if port in ports[:number]]
        return tuple(f"Two devices are bound to the same port ({_port_words(port)})." for port in twice)

    def _dialect_faults(self) -> tuple[str, ...]:
        if self.tester is None or self.tester.kind != "ascii":
            return ()
        try:
            find_dialect(self.tester.dialect or "")
        except DialectRefused as refused:
            return (f"{refused} {refused.todo}",)
        return ()

    def _store_faults(self) -> tuple[str, ...]:
        if self.store.warn_free_mb > self.store.refuse_free_mb:
            return ()
        return ("store.warn_free_mb must be above store.refuse_free_mb: the warning comes long before the refusal.",)


def _port_words(port: PortPart) -> str:
    return ", ".join(f"{key} {value}" for key, value in port.model_dump().items() if value)


_PARTS: Mapping[str, type[BaseModel]] = {
    "store": StorePart,
    "control": ControlPart,
    "station": StationPart,
    "scanner": ScannerPart,
    "tester": TesterPart,
    "port": PortPart,
    "serial": SerialPart,
}


def load_config(path: Path, environment: Mapping[str, str] | None = None) -> LineConfig:
    """Read a line's file with the environment over it. Raises ConfigRefused with every fault found."""
    _check_environment(os.environ if environment is None else environment)
    try:
        text = tomllib.loads(path.read_bytes().decode())
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigRefused((f"{path} cannot be read: {getattr(error, 'strerror', None) or error}.",)) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigRefused((f"{path} is not valid TOML: {error}.",)) from error
    try:
        config = LineConfig(**text)
    except ValidationError as error:
        raise ConfigRefused(tuple(_sentence(one) for one in error.errors())) from error
    faults = config.faults()
    if faults:
        raise ConfigRefused(faults)
    return config


def _check_environment(environment: Mapping[str, str]) -> None:
    known = {f"{PREFIX}{name.upper()}" for name in LineConfig.model_fields} | _CLIENT_VARIABLES
    strange = [name for name in environment if name.startswith(PREFIX) and name.upper().split("__")[0] not in known]
    if strange:
        faults = (f"The environment variable {name} means nothing{_nearest(name, known)}." for name in sorted(strange))
        raise ConfigRefused(tuple(faults))


def _nearest(name: str, known: set[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {near[0]}?" if near else ""


def _sentence(error: ErrorDetails) -> str:
    place = ".".join(str(part + 1) if isinstance(part, int) else part for part in error["loc"]) or "The file"
    if error["type"] == "extra_forbidden":
        return f"{place} is no setting{_nearest(str(error['loc'][-1]), _names_at(error['loc'][:-1]))}."
    if error["type"] == "missing":
        return f"{place} is missing."
    return f"{place}: {error['msg'].removeprefix('Value error, ')}."


def _names_at(place: tuple[int | str, ...]) -> set[str]:
    names = [part for part in place if isinstance(part, str)]
    model = _PARTS.get(names[-1], LineConfig) if names else LineConfig
    return set(model.model_fields)
