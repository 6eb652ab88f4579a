"""A shadow run by the command line: paper made from what the line did, spoilt, brought, compared, explained."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pypdfium2  # type: ignore[import-untyped]
import pytest

from daemon.cli import main
from daemon.shadow.desk import ShadowDesk
from daemon.shadow.gather import line_side
from daemon.shadow.sides import LinePanel
from stations.office.rules import SetRule, set_rule
from stations.workflow.turn import Place
from storage.records import shadow_of
from tests.daemon.control.bench import Bench, bench, serving, until
from tests.daemon.shadow.plant import Cells, cells_of, csv_of
from tests.stations.office.shop import PEOPLE, Shop, order

SERIALS = [f"CRS25WT60{number:05d}" for number in (101, 202, 303, 404)]


@dataclass(frozen=True)
class Ended:
    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401 -- JSON
        return json.loads(self.out)


@dataclass
class Desk:
    """A line beside paper, and somebody at the command line."""

    line: Bench
    panels: dict[str, LinePanel]
    folder: Path
    capsys: pytest.CaptureFixture[str]

    async def tries(self, *words: str) -> Ended:
        self.capsys.readouterr()
        status = await asyncio.to_thread(main, (*words, "--socket", str(self.line.path)))
        await until(lambda: not serving())
        said = self.capsys.readouterr()
        return Ended(status, said.out, said.err)

    async def does(self, *words: str) -> Ended:
        done = await self.tries(*words)
        assert done.status == 0, done
        return done

    async def report(self, *words: str) -> Any:  # noqa: ANN401 -- JSON
        return (await self.does("shadow", "report", "--json", *words)).json

    def paper(self, name: str, rows: list[Cells]) -> str:
        path = self.folder / name
        path.write_bytes(csv_of(rows))
        return str(path)

    def rows(self) -> list[Cells]:
        return [row for one in self.panels.values() for row in cells_of(one)]


def work(path: Path) -> None:
    """Have three panels go through a line, one of them with a rework and one taken back; a fourth only begins."""
    shop = Shop(path)
    shop.write(*PEOPLE, order(quantity=9))
    shop.get(set_rule, SetRule(key="plant_time_zone", value="America/Indiana/Indianapolis"), "ada")
    first, second, third, fourth = SERIALS
    shop.work(first, 1, 2, 3, 4)
    shop.work(second, 1)
    shop.scan(2, "SL-U-otto", second, "SL-F-1", "SL-D-101", "SL-DONE", "SL-OUT")
    shop.work(second, 2, 3, 4)
    shop.work(third, 1)
    shop.scan(2, "SL-U-otto", third, "SL-B", "SL-D-101", "SL-DONE", "SL-UNDO", "SL-PASS", "SL-OUT")
    shop.work(third, 3, 4)
    shop.work(fourth, 1)
    shop.store.close()


@pytest.fixture(scope="module")
def worked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store in which that happened."""
    path = tmp_path_factory.mktemp("worked") / "line.db"
    work(path)
    return path


@asynccontextmanager
async def running(folder: Path, worked: Path, capsys: pytest.CaptureFixture[str]) -> AsyncIterator[Desk]:
    shutil.copyfile(worked, folder / "line.db")
    async with bench(folder) as line:
        line.line.shadow = ShadowDesk(folder / "line.db", lambda: datetime.now(UTC))
        runner = line.line.runner
        assert runner is not None
        yield Desk(line, await line_side(runner), folder, capsys)


@pytest.fixture
async def at(tmp_path: Path, worked: Path, capsys: pytest.CaptureFixture[str], be: Any) -> AsyncIterator[Desk]:  # noqa: ANN401
    be("sam")
    async with running(tmp_path, worked, capsys) as desk:
        yield desk


@pytest.fixture
def be(monkeypatch: pytest.MonkeyPatch) -> Any:  # noqa: ANN401
    from daemon.control.peers import Peer

    def become(os_user: str) -> None:
        async def peer_of(_: object) -> Peer:
            return Peer(4321, os_user)

        monkeypatch.setattr("daemon.control.server.peer_of", peer_of)

    return become


