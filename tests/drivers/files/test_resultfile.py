import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from drivers.errors import Unreadable
from drivers.files.listing import look
from drivers.files.resultfile import FileChanging, looks_like_results, open_table, printable, take

from .helpers import result_file
from .workbooks import LAYOUT_A, flash_row, workbook

GOOD = workbook([LAYOUT_A, flash_row()])


def test_a_file_is_taken_whole_with_its_digest(tmp_path: Path) -> None:
    path = tmp_path / "e.xlsx"
    path.write_bytes(GOOD)
    file = take(path)
    assert (file.name, file.content) == ("e.xlsx", GOOD)
    assert file.digest == hashlib.sha256(GOOD).hexdigest()


def a_link(path: Path) -> None:
    path.with_name("real").write_bytes(GOOD)
    path.symlink_to(path.with_name("real"))


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda path: path.mkdir(), "e.xlsx is a folder or a device, not a file."),
        (os.mkfifo, "e.xlsx is a folder or a device, not a file."),
        (lambda path: path.write_bytes(b""), "e.xlsx is empty (0 bytes)."),
        (lambda path: path.write_bytes(bytes(3 << 20)), "e.xlsx is larger than any export of the tester (3 MiB"),
        (a_link, "e.xlsx is a link to another place."),
    ],
    ids=["folder", "pipe", "empty", "huge", "link"],
)
def test_what_is_no_plain_file_is_refused(tmp_path: Path, make: Callable[[Path], None], sentence: str) -> None:
    make(tmp_path / "e.xlsx")
    with pytest.raises(Unreadable) as refused:
        take(tmp_path / "e.xlsx", largest_bytes=1 << 20)
    assert str(refused.value).startswith(sentence)
    assert refused.value.todo


def test_a_file_that_changes_meanwhile_is_left_for_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "e.xlsx"
    path.write_bytes(GOOD)
    real, calls = os.fstat, 0

    def grow(descriptor: int) -> os.stat_result:
        nonlocal calls
        calls += 1
        if calls == 2:
            path.write_bytes(GOOD + b"more")
        return real(descriptor)

    monkeypatch.setattr("drivers.files.resultfile.os.fstat", grow)
    with pytest.raises(FileChanging):
        take(path)


@pytest.mark.parametrize("name", ["e.xls", "e.ods", "e.xlsb", "e"])
def test_other_spreadsheets_are_refused_by_name(name: str) -> None:
    with pytest.raises(Unreadable, match="is neither a workbook"):
        open_table(result_file(GOOD, name))


@pytest.mark.parametrize("name", ["2025-03-04 17-50-00.xlsx", "a.XLSM", "a.csv", "a.xls"])
def test_exports_are_known_by_their_names(name: str) -> None:
    assert looks_like_results(name)


@pytest.mark.parametrize("name", ["~$a.xlsx", ".~lock.a.xlsx#", "._a.xlsx", "a.tmp", "a.xlsx.part", "desktop.ini"])
def test_lock_files_and_other_files_are_not_looked_at(name: str) -> None:
    assert not looks_like_results(name)


def test_odd_names_are_made_printable(tmp_path: Path) -> None:
    names = ["a\nb.csv", "试验 'x'.xlsx", "a\udcffb.csv", "a\u202eb.csv", "=cmd.csv"]
    for name in names:
        (tmp_path / name).write_bytes(GOOD)
    assert len(look(tmp_path)) == 5
    shown = [printable(name) for name in names]
    assert shown == ["a\\nb.csv", "试验 'x'.xlsx", "a\\xffb.csv", "a\\u202eb.csv", "=cmd.csv"]
    assert take(tmp_path / names[2]).name == shown[2]


def test_a_listing_is_sorted_and_shows_links_as_links(tmp_path: Path) -> None:
    for name in ("b.csv", "a.csv", "~$b.csv", "notes.txt"):
        (tmp_path / name).write_bytes(GOOD)
    (tmp_path / "c.csv").symlink_to("nowhere")
    assert [seen.name for seen in look(tmp_path)] == ["a.csv", "b.csv", "c.csv"]
