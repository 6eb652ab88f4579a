"""An export over the control socket: who may, what comes, and that no client that takes its time holds anybody up."""

import asyncio
import base64
import csv
import io
import json
import stat
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import orjson
import pytest
from uuid_utils.compat import uuid7

from daemon.control.client import ControlClient
from daemon.control.conversation import Conversation
from daemon.control.peers import Peer
from daemon.control.protocol import ControlError
from daemon.export.rows import LineRows
from storage.errors import StoreDamaged
from storage.export import ExportList, Piece, Scope
from storage.export.columns import COLUMNS
from storage.export.ownkey import own_key
from storage.export.rendering import SHEETS, Form
from storage.export.signing import KeyUnfit, fits, statement
from storage.records import (
    Disposition,
    FlashRuling,
    Hold,
    HoldRelease,
    Pallet,
    PalletPanel,
    PalletRemoval,
    Panel,
    Record,
    Subject,
    thing_uuid,
)
from storage.sqlite.exporting import Bounds, Exports
from tests.daemon.control.bench import Bench, serving, until, wire
from tests.stations.office.shop import SERIAL, order
from tests.storage.samples import flash

Be = Callable[[str], None]
NASTY = '=HYPERLINK("x")\r\n"quoted", 電池 😀 \u2028 \x7f'


@pytest.fixture
async def line(line: Bench) -> Bench:
    """A line with an order that has room for everybody."""
    await line.write(order(quantity=10_000))
    return line


async def _begun(line: Bench) -> dict[str, Any]:
    async with wire(line.path) as client:
        found: dict[str, Any] = await client.get("export.begin")
        return found


def _scope(plan: dict[str, Any], after_seq: int = 0) -> Scope:
    since, until = (datetime.fromisoformat(plan[name]).astimezone(UTC) for name in ("since", "until"))
    return Scope(since=since, until=until, after_seq=after_seq, upto_seq=plan["upto_seq"])


