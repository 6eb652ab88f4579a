"""A line and the central server give the same export byte for byte, and it holds what it should."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.export import ExportList, Piece, Scope
from storage.export.columns import COLUMNS, FORMULA_STARTS
from storage.export.rendering import SHEETS, Form
from storage.postgres.exporting import CentralRows
from storage.records import Override
from storage.sqlite.exporting import Exports
from tests.storage.exporting.plant import DATED, EVER, SAID, Plant, inside
from tests.storage.reads.factory import BEGAN

Sides = tuple[Exports, str]
_KEY = {
    ExportList.FAILED: "panel_id", ExportList.COSMETIC: "result_id",
}  # fmt: skip
_MINUTES = st.integers(-1, 61).map(lambda minutes: BEGAN + timedelta(minutes=minutes))
SCOPES = st.just(EVER) | st.tuples(_MINUTES, _MINUTES).map(lambda two: Scope(since=min(two), until=max(two)))


def here(exports: Exports, of: Form, scope: Scope, limit: int = 0) -> Iterator[Piece]:
    bounds = replace(exports.bounds(scope), before="~")
    after: str | None = ""
    while after is not None:
        piece = exports.walked(of, bounds, after, limit)
        yield piece
        after = piece.after


def text(pieces: list[Piece]) -> tuple[str, str, int]:
    """Put pieces together."""
    full = [piece for piece in pieces if piece.count]
    return ",\n".join(one.json for one in full), "".join(one.csv for one in full), sum(one.count for one in full)


def records(of: ExportList, written: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(written, newline=""), COLUMNS[of].header, strict=True))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(scope=SCOPES, limit=st.sampled_from([2, 7, 400]))
def test_both_give_the_same_text_whatever_the_pieces(sides: Sides, made: Plant, scope: Scope, limit: int) -> None:
    exports, dsn = sides
    wanted = inside(made.made, scope)
    with CentralRows.open(dsn) as central, pytest.MonkeyPatch.context() as patch:
        patch.setattr("storage.postgres.exporting.ROWS", dict.fromkeys((*ExportList, SHEETS), limit))
        for of in ExportList:
            line, server = text(list(here(exports, of, scope, limit))), text(list(central.pieces(of, scope)))
            assert line == server
            rows = records(of, line[1])
            assert [row[_KEY.get(of, "id")] for row in rows] == wanted[of]
            assert len(json.loads(f"[{line[0]}]")) == line[2] == len(rows)


@pytest.mark.parametrize("of", list(ExportList))
def test_json_and_csv_say_the_same(sides: Sides, of: ExportList) -> None:
    written, table, _ = text(list(here(sides[0], of, EVER)))
    for told, row in zip(json.loads(f"[{written}]"), records(of, table), strict=True):
        assert tuple(told) == COLUMNS[of].keys
        assert None not in row.values()
        for key, value in told.items():
            if isinstance(value, str):
                assert row[key] == ("'" if value.startswith(FORMULA_STARTS) else "") + value
            elif key in row and not isinstance(value, list):
                assert row[key] == ("" if value is None else str(value))


def test_no_text_in_a_table_is_calculated_by_a_spreadsheet(sides: Sides) -> None:
    for of in ExportList:
        for row in records(of, text(list(here(sides[0], of, EVER)))[1]):
            for name, value in row.items():
                assert not value.startswith(FORMULA_STARTS) or name in ("Pmax", "Voc", "Isc", "Vmp", "Imp")


def test_what_people_wrote_comes_out_as_it_was(sides: Sides, made: Plant) -> None:
    told = json.loads(f"[{text(list(here(sides[0], ExportList.RESULTS, EVER)))[0]}]")
    assert {one["id"]: one["notes"] for one in told} == {str(one.uuid): one.notes for one in made.made.results}
    assert set(SAID) <= {one["notes"] for one in told}


def test_values_come_out_with_every_digit_in_the_order_of_a_data_sheet(sides: Sides, made: Plant) -> None:
    told = json.loads(f"[{text(list(here(sides[0], ExportList.RESULTS, EVER)))[0]}]")
    stored = {str(one.uuid): one.electrical_data for one in made.made.results}
    order = ["Pmax", "Voc", "Isc", "Vmp", "Imp", "source", "flash", "judged_by"]
    for one in told:
        values, text_ = one["electrical_data"], stored[one["id"]]
        assert values == (None if text_ is None else json.loads(text_))
        assert values is None or list(values) == sorted(values, key=order.index)


def test_every_row_that_is_named_is_there(sides: Sides) -> None:
    for minute in range(0, 60, 7):
        scope = Scope(since=BEGAN + timedelta(minutes=minute), until=BEGAN + timedelta(minutes=minute + 5))
        told = {of: json.loads(f"[{text(list(here(sides[0], of, scope)))[0]}]") for of in ExportList}
        orders = {one["id"] for one in told[ExportList.ORDERS]}
        panels = {one["id"] for one in told[ExportList.PANELS]}
        assert {one["mo_id"] for one in (*told[ExportList.PANELS], *told[ExportList.PALLETS])} <= orders
        assert {one["panel_id"] for one in told[ExportList.RESULTS]} <= panels


def test_scrap_says_who_when_and_why_and_defects_what_was_found(sides: Sides, made: Plant) -> None:
    failed = json.loads(f"[{text(list(here(sides[0], ExportList.FAILED, EVER)))[0]}]")
    reasons = {one.reason for one in made.others if isinstance(one, Override)}
    assert any(one["time"] for one in failed)
    assert {one["operator"] for one in failed} >= {"=jürgen", 'e"va'}
    assert reasons & {one["notes"] for one in failed}
    assert any(mark["result"] == "FAIL" for one in failed for mark in one["criteria"])
    cosmetic = json.loads(f"[{text(list(here(sides[0], ExportList.COSMETIC, EVER)))[0]}]")
    assert {mark["result"] for one in cosmetic for mark in one["criteria"]} > {"FAIL"}
    assert all(mark["result"] == "FAIL" or mark["notes"] is not None for one in cosmetic for mark in one["criteria"])


def test_both_give_the_same_pallet_sheets(sides: Sides) -> None:
    exports, dsn = sides
    line = [sheet for piece in here(exports, SHEETS, EVER) for sheet in orjson.loads(f"[{piece.json}]")]
    with CentralRows.open(dsn) as central:
        assert list(central.sheets(EVER)) == line
    numbers = [one["pallet"]["pallet_number"] for one in line]
    assert len(numbers) == len(set(numbers)) == 12
    assert any(row["values"] and row["values"]["Pmax"] == 301.5 for one in line for row in one["rows"])
    assert any(one["holds"] for one in line)


def test_a_piece_with_long_rows_has_fewer(sides: Sides, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = text(list(here(sides[0], ExportList.RESULTS, EVER)))
    monkeypatch.setattr("storage.sqlite.exporting.MOST_CHARACTERS", 3_000)
    monkeypatch.setattr("storage.postgres.exporting.MOST_CHARACTERS", 3_000)
    pieces = list(here(sides[0], ExportList.RESULTS, EVER))
    assert text(pieces) == whole
    assert max(len(one.json) + len(one.csv) for one in pieces) <= 3_000
    with CentralRows.open(sides[1]) as central:
        assert text(list(central.pieces(ExportList.RESULTS, EVER))) == whole


def test_a_server_is_read_as_it_was_at_one_moment(sides: Sides, made: Plant) -> None:
    with CentralRows.open(sides[1]) as central:
        told = central.standing()
        assert (told.site, told.config["default_pallet_size"]) == ("TEST", "25")
        assert set(told.ends) <= {one.created_at for one in made.records if isinstance(one, DATED)}
        assert central.counts(EVER)[ExportList.RESULTS] == len(made.made.results)
        assert central._rows("SHOW transaction_isolation") == [("repeatable read",)]
