"""Scanners that type like a keyboard are looked after like the others; a keyboard stays a keyboard."""

import asyncio
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from daemon.cli.portshow import plain_place
from daemon.config import PortPart, ScannerPart
from daemon.wiring import lookout, vacancy
from daemon.wiring.bindings import bindings_file, identity_of, read_bindings
from daemon.wiring.doctor import Finding, Trouble, diagnose
from daemon.wiring.inventory import Device, take_inventory
from daemon.wiring.looking import look_at
from daemon.wiring.vacancy import No, Vacancy, choose, fits, free_ports
from drivers import ports, sysfs
from drivers.hid import find, hid_link, list_keyboards
from drivers.holders import Holder
from drivers.readings import DeviceState
from tests.daemon.wiring.conftest import FakeMachine
from tests.drivers.hid.desk import Desk
from tests.line.house import House, at_work
from tests.line.premises import BADGES, Premises, premises

PLACE = "pci-0000:00:14.0-usb-0:{}:1.0"
OFFICE = "046d"
"""A maker of keyboards."""


def scanner(state: str = "online", *, types: bool = True, reason: str = "", **binding: str) -> Device:
    return Device(
        name="scan-1", kind="scanner", line=1, station=1, binding=binding, types=types, state=state, reason=reason
    )


def looked_at(machine: FakeMachine, device: Device) -> Finding:
    found = list_keyboards(machine.roots)
    return diagnose(look_at(device, found, {port.file: (Holder(1, "Xorg"),) for port in found}))


# which is which


def test_a_place_finds_a_scanner_again_before_its_serial_does(machine: FakeMachine) -> None:
    machine.plug_keyboard("event5", "2", serial="0001")
    (port,) = list_keyboards(machine.roots)
    assert identity_of(port, [port]) == PortPart(path=PLACE.format(2))


def test_a_scanner_with_a_serial_line_is_not_the_same_as_one_that_types(machine: FakeMachine) -> None:
    machine.plug_keyboard("event5", "2", serial="ONE")
    machine.plug("ttyUSB0", "3", serial="ONE")
    both = [*ports.list_ports(machine.roots), *list_keyboards(machine.roots)]
    for types, name in ((True, "event5"), (False, "ttyUSB0")):
        places = take_inventory(both, [scanner(types=types, chip_serial="ONE")], {})
        assert [Path(one.port.file).name for one in places if one.port and one.device] == [name]
        assert all(one.twin for one in places)


def test_nobody_s_keyboard_is_never_listened_to_and_a_known_maker_s_scanner_is(machine: FakeMachine) -> None:
    machine.plug_keyboard("event5", "2", vendor=OFFICE)
    machine.plug_keyboard("event6", "3")
    free = free_ports(list_keyboards(machine.roots), [])
    assert [Path(port.file).name for port in free] == ["event6"]


def test_the_list_says_what_types_and_what_is_probably_a_keyboard(machine: FakeMachine) -> None:
    machine.plug_keyboard("event5", "2", vendor=OFFICE)
    machine.plug_keyboard("event6", "3")
    rows = [plain_place(one) for one in take_inventory(list_keyboards(machine.roots), [], {})]
    assert [row["notes"] for row in rows] == [
        ["A keyboard, probably: never opened unless it is configured and named a scanner."],
        ["A scanner that types like a keyboard."],
    ]
    assert rows[1]["identity"]["path"] == PLACE.format(3)


def test_one_that_types_replaces_only_one_that_types() -> None:
    typing = ScannerPart(name="scan-1", kind="hid", port=PortPart(path="a"))
    serial = ScannerPart(name="scan-2", kind="plain", port=PortPart(path="b"))
    vacant = [Vacancy(1, typing), Vacancy(2, serial)]
    assert choose("SL-BIND-1-1", 1, vacant, types=True) == vacant[0]
    assert choose("SL-BIND-1-2", 1, vacant) == vacant[1]
    said = choose("SL-BIND-1-2", 1, vacant, types=True)
    assert isinstance(said, No)
    assert said.message.startswith("This scanner types like a keyboard; the one station 2 lacks does not.")


@pytest.mark.parametrize(("port", "serial", "types"), [
    (PortPart(chip_serial="GUN"), False, True), (PortPart(chip_serial="LINE"), True, False),
    (PortPart(path=PLACE.format(2)), False, True), (PortPart(chip_serial="BOTH"), True, True),
    (PortPart(chip_serial="GONE"), True, True), (PortPart(tcp="pc:4001"), True, True),
])  # fmt: skip
def test_what_types_hangs_on_no_serial_port_and_the_other_way_round(
    machine: FakeMachine, port: PortPart, serial: bool, types: bool
) -> None:
    machine.plug_keyboard("event5", "2", serial="GUN")
    machine.plug_keyboard("event6", "3", serial="BOTH")
    machine.plug("ttyUSB0", "4", serial="LINE")
    machine.plug("ttyUSB1", "5", serial="BOTH")
    plugged = [*ports.list_ports(machine.roots), *list_keyboards(machine.roots)]
    assert (fits(port, plugged, types=False), fits(port, plugged, types=True)) == (serial, types)


