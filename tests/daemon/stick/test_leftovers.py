"""Of what lies on a stick only an interrupted export of ours is taken away, and nothing is followed or believed."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from daemon.stick import leftovers
from daemon.stick.leftovers import cleared
from storage.export.durable import Folder

OURS = (
    "README.txt", "export.json", "export-2.json.age", "manifest.sig", "manifest.json.part", "export.json.part",
    "csv/panels.csv", "csv/station_results-3.csv.age", "csv/pallets.csv.part", "pallet_sheets/P1-1-2026-000001.pdf",
    "pallet_sheets/P1-1-2026-000002.pdf.age",
)  # fmt: skip


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """An export that was interrupted, on a stick."""
    found = tmp_path / "stick" / "sunline-x"
    for name in OURS:
        (found / name).parent.mkdir(parents=True, exist_ok=True)
        (found / name).write_bytes(b"half")
    return found


def files(place: Path) -> set[str]:
    return {str(one.relative_to(place)) for one in place.rglob("*") if not one.is_dir()}


def is_cleared(place: Path) -> bool:
    with Folder.at(str(place.parent)) as top:
        found = cleared(top, place.name)
        if found is not None:
            found.close()
        return found is not None


def test_an_interrupted_export_is_taken_away(place: Path) -> None:
    assert is_cleared(place)
    assert files(place) == set()


def put(name: str) -> Callable[[Path], None]:
    def act(place: Path) -> None:
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(b"mine")

    return act


FOREIGN = [
    put("manifest.json"), put("mine.txt"), put("csv/mine.csv"), put("csv/panels.csv.exe"), put("csv/deep/panels.csv"),
    put("pallet_sheets/.pdf.lnk"), put("other/README.txt"), put("export.json\n"), put("csv/a b.csv"),
    lambda place: (place / "csv" / "panels-1.csv").mkdir(),
    lambda place: (place / "README.txt").unlink() or (place / "README.txt").mkdir(),
]  # fmt: skip


@pytest.mark.parametrize("act", FOREIGN)
def test_where_anything_else_is_among_it_nothing_is_touched(place: Path, act: Callable[[Path], None]) -> None:
    act(place)
    before = files(place)
    assert not is_cleared(place)
    assert files(place) == before


def test_links_and_pipes_under_our_names_are_taken_away_and_lead_nowhere(place: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "panels.csv").write_bytes(b"mine")
    (place / "README.txt").unlink()
    (place / "README.txt").symlink_to(outside / "panels.csv")
    os.mkfifo(place / "export-3.json")
    assert is_cleared(place)
    assert files(outside) == {"panels.csv"}
    (place / "csv").rmdir()
    (place / "csv").symlink_to(outside)
    assert not is_cleared(place), "a link is no folder of ours"
    assert files(outside) == {"panels.csv"}


def test_a_folder_without_end_is_not_read_to_its_end(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leftovers, "_MOST", 20)
    for number in range(40):
        (place / "pallet_sheets" / f"P{number}.pdf").touch()
    before = files(place)
    assert not is_cleared(place)
    assert files(place) == before


def test_what_is_no_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "sunline-x").write_bytes(b"mine")
    (tmp_path / "sunline-y").symlink_to(tmp_path)
    assert not is_cleared(tmp_path / "sunline-x")
    assert not is_cleared(tmp_path / "sunline-y")
