"""Everything that can be made to go wrong, by name.

A fault is one small effect: on the bytes of a frame, on the values of a flash, on the bytes of a file, or on the port.
"""

import difflib
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum

from simulators.physics import NO_CONTACT
from simulators.rig import Flash, ValueEffect, with_values


class PortEffect(StrEnum):
    """What can happen to a port; each but the last ends after the fault's time."""

    SILENT = "silent"  # alive, but says nothing
    HUNG = "hung"  # open, but neither reads nor answers
    UNPLUGGED = "unplugged"
    RENAMED = "renamed"  # gone and back at once under another pseudo-terminal


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a frame, written after a pause."""

    pause_s: float
    data: bytes


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame about to be written, the one before it on the same device, and the fault's chance."""

    data: bytes
    before: bytes
    chance: random.Random


ByteEffect = Callable[[Frame], list[Piece]]
Effect = ByteEffect | ValueEffect | PortEffect


class On(StrEnum):
    """What a fault acts on."""

    BYTES = "bytes"
    VALUES = "values"
    FILE = "file"
    PORT = "port"


@dataclass(frozen=True, slots=True)
class Fault:
    """One entry of the table. Exactly the effect that fits `on` is set."""

    on: On
    bytes_effect: ByteEffect | None = None
    value_effect: ValueEffect | None = None
    port_effect: PortEffect | None = None


def _noise(frame: Frame) -> list[Piece]:
    junk = bytes(frame.chance.choice((0x00, *range(0x80, 0x100))) for _ in range(frame.chance.randint(4, 16)))
    return [Piece(0.0, junk + frame.data)]


