"""Keyboards are found by their place, none is opened for it, and what is no keyboard is none."""

import pytest

from drivers.errors import PortAbsent, PortAmbiguous
from drivers.hid import find_keyboard, list_keyboards
from drivers.ports import PortIdentity, PortSort, list_ports
from tests.drivers.conftest import TYPING, FakeMachine

PLACE = "pci-0000:00:14.0-usb-0:{}:1.0"


def test_a_scanner_is_listed_with_what_it_is_known_by(machine: FakeMachine) -> None:
    machine.plug_keyboard("event5", "2.3", serial="S1")
    machine.udev("event5", ID_PATH="pci-0000:00:14.0-usbv2-0:2.3:1.0")
    (port,) = list_keyboards(machine.roots)
    assert port.sort is PortSort.SCANNER
    assert port.file == str(machine.roots.dev / "input/event5")
    assert (port.path, port.udev_path) == (PLACE.format("2.3"), "pci-0000:00:14.0-usbv2-0:2.3:1.0")
    assert (port.vendor_id, port.product_id, port.chip_serial, port.interface) == ("0c2e", "0b61", "S1", "00")
    assert list_ports(machine.roots) == []


def test_two_identical_scanners_are_kept_apart_by_their_place(machine: FakeMachine) -> None:
    machine.plug_keyboard("event5", "2", serial="SAME")
    machine.plug_keyboard("event6", "3", serial="SAME")
    for event, place in (("event5", "2"), ("event6", "3")):
        for name in (PLACE.format(place), f"/dev/input/by-path/{PLACE.format(place)}-event-kbd"):
            assert find_keyboard(PortIdentity(path=name), machine.roots).file.endswith(event)
    with pytest.raises(PortAmbiguous, match="same chip serial"):
        find_keyboard(PortIdentity(chip_serial="SAME"), machine.roots)
    with pytest.raises(PortAmbiguous, match=r"event5 and .*event6") as told:
        find_keyboard(PortIdentity(vendor_id="0c2e"), machine.roots)
    assert "port path" in told.value.todo


def test_a_keyboard_is_a_keyboard_unless_its_maker_makes_scanners_or_a_rule_says_so(machine: FakeMachine) -> None:
    machine.plug_keyboard("event5", "2", vendor="046d")
    machine.plug_keyboard("event6", "3", vendor="1a86")
    machine.udev("event6", SUNLINE_SCANNER="1")
    assert [port.sort for port in list_keyboards(machine.roots)] == [PortSort.KEYBOARD, PortSort.SCANNER]


def test_volume_keys_mice_and_what_is_built_in_are_no_keyboards(machine: FakeMachine) -> None:
    machine.plug_keyboard("event5", "2", keys="3f000303ff 0 0 483ffff17aff32d bfd4444600000000")
    machine.plug_keyboard("event6", "3", keys="1f0000 0 0 0 0")
    machine.plug_input(machine.roots.sys / "devices/platform/i8042", "event0", keys=TYPING, bus="0011", vendor="0001")
    assert list_keyboards(machine.roots) == []


def test_an_unplugged_scanner_is_absent(machine: FakeMachine) -> None:
    with pytest.raises(PortAbsent, match="types like a keyboard with path nowhere"):
        find_keyboard(PortIdentity(path="nowhere"), machine.roots)


def test_a_computer_without_input_devices_has_none(machine: FakeMachine) -> None:
    (machine.roots.sys / "class/input").rmdir()
    assert list_keyboards(machine.roots) == []
