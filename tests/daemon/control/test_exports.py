"""An export over the control socket: who may, what comes, and that nobody is held up by a client that takes its time."""

import asyncio
import base64
import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from daemon.control.client import ControlClient
from daemon.control.protocol import ControlError
from daemon.export.rows import LineRows
from storage.export import ExportList, Piece, Scope
from storage.export.columns import COLUMNS
from storage.export.ownkey import own_key
from storage.export.signing import fits, statement
from tests.daemon.control.bench import Bench, serving, until, wire
from tests.stations.office.shop import SERIAL

Be = Callable[[str], None]
NASTY = '=HYPERLINK("x")\r\n"quoted", 電池 😀 \u2028 \x7f'


async def _begun(line: Bench) -> dict[str, Any]:
    async with wire(line.path) as client:
        found: dict[str, Any] = await client.get("export.begin")
        return found


def _scope(plan: dict[str, Any], after_seq: int = 0) -> Scope:
    since, until = (datetime.fromisoformat(plan[name]).astimezone(UTC) for name in ("since", "until"))
    return Scope(since=since, until=until, after_seq=after_seq, upto_seq=plan["upto_seq"])


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
