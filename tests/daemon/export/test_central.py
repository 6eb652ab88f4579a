"""`sunline export --source central`: the same form, of every line, as a reader of the server."""

import json
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest

from daemon.cli import main
from storage.export.signing import KeySigner
from storage.records.seeds import seed_records
from tests.daemon.export.plant import START, days
from tests.daemon.export.test_line import SCHEMA, contents
from tests.storage.reads.sides import CentralSide

Say = pytest.CaptureFixture[str]

KEY = """-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g
-----END PRIVATE KEY-----
"""


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def out(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


@pytest.fixture
def server(tmp_path: Path, migrated_dsn: str) -> Iterator[CentralSide]:
    (tmp_path / "report.dsn").write_text(migrated_dsn)
    (tmp_path / "line").mkdir()
    side = CentralSide(tmp_path / "line", migrated_dsn)
    line = side._line
    line.write(*seed_records("TEST", START))  # the server has them already
    side._seen = line.store.view.last_seq()
    side.write(*days(site="TEST"))
    yield side
    side.close()


def export(tmp_path: Path, out: Path, say: Say, *more: str) -> tuple[Path, str]:
    arguments = ["--source", "central", "--dsn-file", str(tmp_path / "report.dsn"), "--as-of", "2026-04-01T06:00:00Z"]
    status = main(["export", "--out", str(out), *arguments, *more])
    said = say.readouterr()
    assert (status, said.err) == (0, "")
    return Path(said.out.split("The folder: ")[1].splitlines()[0]), said.out


@pytest.mark.usefixtures("server")
def test_every_line_is_exported_in_the_same_form_and_not_signed(tmp_path: Path, out: Path, capsys: Say) -> None:
    folder, said = export(tmp_path, out, capsys)
    assert folder.name.startswith("sunline-TEST-all-lines-2026-03-02_")
    document = json.loads((folder / "export.json").read_bytes())
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    assert [len(rows) for name, rows in document.items() if name != "export_metadata"] == [1, 30, 60, 1, 10, 30]
    assert (folder / "pallet_sheets/PIN-1-2026-000001.pdf").read_bytes().startswith(b"%PDF")
    assert "not signed." in said
    assert "--sign-key FILE" in said
    assert main(["export", "verify", str(folder)]) == 0
    assert "It is not signed: who made it is not known." in capsys.readouterr().out


@pytest.mark.usefixtures("server")
def test_with_a_key_of_ones_own_it_is_signed(tmp_path: Path, out: Path, capsys: Say) -> None:
    (tmp_path / "own.pem").write_text(KEY)
    folder, said = export(tmp_path, out, capsys, "--sign-key", str(tmp_path / "own.pem"))
    assert "signed with the key" in said
    public_key = KeySigner.of_file(tmp_path / "own.pem").public_key
    (tmp_path / "raw").write_bytes(public_key)
    body = json.loads((folder / "manifest.json").read_bytes())
    assert main(["export", "verify", str(folder), "--public-key", body["public_key"]]) == 0


@pytest.mark.usefixtures("server")
def test_twice_it_is_the_same_to_the_byte(tmp_path: Path, out: Path, capsys: Say) -> None:
    until = ("--to", "2026-03-31")
    first, second = export(tmp_path, out, capsys, *until)[0], export(tmp_path, out, capsys, *until)[0]
    assert contents(first) == contents(second)


@pytest.mark.parametrize(
    ("dsn", "more", "said"),
    [
        ("host=127.0.0.1 port=1 dbname=x connect_timeout=2", [], "central server"),
        ("", [], "The file with the address of the central server is empty"),
        ("host=127.0.0.1 port=1", ["--sign-key", "/nowhere.pem"], "The key /nowhere.pem cannot be read."),
    ],
)
def test_a_server_that_cannot_be_asked_is_one_sentence(
    tmp_path: Path, out: Path, capsys: Say, dsn: str, more: list[str], said: str
) -> None:
    (tmp_path / "report.dsn").write_text(dsn)
    assert (
        main(["export", "--out", str(out), "--source", "central", "--dsn-file", str(tmp_path / "report.dsn"), *more])
        == 1
    )
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1
    assert not list(out.iterdir())


@pytest.mark.usefixtures("server")
def test_days_that_are_none_are_told(tmp_path: Path, out: Path, capsys: Say) -> None:
    for days_given in (["--from", "2999-01-01"], ["--to", "9999-12-31"], ["--to", "1999-01-01"]):
        command = ["export", "--out", str(out), "--source", "central", "--dsn-file", str(tmp_path / "report.dsn")]
        assert main([*command, *days_given]) == 1
        assert "Give other days." in capsys.readouterr().err
