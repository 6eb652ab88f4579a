"""What the operations give, over the wire, on a line that worked a little."""

import asyncio
import json
import os
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest

from daemon.control.views.sheets import pallet_sheet
from drivers.ports import PortInfo, PortSort
from stations.office.rules import SetRule, set_rule
from tests.daemon.control.bench import Wire, bench, wire
from tests.stations.office.shop import GOOD, OTHER, PEOPLE, SERIAL, WEAK, Shop, order

Be = Callable[[str], None]
TRAY = "RS25WT6000001"


@pytest.fixture
def worked(tmp_path: Path) -> Path:
    """The folder of a line with one finished panel, one in rework, and a flash in the tray."""
    shop = Shop(tmp_path / "line.db")
    shop.write(*PEOPLE, order())
    shop.work(SERIAL, 1, 2, 3, 4)
    shop.scan(1, "SL-U-otto", OTHER, "SL-F-1", "SL-D-101", "SL-DONE", "SL-OUT")
    shop.flash(WEAK, SERIAL)
    shop.flash(GOOD, TRAY, at_text="09:00:00")
    shop.store.close()
    return tmp_path


async def test_a_history_tells_everything_in_the_order_of_time(worked: Path) -> None:
    async with bench(worked) as line, wire(line.path) as client:
        told = await client.get("panel.show", serial=SERIAL.lower())
        events = told["events"]
        assert [event["at"] for event in events] == sorted(event["at"] for event in events)
        results = [event for event in events if event["kind"] == "result"]
        assert [(r["station_number"], r["result"], r["operator"], r["counts"]) for r in results] == [
            (number, "PASS", "otto", True) for number in (1, 2, 3, 4)
        ]
        assert {"name": "Glass Placement", "result": "PASS", "notes": None} in results[0]["criteria"]
        assert results[3]["values"]["Pmax"] == GOOD.pmax_w
        flashes = [event for event in events if event["kind"] == "flash"]
        assert flashes[0]["values"]["Pmax"] == WEAK.pmax_w
        assert flashes[0]["rulings"][0]["disposition"] == "attached"
        assert {event["kind"] for event in events} == {"scan", "result", "flash", "hold", "pallet"}
        assert told["holds"][0]["code"] == "late_value"
        assert (told["order"]["mo_number"], told["order"]["remaining"]) == ("MO-1", 2)
        assert told["pallet"]["position"] == 1


async def test_a_pallet_sheet_has_a_row_for_each_panel(worked: Path) -> None:
    async with bench(worked) as line, wire(line.path) as client:
        (pallet,) = (await client.get("pallet.list"))["rows"]
        assert (pallet["count"], pallet["status"]) == (1, "in_progress")
        sheet = await client.get("pallet.show", number=pallet["pallet_number"])
        (row,) = sheet["rows"]
        assert (row["position"], row["serial"], row["result"], row["operator"]) == (1, SERIAL, "PASS", "otto")
        assert row["values"]["Voc"] == GOOD.voc_v
        assert len(sheet["holds"]) == 2
        assert (await client.get("pallet.list", status="completed"))["rows"] == []


def test_a_sheet_has_the_values_that_came_after_the_result(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "line.db")
    shop.write(*PEOPLE, order())
    shop.get(set_rule, SetRule(key="allow_pending_electrical", value="true"), "ada")
    shop.work(SERIAL, 1, 2, 3)
    shop.scan(4, "SL-U-otto", SERIAL, "SL-LATER", "SL-PASS", "SL-OUT")
    (pallet,) = shop.view.open_pallets()
    before = pallet_sheet(shop.view, pallet)
    shop.flash(GOOD, SERIAL)
    after = pallet_sheet(shop.view, pallet)
    shop.store.close()
    assert '"values": null' in json.dumps(before)
    assert f'"Pmax": {GOOD.pmax_w}' in json.dumps(after)


