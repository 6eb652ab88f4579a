"""What goes to the service manager, and what becomes of it where nobody takes it."""

import socket
from pathlib import Path

import pytest

from daemon.service.notify import ServiceManager, status
from tests.line.manager import manager


@pytest.mark.parametrize("abstract", [False, True])
async def test_assignments_arrive_in_one_datagram_by_path_or_abstract_name(tmp_path: Path, abstract: bool) -> None:
    async with manager(tmp_path, abstract=abstract) as hears:
        teller = ServiceManager.from_environment(hears.environment())
        assert teller.say("READY=1", status("All is\nwell: ä = b."))
        await hears.heard(lambda: bool(hears.said))
    assert hears.said == [{"READY": "1", "STATUS": "All is well: ä = b."}]


async def test_a_status_may_hold_anything_a_name_of_a_file_may(tmp_path: Path) -> None:
    async with manager(tmp_path) as hears:
        assert ServiceManager.from_environment(hears.environment()).say(status("no \udcff"))
        await hears.heard(lambda: bool(hears.said))


def test_a_manager_that_is_not_there_or_does_not_read_holds_up_nothing(tmp_path: Path) -> None:
    assert not ServiceManager().say("READY=1")
    assert not ServiceManager(str(tmp_path / "nobody")).say("READY=1")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as deaf:
        deaf.bind(str(tmp_path / "deaf"))
        teller = ServiceManager(str(tmp_path / "deaf"))
        taken = [teller.say("WATCHDOG=1") for _ in range(100_000 if _queue() > 10_000 else 20_000)]
    assert taken[0]
    assert not taken[-1]


def _queue() -> int:
    return int(Path("/proc/sys/net/unix/max_dgram_qlen").read_text())


@pytest.mark.parametrize(
    ("environment", "watchdog_s"),
    [
        ({}, 0.0),
        ({"WATCHDOG_USEC": "30000000"}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "42"}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "43"}, 0.0),
        ({"WATCHDOG_USEC": "often"}, 0.0),
    ],
)
def test_the_watchdog_counts_only_for_the_process_it_is_meant_for(
    environment: dict[str, str], watchdog_s: float
) -> None:
    assert ServiceManager.from_environment(environment, pid=42).watchdog_s == watchdog_s


def test_a_status_is_one_line_of_bearable_length() -> None:
    assert status("a\n\n b\tc") == "STATUS=a b c"
    assert len(status("word " * 1000)) < 450
