"""The doctor finds the first cause, and says one thing to do about it."""

import dataclasses
import os
import pwd
import stat
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from daemon.control.devices import plain_account
from daemon.wiring.doctor import Finding, Look, Trouble, diagnose
from daemon.wiring.inventory import Device, read_device
from daemon.wiring.looking import look_at, refused
from drivers.holders import Holder, holders
from drivers.link.serial import serial_link
from drivers.ports import PortInfo, list_ports
from tests.drivers.conftest import FakeMachine, PtyPeer
from tests.line.house import House, at_work
from tests.line.premises import premises

PLACE = "pci-0000:00:14.0-usb-0:{}:1.0"
PORT = PortInfo(file="/dev/ttyUSB0", chip_serial="A")
OTHER = PortInfo(file="/dev/ttyUSB1", chip_serial="A")
AT = datetime(2026, 3, 4, 12, tzinfo=UTC)


def device(state: str = "online", **changes: object) -> Device:
    one = Device(
        name="scanner-1", kind="scanner", line=1, station=1, binding={"chip_serial": "A"}, state=state, process=1,
        port="/dev/ttyUSB0", since=AT, said_at=AT, said="CRS", frames=20,
    )  # fmt: skip
    return dataclasses.replace(one, **changes)  # type: ignore[arg-type]


FOLDER = device("waiting", binding={}, reason="The folder /x cannot be read.", todo="Check the share.")
TABLE = [
    ("all is well", Look(device=device(), ports=(PORT,)), Trouble.FINE, "", ""),
    ("never heard", Look(device=device(said_at=None), ports=(PORT,)), Trouble.FINE, "Nothing heard yet", ""),
    ("unplugged", Look(device=device("searching")), Trouble.ABSENT, "nothing with chip serial A", "cable"),
    ("moved", Look(device=device("searching"), elsewhere=OTHER), Trouble.MOVED, "/dev/ttyUSB1", "Plug it back"),
    ("another in its place", Look(device=device("searching"), at_place=OTHER), Trouble.WRONG_CHIP, "chip serial A",
     "sunline device bind scanner-1 --port /dev/ttyUSB1"),
    ("moved, and another in its place", Look(device=device("searching"), at_place=OTHER, elsewhere=PORT),
     Trouble.MOVED, "/dev/ttyUSB0", "Plug it back"),
    ("two of them", Look(device=device("waiting"), ports=(PORT, OTHER)), Trouble.TWINS, "ttyUSB0 and", "one place"),
    ("not allowed", Look(device=device("waiting"), ports=(PORT,), group="dialout"), Trouble.FORBIDDEN, "dialout",
     "sudo usermod -aG dialout sunline"),
    ("held", Look(device=device(), ports=(PORT,), holders=(Holder(7, "minicom"),)), Trouble.BUSY, "minicom (7)", "End"),
    ("held by nobody to be seen",
     Look(device=device("waiting", reason="/dev/ttyUSB0 is used by another program."), ports=(PORT,)), Trouble.BUSY,
     "sudo sunline device doctor", "End"),
    ("not running", Look(device=device(""), ports=(PORT,)), Trouble.UNASKED, "does not run", "Start the line"),
    ("not running, and unplugged", Look(device=device("")), Trouble.ABSENT, "Not plugged in", "cable"),
    ("failing", Look(device=device("waiting", reason="It broke.", todo="Mend it."), ports=(PORT,)), Trouble.FAILING,
     "It broke.", "Mend it."),
    ("a folder", Look(device=FOLDER), Trouble.FAILING, "cannot be read", "share"),
    ("garbled", Look(device=device(unreadable=10), ports=(PORT,)), Trouble.GARBLED, "10 of its last 20", "baud"),
    ("a torn label", Look(device=device(unreadable=9), ports=(PORT,)), Trouble.FINE, "", ""),
    ("too little to tell", Look(device=device(frames=3, unreadable=3), ports=(PORT,)), Trouble.FINE, "", ""),
    ("silent", Look(device=device("silent"), ports=(PORT,)), Trouble.SILENT, "Nothing heard since 2026-03-04",
     "switched on"),
    ("opening", Look(device=device("opening"), ports=(PORT,)), Trouble.FINE, "", ""),
]  # fmt: skip


@pytest.mark.parametrize(("_", "look", "trouble", "message", "todo"), TABLE, ids=lambda one: one)
def test_what_was_seen_leads_to_one_finding(_: str, look: Look, trouble: Trouble, message: str, todo: str) -> None:
    found = diagnose(look)
    assert found.trouble is trouble
    assert message in found.message
    assert todo in found.todo
    assert found.is_bad == bool(found.todo and trouble is not Trouble.UNASKED)


