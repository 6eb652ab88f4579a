"""What each version's own program does for a change, on real files; and that other versions can ask it to."""

import os
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import cast

import orjson
import pytest

from daemon.upgrade.linepc import LinePc
from daemon.upgrade.machine import ConfiguredLine, Unable
from daemon.upgrade.sites import Sites
from daemon.upgrade.step import Ended, main
from daemon.upgrade.units import Units
from tests.storage.samples import furnished, open_store

STATIONS = "".join(f"[[station]]\nnumber = {number}\nscreen = true\n" for number in (1, 2, 3, 4))


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A line's file, and its store."""
    furnished(tmp_path / "data" / "line.db").close()
    (tmp_path / "run").mkdir()
    file = tmp_path / "etc" / "line1.toml"
    file.parent.mkdir()
    file.write_text(
        f'site = "TEST"\nline = 1\n[store]\npath = "{tmp_path}/data/line.db"\n'
        f'[control]\nsocket = "{tmp_path}/run/line1.sock"\n{STATIONS}'
    )
    return file


def test_a_good_file_has_no_fault(config: Path) -> None:
    assert main(["faults", str(config)]) is Ended.YES


def test_every_fault_is_a_sentence(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.write_text(config.read_text().replace("line = 1", 'line = "one"').replace("number = 4", "number = 3"))
    assert main(["faults", str(config)]) is Ended.REFUSED
    said = capsys.readouterr().out.splitlines()
    assert len(said) > 1
    assert all(sentence.endswith((".", ")")) for sentence in said), said


def test_a_store_is_taken_over_compared_and_given_back(config: Path, tmp_path: Path) -> None:
    path = tmp_path / "data" / "line.db"
    assert main(["take-over", str(config), "2.0"]) is Ended.YES
    assert path.with_name("line.db.before-2.0").exists()
    assert main(["is-as-kept", str(config), "2.0"]) is Ended.YES
    assert main(["give-back", str(config), "2.0"]) is Ended.YES
    assert main(["is-as-kept", str(config), "2.0"]) is Ended.NO, "the store has another id now"
    assert main(["give-back", str(config), "2.0"]) is Ended.NO


def test_a_store_in_use_is_refused_in_words(config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = open_store(tmp_path / "data" / "line.db")
    assert main(["take-over", str(config), "2.0"]) is Ended.REFUSED
    assert "Another process has the store" in capsys.readouterr().out
    store.close()


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Callable[[str], None]]:
    """Let a daemon say once in what state its store is."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as heard, ThreadPoolExecutor(1) as aside:

        def answer(state: str) -> None:
            asked, _ = heard.accept()
            with asked:
                asked.recv(4096)
                asked.sendall(orjson.dumps({"id": 1, "ok": True, "result": {"store": {"state": state}}}) + b"\n")

        heard.bind(str(tmp_path / "run" / "line1.sock"))
        heard.listen()
        yield lambda state: cast("None", aside.submit(answer, state))


@pytest.mark.parametrize(("state", "ended"), [("ok", Ended.YES), ("low", Ended.YES), ("refusing", Ended.NO)])
def test_a_daemon_is_asked_whether_it_takes_scans(
    config: Path, daemon: Callable[[str], None], state: str, ended: Ended
) -> None:
    daemon(state)
    assert main(["takes-scans", str(config)]) is ended


def test_a_daemon_that_is_not_there_is_said(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["takes-scans", str(config)]) is Ended.REFUSED
    assert "line1.sock" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["is_well", "came_up"])
def test_a_service_that_runs_and_refuses_every_scan_is_not_at_work(
    pc: LinePc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (line,) = pc.lines()
    at_work = getattr(pc, name)
    Sites(tmp_path / "opt").switch("1.0")
    python = tmp_path / "opt" / "1.0" / "bin" / "python"
    for active, ended, well in (
        (True, Ended.YES, True), (True, Ended.NO, False), (True, Ended.REFUSED, True), (True, 1, True),
        (False, Ended.YES, False),
    ):  # fmt: skip
        monkeypatch.setattr(Units, "is_active", lambda *_, now=active: now)
        monkeypatch.setattr(Units, "stayed_active", lambda *_, now=active: now)
        python.write_text(f"#!/bin/sh\nexit {ended}\n")
        assert at_work(line) is well


@pytest.fixture
def pc(tmp_path: Path, config: Path) -> LinePc:
    """A PC with a version 1.0 that repeats what it is asked, and a 2.0 that cannot even start."""
    for version, program in (("1.0", f'echo "$@"; exit {Ended.REFUSED}'), ("2.0", "echo no such library >&2; exit 1")):
        python = tmp_path / "opt" / version / "bin" / "python"
        python.parent.mkdir(parents=True)
        python.write_text(f"#!/bin/sh\n{program}\n")
        python.chmod(0o755)
        (tmp_path / "opt" / version / "pyvenv.cfg").touch()
    return LinePc(Sites(tmp_path / "opt"), config.parent)


def test_a_versions_own_program_is_asked(pc: LinePc, config: Path) -> None:
    (config.parent / "stick.toml").touch()
    (line,) = pc.lines()
    assert (line, line.unit) == (ConfiguredLine(1, config), "sunline@1.service")
    assert pc.faults("1.0", line) == (f"-I -m daemon.upgrade.step faults {config}",)
    with pytest.raises(Unable, match=rf"daemon\.upgrade\.step take-over {config} 1\.0"):
        pc.take_over("1.0", line)


def test_a_version_reads_the_file_as_the_service_does(
    pc: LinePc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = 'SUNLINE_STORE__PATH=/disk/line.db PATH=/elsewhere "SUNLINE_SITE=A B"'
    (tmp_path / "systemctl").write_text(f"#!/bin/sh\ncat <<'END'\n{told}\nEND\n")
    (tmp_path / "systemctl").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr("daemon.upgrade.units._BOOTED", tmp_path)
    python = tmp_path / "opt" / "1.0" / "bin" / "python"
    python.write_text(f'#!/bin/sh\necho "$SUNLINE_STORE__PATH $SUNLINE_SITE $PATH"; exit {Ended.REFUSED}\n')
    (line,) = pc.lines()
    assert pc.faults("1.0", line) == ("/disk/line.db A B /usr/sbin:/usr/bin:/sbin:/bin",)


def test_a_program_that_fails_is_a_fault_in_words(pc: LinePc) -> None:
    (line,) = pc.lines()
    assert pc.faults("2.0", line) == ("The program of 2.0 fails: no such library.",)
    assert not pc.opens("2.0", line)
    for version in ("2.0", "3.0"):
        with pytest.raises(Unable):
            pc.take_over(version, line)


@pytest.mark.skipif(os.path.isdir("/run/systemd/system"), reason="a service manager runs here")  # noqa: PTH112
def test_without_a_service_manager_no_line_is_at_work(pc: LinePc) -> None:
    assert not any(map(pc.is_running, pc.lines()))
    pc.stop(())
    pc.start(())
