"""Ports and devices are joined into one list: nothing plugged and nothing configured is left out."""

from pathlib import Path

from daemon.wiring.inventory import Device, Place, take_inventory
from drivers.holders import Holder
from drivers.ports import list_ports
from tests.drivers.conftest import FakeMachine

PLACE = "pci-0000:00:14.0-usb-0:{}:1.0"


def device(name: str = "scanner-1", station: int = 1, line: int = 1, **binding: str) -> Device:
    return Device(name=name, kind="scanner", line=line, station=station, binding=binding)


def named(places: tuple[Place, ...]) -> list[tuple[str | None, str | None]]:
    return [(Path(p.port.file).name if p.port else None, p.device.name if p.device else None) for p in places]


def test_every_port_and_every_device_stands_in_the_list_once(machine: FakeMachine) -> None:
    machine.plug("ttyUSB0", "2", serial="A")
    machine.plug("ttyUSB1", "3", serial="B")
    devices = [device(chip_serial="B"), device("scanner-2", 2, chip_serial="C"), device("tester", 4, tcp="pc:4001")]
    places = take_inventory(list_ports(machine.roots), devices, {})
    assert named(places) == [("ttyUSB0", None), ("ttyUSB1", "scanner-1"), (None, "scanner-2"), (None, "tester")]


def test_devices_of_two_lines_are_kept_apart_even_with_one_name(machine: FakeMachine) -> None:
    machine.plug("ttyUSB0", "2", serial="A")
    places = take_inventory(list_ports(machine.roots), [device(chip_serial="A"), device(line=2, chip_serial="X")], {})
    assert [(place.port is None, place.device.line if place.device else None) for place in places] == [
        (False, 1), (True, 2),
    ]  # fmt: skip


def test_two_devices_on_one_port_are_both_shown(machine: FakeMachine) -> None:
    machine.plug("ttyUSB0", "2", serial="A")
    devices = [device(chip_serial="A"), device("scanner-2", 2, path=PLACE.format(2))]
    assert named(take_inventory(list_ports(machine.roots), devices, {})) == [
        ("ttyUSB0", "scanner-1"), ("ttyUSB0", "scanner-2"),
    ]  # fmt: skip


def test_two_adapters_with_one_chip_serial_are_marked_and_one_with_two_ports_is_not(machine: FakeMachine) -> None:
    machine.plug("ttyUSB0", "2", serial="0001")
    machine.plug("ttyUSB1", "3", serial="0001")
    machine.plug("ttyUSB2", "4", serial="B", interface=0)
    machine.plug("ttyUSB3", "4", serial="B", interface=1)
    machine.plug("ttyUSB4", "5", serial=None)
    machine.plug("ttyUSB5", "6", serial=None)
    places = take_inventory(list_ports(machine.roots), [], {})
    assert [place.twin for place in places] == [True, True, False, False, False, False]


def test_a_port_bound_by_its_file_is_found_through_its_link(machine: FakeMachine, tmp_path: Path) -> None:
    machine.plug("ttyUSB0", "2")
    (port,) = list_ports(machine.roots)
    (machine.roots.dev / "ttyUSB0").unlink()
    (machine.roots.dev / "ttyUSB0").touch()
    (tmp_path / "scanner").symlink_to(port.file)
    assert named(take_inventory([port], [device(file=str(tmp_path / "scanner"))], {})) == [("ttyUSB0", "scanner-1")]


def test_a_device_file_the_kernel_lists_nowhere_is_a_port_too(tmp_path: Path) -> None:
    file = tmp_path / "ttyFake"
    places = take_inventory([], [device(file=str(file))], {})
    assert named(places) == [(None, "scanner-1")]
    file.touch()
    held = {str(file): (Holder(7, "minicom"),)}
    (place,) = take_inventory([], [device(file=str(file))], held)
    assert place.port is not None
    assert place.holders == (Holder(7, "minicom"),)
