"""The bindings of one line at work: what each device hangs on now, and every port that is somebody's."""

import asyncio
import logging
import tomllib
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from daemon.config import LineConfig, PortPart, ScannerPart, TesterPart
from daemon.scantest.forms import Form
from daemon.wiring.bindings import Binding, bindings_file, bound_part, read_bindings, write_bindings
from daemon.wiring.profiles import (
    Profile,
    configured_form,
    profiled_part,
    profiles_file,
    read_profiles,
    write_profiles,
)
from daemon.wiring.vacancy import Former
from stations.rules.routing import LAST_STATION

log = logging.getLogger(__name__)

Wanted = tuple[tuple[int, ScannerPart | TesterPart], ...]


class Patchbay:
    """Says how every device is bound. `neighbours` gives the ports of the other lines of this computer."""

    def __init__(
        self, store: Path, now: Callable[[], datetime], neighbours: Callable[[], tuple[PortPart, ...]] = tuple
    ) -> None:
        self._file = bindings_file(store)
        self._now = now
        self._neighbours = neighbours
        self._bindings = read_bindings(self._file)
        self._profiles_file = profiles_file(store)
        self._profiles = read_profiles(self._profiles_file)

    def wanted(self, config: LineConfig) -> Wanted:
        """Give every device with its station, at the port it is bound to now, and read as it was tested."""
        bound = ((station, bound_part(part, self._bindings)) for station, part in _configured(config))
        return tuple((station, profiled_part(part, self._profiles)) for station, part in bound)

    def profile(self, config: LineConfig, name: str) -> Form | None:
        """Tell how a scanner is read that is not read as its configuration says; None: it is."""
        for _, part in _configured(config):
            read = profiled_part(part, self._profiles)
            if part.name == name and read != part and isinstance(read, ScannerPart):
                return configured_form(read)
        return None

    def is_rebound(self, config: LineConfig, name: str) -> bool:
        """Tell whether a device hangs elsewhere than its configuration says."""
        return any(part.name == name and bound_part(part, self._bindings) != part for _, part in _configured(config))

    def taken(self, config: LineConfig) -> tuple[PortPart, ...]:
        """Give every port that is somebody's on this computer. Reads the other lines' files."""
        mine = tuple(part.port for _, part in self.wanted(config) if part.port is not None)
        return (*mine, *self._neighbours())

    def former(self, config: LineConfig) -> tuple[Former, ...]:
        """Give the ports whose scanner was replaced by another."""
        return tuple(
            Former(station, part, binding.replaced)
            for station, part in self.wanted(config)
            for binding in self._bindings
            if isinstance(part, ScannerPart) and binding.device == part.name and binding.port == part.port
        )

    async def bind(self, config: LineConfig, name: str, port: PortPart, by: str) -> None:
        """Bind a device to a port, durably. Raises LookupError where there is none of this name, and OSError."""
        part = next(part for _, part in _configured(config) if part.name == name)
        now = bound_part(part, self._bindings)
        if part.port is None or now.port is None:
            raise LookupError(f"{name} is a folder of files")
        binding = Binding(device=name, port=port, instead_of=part.port, replaced=now.port, at=self._now(), by=by)
        await self._keep((*self._without(name), binding) if port != part.port else self._without(name))
        log.warning("%s is bound to %s, by %s.", name, port.model_dump(exclude_none=True), by)

    async def unbind(self, name: str) -> bool:
        """Bind a device as its configuration says again; False: it was. Raises OSError."""
        kept = self._without(name)
        if kept == self._bindings:
            return False
        await self._keep(kept)
        log.warning("%s is bound as the configuration says again.", name)
        return True

    async def set_profile(self, config: LineConfig, name: str, form: Form, by: str) -> None:
        """Read a scanner so from now on, durably. Raises LookupError where there is none of this name, and OSError."""
        parts = {part.name: part for _, part in _configured(config) if isinstance(part, ScannerPart)}
        configured = configured_form(parts[name])
        mine = Profile(device=name, form=form, instead_of=configured, at=self._now(), by=by)
        others = tuple(one for one in self._profiles if one.device != name)
        await self._keep_profiles((*others, mine) if form != configured else others)
        log.warning("%s is read anew: its codes end with %s; tested by %s.", name, form.words, by)

    async def drop_profile(self, name: str) -> bool:
        """Read a scanner as its configuration says again; False: it was. Raises OSError."""
        kept = tuple(one for one in self._profiles if one.device != name)
        if kept == self._profiles:
            return False
        await self._keep_profiles(kept)
        log.warning("%s is read as the configuration says again.", name)
        return True

    def _without(self, name: str) -> tuple[Binding, ...]:
        return tuple(one for one in self._bindings if one.device != name)

    async def _keep(self, bindings: tuple[Binding, ...]) -> None:
        await asyncio.to_thread(write_bindings, self._file, bindings)
        self._bindings = bindings

    async def _keep_profiles(self, profiles: tuple[Profile, ...]) -> None:
        await asyncio.to_thread(write_profiles, self._profiles_file, profiles)
        self._profiles = profiles


def neighbour_ports(own: Path) -> tuple[PortPart, ...]:
    """Give the ports of the other lines configured beside this file, as far as their files can be read."""
    return tuple(port for file in sorted(own.parent.glob("*.toml")) if file != own for port in _ports_of(file))


def _ports_of(file: Path) -> Iterator[PortPart]:
    try:
        data = tomllib.loads(file.read_text("utf-8"))
        devices = [scanner for station in data["station"] for scanner in station.get("scanner", ())]
        devices += [data["tester"]] if "tester" in data else []
        for device in devices:
            if "port" in device:
                yield PortPart.model_validate(device["port"])
        yield from (binding.port for binding in read_bindings(bindings_file(Path(data["store"]["path"]))))
    except (OSError, ValueError, LookupError, TypeError, AttributeError, ValidationError) as error:
        log.debug("%s is no line's configuration: %s", file, error)


def _configured(config: LineConfig) -> Iterator[tuple[int, Any]]:
    for station in config.station:
        yield from ((station.number, part) for part in station.scanner)
    if config.tester is not None:
        yield LAST_STATION, config.tester