async def test_perfect_paper_agrees_in_everything(at: Desk) -> None:
    brought = await at.does("shadow", "import", at.paper("monday.csv", at.rows()))
    assert brought.out == "monday.csv: 14 rows, 14 new.\n"
    again = await at.does("shadow", "import", at.paper("again.csv", at.rows()))
    assert again.out == "again.csv: 14 rows, nothing new.\n"
    found = await at.report()
    assert found["sentence"] == "4 of 4 panels agree in everything."
    assert found["differences"] == []
    assert len(found["good_days"]) == 1


async def test_a_spoilt_paper_is_found_out_explained_and_no_longer_open(at: Desk) -> None:
    """The rework is not on the paper, values are swapped in a digit, one serial is cut off, one panel has no paper."""
    rows = [row for row in at.rows() if row["serial"] != SERIALS[3]]
    rows = [row for row in rows if not (row["serial"] == SERIALS[1] and row["result"] == "FAIL")]
    for row in rows:
        if row["serial"] == SERIALS[0] and row["station"] == "4":
            row["Pmax"] = "372.60"
        if row["serial"] == SERIALS[2] and row["station"] == "3":
            row["serial"] = SERIALS[2][3:]
    await at.does("shadow", "import", at.paper("week.csv", rows))
    found = await at.report()
    assert [(one["serial"], one["station"], one["cause"]) for one in found["differences"]] == [
        (SERIALS[0], 4, "other_values"), (SERIALS[1], 2, "rework_not_written"), (SERIALS[2], None, "cut_off"),
    ]  # fmt: skip
    assert found["without_paper"] == [SERIALS[3]]
    assert found["sentence"] == ("0 of 3 panels agree in everything; 3 are open; 1 panel of the line has no paper.")
    ids = [one["id"] for one in found["differences"]]
    told = await at.does(
        "shadow",
        "explain",
        *ids[:2],
        "--right",
        "line",
        "--reason",
        "The sheet shows a correction that was not copied.",
    )
    assert told.out == "2 differences explained; 1 open.\n"
    told = await at.does(
        "shadow", "explain", "--cause", "cut_off", "--right", "paper", "--reason", "The label was torn."
    )
    assert told.out == "1 difference explained; 0 open.\n"
    found = await at.report()
    assert found["right"] == {"line": 2, "paper": 1}
    assert found["open_differences"] == 0
    assert [one["explained"]["by"] for one in found["differences"]] == ["sam"] * 3


