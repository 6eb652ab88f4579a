"""Whatever lies in the tester's folder: every readable row is stored and matched, every bad file is named."""

import io
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import apsw
import pytest

import daemon.line.line
import daemon.wiring.devices
from drivers.files import FolderSettings
from storage.sqlite import View
from tests.drivers.files.workbooks import LAYOUT_A, LAYOUT_B, Cell, Formula, csv_text, workbook
from tests.line.cable import Told
from tests.line.house import House, at_work
from tests.line.premises import premises, serial


def row(number: int, sn: Cell, *, layout_b: bool = False) -> list[Cell]:
    """A row of a 60-cell panel, unlike any other number's."""
    imp = 9.7026 + number / 1e4
    five: list[Cell] = [imp * 33.921, imp + 0.4894, 41.013, imp, 33.921]
    work: list[Cell] = [0, 0] if layout_b else []
    head: list[Cell] = [number, sn, "2026/3/2", f"上午 1:{number:02d}:36", "I->V", 329, 1]
    return [*head, *five, 0.7877, 0.18, *work, 25.0, 25.0, 0.28, 1000.1, 9999.0]


def export(*numbers: int) -> bytes:
    """An export in layout A with these panels."""
    return workbook([LAYOUT_A, *(row(n, Formula(serial(n))) for n in numbers)])


READABLE: dict[str, bytes] = {
    "2026-03-02 10-00-00.xlsx": export(1),
    "2026-03-02 10-10-00.xlsx": workbook([LAYOUT_B, row(2, Formula(serial(2)), layout_b=True)]),
    "2026-03-02 10-20-00.xlsm": export(3),
    "2026-03-02 10-30-00.csv": csv_text([LAYOUT_A, row(4, Formula(serial(4)))]).encode("utf-8-sig"),
    "2026-03-02 10-40-00.csv": csv_text([LAYOUT_A, row(5, Formula(serial(5)))]).encode("gbk"),
    "2026-03-02 10-50-00.xlsx": export(1, 6),  # a later export repeats earlier rows
}


def bomb() -> bytes:
    """A small archive that would unpack to a hundred megabytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"\0" * 100_000_000)
    return out.getvalue()


BROKEN: dict[str, bytes] = {
    "half.xlsx": export(1)[:700],
    "noise.xlsx": bytes(range(256)) * 20,
    "report.csv": b"%PDF-1.7\n" + bytes(range(256)),
    "letter.xlsx": workbook([["Dear", "Sir"], ["or", "Madam"]]),
    "shifted.xlsx": workbook([LAYOUT_A[:-1], row(7, serial(7))]),
    "other columns.csv": b"a,b,c\r\n1,2,3\r\n",
    "archive.xlsx": bomb(),
    "tricky\n\x1b[2Jname.csv": b"a;b\r\n1;2\r\n",
}


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file is believed to be all there after a moment."""
    monkeypatch.setattr(daemon.wiring.devices, "FolderSettings", partial(FolderSettings, settle_s=0.15, patience_s=0.3))


def lay(house: House, name: str, content: bytes) -> None:
    """Put a file into the tester's folder."""
    (house.at.exports / name).write_bytes(content)


def complaint(house: House) -> str:
    """What the tester's folder complains of."""
    (entry,) = [one for one in house.line.fleet.board.entries() if one.name == "tester"]
    return entry.status.reason


def imported(*names: str) -> Callable[[View], bool]:
    return lambda view: {one.name for one in view.imported_files(100)} >= set(names)


