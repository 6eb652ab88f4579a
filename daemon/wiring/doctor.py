"""What is wrong with a device, decided from facts alone: the first row of the table that applies, with one thing to do.

The order is that of looking by hand: is it plugged in, is it the right one, may and can it be opened, does it talk.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from daemon.wiring.inventory import Device
from drivers.holders import Holder
from drivers.ports import PortInfo
from drivers.readings import DeviceState

SURE_FROM: Final = 4
"""Frames to have been heard before their share that nobody can read says something."""


class Trouble(StrEnum):
    """What can be wrong with a device; FINE and UNASKED are no faults."""

    MOVED = "moved"
    WRONG_CHIP = "wrong chip"
    ABSENT = "unplugged"
    TWINS = "same chip twice"
    FORBIDDEN = "no permission"
    BUSY = "busy"
    GARBLED = "garbled"
    SILENT = "silent"
    FAILING = "failing"
    UNASKED = "not asked"
    FINE = "ok"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What was seen of one device.

    `ports` are those with its identity; `at_place` is what sits where it belongs, `elsewhere` where its adapter sits
    instead. `group` owns the port and `user` should be in it; None: that is in order. `holders` are programs other
    than the line's daemon.
    """

    device: Device
    ports: tuple[PortInfo, ...] = ()
    at_place: PortInfo | None = None
    elsewhere: PortInfo | None = None
    group: str | None = None
    user: str = "sunline"
    holders: tuple[Holder, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """What is the matter with one device, and the one thing to do."""

    device: Device
    trouble: Trouble
    message: str = ""
    todo: str = ""

    @property
    def is_bad(self) -> bool:
        """Whether somebody has to do something."""
        return self.trouble not in {Trouble.FINE, Trouble.UNASKED}


def diagnose(look: Look) -> Finding:
    """Give the first finding of the table that applies."""
    for trouble, applies, words in _TABLE:
        if applies(look):
            return Finding(look.device, trouble, *words(look))
    return Finding(look.device, Trouble.FINE, *_fine(look))


def _wired(look: Look) -> bool:
    return look.device.identity is not None


def _moved(look: Look) -> bool:
    return _wired(look) and not look.ports and look.elsewhere is not None


def _wrong_chip(look: Look) -> bool:
    return _wired(look) and not look.ports and look.at_place is not None


def _garbled(look: Look) -> bool:
    return look.device.frames >= SURE_FROM and 2 * look.device.unreadable >= look.device.frames


def _busy(look: Look) -> bool:
    refused = _state(look) is DeviceState.WAITING and "used by another program" in look.device.reason
    return refused or bool(look.holders)


def _failing(look: Look) -> bool:
    return _state(look) in {DeviceState.WAITING, DeviceState.SEARCHING, DeviceState.STOPPED}


def _state(look: Look) -> DeviceState | None:
    return DeviceState(look.device.state) if look.device.state else None


Words = tuple[str, str]


def _say_moved(look: Look) -> Words:
    file = look.elsewhere.file if look.elsewhere else ""
    return (
        f"Its adapter is plugged into another socket ({file}).",
        f"Plug it back, or bind it here: {_bind(look, file)}",
    )


def _say_wrong_chip(look: Look) -> Words:
    file = look.at_place.file if look.at_place else ""
    chip = f"chip serial {look.at_place.chip_serial}" if look.at_place and look.at_place.chip_serial else "no serial"
    todo = f"Plug the right adapter in there, or bind this one: {_bind(look, file)}"
    return f"Another adapter sits in its place ({file}, {chip}).", todo


def _say_absent(look: Look) -> Words:
    return f"Not plugged in: nothing with {look.device.identity}.", "Check its cable and its power."


def _say_twins(look: Look) -> Words:
    files = " and ".join(port.file for port in look.ports)
    return f"Several ports could be it ({files}).", f"Bind it to one place: {_bind(look, look.ports[0].file)}"


def _say_forbidden(look: Look) -> Words:
    if look.device.types:
        message = f"The user {look.user} may not open {look.ports[0].file}: no udev rule names it a scanner."
        return message, "Name it one, if it is one (docs/hid-scanners.md), then plug it in again."
    todo = f"sudo usermod -aG {look.group} {look.user}; then restart the line."
    return f"The user {look.user} may not open {look.ports[0].file}: it belongs to the group {look.group}.", todo


def _say_busy(look: Look) -> Words:
    if look.device.types:
        return look.device.reason, look.device.todo
    who = ", ".join(str(one) for one in look.holders) or "another program (see: sudo sunline device doctor)"
    return f"Its port is used by {who}.", "End that program."


def _say_garbled(look: Look) -> Words:
    share = f"{look.device.unreadable} of its last {look.device.frames} messages cannot be read."
    if look.device.types:
        return share, "Set the scanner to the US keyboard layout, Enter behind each code, Caps Lock off."
    return share, "Set the baud rate and parity of the device and of its configuration to the same."


def _say_silent(look: Look) -> Words:
    since = look.device.said_at or look.device.since
    when = f" since {since.astimezone():%Y-%m-%d %H:%M}" if since else ""
    return f"Nothing heard{when}.", "Check that it is switched on, then its cable."


def _say_failing(look: Look) -> Words:
    return look.device.reason or f"It is {look.device.state}.", look.device.todo or "Wait a moment, then look again."


def _say_unasked(_look: Look) -> Words:
    return "Its line's daemon does not run: what it says is not known.", "Start the line to know more."


def _fine(look: Look) -> Words:
    return ("", "") if look.device.said_at else ("Nothing heard yet: scan or flash something to be sure.", "")


def _bind(look: Look, file: str) -> str:
    return f"sunline device bind {look.device.name} --port {file}"


_TABLE: tuple[tuple[Trouble, Callable[[Look], bool], Callable[[Look], Words]], ...] = (
    (Trouble.MOVED, _moved, _say_moved),
    (Trouble.WRONG_CHIP, _wrong_chip, _say_wrong_chip),
    (Trouble.ABSENT, lambda look: _wired(look) and not look.ports, _say_absent),
    (Trouble.TWINS, lambda look: len(look.ports) > 1, _say_twins),
    (Trouble.FORBIDDEN, lambda look: look.group is not None, _say_forbidden),
    (Trouble.BUSY, _busy, _say_busy),
    (Trouble.UNASKED, lambda look: _state(look) is None, _say_unasked),
    (Trouble.FAILING, _failing, _say_failing),
    (Trouble.GARBLED, _garbled, _say_garbled),
    (Trouble.SILENT, lambda look: _state(look) is DeviceState.SILENT, _say_silent),
)