class _Taken:
    """A client that takes everything at once."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []

    def write(self, data: bytes) -> None:
        self.heard.append(data)

    async def drain(self) -> None:
        pass


def _all(rows: LineRows, of: ExportList, scope: Scope) -> list[Piece]:
    return list(rows.pieces(of, scope))


async def _taken(line: Bench, scope: Scope) -> dict[ExportList, list[dict[str, Any]]]:
    """Take every list; each row stands in the CSV too, under the header of its list."""
    rows = LineRows(ControlClient(line.path))
    found = {}
    for of in ExportList:
        pieces = await asyncio.to_thread(_all, rows, of, scope)
        assert [piece.after is None for piece in pieces] == [False] * (len(pieces) - 1) + [True]
        objects = json.loads("[" + ",".join(piece.json for piece in pieces if piece.count) + "]")
        records = list(csv.reader(io.StringIO("".join(piece.csv for piece in pieces), newline="")))
        assert len(objects) == len(records) == sum(piece.count for piece in pieces)
        assert all(tuple(one) == COLUMNS[of].keys for one in objects)
        assert all(len(one) == len(COLUMNS[of].header) for one in records)
        found[of] = objects
    await until(lambda: serving() == 0)
    return found


async def test_what_a_line_recorded_leaves_it_in_the_form_of_the_seed(line: Bench, be: Be) -> None:
    be("sam")
    await line.line.scan(1, "SL-U-otto", SERIAL, "SL-PASS")
    async with wire(line.path) as client:
        await client.get("panel.note", serial=SERIAL, text="looks odd")
    plan = await _begun(line)
    assert (plan["exported_by"], plan["zone"], plan["after_seq"]) == ("sam", "America/Indiana/Indianapolis", 0)
    found = await _taken(line, _scope(plan))
    (order,), (panel,), (result,) = (found[of] for of in (ExportList.ORDERS, ExportList.PANELS, ExportList.RESULTS))
    assert (panel["mo_id"], result["panel_id"]) == (order["id"], panel["id"])
    assert (panel["serial_number"], panel["current_station"]) == (SERIAL, 2)
    assert panel["notes"].endswith("sam: looks odd")
    assert (result["result"], result["electrical_data"]) == ("PASS", None)
    assert result["created_at"] == result["updated_at"]
    assert result["created_at"].endswith("Z")
    assert {of: plan["counts"][of.value] for of in ExportList} == {of: len(found[of]) for of in ExportList}


async def test_every_piece_goes_on_where_another_ended(line: Bench, be: Be, monkeypatch: pytest.MonkeyPatch) -> None:
    be("sam")
    monkeypatch.setattr("storage.sqlite.exporting.ROWS", dict.fromkeys((*ExportList, SHEETS), 2))
    await line.line.scan(1, "SL-U-otto", *(word for number in range(5) for word in (_serial(number), "SL-PASS")))
    plan = await _begun(line)
    scope, rows = _scope(plan), LineRows(ControlClient(line.path))
    pieces = await asyncio.to_thread(_all, rows, ExportList.RESULTS, scope)
    assert [piece.count for piece in pieces] == [2, 2, 1]
    assert pieces[0].after is not None
    again = await asyncio.to_thread(lambda: list(rows.pieces(ExportList.RESULTS, scope, pieces[0].after or "")))
    assert again == pieces[1:]
    await until(lambda: serving() == 0)


async def test_what_is_recorded_later_is_not_in(line: Bench, be: Be) -> None:
    be("sam")
    await line.line.scan(1, "SL-U-otto", _serial(1), "SL-PASS")
    scope = _scope(await _begun(line))
    before = await _taken(line, scope)
    await line.line.scan(1, _serial(2), "SL-PASS")
    assert await _taken(line, scope) == before


async def test_what_changed_since_comes_with_what_it_belongs_to(line: Bench, be: Be) -> None:
    be("sam")
    await line.line.scan(1, "SL-U-otto", _serial(1), "SL-PASS", _serial(2), "SL-PASS")
    first = await _begun(line)
    async with wire(line.path) as client:
        await client.get("panel.note", serial=_serial(1), text="looks odd")
    await line.line.scan(1, _serial(3), "SL-PASS")
    found = await _taken(line, _scope(await _begun(line), first["upto_seq"]))
    assert [one["serial_number"] for one in found[ExportList.PANELS]] == [_serial(1), _serial(3)]
    assert len(found[ExportList.RESULTS]) == 1
    assert [one["id"] for one in found[ExportList.ORDERS]] == [found[ExportList.PANELS][0]["mo_id"]]
    nothing = await _taken(line, _scope(first, first["upto_seq"]))
    assert not any(nothing.values())


async def test_a_pallet_comes_again_when_what_its_sheet_says_changed(line: Bench, be: Be) -> None:
    be("sam")
    panel, now = _panel(1), datetime.now(UTC)
    pallet = Pallet(uuid=uuid7(), pallet_number="P1", order_uuid=order().uuid, created_at=now)
    placed = PalletPanel(
        uuid=uuid7(), pallet_uuid=pallet.uuid, panel_uuid=panel.uuid, position_in_pallet=1, added_at=now
    )
    measured = flash(serial_number=panel.serial_number)
    await line.write(panel, pallet, measured)
    held = Hold(
        uuid=uuid7(), subject=Subject.PALLET, subject_uuid=pallet.uuid, code="x", reason="cracked", created_at=now
    )
    panel_held = replace(held, uuid=uuid7(), subject=Subject.PANEL, subject_uuid=panel.uuid)
    who: dict[str, Any] = {"reason": "x", "created_at": now}
    assert line.line.runner is not None
    sam = await line.line.runner.read(lambda view: view.user_by_os_user("sam"))
    assert sam is not None
    said: tuple[Record, ...] = (
        placed,
        FlashRuling(
            uuid=uuid7(), flash_uuid=measured.uuid, panel_uuid=panel.uuid, disposition=Disposition.ATTACHED, **who
        ),
        held,
        panel_held,
        HoldRelease(uuid=uuid7(), hold_uuid=held.uuid, released_by=sam.uuid, **who),
        HoldRelease(uuid=uuid7(), hold_uuid=panel_held.uuid, released_by=sam.uuid, **who),
        PalletRemoval(uuid=uuid7(), pallet_panel_uuid=placed.uuid, removed_by=sam.uuid, **who),
    )
    for later in said:
        before = (await _begun(line))["upto_seq"]
        await line.write(later)
        found = await _taken(line, _scope(await _begun(line), before))
        assert [one["id"] for one in found[ExportList.PALLETS]] == [str(pallet.uuid)], later
        assert [one["id"] for one in found[ExportList.ORDERS]] == [str(order().uuid)], later
        assert found[ExportList.PALLETS][0]["panel_count"] == (0 if later.KIND == "pallet_removal" else 1)


@pytest.mark.parametrize("who", ["otto", "nobody"])
async def test_only_supervisors_and_our_own_programs_take_data_out(line: Bench, be: Be, who: str) -> None:
    be("sam")
    plan = await _begun(line)
    scope = {name: plan[name] for name in ("since", "until", "upto_seq")}
    be(who)
    async with wire(line.path) as client:
        for op, args in (
            ("export.begin", {}), ("export.rows", {"list": "panels", **scope}), ("export.sheets", scope),
            ("export.sign", {"manifest": statement(b"x").decode()}),
        ):  # fmt: skip
            assert (await client.no(op, **args))["code"] == "forbidden"
        assert base64.b64decode((await client.get("export.key"))["public_key"])
    be("sunline-usb")
    async with wire(line.path) as client:
        assert (await client.get("export.begin"))["exported_by"] == "sunline-usb"


async def test_unfit_scopes_are_refused(line: Bench, be: Be) -> None:
    be("sam")
    plan = await _begun(line)
    scope = {name: plan[name] for name in ("since", "until", "upto_seq")}
    async with wire(line.path) as client:
        for args in (
            scope | {"since": "2026-03-01T00:00:00"}, scope | {"after_seq": -1}, scope | {"after_seq": 10**9},
            scope | {"after_seq": 1, "after": "x"}, scope | {"list": "users"}, scope | {"until": None},
        ):  # fmt: skip
            assert (await client.no("export.rows", **({"list": "panels"} | args)))["code"] == "invalid"
        for days in ({"first": "2026-03-02", "last": "2026-03-01"}, {"last": "9999-12-31"}, {"first": "yesterday"}):
            assert (await client.no("export.begin", **days))["code"] == "invalid"


async def test_a_client_that_does_not_take_rows_holds_nobody_up(line: Bench, be: Be) -> None:
    be("sam")
    await line.write(*(_panel(number) for number in range(4_000)))
    plan = await _begun(line)
    scope = {name: plan[name] for name in ("since", "until", "upto_seq")}
    async with wire(line.path) as slow, wire(line.path) as client:
        for number in range(8):
            await slow.send({"id": number, "op": "export.rows", "args": {"list": "panels", **scope}})
        await line.line.scan(1, "SL-U-otto", _serial(9_999), "SL-PASS")
        assert (await client.get("panel.list", limit=1))["rows"]
        taken = await asyncio.to_thread(_all, LineRows(ControlClient(line.path)), ExportList.PANELS, _scope(plan))
        assert sum(piece.count for piece in taken) == 4_000
    await until(lambda: serving() == 0)


async def test_a_client_that_hangs_up_behind_its_question_leaves_nothing(line: Bench, be: Be) -> None:
    await line.write(*(_panel(number) for number in range(2_000)))
    be("sam")
    plan = await _begun(line)
    scope = {name: plan[name] for name in ("since", "until", "upto_seq")}
    reader, taken = asyncio.StreamReader(), _Taken()
    reader.feed_data(orjson.dumps({"id": 1, "op": "export.rows", "args": {"list": "panels", **scope}}) + b"\n")
    reader.feed_eof()
    await Conversation(line.line, Peer(0, "root"), reader, cast("asyncio.StreamWriter", taken)).run()
    assert taken.heard[0].startswith(b'{"id":1,"ok":true')
    assert not [task for task in asyncio.all_tasks() if task.get_name() == "piece of an export"]


async def test_a_client_that_leaves_early_leaves_nothing(line: Bench, be: Be) -> None:
    be("sam")
    await line.write(*(_panel(number) for number in range(2_000)))
    plan = await _begun(line)

    def leave() -> None:
        for _ in LineRows(ControlClient(line.path)).pieces(ExportList.PANELS, _scope(plan)):
            return

    await asyncio.to_thread(leave)
    await until(lambda: serving() == 0)
    assert not [task for task in asyncio.all_tasks() if task.get_name().startswith("control stream")]


async def test_an_export_that_fails_on_its_way_says_why(line: Bench, be: Be, monkeypatch: pytest.MonkeyPatch) -> None:
    be("sam")
    await line.write(*(_panel(number) for number in range(1_000)))
    plan, walked = await _begun(line), Exports.walked

    def failing(self: Exports, of: Form, bounds: Bounds, after: str = "", limit: int = 0) -> Piece:
        if after:
            raise StoreDamaged("The store is damaged: page 7.")
        return walked(self, of, bounds, after, limit)

    monkeypatch.setattr(Exports, "walked", failing)
    with pytest.raises(ControlError, match="page 7"):
        await asyncio.to_thread(_all, LineRows(ControlClient(line.path)), ExportList.PANELS, _scope(plan))
    await until(lambda: serving() == 0)


async def test_a_store_without_rows_gives_empty_lists(empty: Bench, be: Be) -> None:
    be("root")
    plan = await _begun(empty)
    assert set(plan["counts"].values()) == {0}
    assert not any((await _taken(empty, _scope(plan))).values())
    sheets = ControlClient(empty.path).stream(
        "export.sheets", since=plan["since"], until=plan["until"], upto_seq=plan["upto_seq"]
    )
    assert await asyncio.to_thread(lambda: list(sheets)) == []
    await until(lambda: serving() == 0)


async def test_a_line_signs_what_is_said_of_a_manifest_and_nothing_else(line: Bench, be: Be) -> None:
    be("sam")
    manifest = b'{"files": []}'
    async with wire(line.path) as client:
        said = await client.get("export.sign", manifest=statement(manifest).decode())
        public_key = base64.b64decode((await client.get("export.key"))["public_key"])
        assert base64.b64decode(said["public_key"]) == public_key
        assert fits(base64.b64decode(said["signature"]), manifest, public_key)
        assert (await client.no("export.sign", manifest="I owe you 1000"))["code"] == "invalid"


def test_a_key_is_made_once_and_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "line.db.sign.key"
    made = own_key(path)
    assert own_key(path).public_key == made.public_key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]
    path.write_bytes(b"not a key")
    with pytest.raises(KeyUnfit, match="cannot be read"):
        own_key(path)
    with pytest.raises(KeyUnfit, match="cannot be made"):
        own_key(tmp_path / "none" / "key")


def _serial(number: int) -> str:
    return f"CRS25WT60{number:05}"


def _panel(number: int) -> Panel:
    serial = f"CRS25BT60{number:05}"
    return Panel(
        uuid=thing_uuid("IN", Panel.KIND, serial), serial_number=serial, order_uuid=order().uuid,
        mo_number=order().mo_number, panel_type="60", frame_type="B", backsheet_type="T", year=2025, line_number=1,
        notes=NASTY, created_at=datetime.now(UTC),
    )  # fmt: skip