async def test_lists_give_what_was_asked_for_newest_first(worked: Path) -> None:
    async with bench(worked) as line, wire(line.path) as client:

        async def serials(**args: object) -> list[str]:
            return [panel["serial_number"] for panel in (await client.get("panel.list", **args))["rows"]]

        assert await serials() == [OTHER, SERIAL]
        assert await serials(status="rework") == [OTHER]
        first = await client.get("panel.list", limit=1)
        assert [panel["serial_number"] for panel in first["rows"]] == [OTHER]
        assert await serials(after=first["next"]) == [SERIAL]
        assert await serials(order="MO-2") == []
        assert await serials(station=2) == []
        assert (await client.no("panel.list", limit=0))["code"] == "invalid"
        assert (await client.no("panel.list", after="x"))["code"] == "invalid"
        assert (await client.no("panel.list", station=7))["code"] == "invalid"
        shown = await client.get("order.show", mo_number="MO-1")
        assert (shown["panels"]["completed"], shown["panels"]["rework"]) == ([SERIAL], [OTHER])
        assert len(shown["pallets"]) == 1
        assert [one["joined"] for one in (await client.get("order.list", status="active"))["rows"]] == [2]
        assert (await client.get("order.list", status="cancelled"))["rows"] == []


async def test_notes_results_and_scrap_are_found(worked: Path, be: Be) -> None:
    be("sam")
    async with bench(worked) as line, wire(line.path) as client:
        await client.get("panel.note", serial=SERIAL, text="Rahmen: Kratzer-links")
        (found,) = (await client.get("panel.search", text="KRATZER links"))["rows"]
        assert (found["noted"], found["serial_number"]) == ("panel", SERIAL)
        assert found["notes"].endswith("Rahmen: Kratzer-links")
        assert (await client.get("panel.search", text="kratz"))["rows"] == []
        assert (await client.no("panel.search", text=" - "))["code"] == "invalid"
        for since in ("2026-03-01T00:00:00", "0001-01-01T00:00:00+05:00", "soon"):
            assert (await client.no("panel.search", text="x", since=since))["code"] == "invalid"
        (fail,) = (await client.get("panel.results", result="FAIL", standing=True))["rows"]
        assert (fail["serial_number"], fail["status"], fail["voided"]) == (OTHER, "rework", False)
        assert (await client.get("panel.failed"))["rows"] == []
        await client.get("panel.scrap", serial=OTHER, reason="glass broke")
        (scrap,) = (await client.get("panel.failed", order="MO-1"))["rows"]
        assert (scrap["serial_number"], scrap["verdict"]["uuid"]) == (OTHER, fail["uuid"])


async def test_the_tray_is_emptied_by_a_supervisor(worked: Path, be: Be) -> None:
    be("sam")
    async with bench(worked) as line, wire(line.path) as client:
        (flash,) = await client.get("flash.tray")
        assert flash["serial_number"] == TRAY
        assert flash["ruling"]["disposition"] == "tray"
        ruling = await client.get("flash.assign", uuid=flash["uuid"], serial=SERIAL, reason="first letter missing")
        assert ruling["disposition"] == "attached"
        shown = await client.get("flash.show", uuid=flash["uuid"])
        assert [(one["disposition"], one["decided_by_name"], one["serial"]) for one in shown["rulings"]] == [
            ("tray", None, None), ("attached", "sam", SERIAL),
        ]  # fmt: skip
        assert await client.get("flash.tray") == []
        assert (await client.no("flash.show", uuid=str(uuid4())))["code"] == "not_found"


async def test_holds_are_listed_by_name_and_released(worked: Path, be: Be) -> None:
    be("sam")
    async with bench(worked) as line, wire(line.path) as client:
        names = [hold["name"] for hold in await client.get("hold.list")]
        assert names[0] == SERIAL
        assert names[1].startswith("PIN-1-")
        for name in names:
            await client.get("hold.release", hold=name, reason="measured again")
        assert await client.get("hold.list") == []
        closed = await client.get("pallet.close", number=names[1])
        assert closed["status"] == "completed"