async def test_the_report_is_read_on_a_terminal_of_80_columns(at: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = at.rows()
    rows[0]["result"] = "FAIL"
    await at.does("shadow", "import", at.paper("week.csv", rows))
    monkeypatch.setenv("COLUMNS", "80")
    said = (await at.does("shadow", "report")).out
    assert said.startswith("SHADOW RUN - the paper counts\n")
    assert max(map(len, said.splitlines())) <= 80
    assert "line PASS, paper FAIL; one of them has" in said
    assert said.rstrip().endswith("3 of 4 panels agree in everything; 1 is open.")


async def test_the_report_prints(at: Desk) -> None:
    rows = at.rows()
    rows[0]["result"] = "FAIL"
    await at.does("shadow", "import", at.paper("week.csv", rows[:-1]))
    await at.does("shadow", "report", "--pdf", str(at.folder / "report.pdf"))
    with pypdfium2.PdfDocument(at.folder / "report.pdf") as document:
        text = "\n".join(page.get_textpage().get_text_range() for page in document)
    assert "SHADOW RUN - the paper counts" in text
    assert "2 of 3 panels agree in everything; 1 is open; 1 panel of the line has no paper." in text
    assert "Signature" in text


async def test_bad_rows_are_named_and_the_others_are_kept(at: Desk) -> None:
    rows = at.rows()
    rows[1]["result"] = "perhaps"
    done = await at.tries("shadow", "import", at.paper("monday.csv", rows))
    assert (done.status, done.out) == (1, "monday.csv: 13 rows, 13 new.\n")
    assert done.err.splitlines()[0] == "monday.csv:3: 'perhaps' is no verdict: write PASS, FAIL or B."
    assert "1 row of paper could not be read." in (await at.report())["sentence"]
    listed = (await at.does("shadow", "papers", "--json")).json
    assert [(one["name"], one["rows"], len(one["faults"])) for one in listed] == [("monday.csv", 13, 1)]
    await at.does("shadow", "withdraw", "monday.csv", "--reason", "Corrected.")
    assert (await at.does("shadow", "papers", "--json")).json == []


async def test_a_file_that_is_not_there_keeps_the_others_out_and_one_that_is_no_paper_does_not(at: Desk) -> None:
    good, bad = at.paper("monday.csv", at.rows()), str(at.folder / "bad.csv")
    assert (await at.tries("shadow", "import", good, "/nowhere.csv")).out == ""
    assert (await at.does("shadow", "papers", "--json")).json == []
    (at.folder / "bad.csv").write_text("a,b\n1,2\n")
    done = await at.tries("shadow", "import", good, bad)
    assert (done.status, done.out) == (1, "monday.csv: 14 rows, 14 new.\n")
    assert "bad.csv: Line 1 names no column serial" in done.err


async def test_paper_is_typed_at_the_desk(at: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    said = iter([SERIALS[3], "P", "", "", "", SERIALS[0].lower(), "P", "P", "P", "P", ""])
    monkeypatch.setattr("builtins.input", lambda: next(said))
    done = await at.does("shadow", "enter")
    assert done.out == "2 panels entered.\n"
    assert f"desk-{SERIALS[3]}: 1 row, 1 new.\n" in done.err
    assert (await at.report())["sentence"] == ("2 of 2 panels agree in everything; 2 panels of the line have no paper.")


async def test_a_template_is_written_once(at: Desk) -> None:
    path = at.folder / "paper.csv"
    assert main(("shadow", "template", str(path))) == 0
    before = path.read_bytes()
    assert main(("shadow", "template", str(path))) == 1
    assert path.read_bytes() == before
    assert (await at.does("shadow", "import", str(path))).out == "paper.csv: 0 rows, nothing new.\n"


async def test_operators_change_nothing(at: Desk, be: Any) -> None:  # noqa: ANN401
    be("otto")
    why = ("--reason", "x")
    brought = ("import", at.paper("monday.csv", at.rows()))
    for words in (brought, ("explain", "12", "--right", "line", *why), ("withdraw", "a", *why)):
        done = await at.tries("shadow", *words)
        assert (done.status, "needs a supervisor" in done.err) == (5, True)
    assert (await at.report())["compared"] == 0


async def test_what_is_not_there_is_said_so(at: Desk) -> None:
    right = ("--right", "line", "--reason", "x")
    for words, says in (
        (("explain", "ffffffff", *right), "ffffffff is no difference."),
        (("explain", *right), "That is no difference."),
        (("explain", "", *right), "is no difference."),
        (("withdraw", "x", "--reason", "y"), "There is no paper x."),
        (("import", "/nowhere.csv"), "/nowhere.csv: No such file or directory."),
        (("import",), "FILE is missing."),
    ):
        done = await at.tries("shadow", *words)
        assert done.status in (1, 2)
        assert says in done.err


async def test_a_line_that_does_real_work_has_no_desk(at: Desk) -> None:
    at.line.line.shadow = None
    done = await at.tries("shadow", "report")
    assert done.status == 1
    assert done.err == "This line does not run beside paper. That takes a [shadow] section in its configuration.\n"


async def test_nobody_waits_for_a_central_server(at: Desk) -> None:
    at.line.line.place = Place(shadow_of("IN"), 1)
    done = await at.tries("sync", "status")
    assert done.err.startswith("A shadow run sends nothing to the central server")
    status = (await at.does("status", "--json")).json
    assert (status["shadow"], status["central"]) == (True, None)
