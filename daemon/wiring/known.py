"""What the lines of this computer say of their devices: their daemons, or where none runs their configuration."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from daemon.config import ConfigRefused, LineConfig, ScannerPart, load_config
from daemon.control.client import ControlClient
from daemon.control.protocol import ControlError
from daemon.wiring.bindings import binding_of
from daemon.wiring.inventory import Device, read_device
from stations.rules.routing import LAST_STATION

_ANSWER_S = 5.0
_AWAY = frozenset({"absent", "silent"})


@dataclass(frozen=True, slots=True)
class Known:
    """Devices by line, and a sentence for each line that said less than it could."""

    devices: tuple[Device, ...] = ()
    notes: tuple[str, ...] = ()

    def and_(self, other: "Known") -> "Known":
        """Give both together."""
        return Known((*self.devices, *other.devices), (*self.notes, *other.notes))


def known_here(run: Path, etc: Path) -> Known:
    """Ask every line of this computer: each control socket, each configured line that has none."""
    names = dict.fromkeys(sorted((*_stems(run, "*.sock"), *_stems(etc, "line*.toml"))))
    known = Known()
    for name in names:
        known = known.and_(known_line(run / f"{name}.sock", etc / f"{name}.toml"))
    return known


def known_line(socket: Path | None, config: Path | None) -> Known:
    """Ask one line's daemon; where it does not run, read its configuration, which names its socket where none is given.

    Raises ControlError when a daemon refuses, and when there is neither daemon nor configuration.
    """
    settings, note = _settings(config)
    try:
        return _read(ControlClient(socket or _socket_of(settings), _ANSWER_S).call("device.list"))
    except ControlError as error:
        if error.code not in _AWAY or not (settings or note):
            raise
    if settings is None:
        return Known(notes=(note,))
    silent = f"The daemon of line {settings.line} does not answer: this is only what its configuration says."
    return Known(configured(settings), (silent,))


def configured(config: LineConfig) -> tuple[Device, ...]:
    """Give the devices a configuration names."""
    stations = {id(one): station.number for station in config.station for one in station.scanner}
    return tuple(
        Device(
            name=part.name, kind="scanner" if isinstance(part, ScannerPart) else "tester", line=config.line,
            station=stations.get(id(part), LAST_STATION), binding=binding_of(part.port),
            types=isinstance(part, ScannerPart) and part.types,
        )
        for part in config.devices()
    )  # fmt: skip


def _settings(config: Path | None) -> tuple[LineConfig | None, str]:
    """Read a configuration, or say why it cannot be."""
    if config is None or not config.exists():
        return None, ""
    try:
        return load_config(config), ""
    except ConfigRefused as refused:
        return None, f"{config} cannot be used: {refused.faults[0]}"


def _socket_of(settings: LineConfig | None) -> Path:
    return settings.control.socket if settings is not None else Path(os.devnull)


def _read(said: Any) -> Known:  # noqa: ANN401 -- JSON
    return Known(tuple(read_device(row, said["line"], said["process"]) for row in said["devices"]))


def _stems(folder: Path, pattern: str) -> list[str]:
    try:
        return [path.stem for path in folder.glob(pattern)]
    except OSError:
        return []
