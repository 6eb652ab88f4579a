"""A binding is kept until its device's configuration changes, and survives whatever a file can hold."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.config import PortPart, ScannerPart
from daemon.wiring.bindings import (
    Binding,
    bindings_file,
    bound_part,
    identity_of,
    read_bindings,
    write_bindings,
)
from drivers.ports import PortIdentity, list_ports
from tests.drivers.conftest import FakeMachine

AT = datetime(2026, 3, 4, 12, tzinfo=UTC)
OLD, NEW, LATER = PortPart(chip_serial="OLD"), PortPart(chip_serial="NEW"), PortPart(path="pci-1")
BOUND = Binding(device="scanner-1", port=NEW, instead_of=OLD, replaced=OLD, at=AT, by="a scan at station 1")


def scanner(port: PortPart, name: str = "scanner-1") -> ScannerPart:
    return ScannerPart(name=name, kind="plain", port=port)


def test_a_binding_holds_for_its_device_alone_and_ends_with_a_change_of_its_configuration() -> None:
    assert bound_part(scanner(OLD), [BOUND]).port == NEW
    assert bound_part(scanner(OLD, "scanner-2"), [BOUND]).port == OLD
    assert bound_part(scanner(LATER), [BOUND]).port == LATER


printable = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)


@given(chip=printable, by=printable)
def test_bindings_are_read_as_they_were_written(chip: str, by: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("bindings") / "b.toml"
    bindings = (
        Binding(
            device=chip, port=PortPart(chip_serial=chip, interface="01"), instead_of=OLD, replaced=LATER, at=AT, by=by
        ),
        BOUND,
    )
    write_bindings(file, bindings)
    assert read_bindings(file) == bindings


def test_no_file_and_a_damaged_one_bind_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = bindings_file(tmp_path / "line.db")
    assert file.name == "line.db.bindings.toml"
    assert read_bindings(file) == ()
    assert not caplog.records
    for damage in (b"\xff\xfe", b"[[binding]", b"[[binding]]\ndevice = 1\n", b"binding = 3", b"x = 1"):
        file.write_bytes(damage)
        assert read_bindings(file) == ()
        assert "cannot be read" in caplog.text
        caplog.clear()


def test_a_draft_left_by_a_power_cut_is_no_binding(tmp_path: Path) -> None:
    file = tmp_path / "b.toml"
    write_bindings(file, [BOUND])
    file.with_name("b.toml.new").write_text("[[bind")
    assert read_bindings(file) == (BOUND,)
    write_bindings(file, [])
    assert read_bindings(file) == ()


def identified(machine: FakeMachine, file: str) -> PortPart:
    ports = list_ports(machine.roots)
    return identity_of(next(port for port in ports if port.file.endswith(file)), ports)


def test_the_identity_finds_this_port_and_no_other(machine: FakeMachine) -> None:
    machine.plug("ttyUSB0", "2", serial="A")
    machine.plug("ttyUSB1", "3", serial="B", interface=0)
    machine.plug("ttyUSB2", "3", serial="B", interface=1)
    machine.plug("ttyUSB3", "4", serial="0001")
    machine.plug("ttyUSB4", "5", serial="0001")
    machine.plug("ttyUSB5", "6", serial=None)
    machine.plug("ttyUSB6", "7", serial="C", number=0)
    machine.plug("ttyUSB7", "7", serial="C", number=1)
    ports = list_ports(machine.roots)
    for port in ports:
        given = identity_of(port, ports).model_dump(exclude_none=True)
        assert [one.file for one in ports if PortIdentity(**given).matches(one)] == [port.file]
    assert identified(machine, "ttyUSB0").chip_serial == "A"
    assert identified(machine, "ttyUSB2").interface == "01"
    assert identified(machine, "ttyUSB3").chip_serial is None
    assert identified(machine, "ttyUSB5").path is not None
