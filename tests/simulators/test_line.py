import asyncio
import json
import os
import signal
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from simulators.line import Line
from simulators.plan import Plan, PlanError, parse
from tests.simulators.toy import COMMANDS
from tests.simulators.toyhost import GOOD, ToyHost, opened_port

ROOT = Path(__file__).parents[2]


def plan_data(folder: Path, panels: int, **more: object) -> dict[str, Any]:
    plain = {"scanner": {"kind": "honeywell-host-ack", "answer_s": 0.5}}
    return {
        "folder": str(folder),
        "seed": 7,
        "speed": 0,
        "stations": {"1": plain, "2": plain, "3": plain, "4": {**plain, "tester": {"form": "csv-lines"}}},
        "panels": [{"serial": f"CRS25WT60{number:05d}", "type": "60"} for number in range(panels)],
        "shares": {"fail": 0.0, "b": 0.0, "undo": 0.0},
        "commands": COMMANDS,
        "badges": {str(number): f"SL-U-{number}" for number in range(1, 5)},
        "defects": ["D1"],
        "retry_s": 0.05,
        "bounce_s": 0.05,
        **more,
    }


async def played(plan: Plan, host: ToyHost) -> list[dict[str, Any]]:
    """Run a plan against the toy host and return what was said."""
    said = StringIO()
    serving = asyncio.create_task(host.run())
    try:
        async with asyncio.timeout(60):
            await Line(plan, said).run()
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
    return [json.loads(line) for line in said.getvalue().splitlines()]


def of(events: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    return [event for event in events if event["event"] == name]


async def test_a_line_runs_panels_through_all_stations_and_ends_by_itself(tmp_path: Path) -> None:
    host = ToyHost(tmp_path)
    events = await played(parse(plan_data(tmp_path, 3, status_feed=str(host.socket))), host)
    assert events[0]["event"] == "ready"
    assert set(events[0]["ports"]) == {"scanner-1", "scanner-2", "scanner-3", "scanner-4", "tester-4"}
    assert events[-1]["event"] == "done"
    assert {key: events[-1][key] for key in ("panels", "finished", "scrapped", "aside")} == {
        "panels": 3, "finished": 3, "scrapped": 0, "aside": 0,
    }  # fmt: skip
    assert len(host.toy.verdicts) == 12
    assert len(of(events, "flash")) == 3
    assert all(event["latency_ms"] > 0 for event in of(events, "feedback") if event["verdict"] == "good")
    assert len(of(events, "scan")) == len(of(events, "feedback"))


FAULTS = [
    {"name": "noise", "device": "scanner-1", "at_event": 2},
    {"name": "split", "device": "scanner-1", "at_event": 5},
    {"name": "glued", "device": "scanner-2", "at_event": 4},
    {"name": "duplicate", "device": "scanner-2", "at_event": 7},
    {"name": "slow", "device": "scanner-3", "at_event": 3},
    {"name": "silent", "device": "scanner-3", "at_event": 6, "for_s": 0.2},
    {"name": "unplugged", "device": "scanner-1", "at_event": 8, "for_s": 0.2},
    {"name": "renamed", "device": "scanner-2", "at_event": 10},
    {"name": "hung", "device": "scanner-4", "at_event": 3, "for_s": 0.2},
    {"name": "unplugged", "device": "tester-4", "at_event": 2, "for_s": 0.2},
    {"name": "noise", "device": "tester-4", "at_event": 5},
    {"name": "half_a_file", "device": "exports-4", "at_event": 1, "for_s": 0.05},
]


async def test_every_fault_of_a_shift_is_recovered_from_and_no_panel_is_lost(tmp_path: Path) -> None:
    host = ToyHost(tmp_path)
    data = plan_data(tmp_path, 8, status_feed=str(host.socket), faults=FAULTS)
    data["shares"] = {"fail": 0.1, "b": 0.1, "undo": 0.1}
    data["stations"]["4"]["exports"] = {"folder": str(tmp_path / "exports"), "every": 4}
    events = await played(parse(data), host)
    end = events[-1]
    assert (end["finished"], end["aside"]) == (8, 0)
    assert (end["faults_injected"], end["faults_recovered"]) == (len(FAULTS), len(FAULTS))
    assert set(host.toy.status.values()) == {"completed"}
    assert len(list((tmp_path / "exports").glob("*.xlsx"))) == len(of(events, "export"))


async def test_without_a_screen_people_go_by_their_ears(tmp_path: Path) -> None:
    host = ToyHost(tmp_path, feed=False)
    events = await played(parse(plan_data(tmp_path, 2)), host)
    assert events[-1]["finished"] == 2


async def test_plain_scanners_are_worked_by_looking_at_the_screen(tmp_path: Path) -> None:
    host = ToyHost(tmp_path)
    data = plan_data(tmp_path, 2, status_feed=str(host.socket))
    for station in data["stations"].values():
        station["scanner"] = {"kind": "plain"}
    events = await played(parse(data), host)
    assert events[-1]["finished"] == 2


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"spede": 1}, "nearest is 'speed'"),
        ({"shares": {"fial": 0.1}}, "nearest is 'fail'"),
        ({"faults": [{"name": "unpluged", "device": "scanner-1", "at_event": 1}]}, "nearest is 'unplugged'"),
        ({"faults": [{"name": "noise", "device": "scanner-9", "at_event": 1}]}, "devices are scanner-1"),
        ({"panels": [{"serial": "X", "type": "61"}]}, "no known type"),
        ({"stations": {"1": {"scanner": {"kind": "ssj"}}}}, "known are"),
        ({"stations": {"1": {"tester": {"form": "csv"}}}}, "csv-lines"),
        ({"commands": {"pass_all": "P"}}, "lack b, undo"),
    ],
)
def test_a_wrong_plan_is_refused_by_name(tmp_path: Path, change: dict[str, Any], complaint: str) -> None:
    with pytest.raises(PlanError, match=complaint):
        parse({**plan_data(tmp_path, 1), **change})


