"""`sunline device test` at a real line, on real pseudo-terminals, with simulated scanners that have faults."""

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from daemon.control import scannertest
from daemon.control.client import ControlClient
from daemon.control.views.station import look_at
from daemon.line.line import utc_now
from daemon.scantest.forms import Form
from daemon.wiring.patchbay import Patchbay
from simulators.scanner import Scanner, scanner
from stations.rules.commands import TEST_CODES
from storage.errors import DiskFull
from storage.sqlite.writer import Writer
from tests.line.cable import Cable, Told
from tests.line.house import House, at_work
from tests.line.premises import BADGES, Premises, premises, serial
from tests.line.tools import Terminal, hire, terminal

PLAIN = 'kind = "plain"'


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Premises]:
    with premises(tmp_path) as made:
        hire(made)
        made.config.write_text(made.config.read_text().replace('kind = "honeywell-host-ack"', PLAIN, 1))
        yield made


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scannertest, "PAUSE_S", 0.15)


async def pull(sim: Scanner, cable: Cable, text: str) -> None:
    """Pull the trigger of a simulated scanner whose cable this is."""
    sim.trigger(text)
    while (frame := sim.take_frame()) is not None:
        await cable.send(frame)
        sim.written(asyncio.get_running_loop().time())


@asynccontextmanager
async def under_test(house: House, name: str = "scanner-1") -> AsyncIterator[Terminal]:
    socket = str(house.line.config.control.socket)
    async with terminal("device", "test", name, "--json", "--socket", socket) as seen:
        assert (await seen.item())["codes"] == len(TEST_CODES)
        yield seen


async def scan_all(seen: Terminal, sim: Scanner, cable: Cable) -> Any:  # noqa: ANN401 -- JSON
    """Scan what is asked for until the result comes; every code must be known for what it is."""
    while "findings" not in (item := await seen.item()):
        if "scan" in item:
            await pull(sim, cable, TEST_CODES[item["scan"] - 1])
        else:
            assert item["code"], item
    return item


def devices(view: Any) -> list[str]:  # noqa: ANN401 -- JSON
    return [one["state"] for one in view["devices"] if one["name"] == "scanner-1"]


async def test_a_scanner_without_line_end_is_found_and_read_so_until_that_is_taken_back_or_configured_otherwise(
    at: Premises,
) -> None:
    sim = scanner("plain", terminator="none")
    async with at_work(at) as house:
        await house.ready()
        cable = house.cables["scanner-1"]
        async with under_test(house) as seen:
            assert devices(await look_at(house.line, 1)) == ["tested"]
            found = await scan_all(seen, sim, cable)
            assert (await seen.ended())[0] == 0
        assert [(one["fault"], one["cured"]) for one in found["findings"]] == [("wrong ending", True)]
        assert (found["kept"], found["form"]["ending"]) == (True, "gap")
        await house.until(lambda: house.line.fleet.board.is_online("scanner-1"))
        assert devices(await look_at(house.line, 1)) == ["online"]
        await pull(sim, cable, BADGES[1])
        await house.until(lambda: house.line.fleet.board.heard("scanner-1").last is not None)
        await house.until(lambda: house.banner(1).headline.startswith("Hello"))
        patchbay = Patchbay(at.store, utc_now)  # as the next daemon reads it
        assert patchbay.profile(at.load(), "scanner-1") == Form("gap")
        client = ControlClient(house.line.config.control.socket)
        listed = await asyncio.to_thread(client.call, "device.list")
        assert [one["profile"]["words"] for one in listed["devices"] if one["profile"]] == ["a pause"]
        for changed in (True, False):
            undone = await asyncio.to_thread(client.call, "device.untest", name="scanner-1")
            assert undone == {"name": "scanner-1", "changed": changed}
        await house.until(lambda: all(one.profile is None for one in house.line.accounts()))
    assert "ending" not in at.config.read_text()
    at.config.write_text(at.config.read_text().replace(PLAIN, f'{PLAIN}\nending = "cr"', 1))
    assert patchbay.profile(at.load(), "scanner-1") is None


async def test_a_fault_that_only_the_scanner_can_cure_is_named_and_changes_nothing_here(at: Premises) -> None:
    async with at_work(at) as house:
        await house.ready()
        async with under_test(house) as seen:
            found = await scan_all(seen, scanner("plain", flaw="lost"), house.cables["scanner-1"])
            assert (await seen.ended())[0] == 1
        assert [one["fault"] for one in found["findings"]] == ["first character lost"]
        assert (found["form"], found["kept"]) == (None, False)


async def test_what_is_scanned_in_a_test_is_kept_raw_and_nothing_is_decided_on_it(at: Premises) -> None:
    async with at_work(at) as house:
        await house.ready()
        runner = house.line.runner
        assert runner is not None
        async with under_test(house, "scanner-2"):
            assert await house.scan(2, serial(1)) == [Told.BAD]
            assert await house.scan(2, TEST_CODES[0]) == [Told.GOOD]
            assert await house.scan(2, BADGES[2]) == [Told.BAD]
        (badge, nothing), *others = await runner.read(lambda view: view.recent_scans(2, 9))
        assert [(raw.text, raw.device, outcome) for raw, outcome in others] == [
            (TEST_CODES[0], "scanner-2", None), (serial(1), "scanner-2", None),
        ]  # fmt: skip
        assert nothing is None
        assert BADGES[2].removeprefix("SL-U-") not in badge.text + badge.raw.decode()
        assert not await runner.read(lambda view: view.panels(after_serial="", limit=1))


async def test_no_test_code_sounds_good_that_is_not_on_the_disk(at: Premises, monkeypatch: pytest.MonkeyPatch) -> None:
    async with at_work(at) as house:
        await house.ready()

        async def refused(*_: object) -> None:
            raise DiskFull("The disk is full.", todo="Free it.")

        async with under_test(house, "scanner-2"):
            monkeypatch.setattr(Writer, "write", refused)
            assert await house.scan(2, TEST_CODES[0]) == [Told.BAD]
            assert house.banner(2).headline == "NOT SAVED"
            monkeypatch.undo()
            assert await house.scan(2, TEST_CODES[0]) == [Told.GOOD]
            assert house.banner(2).headline != "NOT SAVED"


async def test_a_scanner_that_is_tested_is_not_its_stations_and_comes_back_when_the_client_dies(at: Premises) -> None:
    async with at_work(at) as house:
        await house.ready()
        assert await house.scan(2, BADGES[2]) == [Told.GOOD]
        socket = str(house.line.config.control.socket)
        async with under_test(house, "scanner-2") as seen:
            assert await seen.item() == {"scan": 1}
            async with terminal("device", "test", "scanner-2", "--socket", socket) as second:
                status, _, err = await second.ended()
                assert (status, "being tested already" in err) == (1, True)
            assert await house.scan(2, serial(1)) == [Told.BAD]
            assert await house.scan(2, TEST_CODES[0]) == [Told.GOOD]
            seen.process.send_signal(signal.SIGKILL)
            await house.until(lambda: not house.line.bench.holds("scanner-2"))
        assert house.banner(2).headline.startswith("Hello")
        assert await house.scan(2, TEST_CODES[0]) == [Told.GOOD]
        assert house.line.runner is not None
        assert "test code" in house.line.runner.state(2).aside
