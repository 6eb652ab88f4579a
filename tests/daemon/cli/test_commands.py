import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from rich.cells import cell_len

from tests.clocks import local_time
from tests.daemon.cli import samples as s
from tests.daemon.cli.fake import FakeLine

if TYPE_CHECKING:
    from tests.daemon.cli.conftest import Cli

Row = tuple[str, str, dict[str, Any], object, str]

COMMANDS: list[Row] = [
    ("status", "line.status", {}, s.STATUS, "No port with this identity"),
    ("station 1", "station.view", {"station": 1}, {"station": 1}, ""),
    ("order list --status active", "order.list", {"status": "active", "limit": 100, "source": "local"},
     s.piece(s.ORDER), "MO-2026-0815"),
    ("order list", "order.list", {"limit": 100, "source": "local"}, s.piece(), "no orders"),
    ("order show MO-1", "order.show", {"mo_number": "MO-1", "source": "local"}, s.ORDER_SHOWN, "PX-1-2026-000012"),
    (
        "order create MO-1 60 100 --watt-class-w 300 --pmax-min-w 295.5 --notes hi", "order.create",
        {"mo_number": "MO-1", "panel_type": "60", "quantity": 100, "watt_class_w": 300, "pmax_min_w": 295.5,
         "notes": "hi"},
        s.ORDER, "100 panels of type 60",
    ),
    ("order choose 60 MO-1", "order.choose", {"panel_type": "60", "mo_number": "MO-1"}, {}, "join order MO-1"),
    ("order choose 60", "order.choose", {"panel_type": "60", "mo_number": None}, {}, "oldest order"),
    ("order resize MO-1 7 --reason x", "order.resize",
     {"mo_number": "MO-1", "quantity": 7, "reason": "x"}, s.ORDER, "7"),
    ("order cancel MO-1 --reason x", "order.cancel", {"mo_number": "MO-1", "reason": "x"}, s.ORDER, "cancelled"),
    ("order reopen MO-1 --reason x", "order.reopen", {"mo_number": "MO-1", "reason": "x"}, s.ORDER, "active again"),
    ("user list", "user.list", {}, [s.USER], "Jürgen"),
    ("user add jm operator --station 2", "user.add",
     {"username": "jm", "role": "operator", "badge": False, "station": 2},
     s.USER, "now operator"),
    ("user add jm admin --badge", "user.add",
     {"username": "jm", "role": "admin", "badge": True}, s.ISSUED, "0123456789AB"),
    ("user badge jm", "user.badge", {"username": "jm"}, s.ISSUED, "shown only now"),
    ("user set jm --inactive", "user.set", {"username": "jm", "active": False}, s.USER, "changed"),
    ("user set jm --anywhere --role admin", "user.set",
     {"username": "jm", "role": "admin", "station": None}, s.USER, ""),
    ("panel list --station 2 --order MO-1", "panel.list",
     {"limit": 100, "source": "local", "station": 2, "order": "MO-1"}, s.piece(s.PANEL), s.SERIAL),
    ("panel search Scratch frame --status scrap --station 2 --limit 5", "panel.search",
     {"text": "Scratch frame", "status": "failed", "station": 2, "limit": 5, "source": "auto"}, s.piece(s.NOTE),
     "left side"),
    ("panel failed --source central", "panel.failed", {"limit": 50, "source": "central"},
     s.piece({**s.PANEL, "verdict": s.NOTE}), s.SERIAL),
    ("panel failed --order MO-1", "panel.failed", {"order": "MO-1", "limit": 50, "source": "auto"},
     s.piece({**s.PANEL, "verdict": None}), s.SERIAL),
    ("panel cosmetic --station 2", "panel.results",
     {"result": "B", "standing": True, "station": 2, "limit": 50, "source": "auto"}, s.piece(s.RESULT), "left side"),
    ("panel results --result FAIL", "panel.results",
     {"result": "FAIL", "limit": 50, "source": "auto"}, s.piece({**s.RESULT, "voided": True}), "(taken back)"),
    (f"panel show {s.SERIAL}", "panel.show", {"serial": s.SERIAL}, s.HISTORY, "taken back"),
    ("panel move A 2 --reason x", "panel.move", {"serial": "A", "station": 2, "reason": "x"}, s.PANEL, "station 2"),
    ("panel scrap A --reason x", "panel.scrap", {"serial": "A", "reason": "x"}, s.PANEL, "scrap"),
    ("panel undo A --reason x", "panel.undo", {"serial": "A", "reason": "x"}, s.PANEL, "station 2"),
    ("panel note A hello", "panel.note", {"serial": "A", "text": "hello"}, s.PANEL, "Noted"),
    ("pallet list", "pallet.list", {"limit": 100, "source": "local"}, s.piece(s.PALLET), "PX-1-2026-000012"),
    ("pallet show P1", "pallet.show", {"number": "P1"}, s.PALLET_SHOWN, "A late value fails."),
    ("pallet close P1", "pallet.close", {"number": "P1"}, s.PALLET, "is closed"),
    ("pallet reopen P1 --reason x", "pallet.reopen", {"number": "P1", "reason": "x"}, s.PALLET, "open again"),
    ("flash tray", "flash.tray", {"limit": 100}, [{**s.FLASH, "ruling": s.RULING}], "Two panels were armed."),
    ("flash show U", "flash.show", {"uuid": "U"}, {**s.FLASH, "rulings": [s.RULING]}, "FF is 0.85."),
    ("flash assign U A --reason x", "flash.assign",
     {"uuid": "U", "serial": "A", "reason": "x"}, s.RULING, "belongs to A"),
    ("flash discard U --reason x", "flash.discard", {"uuid": "U", "reason": "x"}, s.RULING, "discarded"),
    ("criterion list --station 1", "criterion.list", {"station": 1}, [s.CRITERION], "Solder Joints"),
    ("criterion add c 1 Name 7", "criterion.add", {"code": "c", "station": 1, "name": "Name", "order_index": 7},
     s.CRITERION, "Print"),
    ("criterion set c --inactive --every-line", "criterion.set", {"code": "c", "active": False, "line_number": None},
     s.CRITERION, "changed"),
    ("rule list", "rule.list", {}, [s.RULE], "default_pallet_size"),
    ("rule set default_pallet_size 30", "rule.set", {"key": "default_pallet_size", "value": "30"}, s.RULE, "now 30"),
    ("waiver list", "waiver.list", {}, [s.WAIVER], "new cells"),
    ("waiver grant ff 60 --until 2026-12-31 --reason x", "waiver.grant",
     {"rule": "ff", "panel_type": "60", "until": "2026-12-31", "reason": "x"}, s.WAIVER, "through 2026-12-31"),
    ("hold list", "hold.list", {}, [s.HOLD], "Equal values"),
    ("hold raise A --reason x", "hold.raise", {"subject": "A", "reason": "x"}, s.HOLD, "on hold"),
    ("hold release A --reason x", "hold.release", {"hold": "A", "reason": "x"}, [], "released"),
    ("scan 1 SL-PASS", "scan.send", {"station": 1, "text": "SL-PASS"},
     {"answer": "good", "view": {"headline": "PASS", "detail": "saved"}},
     "PASS · saved"),
]  # fmt: skip


