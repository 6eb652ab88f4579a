import json
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cyclopts import App

from daemon.cli.app import make_app
from daemon.cli.exits import MEANING, OF_CODE, Exit
from daemon.cli.overview import COMMANDS, overview
from daemon.control.protocol import Code
from tests.daemon.cli import samples as s
from tests.daemon.cli.fake import FakeLine, Refusal

if TYPE_CHECKING:
    from tests.daemon.cli.conftest import Cli


def _leaves(app: App, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    names = [name for name in app if not name.startswith("-")]
    return [leaf for name in names for leaf in _leaves(app[name], (*path, name))] if names else [path]


ROOT = Path(__file__).parents[3]
LEAVES = _leaves(make_app())


@pytest.mark.parametrize("code", [code.value for code in Code])
@pytest.mark.parametrize("as_json", [False, True])
def test_every_error_of_the_api_is_one_sentence_and_a_documented_exit_code(
    code: str, as_json: bool, cli: "Cli", line: FakeLine
) -> None:
    line.answers["order.list"] = Refusal(code, "It cannot be.", "Do that.")
    done = cli("order", "list", *(["--json"] if as_json else []), socket=line.path)
    assert done.out == ""
    assert done.status == OF_CODE[code]
    error = {"code": code, "message": "It cannot be.", "todo": "Do that.", "exit": done.status}
    assert done.err == (json.dumps({"error": error}) if as_json else "It cannot be. Do that.") + "\n"


def test_the_overview_shows_every_command_and_every_exit_code(cli: "Cli") -> None:
    for words in ((), ("--help",), ("-h",)):
        done = cli(*words)
        assert done.status == (0 if words else 2)
        assert all(f"  {command.name} " in done.out for command in COMMANDS)
        assert all(f"  {int(status)} " in done.out and meaning in done.out for status, meaning in MEANING.items())
    assert "\x1b[1m" in overview(colour=True)
    assert max(map(len, overview(colour=False).splitlines())) <= 100


def test_the_first_page_appears_without_loading_any_library() -> None:
    heavy = ("cyclopts", "rich", "asyncio", "pydantic", "fpdf", "apsw")
    code = (
        "import sys, daemon.cli; daemon.cli.main(['--help']);"
        f"sys.exit(', '.join(name for name in {heavy!r} if name in sys.modules) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("leaf", LEAVES, ids=" ".join)
def test_every_command_explains_itself_and_offers_json(leaf: tuple[str, ...], cli: "Cli") -> None:
    done = cli(*leaf, "--help")
    assert (done.status, done.err) == (0, "")
    assert "--json" in done.out or leaf == ("run",)


@pytest.mark.parametrize(
    "words",
    [
        "nonsense", "order", "order creat", "panel show", "panel move A x --reason y", "order list --colour red",
        "panel scrap A", "user add a king", "run", "waiver grant ff 60 --until tomorrow --reason x", "sheet four",
        "device replay a --speed 0", "check-config",
    ],
)  # fmt: skip
def test_a_wrong_command_line_is_one_line_on_stderr(words: str, cli: "Cli") -> None:
    done = cli(*words.split())
    if words == "order":
        assert done.status == 0
        assert "create" in done.out
        return
    assert (done.status, done.out) == (2, "")
    assert len(done.err.splitlines()) == 1
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("panel show", "SERIAL is missing."), ("run", "--config is missing."),
        ("panel scrap A", "--reason is missing."),
        ("order list --status", "--status needs a value."), ("order create A", "PANEL-TYPE is missing."),
    ],
)  # fmt: skip
def test_what_is_missing_is_named(words: str, said: str, cli: "Cli") -> None:
    done = cli(*words.split())
    assert (done.status, done.err.startswith(said)) == (2, True)
    assert "--help`." in done.err


def test_without_a_line_the_command_says_how_to_start_one(cli: "Cli", nowhere: Path) -> None:
    done = cli("status")
    assert done.status == Exit.NOT_RUNNING
    assert "Start it" in done.err
    (nowhere / "line1.sock").touch()
    assert cli("status").status == Exit.NOT_RUNNING
    assert cli("status", "--line", "2").err.startswith("Line 2 is not running here.")


