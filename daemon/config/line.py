"""Everything one line's file says, and what is well-formed in it and still wrong."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, PrivateAttr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from daemon.config.dialects import find_dialect
from daemon.config.parts import (
    CentralPart,
    ControlPart,
    HttpPart,
    PortPart,
    ScannerPart,
    ShadowPart,
    StationPart,
    StorePart,
    TesterPart,
)
from drivers.tester import DialectRefused
from storage.records import is_shadow, shadow_of

PREFIX = "SUNLINE_"


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
    central: CentralPart | None = None
    shadow: ShadowPart | None = None
    http: HttpPart = HttpPart()
    _real_store: Path | None = PrivateAttr(default=None)

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

    def in_force(self) -> "LineConfig":
        """Give what the daemon goes by: in a shadow run its site is a shadow, its store another, its server none."""
        if self.shadow is None or is_shadow(self.site):
            return self
        store = self.store.model_copy(update={"path": self.shadow.store})
        made = self.model_copy(update={"site": shadow_of(self.site), "store": store, "central": None})
        made._real_store = self.store.path
        return made

    @property
    def machine_path(self) -> Path:
        """The path beside which lies what is the machine's: a device bound in a shadow run stays bound in real work."""
        return self._real_store or self.store.path

    def faults(self) -> tuple[str, ...]:
        """Say what is well-formed and still wrong, one sentence a fault."""
        return (
            *self._station_faults(),
            *self._scanner_faults(),
            *self._name_faults(),
            *self._port_faults(),
            *self._store_faults(),
            *self._dialect_faults(),
            *self._shadow_faults(),
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

    def _scanner_faults(self) -> tuple[str, ...]:
        scanners = [one for station in self.station for one in station.scanner]
        return tuple(f"{one.name} {words}." for one in scanners for words in one.nonsense())

    def _name_faults(self) -> tuple[str, ...]:
        names = [device.name for device in self.devices()]
        return tuple(
            f"Two devices are named {n}: give each its own name."
            for n in sorted({n for n in names if names.count(n) > 1})
        )

    def _port_faults(self) -> tuple[str, ...]:
        ports = [device.port for device in self.devices() if device.port is not None]
        twice = [port for number, port in enumerate(ports) if port in ports[:number]]
        return tuple(
            f"Two devices are bound to the same port ({_port_words(port)}): give each its own." for port in twice
        )

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

    def _shadow_faults(self) -> tuple[str, ...]:
        if self.shadow is None or self.shadow.store.absolute() != self.store.path.absolute():
            return ()
        return ("shadow.store is store.path: name another file, a shadow run is kept apart from real work.",)


def _port_words(port: PortPart) -> str:
    return ", ".join(f"{key} {value}" for key, value in port.model_dump().items() if value)
