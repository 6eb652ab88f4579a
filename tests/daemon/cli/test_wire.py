import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.clocks import local_time
from tests.daemon.cli import samples as s
from tests.daemon.cli.fake import FakeLine

if TYPE_CHECKING:
    from tests.daemon.cli.conftest import Cli

CONFIG = """
site = "X"
line = 1
[store]
path = "x.db"
[control]
socket = "x.sock"
[tester]
kind = "files"
folder = "."
[[station]]
number = 1
screen = true
[[station.scanner]]
name = "scanner-1"
kind = "plain"
port = {{file = "{port}"}}
[[station]]
number = 2
screen = true
[[station]]
number = 3
screen = true
[[station]]
number = 4
screen = true
"""
RECORDING = (
    '{"recording": 1, "device": "scanner-1", "port": "/dev/ttyUSB0", "wall": "2025-03-04T17:50:00+00:00"}\n'
    '{"at_ns": 1000, "way": "open"}\n'
    + "".join(
        f'{{"at_ns": {number}00000000, "way": "in", "hex": "4352530d", "text": "CRS\\r"}}\n' for number in range(1, 900)
    )
)  # said ten times a second: who opens a port sets it up first, and forgets what came before


def _sunline(*words: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "daemon", *words]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_a_wire_that_is_replayed_can_be_recorded_again(tmp_path: Path) -> None:
    first, again, config = tmp_path / "first.jsonl", tmp_path / "again.jsonl", tmp_path / "line.toml"
    first.write_text(RECORDING, encoding="utf-8")
    with _sunline("device", "replay", str(first), "--json") as replay:
        assert replay.stdout is not None
        port = json.loads("".join(replay.stdout.readline() for _ in range(4)))["port"]
        config.write_text(CONFIG.format(port=port), encoding="utf-8")
        with _sunline("device", "record", str(again), "--config", str(config), "--device", "scanner-1") as record:
            deadline = time.monotonic() + 60
            while time.monotonic() < deadline and not (again.exists() and "4352530d" in again.read_text("utf-8")):
                time.sleep(0.02)
            record.send_signal(signal.SIGINT)
            out, err = record.communicate(timeout=60)
        replay.send_signal(signal.SIGINT)
    assert "4352530d" in again.read_text("utf-8")
    assert (record.returncode, err) == (0, "")
    assert f"sunline device replay {again}" in out
    assert replay.returncode == 0


@pytest.mark.parametrize(
    ("device", "words"),
    [("scanner-9", "There is no device scanner-9"), ("tester", "tester is a folder of files."), ("scanner-1", "")],
)
def test_a_device_that_cannot_be_recorded_is_named(device: str, words: str, cli: "Cli", tmp_path: Path) -> None:
    config = tmp_path / "line.toml"
    config.write_text(CONFIG.format(port=tmp_path / "gone"), encoding="utf-8")
    done = cli("device", "record", str(tmp_path / "r"), "--config", str(config), "--device", device)
    assert done.status == (2 if words else 1)
    assert words in done.err
    assert len(done.err.splitlines()) == 1


def test_a_recording_is_overwritten_only_when_asked_to(cli: "Cli", tmp_path: Path) -> None:
    config, kept = tmp_path / "line.toml", tmp_path / "r"
    config.write_text(CONFIG.format(port=tmp_path / "gone"), encoding="utf-8")
    kept.write_text("the only recording of a rare fault")
    asked = ("device", "record", str(kept), "--config", str(config), "--device", "scanner-1")
    done = cli(*asked)
    assert (done.status, done.err) == (
        1,
        f"{kept} is there already. Choose another name, or overwrite it with --force.\n",
    )
    assert kept.read_text() == "the only recording of a rare fault"
    assert "is plugged in" in cli(*asked, "--force").err
    kept.unlink()
    assert "is plugged in" in cli(*asked).err
    assert not kept.exists()


def test_a_list_that_was_cut_says_so_beside_the_answer(cli: "Cli", line: FakeLine) -> None:
    cut = s.piece(s.PANEL, after="AAZTx_-")
    line.answers |= {"panel.list": cut, "pallet.list": s.piece(s.PALLET, after="AAZTx_-")}
    done = cli("panel", "list", "--limit", "1", socket=line.path)
    assert done.err == "Only the first 1; go on with --after AAZTx_-\n"
    assert "--after AAZTx_-" in cli("pallet", "list", "--limit", "1", socket=line.path).err
    assert cli("panel", "list", "--limit", "1", "--json", socket=line.path).err == ""
    cli("panel", "list", "--after", "AAZTx_-", socket=line.path)
    assert line.asked[-1] == ("panel.list", {"limit": 100, "source": "local", "after": "AAZTx_-"})


def test_a_list_says_beside_the_answer_who_gave_it(cli: "Cli", line: FakeLine) -> None:
    line.answers["panel.search"] = s.piece(s.NOTE, source="central")
    assert cli("panel", "search", "x", socket=line.path).err == "From the central server.\n"
    line.answers["panel.search"] = s.piece(s.NOTE, away_since=s.AT, away_because="It does not answer.")
    said = cli("panel", "search", "x", socket=line.path).err
    assert said.startswith("From this line; the central server is away since 2026-11-2")
    assert cli("panel", "search", "x", "--json", socket=line.path).err == ""


def test_a_day_is_the_plants_own(cli: "Cli", line: FakeLine, monkeypatch: pytest.MonkeyPatch) -> None:
    line.answers["panel.search"] = s.piece()
    with local_time(monkeypatch, "Asia/Kolkata"):
        cli("panel", "search", "x", "--since", "2026-03-01", "--until", "2026-03-02T06:30", socket=line.path)
    asked = line.asked[-1][1]
    assert (asked["since"], asked["until"]) == ("2026-03-01T00:00:00+05:30", "2026-03-02T06:30:00+05:30")
