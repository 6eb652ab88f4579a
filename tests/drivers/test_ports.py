"""A port is found by what is plugged where, on trees like those the kernel shows."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from drivers.errors import PortAbsent, PortAmbiguous
from drivers.ports import PortIdentity, Roots, find_port, find_ports, list_ports
from drivers.usb import describe_usb

if TYPE_CHECKING:
    from tests.drivers.conftest import FakeMachine


def file_of(machine: "FakeMachine", **attributes: str) -> str:
    return Path(find_port(PortIdentity(**attributes), machine.roots).file).name


def test_the_place_is_named_as_udev_names_it(machine: "FakeMachine") -> None:
    machine.plug("ttyUSB0", "2.3")
    (port,) = list_ports(machine.roots)
    assert port.path == "pci-0000:00:14.0-usb-0:2.3:1.0"
    assert port.chip_serial == "A50285BI"
    assert (port.vendor_id, port.product_id, port.interface) == ("0403", "6001", "00")
    assert port.file == str(machine.roots.dev / "ttyUSB0")


def test_a_renumbered_port_is_found_again(machine: "FakeMachine") -> None:
    machine.plug("ttyUSB0", "2", serial="SCANNER")
    machine.plug("ttyUSB1", "3", serial="TESTER")
    assert file_of(machine, chip_serial="TESTER") == "ttyUSB1"
    machine.unplug("ttyUSB0")
    machine.unplug("ttyUSB1")
    machine.plug("ttyUSB0", "3", serial="TESTER")
    machine.plug("ttyUSB1", "2", serial="SCANNER")
    assert file_of(machine, chip_serial="TESTER") == "ttyUSB0"
    assert file_of(machine, path="pci-0000:00:14.0-usb-0:3:1.0") == "ttyUSB0"


def test_equal_adapters_are_told_apart_by_their_place_only(machine: "FakeMachine") -> None:
    machine.plug("ttyUSB0", "2", serial="0001")
    machine.plug("ttyUSB1", "3", serial="0001")
    with pytest.raises(PortAmbiguous, match="Two adapters carry the same chip serial") as refused:
        file_of(machine, chip_serial="0001")
    assert "port path" in refused.value.todo
    assert file_of(machine, path="pci-0000:00:14.0-usb-0:3:1.0") == "ttyUSB1"
    assert file_of(machine, path="pci-0000:00:14.0-usb-0:3:1.0", chip_serial="0001") == "ttyUSB1"


def test_one_adapter_with_two_interfaces_asks_for_the_interface(machine: "FakeMachine") -> None:
    machine.plug("ttyUSB0", "2", interface=0)
    machine.plug("ttyUSB1", "2", interface=1)
    with pytest.raises(PortAmbiguous) as refused:
        file_of(machine, chip_serial="A50285BI")
    assert "interface" in refused.value.todo
    assert file_of(machine, chip_serial="A50285BI", interface="01") == "ttyUSB1"


def test_one_interface_with_several_ports_is_bound_by_the_number_in_its_path(machine: "FakeMachine") -> None:
    machine.plug("ttyUSB0", "2", number=0)
    machine.plug("ttyUSB1", "2", number=1)
    assert file_of(machine, path="pci-0000:00:14.0-usb-0:2:1.0-port1") == "ttyUSB1"
    assert file_of(machine, path="/dev/serial/by-path/pci-0000:00:14.0-usb-0:2:1.0-port0") == "ttyUSB0"


def test_a_cdc_acm_scanner_is_found(machine: "FakeMachine") -> None:
    machine.plug("ttyACM0", "4", serial="S12345")
    assert file_of(machine, chip_serial="S12345", interface="00") == "ttyACM0"
    assert file_of(machine, path="pci-0000:00:14.0-usb-0:4:1.0") == "ttyACM0"


def test_an_adapter_without_a_serial_is_found_by_vendor_and_place(machine: "FakeMachine") -> None:
    machine.plug("ttyUSB0", "2", serial=None)
    machine.plug("ttyUSB1", "3", serial=None)
    assert file_of(machine, vendor_id="0403", path="pci-0000:00:14.0-usb-0:2:1.0") == "ttyUSB0"
    with pytest.raises(PortAmbiguous, match="Several ports"):
        file_of(machine, vendor_id="0403", product_id="6001")


def test_udevs_database_is_believed_too(machine: "FakeMachine") -> None:
    machine.plug("ttyUSB0", "2", serial="Chip Serial/1")
    machine.udev("ttyUSB0", ID_PATH="platform-xhci-hcd.0-usb-0:1:1.0", ID_SERIAL_SHORT="Chip_Serial_1")
    assert file_of(machine, path="platform-xhci-hcd.0-usb-0:1:1.0") == "ttyUSB0"
    assert file_of(machine, path="pci-0000:00:14.0-usb-0:2:1.0") == "ttyUSB0"
    assert file_of(machine, chip_serial="Chip_Serial_1") == "ttyUSB0"


def test_consoles_and_empty_slots_are_no_ports(machine: "FakeMachine") -> None:
    machine.virtual("tty1")
    assert list_ports(machine.roots) == []


def test_nothing_plugged_is_absent_in_plain_words(machine: "FakeMachine") -> None:
    with pytest.raises(PortAbsent, match="No port with chip serial X is plugged in"):
        file_of(machine, chip_serial="X")


def test_a_machine_without_sysfs_has_no_ports(tmp_path: Path) -> None:
    assert list_ports(Roots(sys=tmp_path / "none")) == []


def test_a_fixed_file_is_its_own_port(tmp_path: Path) -> None:
    link = tmp_path / "scanner"
    identity = PortIdentity(file=str(link))
    assert find_ports(identity) == []
    link.symlink_to("/dev/null")
    assert find_port(identity).file == str(link)


@pytest.mark.parametrize("attributes", [{}, {"file": "/dev/x", "path": "y"}])
def test_an_identity_that_cannot_be_meant_is_refused(attributes: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="attribute"):
        PortIdentity(**attributes)


def test_an_adapter_is_described_without_libusb(machine: "FakeMachine") -> None:
    machine.plug("ttyUSB0", "2")
    (port,) = list_ports(machine.roots)
    described = describe_usb(port)
    assert described is not None
    assert (described.manufacturer, described.product) == ("FTDI", "USB UART")
    assert (described.release, described.max_power_ma) == ("0600", 90)


def test_the_machine_at_hand_can_be_listed() -> None:
    assert all(port.file.startswith("/dev/") for port in list_ports())