def test_a_port_named_by_its_file_is_known_for_what_it_is(machine: FakeMachine) -> None:
    machine.plug_keyboard("event5", "2")
    (gun,) = list_keyboards(machine.roots)
    assert not fits(PortPart(file=gun.file), [gun], types=False)
    assert fits(PortPart(file=gun.file), [gun], types=True)


# the doctor


def test_a_desktop_that_has_it_open_is_no_trouble(machine: FakeMachine) -> None:
    machine.plug_keyboard("event5", "2")
    assert looked_at(machine, scanner(path=PLACE.format(2))).trouble is Trouble.FINE


def test_a_program_that_took_its_keys_is_said_as_the_line_heard_it(machine: FakeMachine) -> None:
    machine.plug_keyboard("event5", "2")
    reason = "/dev/input/event5 is used by another program (open in evtest (812))."
    found = looked_at(machine, scanner(DeviceState.WAITING, reason=reason, path=PLACE.format(2)))
    assert (found.trouble, found.message) == (Trouble.BUSY, reason)


def test_a_keyboard_no_rule_names_a_scanner_is_forbidden_and_nobody_is_added_to_a_group(
    machine: FakeMachine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = tmp_path / "closed"
    closed.touch(0o600)
    machine.plug_keyboard("event5", "2", vendor=OFFICE, target=str(closed))
    monkeypatch.setattr("daemon.wiring.looking.refused", lambda *_: ("sunline", "input"))
    found = looked_at(machine, scanner(path=PLACE.format(2)))
    assert found.trouble is Trouble.FORBIDDEN
    assert "no udev rule names it a scanner" in found.message
    assert "usermod" not in found.todo


def test_two_with_one_serial_are_to_be_bound_by_their_place(machine: FakeMachine) -> None:
    machine.plug_keyboard("event5", "2", serial="SAME")
    machine.plug_keyboard("event6", "3", serial="SAME")
    assert looked_at(machine, scanner(chip_serial="SAME")).trouble is Trouble.TWINS
    assert looked_at(machine, scanner(path=PLACE.format(3))).trouble is Trouble.FINE


# at work


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Premises]:
    """Premises whose second scanner types."""
    with premises(tmp_path) as made:
        text = made.config.read_text()
        port = f'kind = "honeywell-host-ack"\nport = {{ file = "{made.port("scanner-2")}" }}'
        assert port in text
        made.config.write_text(text.replace(port, f'kind = "hid"\nport = {{ path = "{PLACE.format(2)}" }}'))
        yield made


async def heard(house: House, text: str) -> None:
    await house.until(lambda: house.line.fleet.board.heard("scanner-2").last is not None)
    said = house.line.fleet.board.heard("scanner-2").last
    assert said is not None
    assert said.text == text


async def test_a_scanner_that_types_works_and_is_replaced_by_one_scan_while_a_keyboard_is_left_alone(
    at: Premises, machine: FakeMachine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new, office = (Desk(tmp_path / name) for name in ("old", "new", "office"))
    listed, typing = sysfs.list_ports, find.list_keyboards
    monkeypatch.setattr(ports, "list_ports", lambda _=None: listed(machine.roots))
    monkeypatch.setattr(find, "list_keyboards", lambda _=None: typing(machine.roots))
    monkeypatch.setattr("drivers.hid.link.hid_link", partial(hid_link, ask=old.ask))
    monkeypatch.setattr(lookout, "POLL_S", 0.05)
    monkeypatch.setattr(vacancy, "DEV", "/")
    machine.plug_keyboard("event5", "2", target=str(old.file))
    machine.plug_keyboard("event6", "3", target=str(new.file))
    machine.plug_keyboard("event7", "4", vendor=OFFICE, target=str(office.file))
    try:
        async with at_work(at) as house:
            await house.ready()
            await house.until(lambda: house.line.fleet.board.is_online("scanner-2"))
            await asyncio.sleep(0.12)
            await old.type(BADGES[2])
            await heard(house, "a badge")
            old.unplug()
            machine.unplug_keyboard("event5")
            await house.until(lambda: house.line.fleet.lookout.listens == (PortPart(path=PLACE.format(3)),))
            await asyncio.sleep(0.12)
            await new.type("SL-BIND-1-2")
            await house.until(lambda: house.line.fleet.board.is_online("scanner-2"))
            assert [one.port for one in read_bindings(bindings_file(at.store))] == [PortPart(path=PLACE.format(3))]
            assert old.grabs == 3  # the scanner, the free one, the free one as scanner
    finally:
        for desk in (old, new, office):
            desk.unplug()