def examined(machine: FakeMachine, state: str = "searching", **binding: str) -> Finding:
    return diagnose(look_at(device(state, binding=binding), list_ports(machine.roots), {}))


def test_another_adapter_in_the_place_is_told_from_none(machine: FakeMachine) -> None:
    machine.plug("ttyUSB0", "2", serial="NEW")
    assert examined(machine, path=PLACE.format(2), chip_serial="OLD").trouble is Trouble.WRONG_CHIP
    assert examined(machine, chip_serial="OLD").trouble is Trouble.ABSENT
    assert examined(machine, path=PLACE.format(3)).trouble is Trouble.ABSENT
    assert examined(machine, path=PLACE.format(3), chip_serial="NEW").trouble is Trouble.MOVED
    assert examined(machine, "online", path=PLACE.format(2), chip_serial="NEW").trouble is Trouble.FINE


def test_two_adapters_of_one_chip_serial_are_found(machine: FakeMachine) -> None:
    machine.plug("ttyUSB0", "2", serial="0001")
    machine.plug("ttyUSB1", "3", serial="0001")
    assert examined(machine, "waiting", chip_serial="0001").trouble is Trouble.TWINS


def test_a_port_whose_group_lacks_the_user_is_forbidden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    port = tmp_path / "ttyUSB0"
    port.touch()
    stranger = pwd.struct_passwd(("stranger", "x", 54321, 54321, "", "/", ""))
    monkeypatch.setattr("daemon.wiring.looking._service_user", lambda: stranger)
    monkeypatch.setattr("os.getgrouplist", lambda _name, _group: [54321])
    port.chmod(0o660)
    user, group = refused(str(port))
    assert (user, bool(group)) == ("stranger", True)
    port.chmod(0o666)
    assert refused(str(port)) == ("stranger", None)
    port.chmod(0o660)
    monkeypatch.setattr("os.getgrouplist", lambda _name, _group: [54321, port.stat().st_gid])
    assert refused(str(port)) == ("stranger", None)
    assert stat.S_IMODE(port.stat().st_mode) == 0o660
    assert refused(str(tmp_path / "gone")) == ("stranger", None)


async def test_a_port_another_program_holds_is_busy(make_pty_peer: Callable[[str], PtyPeer]) -> None:
    peer = make_pty_peer("ttyDevice")
    file = str(peer.file)
    ours = device("", binding={"file": file}, process=None)
    os.close(peer._slave)
    peer._slave = os.open("/dev/null", os.O_RDONLY)
    assert diagnose(look_at(ours, [], holders([file]))).trouble is Trouble.UNASKED
    link = serial_link(file)
    await link.open()
    found = diagnose(look_at(ours, [], holders([file])))
    await link.close()
    assert found.trouble is Trouble.BUSY
    assert f"({os.getpid()})" in found.message


def of(house: House, name: str) -> Finding:
    row = next(plain_account(one) for one in house.line.accounts() if one.standing.name == name)
    ours = read_device(row, 1, os.getpid())
    return diagnose(look_at(ours, list_ports(), holders([ours.binding["file"]])))


async def test_a_scanner_at_a_wrong_baud_rate_is_found_garbled_and_an_unplugged_one_absent(tmp_path: Path) -> None:
    with premises(tmp_path) as at:
        async with at_work(at) as house:
            await house.ready()
            assert of(house, "scanner-1").trouble is Trouble.FINE
            for _ in range(5):
                await house.cables["scanner-1"].send(b"\x80\xf8\x00\x9e\xff\x0d")
            await house.until(lambda: house.line.fleet.board.heard("scanner-1").unreadable >= 4)
            assert of(house, "scanner-1").trouble is Trouble.GARBLED
            house.cables["scanner-2"].pull()
            await house.until(lambda: not house.line.fleet.board.is_online("scanner-2"))
            assert of(house, "scanner-2").trouble is Trouble.ABSENT
            assert of(house, "scanner-3").trouble is Trouble.FINE


async def test_a_scanner_that_should_speak_and_does_not_is_found_silent(tmp_path: Path) -> None:
    with premises(tmp_path) as at:
        text = at.config.read_text()
        at.config.write_text(text.replace("\nport = {", "\nsilent_after_s = 0.2\nport = {", 1))
        async with at_work(at) as house:
            await house.until(lambda: of(house, "scanner-1").trouble is Trouble.SILENT)
            assert "Nothing heard since" in of(house, "scanner-1").message