async def test_status_tells_the_line_at_a_glance(worked: Path) -> None:
    async with bench(worked) as line, wire(line.path) as client:
        status = await client.get("line.status")
        assert (status["site"], status["line"], status["version"]) == ("IN", 1, "0.1.0")
        assert status["store"]["free_mb"] == 5000
        assert [station["station"] for station in status["stations"]] == [1, 2, 3, 4]
        assert status["devices"][0]["port"] == "/dev/ttyUSB0"
        assert status["orders"][0]["remaining"] == 2
        assert status["uptime_s"] > 0


async def test_rules_criteria_and_waivers_are_listed_and_changed_at_once(worked: Path, be: Be) -> None:
    be("ada")
    async with bench(worked) as line, wire(line.path) as client:
        await client.get("rule.set", key="default_pallet_size", value="30")
        rules = {rule["key"]: rule for rule in await client.get("rule.list")}
        assert (rules["default_pallet_size"]["value"], rules["default_pallet_size"]["updated_by"]) == ("30", "ada")
        assert rules["default_pallet_size"]["takes"] == "a whole number from 1 to 200 (panels)"
        assert rules["serial_pattern"]["updated_by"] is None
        assert "year (2 digits), frame (W or B)" in rules["serial_pattern"]["description"]
        assert "CRS(?P<year>" in rules["serial_pattern"]["value"]
        assert all(rule["description"] and rule["takes"] for rule in rules.values())
        await client.get("criterion.set", code="cleaning", name="Clean glass", active=True)
        sheet = await client.get("sheet.data", station=2)
        assert {"number": 2, "name": "Clean glass", "barcode": "SL-F-2"} in sheet["criteria"]
        assert len(await client.get("criterion.list", station=2)) == 4
        assert (await client.no("waiver.grant", rule="imp_below_isc", panel_type="36", until="soon", reason="x"))[
            "code"
        ] == "invalid"
        assert await client.get("waiver.list") == []


async def test_only_what_is_given_of_a_user_changes(worked: Path, be: Be) -> None:
    be("ada")
    async with bench(worked) as line, wire(line.path) as client:
        bound = await client.get("user.set", username="otto", station=2)
        assert (bound["station_assignment"], bound["os_user"]) == (2, "otto")
        free = await client.get("user.set", username="otto", station=None, active=False)
        assert (free["station_assignment"], free["active"], free["role"]) == (None, False, "operator")
        await client.get("user.password", username="otto", password="correct horse")
        token = (await client.get("user.badge", username="sam"))["badge_token"]
        assert len(token) == 26


async def test_a_password_signs_in_and_a_wrong_one_says_nothing_of_the_name(worked: Path, be: Be) -> None:
    be("ada")
    async with bench(worked) as line, wire(line.path) as client:
        await client.get("user.password", username="otto", password="correct horse")
        be("nobody")
        wrong = await client.no("user.sign_in", station=3, username="otto", password="wrong horse")
        unknown = await client.no("user.sign_in", station=3, username="nemo", password="correct horse")
        assert wrong == unknown
        await client.get("user.sign_in", station=3, username="otto", password="correct horse")
        assert (await client.get("station.view", station=3))["operator"] == "otto"


async def test_a_typed_scan_counts_as_one(worked: Path, be: Be) -> None:
    be("sam")
    async with bench(worked) as line, wire(line.path) as client:
        seen = await client.get("scan.send", station=1, text="SL-U-otto")
        assert (seen["answer"], seen["view"]["operator"]) == ("good", "otto")
        assert (await client.get("scan.send", station=1, text="nonsense"))["answer"] == "bad"
        assert (await client.no("scan.send", station=1, text=""))["code"] == "invalid"
        assert line.line.runner is not None
        scans = await line.line.runner.read(lambda view: view.recent_scans(1, 1))
        assert scans[0][0].device == "keyboard:sam"


