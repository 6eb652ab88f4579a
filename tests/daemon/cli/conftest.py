"""Fixtures: the command line in this process, and a stand-in for the control server."""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from daemon.cli import main
from tests.daemon.cli.fake import FakeLine


@dataclass(frozen=True)
class Ended:
    status: int
    out: str
    err: str


Cli = Callable[..., Ended]


@pytest.fixture
def line() -> Iterator[FakeLine]:
    with tempfile.TemporaryDirectory() as folder:
        fake = FakeLine(Path(folder) / "line1.sock")
        fake.start()
        yield fake
        fake.stop()


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    for name in ("SUNLINE_SOCKET", "SUNLINE_LINE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("daemon.cli.where.RUN", tmp_path)
    return tmp_path


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, nowhere: Path) -> Cli:
    def run(*arguments: str, socket: Path | None = None) -> Ended:
        if socket is not None:
            monkeypatch.setenv("SUNLINE_SOCKET", str(socket))
        capsys.readouterr()
        status = main(arguments)
        said = capsys.readouterr()
        return Ended(status, said.out, said.err)

    del nowhere
    return run
