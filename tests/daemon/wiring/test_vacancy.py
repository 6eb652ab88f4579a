"""A scan on a free port does as little as helps."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from daemon.config import PortPart, ScannerPart
from daemon.wiring.vacancy import Former, No, Vacancy, choose, former_at, free_ports, vacancies
from drivers.ports import list_ports
from drivers.readings import DeviceState, DeviceStatus
from tests.drivers.conftest import FakeMachine

AT = datetime(2026, 3, 4, 12, tzinfo=UTC)


def part(name: str, **port: str) -> ScannerPart:
    return ScannerPart(name=name, kind="plain", port=PortPart(**port))


def status(device: str, state: DeviceState, reason: str = "No port is plugged in.") -> DeviceStatus:
    return DeviceStatus(device=device, state=state, wall=AT, monotonic_ns=1, reason=reason)


A, B, AWAY = part("a", chip_serial="A"), part("b", chip_serial="B"), part("away", tcp="pc:4001")
VACANT = (Vacancy(2, A), Vacancy(2, B))


@pytest.mark.parametrize("state", DeviceState)
def test_only_a_scanner_that_was_looked_for_in_vain_is_vacant(state: DeviceState) -> None:
    found = vacancies([(1, A), (2, B)], [status("a", state), status("b", DeviceState.ONLINE, "")])
    assert found == ((Vacancy(1, A),) if state is DeviceState.SEARCHING else ())
    assert vacancies([(1, A)], [status("a", state, "")]) == ()


def test_the_first_unplugged_scanner_of_the_station_is_replaced() -> None:
    assert choose("SL-BIND-1-2", 1, VACANT) == VACANT[0]
    assert choose(" sl-bind-1-2", 1, VACANT[1:]) == VACANT[1]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("SL-BIND-1-1", "Station 1 lacks no scanner."),
        ("SL-BIND-2-2", "code of line 2"),
        ("SL-BIND-2", "belongs to no station"),
        ("SL-PASS", "belongs to no station"),
        ("SL-U-TOKEN", "belongs to no station"),
        ("CRS25WW6000001", "belongs to no station"),
        ("", "belongs to no station"),
    ],
)
def test_everything_else_binds_nothing_and_says_what_to_do(text: str, words: str) -> None:
    refused = choose(text, 1, VACANT)
    assert isinstance(refused, No)
    assert words in refused.message
    assert "TOKEN" not in refused.message


def test_a_replaced_scanner_is_told_from_a_strange_one(machine: FakeMachine) -> None:
    machine.plug("ttyUSB0", "2", serial="OLD")
    machine.plug("ttyUSB1", "3", serial="ELSE")
    old, other = list_ports(machine.roots)
    former = Former(3, A, PortPart(chip_serial="OLD"))
    assert former_at(old, [former]) == former
    assert former_at(other, [former, Former(4, A, PortPart(tcp="pc:4001"))]) is None
    refused = choose("CRS25WW6000001", 1, (), former)
    assert isinstance(refused, No)
    assert "station 3 has another one. Put it away." in refused.message


def test_ports_of_others_and_ports_on_no_usb_are_not_free(machine: FakeMachine, tmp_path: Path) -> None:
    for number, chip in enumerate(("A", "B", "C", "D")):
        machine.plug(f"ttyUSB{number}", str(number + 2), serial=chip, target=str(tmp_path / chip))
    (tmp_path / "tester").symlink_to(machine.roots.dev / "ttyUSB1")
    taken = [PortPart(chip_serial="A"), PortPart(file=str(tmp_path / "tester")), AWAY.port]
    taken.append(PortPart(path="pci-0000:00:14.0-usb-0:4:1.0"))
    assert [port.chip_serial for port in free_ports(list_ports(machine.roots), taken)] == ["D"]
