"""`sunline export` from a line: what a daemon holds comes out whole, signed, and the same each time."""

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from pathlib import Path

import jsonschema
import pyrage
import pytest

from daemon.cli import main
from tests.daemon.control.bench import Bench, bench, serving, until
from tests.daemon.export.plant import NASTY, START, days
from tests.storage.export.samples import csv_rows

SCHEMA = json.loads(files("storage.export").joinpath("export.schema.json").read_text())


@dataclass(frozen=True)
class Ended:
    status: int
    out: str
    err: str


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def out(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


@pytest.fixture
async def line(tmp_path: Path) -> AsyncIterator[Bench]:
    async with bench(tmp_path) as made:
        await made.write(*days())
        yield made


@pytest.fixture
def cli(line: Bench, capsys: pytest.CaptureFixture[str]) -> "Cli":
    return Cli(line, capsys)


class Cli:
    """The command line in a thread, so that the line can answer."""

    def __init__(self, line: Bench, capsys: pytest.CaptureFixture[str]) -> None:
        self._line, self._capsys = line, capsys

    async def __call__(self, *arguments: str, socket: bool = True) -> Ended:
        self._capsys.readouterr()
        where = ("--socket", str(self._line.path)) if socket else ()
        status = await asyncio.to_thread(main, ["export", *arguments, *where])
        await until(lambda: serving() == 0)
        said = self._capsys.readouterr()
        return Ended(status, said.out, said.err)

    async def to(self, out: Path, *arguments: str) -> Path:
        """Export with a fixed time and give the folder."""
        ended = await self("--out", str(out), "--as-of", "2026-04-01T06:00:00Z", "--json", *arguments)
        assert ended.status == 0, ended.err
        return Path(json.loads(ended.out)["folder"])


def contents(folder: Path) -> dict[str, bytes]:
    return {str(one.relative_to(folder)): one.read_bytes() for one in folder.rglob("*") if one.is_file()}


def within(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def test_the_document_fits_the_schema_that_is_shipped_and_every_list_has_rows(cli: Cli, out: Path) -> None:
    folder = await cli.to(out)
    document = json.loads((folder / "export.json").read_bytes())
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    counts = {name: len(rows) for name, rows in document.items() if name != "export_metadata"}
    assert counts == {
        "manufacturing_orders": 1, "panels": 30, "station_results": 60, "pallets": 1, "failed_panels": 10,
        "cosmetic_defects": 30,
    }  # fmt: skip
    readme = (folder / "README.txt").read_text()
    for name, count in counts.items():
        assert re.search(rf"^  {name} +{count}  ", readme, re.MULTILINE)
    assert document["manufacturing_orders"][0]["notes"] == NASTY
    assert {row["criterion"] for row in document["failed_panels"][0]["criteria"]} == {"High Pot Test"}


async def test_the_schema_refuses_a_key_too_many_and_one_too_few(cli: Cli, out: Path) -> None:
    document = json.loads((await cli.to(out) / "export.json").read_bytes())
    check = jsonschema.Draft202012Validator(SCHEMA).is_valid
    for name in document:
        assert not check({key: value for key, value in document.items() if key != name})
        rows = document[name] if isinstance(document[name], list) else [document[name]]
        changed = [{**rows[0], "more": 1}, {key: rows[0][key] for key in list(rows[0])[1:]}]
        for one in changed:
            assert not check({**document, name: [one] if isinstance(document[name], list) else one})


async def test_a_spreadsheet_reads_the_values_and_calculates_none_of_them(cli: Cli, out: Path) -> None:
    folder = await cli.to(out)
    header, *rows = csv_rows((folder / "csv/cosmetic_defects.csv").read_bytes())
    assert {row[header.index("notes")] for row in rows} == {f"'{NASTY}"}
    header, *rows = csv_rows((folder / "csv/station_results.csv").read_bytes())
    final = [dict(zip(header, row, strict=True)) for row in rows if row[header.index("station_number")] == "4"]
    assert {(row["Pmax"], row["Imp"], row["operator"], row["notes"]) for row in final} == {
        ("327.6", "9.6923", "otto", "'@broken\n")
    }


async def test_two_exports_are_the_same_to_the_byte_pdfs_too(cli: Cli, out: Path) -> None:
    first, second = await cli.to(out), await cli.to(out)
    assert second.name == f"{first.name}-2"
    assert contents(first) == contents(second)
    assert "pallet_sheets/PIN-1-2026-000001.pdf" in contents(first)


async def test_an_export_verifies_with_the_key_that_the_line_shows(cli: Cli, out: Path) -> None:
    folder = await cli.to(out)
    shown = json.loads((await cli("key", "--json")).out)
    good = await cli("verify", str(folder), "--public-key", shown["public_key"], socket=False)
    assert (good.status, good.err) == (0, "")
    assert f"Signed with the key that you gave, {shown['fingerprint']}." in good.out
    (folder / "csv/panels.csv").unlink()
    bad = await cli("verify", str(folder), socket=False)
    assert bad.status == 1
    assert bad.out.splitlines()[0] == "missing: csv/panels.csv: It is not there."
    parent = await cli("verify", str(out), socket=False)
    assert parent.err == f"{out} holds exports and is none. Give one of them: {folder}\n"


async def test_the_way_without_sunline_that_the_page_describes_works(cli: Cli, out: Path, tmp_path: Path) -> None:
    folder = await cli.to(out)
    (tmp_path / "line.pem").write_text(json.loads((await cli("key", "--json")).out)["pem"])
    page = (Path(__file__).parents[3] / "docs/export.md").read_text()
    (script,) = re.findall(r"```sh\n(# check.*?)```", page, re.DOTALL)
    done = await asyncio.to_thread(
        subprocess.run, ["bash", "-euc", script], cwd=folder, capture_output=True, text=True, check=False,
        env={**os.environ, "KEY": str(tmp_path / "line.pem")},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Signature Verified Successfully" in done.stdout
    assert done.stdout.count(": OK") == len([name for name in contents(folder) if not name.startswith("manifest.")])


async def test_days_outside_hold_nothing_and_the_days_inside_everything(cli: Cli, out: Path) -> None:
    day = f"{START:%Y-%m-%d}"
    inside = json.loads((await cli.to(out, "--from", day, "--to", day) / "export.json").read_bytes())
    assert inside["export_metadata"]["data_range"] == f"{day} to {day}"
    assert len(inside["station_results"]) == 60
    outside = json.loads((await cli.to(out, "--from", "2026-03-05", "--to", "2026-03-06") / "export.json").read_bytes())
    assert [outside[name] for name in outside if name != "export_metadata"] == [[]] * 6


async def test_an_export_onto_a_pipe_says_a_line_a_file_and_what_to_do_next(cli: Cli, out: Path) -> None:
    ended = await cli("--out", str(out), "--format", "csv,sheets")
    lines = ended.out.splitlines()
    assert lines[0].startswith("  csv/manufacturing_orders.csv: ")
    assert "  pallet sheets: 1" in lines
    assert lines[-1].startswith("Check it anywhere: sunline export verify ")


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["--from", "2026-02-30"], 2, "--from '2026-02-30' is no day. Write it like 2026-12-31."),
        (
            ["--from", "2026-03-02", "--to", "2026-03-01"],
            2,
            "--from 2026-03-02 is after --to 2026-03-01. Exchange them.",
        ),
        (["--format", "xml"], 2, "There is no format 'xml'. Give some of json,csv,sheets."),
        (["--format", ","], 2, "--format names nothing. Give some of json,csv,sheets."),
        (["--as-of", "noon"], 2, "--as-of 'noon' is no time. Write it like 2026-12-31T06:00:00Z."),
        (["--dsn-file", "x"], 2, "--dsn-file is for --source central. Leave it out, or add --source central."),
        (["--source", "central"], 2, "The central server's address is missing. Give --dsn-file FILE."),
        (["--recipient", "age1x"], 1, "'age1x' is no key of a recipient."),
        (["--out", "/nowhere"], 1, "There is no folder /nowhere. Make it first, or plug the medium in."),
        (["--out", "/etc/passwd"], 1, "/etc/passwd is a file. Give a folder."),
        (["--socket", "/nowhere.sock"], 3, "The daemon of this line is not running"),
    ],
)
async def test_what_cannot_be_done_is_one_sentence_and_what_to_do(
    cli: Cli, out: Path, arguments: list[str], status: int, said: str
) -> None:
    where = [] if "--out" in arguments else ["--out", str(out)]
    ended = await cli(*where, *arguments, socket="--socket" not in arguments)
    assert ended.status == status
    assert ended.err.startswith(said)
    assert ended.err.count("\n") == 1
    assert not within(out)


