"""The pages and completions say everything that the command line takes, and nothing else."""

import re
import shlex
import shutil
import subprocess
import warnings
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path

import pytest
from cyclopts import App
from cyclopts.completion._base import extract_completion_data

from daemon.cli.app import make_app
from daemon.cli.exits import MEANING
from daemon.cli.overview import GROUPS
from daemon.config.folders import made_at_start
from daemon.manual import words
from daemon.manual.__main__ import day, main
from daemon.stick.endings import EXIT_STATUS
from daemon.wiring.bindings import bindings_file
from tests.daemon.manual.conftest import DATE, VERSION

ROOT = Path(__file__).parents[3]


def taken(app: App) -> Iterator[tuple[str, str]]:
    """Every command with every option it takes, as the library finds them."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = extract_completion_data(app)
    for path, data in found.items():
        for argument in data.arguments:
            for name in argument.names:
                if argument.show and name.startswith("--"):
                    yield " ".join(("sunline", *path)), name


ALL = sorted(taken(make_app()))
COMMANDS = sorted({command for command, _ in ALL})


def plain(roff: str) -> str:
    return re.sub(r"\\f[BIR]", "", roff).replace(r"\-", "-").replace(r"\(aq", "'")


def test_the_command_line_is_walked_to_its_end() -> None:
    assert {"sunline sync quarantine discard", "sunline export", "sunline export verify", "sunline run"} <= {*COMMANDS}
    assert ("sunline order create", "--watt-class-w") in ALL


def test_every_command_and_option_is_in_the_page(written: Mapping[str, str]) -> None:
    page = written["sunline.1"]
    shared, *blocks = re.split(
        r"^(?=\\fBsunline )", page[page.index('.SS "Options of') : page.index('.SH "SERVICE')], flags=re.MULTILINE
    )
    told = {block.split(r"\fR")[0].removeprefix(r"\fB").replace(r"\-", "-"): plain(block) for block in blocks}
    assert not [command for command in COMMANDS if command not in told]
    common = plain(shared)
    missing = [
        row for row in ALL if not re.search(rf"^(\S+, )*{row[1]}(,| |$)", told[row[0]] + common, flags=re.MULTILINE)
    ]
    assert not missing


def test_the_page_speaks_in_the_words_of_the_help(written: Mapping[str, str]) -> None:
    page = " ".join(plain(written["sunline.1"]).split())
    assert "Who answers: the central server (every line) or this line; auto: the server while it is connected." in page
    assert "One of: active, completed, cancelled." in page
    assert all(f"{command.name} {command.about}" in page for _, commands in GROUPS for command in commands)
    assert all(meaning[1:].split("`")[0] in page for meaning in MEANING.values())
    assert "Parameters" not in page


def test_every_example_is_a_command_that_is_understood() -> None:
    app = make_app()
    for _, lines in words.EXAMPLES:
        for line in lines:
            name, *arguments = shlex.split(line)
            assert name == "sunline"
            app.parse_args(arguments, print_error=False, exit_on_error=False)


def test_every_variable_of_the_program_is_named() -> None:
    sources = [*(ROOT / "daemon").rglob("*.py")]
    used = {name for source in sources for name in re.findall(r"\"(SUNLINE_[A-Z]+)\"", source.read_text())}
    assert used
    assert used <= {name for name, _ in words.ENVIRONMENT}


def test_the_files_are_where_the_unit_and_the_program_put_them() -> None:
    named = {name for name, _ in words.FILES}
    unit = (ROOT / "systemd/sunline@.service").read_text()
    example = (ROOT / "systemd/line1.toml").read_text()
    assert {f"{folder}/".replace("line7", "lineN") for folder in made_at_start(7)} == {
        "/run/sunline/",
        "/var/lib/sunline/lineN/",
    }
    assert {str(bindings_file(Path("/var/lib/sunline/lineN/line.db"))), "/run/sunline/lineN.sock"} <= named
    assert '"/var/lib/sunline/line1/line.db"' in example
    assert '"/run/sunline/line1.sock"' in example
    assert "--config /etc/sunline/line%i.toml" in unit
    assert re.findall(r"^LoadCredential=\S+:sunline%i\.(\S+)", unit, flags=re.MULTILINE) == ["dsn", "redis"]


def test_the_page_of_the_stick_names_every_ending(written: Mapping[str, str]) -> None:
    page = plain(written["sunline-usb.1"])
    assert all(f"\n{status}\n" in page for status in EXIT_STATUS.values())
    assert "--folder FOLDER" in page


@pytest.mark.parametrize("name", ["sunline.bash", "sunline.fish", "_sunline"])
def test_every_command_and_option_is_in_the_completion(name: str, written: Mapping[str, str]) -> None:
    script = written[name]
    assert not [option for _, option in ALL if not re.search(rf"{option}\b", script)]
    assert not [word for command in COMMANDS for word in command.split() if not re.search(rf"\b{word}\b", script)]


@pytest.mark.parametrize("name", ["sunline.bash", "sunline.fish", "_sunline"])
def test_no_completion_starts_the_program(name: str, written: Mapping[str, str]) -> None:
    assert "__complete" not in written[name].replace("__sunline_complete", "").replace("__fish_complete_path", "")
    assert "python" not in written[name]


def test_the_same_program_gives_the_same_files(
    written: Mapping[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1772323200")
    assert main([str(tmp_path / "new" / "folder")]) == 0
    made = {path.name: path.read_text() for path in (tmp_path / "new" / "folder").iterdir()}
    assert {name: text.replace(version("sunline"), VERSION) for name, text in made.items()} == written


def test_without_a_day_that_is_told_a_page_has_none() -> None:
    assert day({}) == ""
    assert day({"SOURCE_DATE_EPOCH": "1772323200"}) == DATE


def test_without_a_folder_it_says_what_it_takes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "FOLDER" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["sunline.1", "sunline-usb.1"])
@pytest.mark.parametrize(
    "command",
    [
        ("man", "--warnings", "-E", "UTF-8", "-l"),
        ("groff", "-man", "-ww", "-z", "-Tutf8"),
        ("mandoc", "-T", "lint", "-W", "warning"),
    ],
    ids=lambda command: command[0],
)
def test_readers_of_pages_have_nothing_to_say(command: tuple[str, ...], name: str, folder: Path) -> None:
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed here.")
    ended = subprocess.run([*command, str(folder / name)], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert command[0] != "mandoc" or not ended.stdout
