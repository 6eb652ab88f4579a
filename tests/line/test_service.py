"""A daemon under a service manager: when it is ready, what it tells, and when it is given up for dead."""

import asyncio
import signal
from pathlib import Path

from simulators.servers.home import free_port
from tests.line.cable import Cable, Told
from tests.line.house import at_work
from tests.line.manager import manager
from tests.line.premises import premises
from tests.line.process import daemon

WATCHDOG_S = 6.0
STUCK = """
import threading, time
from storage.sqlite.threads import Worker

workers, init = [], Worker.__init__
def init_told(self, name, threads=1):
    init(self, name, threads)
    if name == "store":
        workers.append(self)
Worker.__init__ = init_told

def never(*_):
    time.sleep(3600)

def die(*_):
    raise SystemExit
"""
STUCKS = {
    "the loop is blocked": "signal.signal(signal.SIGUSR1, never)",
    "the writer hangs": "signal.signal(signal.SIGUSR1, lambda *_: workers[-1].later(never))",
    "the writer's thread is dead": "signal.signal(signal.SIGUSR1, lambda *_: workers[-1].later(die))",
    "a task is gone": """
import asyncio
from drivers.hotplug import Hotplug
ends = threading.Event()
async def run(self):
    while not ends.is_set():
        await asyncio.sleep(0.05)
Hotplug.run = run
signal.signal(signal.SIGUSR1, lambda *_: ends.set())
""",
}


async def test_a_line_that_stands_still_is_given_up_for_dead_and_no_other(tmp_path: Path) -> None:
    async with asyncio.TaskGroup() as group:
        for number, how in enumerate(STUCKS):
            folder = tmp_path / str(number)
            folder.mkdir()
            group.create_task(given_up_for_dead(folder, how), name=how)


async def given_up_for_dead(folder: Path, how: str) -> None:
    with premises(folder) as at:
        async with manager(at.socket_folder, WATCHDOG_S) as hears:
            injected = f"import signal\n{STUCK}\n{STUCKS[how]}"
            async with daemon(at.config, injected=injected, environment=hears.environment()) as running:
                hears.pid = running.process.pid
                await hears.heard(lambda: len(hears.all("WATCHDOG")) > 1)
                assert not hears.killed, how
                running.signal(signal.SIGUSR1)
                async with asyncio.timeout(60):
                    assert await running.process.wait() == -signal.SIGABRT, how
            assert hears.killed, how
            assert any("Thread 0x" in line for line in running.log), "nothing says where it stood"


async def test_a_line_is_ready_when_it_takes_scans_and_tells_how_it_is(tmp_path: Path) -> None:
    with premises(tmp_path) as at:
        async with manager(at.socket_folder) as hears:
            async with daemon(at.config, environment=hears.environment()) as running:
                await hears.heard(lambda: hears.all("READY") == ["1"])
                assert running.states.get("store") == "online" or await running.logged("is ready")
                first = next(one for one in hears.said if "READY" in one)
                assert first["STATUS"].startswith("Line 1 takes scans. 0 of 5 devices are there, not ")
                cable = Cable(at.port("scanner-1"))
                cable.plug()
                await hears.heard(lambda: "1 of 5 devices" in hears.all("STATUS")[-1])
                cable.pull()
                await hears.heard(lambda: "0 of 5 devices" in hears.all("STATUS")[-1])
                running.signal(signal.SIGTERM)
                assert await running.process.wait() == 0
            await hears.heard(lambda: hears.all("STOPPING") == ["1"])
            assert "WATCHDOG" not in set().union(*hears.said), "nobody asked for signs of life"


async def test_without_a_data_disk_a_line_is_up_and_says_what_is_wrong(tmp_path: Path) -> None:
    with premises(tmp_path) as at:
        data = at.store.parent
        data.rename(tmp_path / "gone")
        data.write_text("no folder")
        async with (
            manager(at.socket_folder, 30) as hears,
            daemon(at.config, environment=hears.environment()) as running,
        ):
            hears.pid = running.process.pid
            await hears.heard(lambda: hears.all("READY") == ["1"])
            assert hears.all("STATUS")[-1].startswith("Line 1 refuses scans: ")
            data.unlink()
            (tmp_path / "gone").rename(data)
            await hears.heard(lambda: hears.all("STATUS")[-1].startswith("Line 1 takes scans."))
            assert hears.all("READY") == ["1"]


async def test_reading_the_configuration_again_is_told_from_its_begin_to_its_end(tmp_path: Path) -> None:
    with premises(tmp_path) as at:
        async with manager(at.socket_folder) as hears, daemon(at.config, environment=hears.environment()) as running:
            await hears.heard(lambda: hears.all("READY") == ["1"])
            running.signal(signal.SIGHUP)
            await hears.heard(lambda: len(hears.all("READY")) == 2)
            begun = next(one for one in hears.said if "RELOADING" in one)
            assert begun["RELOADING"] == "1"
            assert begun["MONOTONIC_USEC"].isdecimal()
            assert [next(iter(one)) for one in hears.said] == ["READY", "RELOADING", "READY"]
            at.config.write_text("nonsense")
            running.signal(signal.SIGHUP)
            await hears.heard(lambda: len(hears.all("READY")) == 3)
            last = [one for one in hears.said if "READY" in one][-1]
            assert last["STATUS"].startswith("The new configuration is refused, the old one stays: ")


async def test_a_line_at_work_is_seen_in_its_metrics(tmp_path: Path) -> None:
    port = free_port()
    with premises(tmp_path, http=f'listen = "127.0.0.1:{port}"') as at:
        async with at_work(at) as house:
            await house.ready()
            await house.sign_in()
            await house.passed(1, 1)
            assert await house.scan(2, "CRS nonsense") == [Told.BAD]
            text = await fetched(port, "/metrics")
            assert 'sunline_verdicts_total{line="1",station="1",result="PASS"} 1\n' in text
            assert 'sunline_scans_total{line="1",station="1",answer="good"} 3\n' in text
            assert 'sunline_scans_total{line="1",station="2",answer="bad"} 1\n' in text
            assert 'sunline_device_online{line="1",device="tester",kind="tester",station="4"} 1\n' in text
            assert 'sunline_scan_seconds_count{line="1",station="1"} 3\n' in text
            assert (
                '"says": "Line 1 takes scans. All 5 devices are there. Signed in at stations 1, 2, 3, 4."'
                in await fetched(port, "/healthz")
            )


async def fetched(port: int, path: str) -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\n\r\n".encode())
    try:
        return (await reader.read()).decode()
    finally:
        writer.close()
        await writer.wait_closed()
