"""Paper and explanations are on the disk before anybody is told, whole or not at all."""

import errno
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from daemon.shadow.desk import DeskRefused, ShadowDesk
from daemon.shadow.keeping import Explanation, Folder, Sheet, Withdrawal
from daemon.shadow.reading import LARGEST_SHEET
from daemon.shadow.report import Period, Right
from daemon.shadow.standing import papers
from tests.daemon.shadow.plant import ZONE

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
RAW = b"serial,station,result\nS1,1,PASS\nS1,2,what\n"
SHEET = Sheet(uuid=UUID(int=1), name="monday.csv", raw=RAW, by="ada", at=NOON)
FACTS = (
    SHEET,
    Withdrawal(uuid=UUID(int=2), what="abc", reason="copied wrongly", by="ada", at=NOON),
    Explanation(uuid=UUID(int=3), difference="12345678", right=Right.PAPER, reason="seen", by="sam", at=NOON),
)


def desk(folder: Path) -> ShadowDesk:
    ticks = iter(range(10_000))
    return ShadowDesk(folder / "shadow.db", lambda: NOON + timedelta(seconds=next(ticks)))


def kept(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "shadow.db.paper").glob("*"))


def test_facts_come_back_as_they_were_kept(tmp_path: Path) -> None:
    Folder(tmp_path / "paper").keep(*FACTS)
    assert Folder(tmp_path / "paper").all() == FACTS


def test_without_a_folder_there_is_nothing(tmp_path: Path) -> None:
    assert Folder(tmp_path / "paper").all() == ()


@pytest.mark.parametrize("damage", [b"", b"x", b"\0" * 400])
def test_a_damaged_fact_is_named_and_costs_no_other(tmp_path: Path, damage: bytes) -> None:
    folder = Folder(tmp_path)
    folder.keep(*FACTS)
    path = tmp_path / f"{SHEET.uuid}.json"
    path.write_bytes(damage or path.read_bytes()[:-9])
    again = Folder(tmp_path)
    assert again.all() == FACTS[1:]
    assert again.damaged() == (path.name,)


@pytest.mark.parametrize("broken", ["write", "fsync", "replace"])
def test_what_could_not_be_kept_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        if broken == "write":
            patch.setattr("daemon.shadow.keeping._written", fails)
        elif broken == "fsync":
            patch.setattr("daemon.shadow.keeping.os.fsync", fails)
        else:
            patch.setattr(Path, "replace", fails)
        with pytest.raises(OSError, match="No space"):
            Folder(tmp_path).keep(SHEET)
    assert list(tmp_path.iterdir()) == []


def test_a_fact_half_written_by_a_power_cut_is_none(tmp_path: Path) -> None:
    (tmp_path / f"{SHEET.uuid}.part").write_bytes(b"half")
    assert Folder(tmp_path).all() == ()


async def test_the_same_file_twice_changes_nothing(tmp_path: Path) -> None:
    here = desk(tmp_path)
    first = await here.take("monday.csv", RAW, "ada", ZONE)
    assert (first.rows, first.new, [fault.row for fault in first.faults]) == (1, 1, [3])
    before = kept(tmp_path)
    again = await here.take("copy of monday.csv", RAW, "sam", ZONE)
    assert (again.id, again.rows, again.new) == (first.id, 1, 0)
    assert kept(tmp_path) == before


async def test_a_file_that_grew_adds_what_is_new(tmp_path: Path) -> None:
    here = desk(tmp_path)
    await here.take("paper.csv", RAW, "ada", ZONE)
    grown = await here.take("paper.csv", RAW + b"S2,1,B\n", "ada", ZONE)
    assert (grown.rows, grown.new) == (2, 1)


async def test_a_file_is_kept_before_it_is_judged(tmp_path: Path) -> None:
    here = desk(tmp_path)
    with pytest.raises(DeskRefused, match="names no column serial"):
        await here.take("holiday.csv", b"a,b\n", "ada", ZONE)
    (sheet,) = await here.sheets(ZONE)
    assert (sheet.sheet.raw, sheet.reading.verdicts) == (b"a,b\n", ())
    assert "no column serial" in sheet.unfit


async def test_a_file_too_large_to_be_read_in_one_go_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DeskRefused, match="has 700001 bytes"):
        await desk(tmp_path).take("year.csv", b"x" * (LARGEST_SHEET + 1), "ada", ZONE)
    assert kept(tmp_path) == []


async def test_a_withdrawn_sheet_counts_no_more_until_it_comes_again(tmp_path: Path) -> None:
    here = desk(tmp_path)
    await here.take("monday.csv", RAW, "ada", ZONE)
    assert await here.withdraw("monday.csv", "wrong day", "ada", ZONE) == "monday.csv"
    assert await here.sheets(ZONE) == ()
    assert (await here.take("monday.csv", RAW, "ada", ZONE)).new == 1
    assert len(await here.sheets(ZONE)) == 1


async def test_a_withdrawn_row_counts_no_more_whatever_file_brings_it(tmp_path: Path) -> None:
    here = desk(tmp_path)
    await here.take("monday.csv", RAW, "ada", ZONE)
    assert await here.withdraw("monday.csv:2", "mistyped", "ada", ZONE) == "monday.csv:2"
    await here.take("tuesday.csv", RAW + b"S2,1,B\n", "ada", ZONE)
    assert [row.serial for one in await here.sheets(ZONE) for row in one.reading.verdicts] == ["S2"]
    with pytest.raises(DeskRefused, match=r"There is no paper friday\.csv"):
        await here.withdraw("friday.csv", "x", "ada", ZONE)


async def test_what_the_disk_lost_is_counted_in_the_report(tmp_path: Path) -> None:
    here = desk(tmp_path)
    await here.take("monday.csv", RAW, "ada", ZONE)
    (name,) = kept(tmp_path)
    (tmp_path / "shadow.db.paper" / name).write_bytes(b"lost")

    class Nothing:
        async def read(self, fn: Any) -> Any:  # noqa: ANN401
            return ()

    told = await desk(tmp_path).report(Nothing(), ZONE, Period())
    assert [where for where, _ in told.unread] == [name]
    assert "1 row of paper could not be read" in told.report.sentence


async def test_a_line_that_starts_again_has_everything(tmp_path: Path) -> None:
    await desk(tmp_path).take("monday.csv", RAW, "ada", ZONE)
    assert len(await desk(tmp_path).sheets(ZONE)) == 1


def test_the_newest_explanation_counts() -> None:
    later = Explanation(
        uuid=UUID(int=9), difference="12345678", right=Right.LINE, reason="seen again", by="ada",
        at=NOON + timedelta(hours=1),
    )  # fmt: skip
    assert papers((*FACTS, later), ZONE).explained["12345678"].right is Right.LINE
