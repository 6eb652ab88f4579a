"""One word for one thing, on tables as on screens, and nothing said twice."""

import json
from typing import TYPE_CHECKING

import pytest

from daemon.printing import pallet_pages, read_pallet
from stations.rules.commands import COMMANDS
from tests.daemon.cli import samples as s

if TYPE_CHECKING:
    from tests.daemon.cli.conftest import Cli
    from tests.daemon.cli.fake import FakeLine


def test_a_failed_panel_is_scrap_for_people_and_failed_for_programs(cli: "Cli", line: "FakeLine") -> None:
    line.answers |= {"panel.list": s.piece({**s.PANEL, "status": "failed"}), "order.show": s.ORDER_SHOWN}
    assert "scrap" in cli("panel", "list", socket=line.path).out
    assert "1 scrap" in cli("order", "show", "MO-2026-0815", socket=line.path).out
    as_json = cli("panel", "list", "--status", "scrap", "--json", socket=line.path)
    assert json.loads(as_json.out)["rows"][0]["status"] == "failed"
    assert line.asked[-1][1]["status"] == "failed"


@pytest.mark.parametrize(("stored", "said"), [("in_progress", "open"), ("completed", "closed")])
def test_a_pallet_is_open_or_closed(cli: "Cli", line: "FakeLine", stored: str, said: str) -> None:
    line.answers["pallet.list"] = s.piece({**s.PALLET, "status": stored})
    out = cli("pallet", "list", "--status", said, socket=line.path).out
    assert said in out
    assert line.asked[-1][1]["status"] == stored


def test_panels_and_orders_are_completed_and_done_is_a_command(cli: "Cli", line: "FakeLine") -> None:
    line.answers |= {"order.list": s.piece(s.ORDER), "line.status": s.STATUS}
    for command in (("order", "list"), ("status",)):
        out = cli(*command, socket=line.path).out
        assert "Completed" in out
        assert "Done" not in out


def test_values_that_come_later_have_one_name(cli: "Cli", line: "FakeLine") -> None:
    history = {**s.HISTORY, "panel": {**s.PANEL, "electrical_pending": True}}
    line.answers["panel.show"] = history
    assert COMMANDS["SL-LATER"][1] == "LATER"
    assert "LATER" in cli("panel", "show", s.SERIAL, socket=line.path).out
    (page,) = pallet_pages(read_pallet(s.PALLET_SHOWN, None, ""))
    texts = [getattr(shape, "text", "") for shape in page.shapes]
    assert texts.count("LATER") == 1
    line.answers["pallet.show"] = s.PALLET_SHOWN
    assert cli("pallet", "show", "P1", socket=line.path).out.count("LATER") == 1


def test_a_scan_that_raises_an_alarm_says_it_once(cli: "Cli", line: "FakeLine") -> None:
    alarm = "CRS25WT6000010 is at station 2 and was scanned at station 3."
    view = {"warning": alarm, "headline": "Two panels, one serial?", "detail": alarm, "todo": "Call a supervisor."}
    line.answers["scan.send"] = {"answer": "bad", "view": view}
    assert cli("scan", "3", s.SERIAL, socket=line.path).out.count(alarm) == 1
    station = {**s.STATUS["stations"][0], **view}
    line.answers["line.status"] = {**s.STATUS, "stations": [station]}
    assert " ".join(cli("status", socket=line.path).out.split()).count(alarm) == 1
