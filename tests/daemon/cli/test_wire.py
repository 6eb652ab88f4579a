import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

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
    '{"at_ns": 2000, "way": "in", "hex": "4352530d", "text": "CRS\\r"}\n'
)


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
            deadline = time.monotonic() + 20
            while time.monotonic() < deadline and not (again.exists() and "4352530d" in again.read_text("utf-8")):
                time.sleep(0.02)
            record.send_signal(signal.SIGINT)
            out, err = record.communicate(timeout=20)
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


def test_a_list_that_was_cut_says_so_beside_the_answer(cli: "Cli", line: FakeLine) -> None:
    line.answers |= {"panel.list": [s.PANEL], "pallet.list": [s.PALLET]}
    done = cli("panel", "list", "--limit", "1", socket=line.path)
    assert done.err == f"Only the first 1; go on with --after {s.SERIAL}.\n"
    assert "--after PX-1-2026-000012" in cli("pallet", "list", "--limit", "1", socket=line.path).err
    assert cli("panel", "list", "--limit", "1", "--json", socket=line.path).err == ""
    cli("panel", "list", "--after", s.SERIAL, socket=line.path)
    assert line.asked[-1] == ("panel.list", {"limit": 100, "after": s.SERIAL})
