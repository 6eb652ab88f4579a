"""What a technician reads while devices are watched and scanners are tested: whole, and within any terminal."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from daemon.cli import monitor, scannertest
from daemon.cli.where import To
from tests.clocks import local_time
from tests.daemon.cli.test_device import config

if TYPE_CHECKING:
    from tests.daemon.cli.conftest import Cli

HEARD = {
    "at": "2026-03-04T12:00:01.250000+00:00", "device": "scanner-1", "way": "heard", "bytes": "CRS26WW6000001<CR>",
    "hex": "", "said": ["CRS26WW6000001"], "fault": "",
}  # fmt: skip
LONG = {**HEARD, "bytes": "<xFF>" * 40, "said": [], "fault": "The frame holds bytes that are no printable text."}
FOUND = {
    "findings": [
        {"fault": "wrong ending", "message": "Its codes end with a pause.", "todo": "", "cured": True, "bad": False},
        {"fault": "end cut off", "message": "Cut.", "todo": "Send it whole.", "cured": False, "bad": True},
    ],
    "form": {"ending": "gap", "stx_etx": False, "words": "a pause"}, "kept": True, "trouble": "",
}  # fmt: skip


def test_a_line_has_time_device_direction_bytes_and_beside_them_the_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    with local_time(monkeypatch, "UTC"):
        (row,) = monitor.lines_of(HEARD, 80)
        (sent,) = monitor.lines_of({**HEARD, "way": "sent", "bytes": "<ACK>", "said": []}, 80)
    assert row in (
        "12:00:01.250  scanner-1 ← CRS26WW6000001<CR>   = CRS26WW6000001",
        "12:00:01.250  scanner-1 <- CRS26WW6000001<CR>   = CRS26WW6000001",
    )
    assert sent.endswith(("→ <ACK>", "-> <ACK>"))


@pytest.mark.parametrize("width", [40, 80, 160])
def test_no_line_is_wider_than_the_terminal_and_no_byte_is_left_out(width: int) -> None:
    rows = monitor.lines_of(LONG, width)
    assert max(map(len, rows)) <= width
    assert "".join("".join(rows).split()).count("<xFF>") == 40
    assert "no printable text." in " ".join(" ".join(rows).split())


def test_what_was_not_shown_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    monitor._for_people({"missed": 12})
    assert capsys.readouterr().out == "... 12 messages were not shown: this terminal was too slow.\n"
    monitor._as_json({"missed": 12})
    monitor._as_json({})
    assert [json.loads(row) for row in capsys.readouterr().out.splitlines()] == [{"missed": 12}]


def test_a_test_says_what_is_wrong_what_to_do_and_how_to_take_back_what_it_set() -> None:
    text = "\n".join(scannertest.lines_of(FOUND, "scanner-1"))
    assert "- wrong ending: Its codes end with a pause." in text
    assert "! end cut off: Cut.\n     Do: Send it whole." in text
    assert "From now on scanner-1 is read so: its codes end with a pause." in text
    assert "sunline device test scanner-1 --undo" in text
    well = {**FOUND, "findings": [], "form": None, "kept": False}
    assert "scanner-1 is well" in "\n".join(scannertest.lines_of(well, "scanner-1"))


def test_every_step_of_a_test_fits_the_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    steps: tuple[dict[str, object], ...] = (
        {"codes": 5, "limit_s": 300.0},
        {"scan": 1},
        {"heard": "<xFF>" * 30, "code": None},
        {},
        FOUND,
    )
    for item in steps:
        scannertest._show(To(), item, "scanner-1")
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= 80
    assert "Scan code 1." in out
    assert "no test code: " in out


def test_without_daemon_and_configuration_nothing_is_opened(cli: "Cli", tmp_path: Path) -> None:
    assert cli("device", "monitor").status == 3
    ended = cli("device", "monitor", "scaner", "--config", str(config(tmp_path, 'chip_serial = "A"')))
    assert ended.status == 2
    assert "The daemon of line 1 does not run" in ended.err
    assert "There is no device scaner with a wire" in ended.err