async def test_every_form_of_export_fills_in_its_panel(tmp_path: Path) -> None:
    with premises(tmp_path, tester="files") as at:
        async with at_work(at) as house:
            await house.ready()
            await house.sign_in()
            await house.passed(4, 1, 2, 3)
            for name, content in READABLE.items():
                lay(house, name, content)
            await house.stored(imported(*READABLE))
            for n in (1, 2, 3, 4, 5, 6):
                found = await house.read(lambda view, n=n: view.flashes_of_serial(serial(n)))  # type: ignore[misc]
                assert {row.values_key for row in found} == {found[0].values_key}, n
            assert await house.scan(4, serial(4), "SL-PASS") == [Told.GOOD, Told.GOOD], house.banner(4)
            panel = await house.read(lambda view: view.panel(serial(4)))
            assert panel is not None
            result = (await house.read(lambda view: view.results_of(panel.uuid)))[-1]
            assert '"late"' in (result.electrical_data or "")


async def test_every_broken_file_is_named_and_the_next_good_one_is_read(tmp_path: Path) -> None:
    with premises(tmp_path, tester="files") as at:
        async with at_work(at) as house:
            await house.ready()
            for number, (name, content) in enumerate(BROKEN.items(), start=1):
                lay(house, name, content)
                await house.stored(lambda view, n=number: len(view.garbles(100)) >= n)  # type: ignore[misc]
                newest = (await house.read(lambda view: view.garbles(100)))[0]
                assert newest.reason.startswith(name[:5]), name
                assert newest.reason.isprintable(), name
                await house.until(lambda name=name: name[:5] in complaint(house))  # type: ignore[misc]
                assert complaint(house).isprintable()
                (at.exports / name).unlink()
                lay(house, f"good {number}.xlsx", export(number))
                await house.stored(imported(f"good {number}.xlsx"))
            assert await house.scan(1, serial(1)) == [Told.BAD]  # nobody is signed in; the line answers
            assert not await house.read(lambda view: view.intake_errors(1))


async def test_rows_behind_a_bad_row_and_a_last_row_half_written_are_read(tmp_path: Path) -> None:
    bad: list[Cell] = [99, "CRS26WW6000099", "2026/3/2", "noon", "I->V", 0, 1, "n/a", *(["?"] * 11)]
    text = csv_text([LAYOUT_A, row(1, serial(1)), bad, row(2, serial(2))]).encode()
    with premises(tmp_path, tester="files") as at:
        async with at_work(at) as house:
            await house.ready()
            lay(house, "growing.csv", text[:-40])
            await house.stored(lambda view: bool(view.flashes_of_serial(serial(1))))
            lay(house, "growing.csv", text)
            await house.stored(lambda view: bool(view.flashes_of_serial(serial(2))))
            await house.stored(imported("growing.csv"))
            rows = await house.read(lambda view: [view.flashes_of_serial(serial(n)) for n in (1, 2)])
            assert all(len({one.flash_key for one in found}) == 1 for found in rows)
            assert not await house.read(lambda view: view.undecided_flashes(1))


async def test_a_file_waits_for_a_store_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(daemon.line.line, "_READ_AGAIN_S", 0.01)
    with premises(tmp_path, tester="files") as at:
        async with at_work(at) as house:
            await house.ready()
            asked: list[str] = []

            def unreadable(_: View, digest: str) -> bool:
                asked.append(digest)
                raise apsw.IOError("the disk gave nothing")

            with monkeypatch.context() as sick:
                sick.setattr(View, "imported", unreadable)
                lay(house, "export.xlsx", export(1))
                await house.until(lambda: len(asked) > 2)
            await house.stored(imported("export.xlsx"))
            assert len(await house.read(lambda view: view.flashes_of_serial(serial(1)))) == 1


async def test_a_folder_that_vanishes_is_said_and_found_again(tmp_path: Path) -> None:
    with premises(tmp_path, tester="files") as at:
        async with at_work(at) as house:
            await house.ready()
            at.exports.rename(tmp_path / "elsewhere")
            await house.until(lambda: "is not there" in complaint(house))
            (tmp_path / "elsewhere").rename(at.exports)
            await house.online()
            lay(house, "good.xlsx", export(9))
            await house.stored(imported("good.xlsx"))