async def test_what_is_encrypted_opens_for_its_recipient_alone(cli: Cli, out: Path) -> None:
    identity = pyrage.x25519.Identity.generate()
    folder = await cli.to(out, "--recipient", str(identity.to_public()))
    document = json.loads(pyrage.decrypt((folder / "export.json.age").read_bytes(), [identity]))
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    assert (await cli("verify", str(folder), socket=False)).status == 0
    assert {name for name in contents(folder) if not name.endswith(".age")} == {
        "README.txt", "manifest.json", "manifest.sig",
    }  # fmt: skip


async def test_where_there_is_no_room_it_is_said_before_anything_is_written(
    cli: Cli, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.export.calls.Os.room_bytes", lambda *_: 9_000)
    ended = await cli("--out", str(out))
    assert ended.status == 1
    assert re.match(r"There is room for 9\.0 kB, and this export takes at least [0-9.]+ kB\. Free space", ended.err)
    assert not [one for one in out.rglob("*") if one.is_file()]  # noqa: ASYNC240


async def test_on_a_terminal_a_bar_says_how_fast_it_goes_and_disappears(line: Bench, out: Path) -> None:
    terminal, ours = os.openpty()
    command = ["-m", "daemon", "export", "--socket", str(line.path), "--out", str(out)]
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, stdout=ours, cwd=Path(__file__).parents[3], env={**os.environ, "TERM": "xterm"}
    )
    os.close(ours)
    seen = b"".join(await asyncio.to_thread(lambda: list(iter(partial(_some, terminal), b""))))
    os.close(terminal)
    assert await process.wait() == 0
    before, _, after = seen.partition(b"Exported ")
    assert b"%" in before
    assert b" left" in before
    assert b"sunline export verify" in after
    assert b"\x1b" not in after
    await until(lambda: serving() == 0)


def _some(terminal: int) -> bytes:
    with suppress(OSError):  # the other end is closed
        return os.read(terminal, 4096)
    return b""


async def test_a_line_that_ends_in_the_middle_is_told_and_the_export_is_gone_on_with(
    cli: Cli, line: Bench, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, asked = line.line.signer, []

    def dying() -> object:
        asked.append(1)
        raise OSError("gone")

    monkeypatch.setattr(line.line, "signer", dying)
    ended = await cli("--out", str(out))
    assert ended.status != 0
    monkeypatch.setattr(line.line, "signer", real)
    ended = await cli("--out", str(out))
    assert ended.status == 0
    assert "  export.json: " in ended.out
    assert ", kept" in ended.out
    assert "It went on where it was interrupted" in ended.out
    assert len(within(out)) == 1
