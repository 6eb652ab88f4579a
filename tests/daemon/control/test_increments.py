"""What a stick was given piece by piece is what an export of everything holds, whatever was recorded in between."""

import csv
import io
import json
import random
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import fields, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import apsw
import pytest

from daemon.control.exporting import Taking
from storage.export import ExportList
from storage.export.columns import COLUMNS
from storage.export.rendering import SHEETS, Form
from storage.records import (
    Batch,
    CriterionResult,
    HoldRelease,
    Order,
    OrderStatus,
    Pallet,
    PalletStatus,
    Record,
)
from storage.sqlite.connection import open_reading
from storage.sqlite.view import View
from tests.storage.exporting.plant import EVER, Plant, plant
from tests.storage.reads.factory import BEGAN
from tests.storage.samples import open_store

Rows = dict[tuple[Form, str], Any]
_KEYS = {ExportList.FAILED: "panel_id", ExportList.COSMETIC: "result_id"}


@pytest.mark.parametrize("seed", range(4))
async def test_increments_add_up_to_everything(tmp_path: Path, seed: int) -> None:
    chance = random.Random(f"increments {seed}")
    made = plant(seed, panels=40)
    with closing(open_store(tmp_path / "line.db")) as store:
        store.write(Batch((*made.users, *made.made.criteria)))
        with closing(open_reading(tmp_path / "line.db")) as reading:
            given: Rows = {}
            taken = 0
            for group in _groups(made, chance):
                store.write(Batch(group))
                if chance.random() < 0.05:
                    given |= await _taken(reading, taken)
                    taken = View(reading).last_seq()
            given |= await _taken(reading, taken)
            everything = await _taken(reading, 0)
    assert {of for of, _ in everything} == {*ExportList, SHEETS}
    assert {key: given.get(key) for key in everything} == everything


def _groups(made: Plant, chance: random.Random) -> Iterator[tuple[Record, ...]]:
    """Give everything in an order in which it may have happened, a result together with its marks."""
    at: dict[UUID, float] = {}
    placed: list[tuple[float, Record]] = []
    marks: dict[UUID, list[Record]] = {}
    for record in (*made.records, *_changes(made, chance)):
        if isinstance(record, CriterionResult):
            marks.setdefault(record.station_result_uuid, []).append(record)
            continue
        mentioned = [value for one in fields(record) if isinstance(value := getattr(record, one.name), UUID)]
        at[record.uuid] = max((at.get(uuid, 0.0) for uuid in mentioned), default=0.0) + chance.random()
        placed.append((at[record.uuid], record))
    for _, record in sorted(placed, key=lambda one: one[0]):
        yield (record, *marks.get(record.uuid, ()))


def _changes(made: Plant, chance: random.Random) -> Iterator[Record]:
    """Give later versions of things, and the end of some holds."""
    for thing in (*made.made.orders, *made.made.pallets):
        match thing:
            case Order():
                yield replace(thing, status=chance.choice(list(OrderStatus)))
            case Pallet():
                yield replace(thing, status=chance.choice(list(PalletStatus)))
    for hold in made.others:
        if hold.KIND == "hold" and chance.random() < 0.5:
            yield HoldRelease(
                uuid=UUID(int=chance.getrandbits(128)), hold_uuid=hold.uuid, reason="checked",
                released_by=made.users[0].uuid, created_at=BEGAN,
            )  # fmt: skip


async def _taken(reading: apsw.Connection, after_seq: int) -> Rows:
    """Take what is new: each row by its list and what tells it from the others."""

    async def read(ask: Callable[[View], object]) -> object:
        return ask(View(reading))

    call: Any = SimpleNamespace(runner=SimpleNamespace(read=read))
    upto = View(reading).last_seq()
    taking = await Taking.begin(call, replace(EVER, after_seq=after_seq, upto_seq=upto))
    found: Rows = {}
    for of in (*ExportList, SHEETS):
        async for piece in taking.pieces(of, ""):
            found |= _rows(of, piece.json, piece.csv)
    return found


def _rows(of: Form, objects: str, records: str) -> Rows:
    rows = json.loads(f"[{objects}]")
    if not isinstance(of, ExportList):
        return {(of, row["pallet"]["pallet_number"]): row for row in rows}
    tables = csv.DictReader(io.StringIO(records, newline=""), COLUMNS[of].header, strict=True)
    return {(of, table[_KEYS.get(of, "id")]): (row, table) for row, table in zip(rows, tables, strict=True)}