def _split(frame: Frame) -> list[Piece]:
    at = max(1, len(frame.data) // 2)
    return [Piece(0.0, frame.data[:at]), Piece(0.03, frame.data[at:])]


def _glued(frame: Frame) -> list[Piece]:
    return [Piece(0.0, (frame.before or frame.data).rstrip(b"\r\n\x03") + frame.data)]


def _duplicate(frame: Frame) -> list[Piece]:
    return [Piece(0.0, frame.data), Piece(0.03, frame.data)]


def _slow(frame: Frame) -> list[Piece]:
    return [Piece(0.003, bytes((byte,))) for byte in frame.data]


def _half(frame: Frame) -> list[Piece]:
    return [Piece(0.0, frame.data[: len(frame.data) // 2]), Piece(0.0, frame.data)]


def _no_contact(flash: Flash, _before: Flash | None) -> Flash:
    return replace(flash, values=NO_CONTACT)


def _imp_over_isc(flash: Flash, _before: Flash | None) -> Flash:
    imp, vmp = flash.values.isc_a * 1.02, flash.values.voc_v * 0.845
    return with_values(flash, imp_a=imp, vmp_v=vmp, pmax_w=imp * vmp)


def _voc_scale(flash: Flash, _before: Flash | None) -> Flash:
    read = flash.values
    return with_values(flash, voc_v=read.voc_v * 1.48, vmp_v=read.vmp_v * 1.464, pmax_w=read.pmax_w * 1.464)


def _stale(flash: Flash, before: Flash | None) -> Flash:
    return flash if before is None else replace(flash, values=before.values)


def _wrong_clock(flash: Flash, _before: Flash | None) -> Flash:
    return replace(flash, at=flash.at - timedelta(days=1, hours=13))


FAULTS: Mapping[str, Fault] = {
    "noise": Fault(On.BYTES, bytes_effect=_noise),
    "split": Fault(On.BYTES, bytes_effect=_split),
    "glued": Fault(On.BYTES, bytes_effect=_glued),
    "duplicate": Fault(On.BYTES, bytes_effect=_duplicate),
    "slow": Fault(On.BYTES, bytes_effect=_slow),
    "silent": Fault(On.PORT, port_effect=PortEffect.SILENT),
    "hung": Fault(On.PORT, port_effect=PortEffect.HUNG),
    "unplugged": Fault(On.PORT, port_effect=PortEffect.UNPLUGGED),
    "renamed": Fault(On.PORT, port_effect=PortEffect.RENAMED),
    "half_a_file": Fault(On.FILE, bytes_effect=_half),
    "wrong_clock": Fault(On.VALUES, value_effect=_wrong_clock),
    "stale_repeat": Fault(On.VALUES, value_effect=_stale),
    "no_contact": Fault(On.VALUES, value_effect=_no_contact),
    "imp_over_isc": Fault(On.VALUES, value_effect=_imp_over_isc),
    "voc_scale": Fault(On.VALUES, value_effect=_voc_scale),
}


class UnknownFaultError(ValueError):
    """No fault has this name; the message offers the nearest known one."""


def fault(name: str) -> Fault:
    """Return a fault by name; raises `UnknownFaultError` for a misspelt one."""
    if name in FAULTS:
        return FAULTS[name]
    near = difflib.get_close_matches(name, FAULTS, n=1, cutoff=0.0)[0]
    raise UnknownFaultError(f"No fault is named {name!r}; the nearest is {near!r}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedFault:
    """A fault to happen on a device: at its n-th event (`at_event`, from 1), or at a time (`at_s`).

    Events are scans, flashes or files. `for_s` is how long a port stays away, or half a file stays half.
    """

    name: str
    device: str
    at_event: int | None = None
    at_s: float | None = None
    for_s: float = 1.0

    def __post_init__(self) -> None:
        fault(self.name)
        if (self.at_event is None) == (self.at_s is None):
            raise ValueError(f"Fault {self.name!r} needs exactly one of at_event and at_s.")

    @property
    def fault(self) -> Fault:
        """The entry of the table."""
        return fault(self.name)


@dataclass(slots=True)
class Injection:
    """A fault that happened, and when its device was first seen to work again."""

    name: str
    device: str
    at_s: float
    recovered_s: float | None = None


@dataclass(slots=True)
class FaultLog:
    """Every injection of a run. `on_change` hears of each when it happens and when it is over."""

    on_change: Callable[[Injection], None] = lambda _injection: None
    injections: list[Injection] = field(default_factory=list)

    def injected(self, planned: PlannedFault, now_s: float) -> None:
        """Note that a fault happened."""
        injection = Injection(planned.name, planned.device, now_s)
        self.injections.append(injection)
        self.on_change(injection)

    def worked(self, device: str, started_s: float, now_s: float) -> None:
        """Note that something begun at `started_s` worked: faults that were over by then are recovered from."""
        for injection in self.injections:
            if injection.device == device and injection.recovered_s is None and injection.at_s <= started_s:
                injection.recovered_s = now_s
                self.on_change(injection)


class Injector:
    """The planned faults of one device, handed out when they are due. `at_s` counts from `started_s`."""

    def __init__(self, device: str, planned: Sequence[PlannedFault], log: FaultLog, started_s: float = 0.0) -> None:
        self.log = log
        self._started_s = started_s
        self._device = device
        self._planned = [one for one in planned if one.device == device]
        self._events = 0

    def next_event(self, now_s: float) -> list[PlannedFault]:
        """Count one event and return the faults that strike it."""
        self._events += 1
        return self._strike(lambda one: one.at_event == self._events or self._due(one, now_s), now_s)

    def by_time(self, now_s: float) -> list[PlannedFault]:
        """Return the port faults whose time has come: they need no event."""
        return self._strike(lambda one: one.fault.on is On.PORT and self._due(one, now_s), now_s)

    @property
    def wake_at_s(self) -> float | None:
        """When the next port fault strikes by time."""
        times = [
            self._started_s + one.at_s for one in self._planned if one.at_s is not None and one.fault.on is On.PORT
        ]
        return min(times, default=None)

    def _due(self, planned: PlannedFault, now_s: float) -> bool:
        return planned.at_s is not None and self._started_s + planned.at_s <= now_s

    def _strike(self, strikes: Callable[[PlannedFault], bool], now_s: float) -> list[PlannedFault]:
        due = [one for one in self._planned if strikes(one)]
        self._planned = [one for one in self._planned if one not in due]
        for one in due:
            self.log.injected(one, now_s)
        return due


def value_effects(struck: Sequence[PlannedFault]) -> list[ValueEffect]:
    """Return the effects on values among the faults that struck."""
    return [one.fault.value_effect for one in struck if one.fault.value_effect is not None]


def pieces(struck: Sequence[PlannedFault], frame: Frame) -> list[Piece]:
    """Return how a frame is really written: whole, or as the first byte fault that struck wants it."""
    for one in struck:
        if one.fault.on is On.BYTES and one.fault.bytes_effect is not None:
            return one.fault.bytes_effect(frame)
    return [Piece(0.0, frame.data)]