async def test_an_iv_swinger_over_tcp_sweeps_the_panel_that_lies_there(tmp_path: Path) -> None:
    data = plan_data(tmp_path, 1, entry=4)
    tester = {"form": "ivswinger2", "tcp_port": 0}
    data["stations"] = {"4": {"scanner": {"kind": "honeywell-host-ack"}, "tester": tester}}
    said = StringIO()
    running = asyncio.create_task(Line(parse(data), said).run())
    async with asyncio.timeout(60):
        while not said.getvalue():  # noqa: ASYNC110 - text, no event to wait for
            await asyncio.sleep(0.005)
        address = json.loads(said.getvalue().splitlines()[0])["ports"]["tester-4"].split(":")
        reader, writer = await asyncio.open_connection(address[1], int(address[2]))
        assert await reader.readline() == b"Ready\r\n"
        writer.write(b"Ready\nGo\n")
        sweep = await reader.readuntil(b"Output complete\r\n")
    assert b"\r\nVoc CH0:" in sweep
    writer.close()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


def started(plan: dict[str, Any], folder: Path) -> "subprocess.Popen[str]":
    path = folder / "plan.json"
    path.write_text(json.dumps(plan))
    return subprocess.Popen(
        [sys.executable, "-m", "simulators", "run", "--plan", str(path)],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_the_process_speaks_on_a_pty_and_tells_what_it_heard(tmp_path: Path) -> None:
    data = plan_data(tmp_path, 1)
    data["stations"] = {"1": {"scanner": {"kind": "honeywell-host-ack"}}}
    with started(data, tmp_path) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        port = opened_port(Path(ready["ports"]["scanner-1"]))
        try:
            assert os.read(port, 100) == b"SL-U-1\r"
            os.write(port, GOOD)
            assert json.loads(process.stdout.readline())["what"] == "badge"
            feedback = json.loads(process.stdout.readline())
            assert (feedback["event"], feedback["verdict"]) == ("feedback", "good")
            assert feedback["latency_ms"] > 0
            assert os.read(port, 100) == b"CRS25WT6000000\r"
        finally:
            os.close(port)
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""
    assert not (tmp_path / "scanner-1").is_symlink()


def test_the_process_ends_when_nobody_listens_any_more(tmp_path: Path) -> None:
    data = plan_data(tmp_path, 1)
    with started(data, tmp_path) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(10) == 1
        assert process.stderr is not None
        assert process.stderr.read() == ""


def test_the_process_refuses_a_wrong_plan_in_one_sentence(tmp_path: Path) -> None:
    with started({"folder": str(tmp_path), "spede": 1}, tmp_path) as process:
        assert process.wait(10) == 2
        assert process.stderr is not None
        assert process.stderr.read() == "the plan has no key 'spede'; the nearest is 'speed'.\n"