async def test_a_view_shows_marks_as_they_are_given(worked: Path, be: Be) -> None:
    be("sam")
    async with bench(worked) as line, wire(line.path) as client:
        await send(client, 1, "SL-U-otto", OTHER, "SL-F-2", "SL-D-102")
        view = await client.get("station.view", station=1)
        assert (view["serial"], view["attempt"], view["mo_number"], view["remaining"]) == (OTHER, 2, "MO-1", 2)
        assert (view["panel_status"], view["expected_station"], view["note"]) == ("rework", 1, "Solder joint open")
        marks = {one["number"]: one["mark"] for one in view["criteria"]}
        assert (marks[1], marks[2]) == (None, "FAIL")
        assert view["last_results"][0] == {
            "serial": OTHER, "result": "FAIL", "at": view["last_results"][0]["at"], "notes": "Cracked cell",
        }  # fmt: skip


async def test_a_view_shows_values_as_they_are_entered(worked: Path, be: Be) -> None:
    be("sam")
    async with bench(worked) as line, wire(line.path) as client:
        await client.get("panel.move", serial=OTHER, station=4, reason="repaired by hand")
        await send(client, 4, "SL-U-otto", OTHER, "SL-MANUAL", "SL-N-3")
        assert (await client.get("station.view", station=4))["entry"] == ["3"]
        assert (await client.get("station.view", station=4))["values"] is None


async def test_devices_are_told_with_what_they_hang_on_and_what_they_said(worked: Path) -> None:
    async with bench(worked) as line, wire(line.path) as client:
        told = await client.get("device.list")
        assert (told["line"], told["process"]) == (1, os.getpid())
        (device,) = told["devices"]
        assert (device["name"], device["state"], device["binding"]) == ("scan-1", "online", {"chip_serial": "A1"})
        assert device["said"]["text"] == "CRS"


async def test_a_supervisor_binds_a_device_and_nobody_else_does(worked: Path, be: Be) -> None:
    be("stranger")
    async with bench(worked) as line, wire(line.path) as client:
        assert (await client.no("device.bind", name="scan-1", chip_serial="B2"))["code"] == "forbidden"
        assert line.line.bound is None
    be("sam")
    async with bench(worked) as line, wire(line.path) as client:
        told = await client.get("device.bind", name="scan-1", chip_serial="B2")
        assert told == {"name": "scan-1", "binding": {"chip_serial": "B2"}}
        assert line.line.bound is not None
        assert line.line.bound[0] == "scan-1"
        assert await client.get("device.unbind", name="scan-1") == {"name": "scan-1", "changed": True}
        assert (await client.no("device.bind", name="scan-1"))["code"] == "invalid"
        refused = await client.no("device.bind", name="scan1", chip_serial="B2")
        assert (refused["code"], refused["todo"]) == ("not_found", "Did you mean scan-1?")


@pytest.mark.parametrize(("types", "words"), [
    (False, "types like a keyboard, and scan-1 does not"), (True, "a serial port, and scan-1 types like a keyboard"),
])  # fmt: skip
async def test_a_device_is_not_bound_to_a_port_of_the_other_sort(
    worked: Path, be: Be, monkeypatch: pytest.MonkeyPatch, types: bool, words: str
) -> None:
    sort = PortSort.SERIAL if types else PortSort.SCANNER
    plugged = PortInfo(file="/dev/x", chip_serial="B2", sort=sort)
    monkeypatch.setattr("daemon.control.devices.list_candidates", lambda: [plugged])
    be("sam")
    async with bench(worked) as line, wire(line.path) as client:
        line.line.types = types
        refused = await client.no("device.bind", name="scan-1", chip_serial="B2")
        assert refused["code"] == "refused"
        assert words in refused["message"]
        assert "kind" in refused["todo"]
        assert line.line.bound is None


async def send(client: Wire, station: int, *texts: str) -> None:
    for text in texts:
        assert (await client.get("scan.send", station=station, text=text))["answer"] == "good", text
        await asyncio.sleep(0)
