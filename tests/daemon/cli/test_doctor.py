"""`sunline doctor`: the worst first, one thing to do below it, and an exit code that a script can believe."""

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from rich.cells import cell_len
from rich.console import Console

from daemon.checkup.finding import Area, Finding, Severity, Unseen, not_seen
from daemon.cli.checkshow import draw, shown, summary, well
from tests.daemon.cli.fake import FakeLine
from tests.daemon.cli.samples import STATUS
from tests.daemon.cli.test_device import config

if TYPE_CHECKING:
    from tests.daemon.cli.conftest import Cli, Ended

ROOT_ONLY = Unseen("only root may", "Run it as root: sudo sunline doctor")
FOUND = (
    Finding(Area.DISK, "flush-off", Severity.BAD, 'The disk says "saved" in no time.', "hdparm -W0 /dev/sda", (1, 2)),
    Finding(Area.LINE, "not-running", Severity.BAD, "The line does not run.", "systemctl start sunline@2", (2,)),
    Finding(Area.CLOCK, "nobody-keeps-it", Severity.WARN, "Nothing keeps the clock right.", "timedatectl set-ntp true"),
    not_seen(Area.DISK, "errors", "whether the drive failed before", ROOT_ONLY, (1,)),
    not_seen(Area.DATABASE, "store", "the store", ROOT_ONLY, (1,)),
    Finding(Area.LINE, "file", Severity.OK, "file good", "", (1, 2)),
    Finding(Area.DATABASE, "store", Severity.OK, "20 MB", "", (2,)),
    Finding(Area.SYNC, "exchange", Severity.OK, "connected", "", (1,)),
    Finding(Area.SYNC, "exchange", Severity.OK, "no central server, that is fine", "", (2,)),
    Finding(Area.PC, "power", Severity.OK, "", ""),
    Finding(Area.PC, "memory", Severity.OK, "4000 MB", ""),
)  # fmt: skip


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A PC of its own, on which nothing is given up because this one is busy."""
    for name in ("looking.LOOK_S", "lines.ANSWER_S", "examine.AREA_S", "diskfacts.PROBE_S"):
        monkeypatch.setattr(f"daemon.checkup.{name}", 60.0)
    monkeypatch.setattr("daemon.cli.lookaround.ETC", tmp_path / "etc")


def drawn(width: int, monkeypatch: pytest.MonkeyPatch, *, colour: bool = False) -> list[str]:
    monkeypatch.setenv("COLUMNS", str(width))
    screen = Console(width=width, force_terminal=colour, no_color=not colour)
    with screen.capture() as told:
        screen.print(draw(FOUND, "pc-1, 2026-11-23 03:00"))
    return told.get().splitlines()


def test_a_tired_technician_reads_the_worst_first_and_what_to_do_below_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert drawn(80, monkeypatch) == [
        "pc-1, 2026-11-23 03:00",
        "",
        'BAD   Disk      lines 1 and 2: The disk says "saved" in no time.',
        "                > hdparm -W0 /dev/sda",
        "BAD   Line      line 2: The line does not run.",
        "                > systemctl start sunline@2",
        "warn  Clock     Nothing keeps the clock right.",
        "                > timedatectl set-ntp true",
        "?     Disk      line 1: Whether the drive failed before; the store could not be",
        "                looked at: only root may.",
        "                > Run it as root: sudo sunline doctor",
        "ok    Database  20 MB",
        "ok    Sync      line 1: connected; line 2: no central server, that is fine",
        "ok    PC        4000 MB",
        "",
        "2 bad, 1 to look at, 1 not seen.",
    ]


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_it_fits_any_terminal_and_loses_no_word(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = drawn(width, monkeypatch)
    assert max(cell_len(row) for row in rows) <= width
    text = " ".join(" ".join(rows).split())
    assert all(word in text for one in FOUND[:3] for word in (*one.message.split(), *one.todo.split()))
    assert not any(row.endswith(" ") for row in rows)


def test_bad_is_red_and_well_is_green(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "\n".join(drawn(80, monkeypatch, colour=True))
    assert re.search(r"\x1b\[1;31mBAD", text)
    assert re.search(r"\x1b\[33mwarn", text)
    assert re.search(r"\x1b\[32mok", text)


def test_an_area_with_something_bad_is_not_also_called_well() -> None:
    assert [one.area for one in well(FOUND, several=True)] == [Area.DATABASE, Area.SYNC, Area.PC]


def test_what_was_not_seen_for_one_reason_is_one_row_and_other_reasons_have_theirs() -> None:
    other = not_seen(Area.CLOCK, "rtc", "the hardware clock", Unseen("it did not answer within 2 s"))
    rows = shown([*FOUND, other], several=False)
    assert [one.severity for one in rows].count(Severity.UNSEEN) == 2


def test_a_pc_that_is_well_is_said_to_be() -> None:
    assert summary(FOUND[5:], several=True) == "Nothing is wrong."
    assert summary(FOUND[3:], several=True) == "Nothing is wrong; 1 not seen."


def test_no_text_of_a_device_moves_the_cursor(monkeypatch: pytest.MonkeyPatch) -> None:
    evil = Finding(Area.DEVICES, "x", Severity.BAD, "scan\x1b[2J-1: [red]gone[/red].", "Do\x07 it.")
    screen = Console(width=80, no_color=True)
    monkeypatch.setenv("COLUMNS", "80")
    with screen.capture() as told:
        screen.print(draw([evil], ""))
    assert "\x1b" not in told.get()
    assert "[red]gone[/red]" in told.get()


def answering(line: FakeLine, **status: object) -> None:
    line.answers = {
        "line.status": {**STATUS, "version": "0", "central": None, **status},
        "device.list": {"line": 1, "site": "X", "process": 1, "devices": []}, "usb.list": {"sticks": [], "now": []},
        "rule.list": [{"key": "plant_time_zone", "value": "UTC"}],
    }  # fmt: skip


def rows(out: str) -> dict[tuple[str, str], dict[str, object]]:
    return {(row["area"], row["check"]): row for row in json.loads(out)}


def test_programs_get_every_finding_with_its_check(cli: "Cli", line: FakeLine) -> None:
    answering(line)
    ended = cli("doctor", "--json", socket=line.path)
    found = rows(ended.out)
    assert ended.err == ""
    assert found["Sync", "exchange"]["message"] == "no central server, that is fine"
    assert found["Sticks", "visits"]["lines"] == [1]
    assert found["PC", "processor"]["severity"] == "ok"
    assert {"area", "check", "severity", "bad", "lines", "message", "todo"} == found["PC", "memory"].keys()
    assert ended.status == int(any(row["bad"] for row in found.values()))


def test_a_line_that_refuses_is_bad_and_ends_with_1(cli: "Cli", line: FakeLine) -> None:
    answering(line, store={"state": "refusing", "reason": "The data disk is full.", "todo": "Free space."})
    ended = cli("doctor", socket=line.path)
    assert ended.status == 1
    assert "The line refuses scans: The data disk is full." in ended.out
    assert "> Free space." in ended.out


def test_all_lines_of_the_pc_are_looked_at_or_the_one_that_is_meant(cli: "Cli", tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    for number in (1, 2):
        file = config(tmp_path, 'chip_serial = "A50285BI"')
        text = file.read_text().replace("line = 1\n", f"line = {number}\n").replace("line.sock", f"l{number}.sock")
        (tmp_path / f"etc/line{number}.toml").write_text(text)
    file.unlink()
    assert idle(cli("doctor", "--json")) == [1, 2]
    assert idle(cli("doctor", "--line", "2", "--json")) == [2]
    assert idle(cli("doctor", "--config", str(tmp_path / "etc/line1.toml"), "--json")) == [1]
    assert idle(cli("doctor", "--line", "7", "--json")) == [7]


def idle(ended: "Ended") -> list[int]:
    """Which lines do not run."""
    assert ended.status == 1
    return [line for row in json.loads(ended.out) if row["check"] == "not-running" for line in row["lines"]]


def test_a_pc_without_a_line_is_looked_at_and_ends_with_0(cli: "Cli") -> None:
    ended = cli("doctor", "--json")
    found = rows(ended.out)
    assert found["Line", "no-line"]["severity"] == "warn"
    assert ended.status == int(any(row["bad"] for row in found.values()))


def test_an_old_processor_is_told_before_anything_is_loaded_that_it_would_fall_over(
    cli: "Cli", monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc/cpuinfo").write_text("flags : fpu sse sse2")
    monkeypatch.setattr("daemon.cli.doctor.ROOT", tmp_path)
    monkeypatch.setattr("daemon.checkup.examine.examine", lambda *_: pytest.fail("looked further"))
    ended = cli("doctor")
    assert ended.status == 1
    assert "lacks sse4_1 and sse4_2" in ended.out
