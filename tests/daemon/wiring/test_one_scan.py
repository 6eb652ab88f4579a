"""A dead scanner is replaced by one scan of a printed code: no edit, no restart, and it lasts."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from daemon.config import PortPart
from daemon.wiring import lookout, vacancy
from daemon.wiring.bindings import bindings_file, read_bindings
from daemon.wiring.patchbay import neighbour_ports
from drivers import ports, sysfs
from drivers.hid import find
from tests.drivers.conftest import FakeMachine
from tests.line.cable import Cable, Gun, Told
from tests.line.house import House, at_work
from tests.line.premises import BADGES, Premises, premises, serial

OLD = "scanner-2"


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Premises]:
    with premises(tmp_path) as made:
        yield made


@pytest.fixture(autouse=True)
def seen(machine: FakeMachine, monkeypatch: pytest.MonkeyPatch) -> None:
    listed, typing = sysfs.list_ports, find.list_keyboards
    monkeypatch.setattr(ports, "list_ports", lambda _=None: listed(machine.roots))
    monkeypatch.setattr(find, "list_keyboards", lambda _=None: typing(machine.roots))
    monkeypatch.setattr(lookout, "POLL_S", 0.05)
    monkeypatch.setattr(vacancy, "DEV", "/")


@asynccontextmanager
async def new_scanner(
    machine: FakeMachine, tmp_path: Path, tty: str = "ttyUSB7", chip: str = "NEW"
) -> AsyncIterator[Gun]:
    """Plug a scanner in that no configuration knows."""
    cable = Cable(tmp_path / f"far-{tty}")
    cable.plug()
    machine.plug(tty, tty[6:], serial=chip, target=cable.target)
    try:
        yield Gun(cable)
    finally:
        cable.pull()


async def lost(house: House, name: str = OLD) -> None:
    house.cables[name].pull()
    await house.until(lambda: name in [one.part.name for one in house.line.fleet.vacant()])


async def heard(house: House, *chips: str) -> None:
    def listens() -> bool:
        return sorted(one.chip_serial or "" for one in house.line.fleet.lookout.listens) == sorted(chips)

    await house.until(listens)


def bound(house: House) -> dict[str, PortPart]:
    return {one.device: one.port for one in read_bindings(bindings_file(house.at.store))}


def notices(house: House) -> str:
    assert house.line.runner is not None
    return " ".join(house.line.runner.notices)


async def test_one_scan_puts_a_new_scanner_in_the_place_of_a_dead_one_for_good(
    at: Premises, machine: FakeMachine, tmp_path: Path
) -> None:
    async with new_scanner(machine, tmp_path) as gun:
        async with at_work(at) as house:
            await house.ready()
            await house.sign_in()
            await house.passed(1, 1)
            await lost(house)
            await heard(house, "NEW")
            assert await gun.scan("SL-BIND-1-2") is Told.GOOD
            await house.until(lambda: house.line.fleet.board.is_online(OLD))
            await heard(house)
            assert [await gun.scan(text) for text in (serial(1), "SL-PASS")] == [Told.GOOD, Told.GOOD]
            assert bound(house)[OLD].chip_serial == "NEW"
            assert "Station 2 has a new scanner." in notices(house)
        assert "NEW" not in at.config.read_text()
        async with at_work_again(at, OLD) as house:
            await house.ready()
            assert await gun.scan("SL-BIND-1-2") is Told.GOOD


@asynccontextmanager
async def at_work_again(at: Premises, rebound: str) -> AsyncIterator[House]:
    """Start the line anew, with nothing at the port the configuration still names."""
    async with at_work(at) as house:
        house.cables[rebound].pull()
        yield house


async def test_the_old_scanner_that_comes_back_is_refused_in_plain_words(
    at: Premises, machine: FakeMachine, tmp_path: Path
) -> None:
    at.config.write_text(
        at.config.read_text().replace(f'port = {{ file = "{at.port(OLD)}" }}', 'port = { chip_serial = "OLD" }')
    )
    async with (
        new_scanner(machine, tmp_path, "ttyUSB3", "OLD") as old,
        new_scanner(machine, tmp_path) as gun,
        at_work(at) as house,
    ):
        await house.ready()
        machine.unplug("ttyUSB3")
        old.cable.pull()
        await house.until(lambda: bool(house.line.fleet.vacant()))
        await heard(house, "NEW")
        assert await gun.scan("SL-BIND-1-2") is Told.GOOD
        await house.until(lambda: house.line.fleet.board.is_online(OLD))
        old.cable.plug()
        machine.plug("ttyUSB4", "4", serial="OLD", target=old.cable.target)
        await heard(house, "OLD")
        assert await old.scan(serial(1)) is Told.BAD
        assert "This scanner was replaced: station 2 has another one. Put it away." in notices(house)
        assert await old.scan("SL-BIND-1-2") is Told.BAD
        assert "Unplug its old one first" in notices(house)
        assert bound(house)[OLD].chip_serial == "NEW"


async def test_a_station_that_has_its_scanner_is_not_taken_over(
    at: Premises, machine: FakeMachine, tmp_path: Path
) -> None:
    async with new_scanner(machine, tmp_path) as gun, at_work(at) as house:
        await house.ready()
        await lost(house)
        await heard(house, "NEW")
        for text in ("SL-BIND-1-1", BADGES[2], serial(1), "SL-BIND-1-5", "SL-BIND-2-2"):
            assert await gun.scan(text) is Told.BAD
        assert "This is a code of line 2." in notices(house)
        assert bound(house) == {}
        house.cables[OLD].plug()
        await house.until(lambda: house.line.fleet.board.is_online(OLD))
        await heard(house)


async def test_no_port_is_listened_to_while_every_scanner_is_there_nor_one_of_another_line(
    at: Premises, machine: FakeMachine, tmp_path: Path
) -> None:
    async with new_scanner(machine, tmp_path), new_scanner(machine, tmp_path, "ttyUSB8", "TWO"), at_work(at) as house:
        house.line.fleet.patchbay._neighbours = lambda: (PortPart(chip_serial="TWO"),)
        await house.ready()
        assert house.line.fleet.lookout.listens == ()
        await lost(house)
        await heard(house, "NEW")


async def test_for_a_simulated_scanner_no_real_port_is_listened_to(
    at: Premises, machine: FakeMachine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vacancy, "DEV", "/dev/")
    async with new_scanner(machine, tmp_path), at_work(at) as house:
        await house.ready()
        house.cables[OLD].pull()
        await house.until(lambda: "No port" in house.line.fleet.board.entries(2)[0].status.reason)
        assert house.line.fleet.vacant() == ()


async def test_a_disk_that_refuses_binds_nothing_and_says_so(
    at: Premises, machine: FakeMachine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("daemon.wiring.patchbay.write_bindings", refuse)
    async with new_scanner(machine, tmp_path) as gun, at_work(at) as house:
        await house.ready()
        await lost(house)
        await heard(house, "NEW")
        assert await gun.scan("SL-BIND-1-2") is Told.BAD
        assert "cannot be kept in mind" in notices(house)
        assert not house.line.fleet.board.is_online(OLD)


async def test_a_device_is_bound_by_command_and_unbound_again_while_the_line_works(
    at: Premises, machine: FakeMachine, tmp_path: Path
) -> None:
    async with new_scanner(machine, tmp_path) as gun, at_work(at) as house:
        await house.ready()
        await house.line.bind(OLD, PortPart(chip_serial="NEW"), "root")
        await house.until(lambda: (house.line.fleet.board.entries(2)[0].status.port or "").endswith("ttyUSB7"))
        await house.until(lambda: house.line.fleet.board.is_online(OLD))
        (account,) = [one for one in house.line.accounts() if one.standing.name == OLD]
        assert account.rebound
        assert await gun.scan(BADGES[2]) is Told.GOOD
        assert await house.line.unbind(OLD)
        await house.until(lambda: house.line.fleet.board.entries(2)[0].status.port == str(at.port(OLD)))
        await house.until(lambda: house.line.fleet.board.is_online(OLD))
        assert await house.scan(2, "SL-BIND-1-2") == [Told.GOOD]
        assert not await house.line.unbind(OLD)


async def test_reading_the_configuration_again_keeps_a_binding_until_it_names_another_port(
    at: Premises, machine: FakeMachine, tmp_path: Path
) -> None:
    async with new_scanner(machine, tmp_path), at_work(at) as house:
        await house.ready()
        await house.line.bind(OLD, PortPart(chip_serial="NEW"), "root")
        assert house.line.fleet.patchbay.is_rebound(house.line.config, OLD)
        at.config.write_text(at.config.read_text().replace(f'"{at.port(OLD)}"', f'"{at.port(OLD)}x"'))
        assert not house.line.fleet.patchbay.is_rebound(at.load(), OLD)


def test_the_ports_of_the_lines_beside_this_one_are_known(at: Premises) -> None:
    text = at.config.read_text()
    (at.folder / "line2.toml").write_text(text.replace("scanner-", "other-"))
    (at.folder / "broken.toml").write_text("site = [")
    (at.folder / "else.toml").write_text("station = 3")
    found = {port.file for port in neighbour_ports(at.config)}
    assert str(at.port("other-1")) in found
    assert len(found) == 5
    assert neighbour_ports(at.folder / "line2.toml") != ()
