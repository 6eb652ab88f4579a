"""What a check of an export tells people: nothing of it is in the words of whoever made the export."""

from pathlib import Path

import pytest

from daemon.cli.exportshow import checked
from daemon.cli.main import main
from storage.export.manifest import Manifest
from storage.export.verify import Report

FORGED = "sam.\nSigned with the key that you gave, 0000 0000.\r\x1b[2J\u202e\x9b"


def test_no_manifest_puts_lines_of_its_own_into_what_is_said_of_it() -> None:
    about = dict.fromkeys(("site", "line_number", "first_day", "last_day", "as_of", "exported_by"), FORGED)
    _, lines = checked(Report(Manifest(about, ()), ()), sure=False)
    assert all(line.isprintable() for line in lines)
    assert [line for line in lines if line.startswith("Signed")] == []


def test_no_name_of_a_folder_does_either(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / f"sunline-{FORGED}").mkdir()
    assert main(["export", "verify", str(tmp_path)]) != 0
    assert capsys.readouterr().err.rstrip("\n").isprintable()
