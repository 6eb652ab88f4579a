"""Watching wires and testing scanners over the control socket: for supervisors, and ended with their connection."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from daemon.config import PortPart, ScannerPart
from daemon.control import overhearing, scannertest
from daemon.scantest.forms import Form
from drivers.readings import Scan
from drivers.tap import MOST, Ear, Passed, Tap
from stations.rules.commands import TEST_CODES
from tests.daemon.control.bench import START, Bench, Wire, until, wire


def passed(text: str, device: str = "scan-1") -> Passed:
    raw = text.encode()
    scan = Scan(device=device, raw=raw, wall=START, monotonic_ns=1, text=text)
    return Passed(device=device, wall=START, monotonic_ns=1, heard=raw + b"\r", readings=(scan,))


@pytest.mark.parametrize("op", ["device.monitor", "device.test", "device.untest"])
async def test_whoever_is_no_supervisor_neither_watches_nor_tests(
    line: Bench, be: Callable[[str], None], op: str
) -> None:
    be("otto")
    async with wire(line.path) as client:
        assert (await client.no(op, name="scan-1"))["code"] == "forbidden"
    assert not line.line.tap.is_heard


@pytest.mark.parametrize("op", ["device.monitor", "device.test", "device.untest"])
async def test_a_device_there_is_not_is_named(line: Bench, be: Callable[[str], None], op: str) -> None:
    be("sam")
    async with wire(line.path) as client:
        error = await client.no(op, name="scan-2")
        assert (error["code"], error["todo"]) == ("not_found", "Did you mean scan-1?")


async def test_what_passes_is_told_as_it_passes_until_the_client_goes(line: Bench, be: Callable[[str], None]) -> None:
    be("sam")
    async with wire(line.path) as client:
        assert await client.get("device.monitor") == {"line": 1, "devices": ["scan-1"]}
        line.line.tap.tell(passed("CRS1"))
        line.line.tap.tell(passed("SL-U-SECRET"))
        first, second = (await client.hear())["event"], (await client.hear())["event"]
        assert (first["bytes"], first["said"], first["device"]) == ("CRS1<CR>", ["CRS1"], "scan-1")
        assert (second["bytes"], second["said"], "SECRET" in str(second)) == ("SL-U-***<CR>", ["a badge"], False)
    await until(lambda: not line.line.tap.is_heard)


async def test_what_was_too_much_is_counted_and_the_devices_never_wait(line: Bench, be: Callable[[str], None]) -> None:
    be("sam")
    async with wire(line.path) as client:
        await client.get("device.monitor", name="scan-1")
        for number in range(MOST + 12):
            line.line.tap.tell(passed(f"CRS{number}"))
        heard = [(await client.hear())["event"] for _ in range(MOST + 1)]
    assert [one["bytes"] for one in heard[:-1]] == [f"CRS{number}<CR>" for number in range(MOST)]
    assert heard[-1] == {"missed": 12}


async def test_a_quiet_wire_says_now_and_then_that_the_daemon_lives(
    line: Bench, be: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overhearing, "HEARTBEAT_S", 0.01)
    be("sam")
    async with wire(line.path) as client:
        await client.get("device.monitor")
        assert (await client.hear())["event"] == {}


@dataclass
class Stand:
    """A workbench with one scanner on it, whose profiles a full disk refuses."""

    tap: Tap
    on_it: list[str] = field(default_factory=list)

    def scanner(self, name: str) -> ScannerPart | None:
        return ScannerPart(name=name, kind="plain", port=PortPart(chip_serial="A1"))

    @contextmanager
    def testing(self, name: str) -> Iterator[Ear]:
        with self.tap.listening(name) as ear:
            self.on_it.append(name)
            yield ear
            self.on_it.remove(name)

    async def set_profile(self, name: str, form: Form, by: str) -> None:
        raise OSError(28, "No space left on device")

    async def drop_profile(self, name: str) -> bool:
        raise OSError(28, "No space left on device")


async def told_until_found(client: Wire) -> list[dict[str, Any]]:
    """All that the test of a scanner tells, the last of it what was found."""
    told: list[dict[str, Any]] = [{}]
    while "findings" not in told[-1]:
        told.append((await client.hear()).get("event", {}))
    return told


@pytest.mark.parametrize("limit", ["QUIET_S", "LIMIT_S"])
async def test_a_test_ends_by_itself_when_nobody_scans_and_after_its_time(
    line: Bench, be: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(scannertest, limit, 0.0)
    monkeypatch.setattr(scannertest, "HEARTBEAT_S", 0.01)
    line.line.bench = stand = Stand(line.line.tap)
    be("sam")
    async with wire(line.path) as client:
        assert (await client.get("device.test", name="scan-1"))["codes"] == 5
        *_, item = await told_until_found(client)
        assert [one["fault"] for one in item["findings"]] == ["nothing heard"]
    assert stand.on_it == []


async def test_a_disk_that_refuses_is_told_and_nothing_is_said_to_be_kept(
    line: Bench, be: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scannertest, "PAUSE_S", 0.01)
    line.line.bench = Stand(line.line.tap)
    be("sam")
    async with wire(line.path) as client:
        await client.get("device.test", name="scan-1")
        marked = b"".join(b"\x02" + text.encode() + b"\x03" for text in TEST_CODES)
        line.line.tap.tell(Passed(device="scan-1", wall=START, monotonic_ns=1, heard=marked))
        *_, item = await told_until_found(client)
        assert (item["kept"], item["form"]["stx_etx"]) == (False, True)
        assert item["trouble"] == "This cannot be kept: No space left on device. Check the disk, then test again."
    async with wire(line.path) as client:
        assert (await client.no("device.untest", name="scan-1"))["code"] == "not_durable"


async def test_half_a_line_end_that_comes_late_is_no_scan(
    line: Bench, be: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scannertest, "PAUSE_S", 0.01)
    line.line.bench = Stand(line.line.tap)
    be("sam")
    async with wire(line.path) as client:
        await client.get("device.test", name="scan-1")
        for number, text in enumerate(TEST_CODES):
            for data in (text.encode() + b"\r", b"\n"):
                moment = number * 2 * 10**9
                line.line.tap.tell(Passed(device="scan-1", wall=START, monotonic_ns=moment, heard=data))
        *told, item = await told_until_found(client)
        numbers = [one[key] for one in told for key in ("scan", "code") if key in one]
        assert (numbers, item["findings"]) == ([1, 1, 2, 2, 3, 3, 4, 4, 5, 5], [])