def test_the_line_is_chosen_by_number_socket_or_environment(
    cli: "Cli", nowhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [FakeLine(nowhere / f"line{number}.sock") for number in (1, 2)]
    try:
        for number, one in enumerate(lines, 1):
            one.answers["order.list"] = s.piece({"mo_number": f"MO-{number}"})
            one.start()
        several = cli("order", "list")
        assert (several.status, several.err) == (2, "Several lines run here (line1, line2). Say which: --line N.\n")
        assert "MO-2" in cli("order", "list", "--line", "2").out
        assert "MO-1" in cli("order", "list", "--socket", str(lines[0].path)).out
        monkeypatch.setenv("SUNLINE_LINE", "1")
        assert "MO-1" in cli("order", "list").out
        assert "MO-2" in cli("order", "list", "--line", "2", socket=lines[0].path).out
        lines[0].stop()
        monkeypatch.delenv("SUNLINE_SOCKET")
        monkeypatch.delenv("SUNLINE_LINE")
        assert "MO-2" in cli("order", "list").out
    finally:
        for one in lines:
            one.stop()


def test_a_daemon_that_hangs_is_no_endless_wait(cli: "Cli", line: FakeLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("daemon.cli.asking._ANSWER_S", 0.05)
    line.hung = True
    done = cli("status", socket=line.path)
    assert (done.status, done.err.split(".")[0]) == (3, "The daemon runs, but does not answer")


@pytest.mark.parametrize("said", [b"", b"hello\n", b'{"id": 1'])
def test_whoever_else_listens_there_is_no_daemon(said: bytes, cli: "Cli", tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s"))
        listener.listen()

        def serve() -> None:
            peer, _ = listener.accept()
            with peer:
                peer.recv(1 << 16)
                peer.sendall(said)

        thread = threading.Thread(target=serve)
        thread.start()
        done = cli("status", socket=tmp_path / "s")
        thread.join()
    assert done.status == Exit.NOT_RUNNING
    assert len(done.err.splitlines()) == 1


@pytest.mark.parametrize("result", [None, 7, {"orders": 3}, "x"])
def test_an_answer_nobody_expected_is_a_fault_not_a_traceback(result: object, cli: "Cli", line: FakeLine) -> None:
    line.answers["panel.show"] = result
    done = cli("panel", "show", "A", socket=line.path)
    assert done.status == Exit.INTERNAL
    assert done.err.startswith("Fault in this program: ")
    assert len(done.err.splitlines()) == 1


def test_a_reader_that_has_seen_enough_ends_the_command_quietly(line: FakeLine) -> None:
    line.answers["panel.list"] = s.piece(*[s.PANEL] * 5000)
    words = ["panel", "list", "--json", "--socket", str(line.path)]
    code = f"import sys; from daemon.cli import main; sys.exit(main({words}))"
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    with process, process.stdout, process.stderr:
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == Exit.PIPE_CLOSED


@pytest.mark.parametrize(("closed", "status"), [(">&-", 0), ("2>&-", 0), ("<&- >&- 2>&-", 0), ("--nonsense 2>&-", 2)])
def test_a_closed_stream_is_nobody_listening_and_no_fault(closed: str, status: int, line: FakeLine) -> None:
    line.answers["line.status"] = s.STATUS
    command = f'exec "{sys.executable}" -m daemon status --socket "{line.path}" {closed}'
    done = subprocess.run(["sh", "-c", command], capture_output=True, check=False, cwd=ROOT)
    assert (done.returncode, done.stderr) == (status, b"")
    assert line.asked == ([("line.status", {})] if status == 0 else [])


@pytest.mark.parametrize("words", ["--help", "status"])
def test_an_output_that_takes_nothing_is_one_sentence(words: str, line: FakeLine) -> None:
    line.answers["line.status"] = s.STATUS
    command = f'SUNLINE_SOCKET="{line.path}" exec "{sys.executable}" -m daemon {words} >/dev/full'
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False, cwd=ROOT)
    assert (done.returncode, done.stderr) == (1, "The output: No space left on device.\n")


def test_a_configuration_is_checked_with_every_fault_named(cli: "Cli", tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text('site = "X"\nlin = 1\n', encoding="utf-8")
    done = cli("check-config", str(bad))
    assert done.status == Exit.USAGE
    assert "lin is no setting; did you mean line?" in done.out
    as_json = json.loads(cli("check-config", str(bad), "--json").out)
    assert as_json["good"] is False
    assert len(as_json["faults"]) == len(done.out.splitlines())


def test_the_screen_needs_a_terminal(cli: "Cli", line: FakeLine) -> None:
    done = cli("station", "1", socket=line.path)
    assert (done.status, done.err) == (2, "This is not a terminal. Use --json to read the station from a program.\n")


def test_a_file_that_is_no_recording_is_refused(cli: "Cli", tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_text("hello\n", encoding="utf-8")
    done = cli("device", "replay", str(file))
    assert (done.status, done.out) == (1, "")
    assert "is not a recording" in done.err
    assert cli("device", "replay", str(tmp_path / "none")).status == 1


def test_ports_are_listed_without_a_daemon(cli: "Cli") -> None:
    done = cli("device", "ports", "--json")
    assert done.status == 0
    assert isinstance(json.loads(done.out), list)


@pytest.mark.parametrize(("words", "said"), [
    ("60 5 --pmax-min-w nan", "pmax-min-w cannot be nan. Give an ordinary number."),
    ("60 5 --pmax-max-w inf", "pmax-max-w cannot be inf. Give an ordinary number."),
    ("60 5 --pmax-max-w=-1e999", "pmax-max-w cannot be -inf. Give an ordinary number."),
    ("60 99999999999999999999999", "quantity cannot be 99999999999999999999999. Give an ordinary number."),
    ("60 5 --notes \udcff", "notes holds bytes that are no text (UTF-8). Type it again."),
])  # fmt: skip
def test_what_no_order_can_hold_is_refused_before_it_is_sent(words: str, said: str, cli: "Cli", line: FakeLine) -> None:
    done = cli("order", "create", "MO-1", *words.split(), socket=line.path)
    assert (done.status, done.out, done.err) == (2, "", f"{said}\n")
    assert not line.asked


def test_a_number_below_nothing_reaches_the_line_and_its_answer(cli: "Cli", line: FakeLine) -> None:
    line.answers["order.create"] = Refusal("invalid", "The lower Pmax limit cannot be -5.0.", "Give watts.")
    done = cli("order", "create", "MO-1", "60", "5", "--pmax-min-w", "-5", socket=line.path)
    assert (done.status, done.err) == (2, "The lower Pmax limit cannot be -5.0. Give watts.\n")
    line.answers["order.create"] = Refusal("invalid", "An order cannot be for -5 panels.", "Give 1 to 100000.")
    assert cli("order", "create", "MO-1", "60", "-5", socket=line.path).err.startswith("An order cannot be for -5")