@pytest.mark.parametrize("row", COMMANDS, ids=lambda row: row[0])
def test_a_command_asks_exactly_this_and_answers_people_and_programs(row: Row, cli: "Cli", line: FakeLine) -> None:
    words, op, args, result, shown = row
    line.answers[op] = result
    as_json = cli(*words.split(), "--json", socket=line.path)
    assert (as_json.status, as_json.err) == (0, "")
    assert json.loads(as_json.out) == result
    if not words.startswith("station"):
        for_people = cli(*words.split(), socket=line.path)
        assert (for_people.status, for_people.err) == (0, "")
        assert shown in " ".join(for_people.out.split())
    assert all(asked == (op, args) for asked in line.asked)


LOOKS = [row for row in COMMANDS if row[1].endswith((".list", ".show", ".tray", ".status")) and row[3]]


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look[0])
def test_nothing_is_wider_than_the_terminal_and_nothing_is_cut_off(
    look: Row, width: int, cli: "Cli", line: FakeLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    words, op, _, result, shown = look
    monkeypatch.setenv("COLUMNS", str(width))
    line.answers[op] = result
    out = cli(*words.split(), socket=line.path).out
    assert max(cell_len(row) for row in out.splitlines()) <= width
    assert "".join(shown.split()) in "".join(out.split())
    assert "…" not in out


def test_the_history_of_a_panel_tells_every_event_in_order(cli: "Cli", line: FakeLine) -> None:
    line.answers["panel.show"] = s.HISTORY
    out = cli("panel", "show", s.SERIAL, socket=line.path).out
    expected = [
        "scan, Inspect by Jürgen", "Station 1: FAIL (taken back) by Jürgen", "Cracked cell", "Solder Joints: FAIL",
        "Station 4: PASS, attempt 2", "Pmax 301.2 W", "Flash from tester", "Two panels were armed.", "FF is 0.85.",
        "On hold by the line", "Released by eva: checked", "move to station 2 by eva: reframe",
        "On pallet PX-1-2026-000012, position 1", "Off its pallet by eva", "something new",
    ]  # fmt: skip
    places = [out.index(text) for text in expected]
    assert places == sorted(places)


def test_command_sheets_badges_and_pallet_sheets_are_written(cli: "Cli", line: FakeLine, tmp_path: Path) -> None:
    line.answers |= {"sheet.data": s.SHEET, "user.badge": s.ISSUED, "pallet.show": s.PALLET_SHOWN}
    for words in ("sheet 1 2", "user badge jm", "pallet show P1"):
        pdf, html = tmp_path / "a.pdf", tmp_path / "a.html"
        done = cli(*words.split(), "--pdf", str(pdf), "--html", str(html), socket=line.path)
        assert done.status == 0, done.err
        assert f"{pdf} and {html}" in done.out
        assert pdf.read_bytes().startswith(b"%PDF")
        assert "data-code=" in html.read_text("utf-8")
        pdf.unlink()
        html.unlink()
    assert "0123456789ABCDEF" not in done.out


def test_a_printed_badge_does_not_show_its_token_on_the_terminal(cli: "Cli", line: FakeLine, tmp_path: Path) -> None:
    line.answers["user.badge"] = s.ISSUED
    done = cli("user", "badge", "王小明", "--pdf", str(tmp_path / "b.pdf"), socket=line.path)
    assert s.ISSUED["badge_token"] not in done.out
    assert "cannot show 王小明: use --html" in done.out


def test_a_file_that_cannot_be_written_is_said_plainly(cli: "Cli", line: FakeLine) -> None:
    line.answers["sheet.data"] = s.SHEET
    done = cli("sheet", "1", "--pdf", "/nonexistent/x.pdf", socket=line.path)
    assert (done.status, done.out) == (1, "")
    assert done.err == "/nonexistent/x.pdf cannot be written: No such file or directory. Choose another file.\n"


@pytest.mark.parametrize(("typed", "status"), [("secret\n", 0), ("", 2)])
def test_a_password_comes_from_stdin_never_from_the_command_line(
    typed: str, status: int, cli: "Cli", line: FakeLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    line.answers["user.password"] = {}
    monkeypatch.setattr("sys.stdin.readline", lambda: typed, raising=False)
    assert cli("user", "password", "jm", "--stdin", socket=line.path).status == status
    assert line.asked == ([("user.password", {"username": "jm", "password": "secret"})] if status == 0 else [])


@pytest.mark.parametrize("again", ["same", "other"])
def test_a_typed_password_is_asked_for_twice(
    again: str, cli: "Cli", line: FakeLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter(["same", again])
    ask: Callable[[str], str] = lambda _prompt: next(answers)  # noqa: E731
    monkeypatch.setattr("getpass.getpass", ask)
    line.answers["user.add"] = s.USER
    assert cli("user", "add", "jm", "operator", "--password", socket=line.path).status == (0 if again == "same" else 2)


def test_a_scan_the_station_refused_ends_the_command_as_refused(cli: "Cli", line: FakeLine) -> None:
    line.answers["scan.send"] = {"answer": "bad", "view": {"headline": "Not a serial", "todo": "Scan it again."}}
    done = cli("scan", "1", "XYZ", socket=line.path)
    assert (done.status, done.out) == (1, "Not a serial · Scan it again.\n")


def test_nothing_a_barcode_holds_moves_the_cursor(cli: "Cli", line: FakeLine) -> None:
    evil = "A\x1b[2J\x07\r\nB"
    scan = {"at": s.AT, "kind": "scan", "station_number": 1, "message": evil, "operator": evil}
    line.answers["panel.show"] = {"panel": {**s.PANEL, "notes": evil}, "events": [scan]}
    line.answers["panel.list"] = s.piece({**s.PANEL, "notes": evil})
    for words in ("panel show A", "panel list"):
        done = cli(*words.split(), socket=line.path)
        assert done.status == 0
        assert done.out.replace("\n", "").isprintable()


def test_a_defect_that_no_barcode_can_hold_is_named(cli: "Cli", line: FakeLine, tmp_path: Path) -> None:
    line.answers["sheet.data"] = {**s.SHEET, "defects": [{"code": "Ä1", "name": "Kratzer"}]}
    done = cli("sheet", "1", "--pdf", str(tmp_path / "s.pdf"), socket=line.path)
    assert (done.status, done.out) == (1, "")
    assert "'SL-D-Ä1'" in done.err


@pytest.mark.parametrize(("zone", "until"), [
    ("UTC", "2027-01-01T00:00:00Z"), ("Asia/Kolkata", "2026-12-31T18:30:00Z"),
    ("America/New_York", "2027-01-01T05:00:00Z"),
])  # fmt: skip
def test_a_waiver_shows_the_last_day_it_holds_by_the_clock_on_the_wall(
    zone: str, until: str, cli: "Cli", line: FakeLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    line.answers["waiver.list"] = [{**s.WAIVER, "until": until}]
    with local_time(monkeypatch, zone):
        out = cli("waiver", "list", socket=line.path).out
    assert "Last day" in out
    assert "2026-12-31" in out
    assert "2027" not in out
