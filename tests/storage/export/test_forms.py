"""What stands in the files is what the rows were."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.export import ExportList, Piece
from storage.export.columns import COLUMNS
from storage.export.durable import Folder
from storage.export.job import Paper, Source
from storage.export.layout import Format, part_name
from storage.export.run import RowsBroken, run_export
from tests.storage.export import samples as s

VALUES = st.one_of(
    st.none(), st.integers(-(2**53), 2**53), st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    st.sampled_from(["=1+1", "+x", "-x", "@x", "\tx", "\rx", '"', "a,b", "a\r\nb", "'", "\u2028", "Ω 王"]),
)  # fmt: skip


def anything(of: ExportList) -> st.SearchStrategy[list[dict[str, Any]]]:
    names = tuple(dict.fromkeys((*COLUMNS[of].keys, *COLUMNS[of].header)))
    return st.lists(st.fixed_dictionaries(dict.fromkeys(names, VALUES)), max_size=5)


LISTS = st.fixed_dictionaries({of: anything(of) for of in ExportList})


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(LISTS, st.integers(1, 4), st.sampled_from([0, 900, 10_000_000]))
def test_any_rows_come_back_from_json_and_csv_in_however_many_pieces_and_parts(
    tmp_path_factory: pytest.TempPathFactory, lists: dict[ExportList, list[dict[str, Any]]], size: int, most: int
) -> None:
    where = tmp_path_factory.mktemp("export")
    source = Source(s.FakeRows(lists, size), [], s.SIGNER)
    with Folder.at(str(where)) as folder:
        run_export(s.job(formats=frozenset({Format.JSON, Format.CSV})), source, folder, most_bytes=most)
    documents = [json.loads(file.read_bytes()) for file in in_order(where, "export.json")]
    for of in ExportList:
        assert [row for one in documents for row in one[of.value]] == lists[of]
        tables = [s.csv_rows(file.read_bytes()) for file in in_order(where, f"csv/{of.value}.csv")]
        assert all(tuple(table[0]) == COLUMNS[of].header for table in tables)
        found = [record for table in tables for record in table[1:]]
        assert found == [[plain(row[name]) for name in COLUMNS[of].header] for row in lists[of]]


def in_order(where: Path, name: str) -> list[Path]:
    if (where / name).exists():
        return [where / name]
    parts = [where / part_name(name, number) for number in range(1, 200)]
    found = [one for one in parts if one.exists()]
    assert len(found) > 1
    return found


def plain(value: object) -> str:
    """What a CSV reader gives for a field."""
    text = "" if value is None else str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def test_the_document_has_the_seeds_form(target: Path) -> None:
    with Folder.at(str(target)) as folder:
        run_export(s.JOB, s.source(), folder)
    document = json.loads((target / "export.json").read_text())
    assert list(document) == ["export_metadata", *(of.value for of in ExportList)]
    assert document["export_metadata"] == {
        "export_date": "2026-04-01T06:30:15Z",
        "exported_by": "maria",
        "data_range": "2026-03-01 to 2026-03-31",
    }


@pytest.mark.parametrize("formats", [{"json"}, {"csv"}, {"sheets"}, {"json", "sheets"}, set()])
def test_only_what_was_asked_for_is_written(target: Path, formats: set[str]) -> None:
    wanted = frozenset(Format(one) for one in formats)
    with Folder.at(str(target)) as folder:
        manifest = run_export(s.job(formats=wanted), s.source(), folder)
    assert (target / "export.json").exists() == ("json" in formats)
    assert (target / "csv").exists() == ("csv" in formats)
    assert (target / "pallet_sheets").exists() == ("sheets" in formats)
    assert "README.txt" in {file.name for file in manifest.files}


def test_a_list_that_breaks_off_is_no_export(target: Path) -> None:
    class Short:
        def pieces(self, of: ExportList, scope: object, after: str = "") -> Iterator[Piece]:
            rows = s.FakeRows({of: [s.row(of, n) for n in range(9)]})
            yield next(rows.pieces(of, s.JOB.scope))

    with Folder.at(str(target)) as folder, pytest.raises(RowsBroken, match="broke off after 3 rows"):
        run_export(s.JOB, Source(Short(), [], None), folder)
    assert not list(target.rglob("*.json"))


def test_progress_only_grows_and_ends_at_everything(target: Path) -> None:
    diary = s.Diary()
    with Folder.at(str(target)) as folder:
        run_export(
            s.job(counts=dict.fromkeys(ExportList, 7) | {ExportList.PALLETS: 7}), s.source(sheets=7), folder, {}, diary
        )
    shares = [step.share for step in diary.steps]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert diary.steps[-1].bytes == sum(f.stat().st_size for f in target.rglob("*") if f.is_file()) - sum(
        (target / name).stat().st_size for name in ("manifest.json", "manifest.sig")
    )


@pytest.mark.parametrize(
    "number", ["P1-1-2026-000001", "../../etc/passwd", "a/b", "", ".", "CON\n", "Ω" * 300, "x" * 500]
)
def test_a_pallet_of_any_number_gets_a_sheet_inside_the_folder(target: Path, number: str) -> None:
    source = Source(s.FakeRows({}), [Paper(number, lambda: b"%PDF")], None)
    with Folder.at(str(target)) as folder:
        run_export(s.job(formats=frozenset({Format.SHEETS})), source, folder)
    (only,) = (target / "pallet_sheets").iterdir()
    assert only.read_bytes() == b"%PDF"
    assert only.suffix == ".pdf"
