"""Machines made of files."""

from pathlib import Path

import pytest

from tests.daemon.checkup.machine import Machine


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is given up because this PC is busy."""
    for name in ("looking.LOOK_S", "lines.ANSWER_S", "examine.AREA_S", "diskfacts.PROBE_S"):
        monkeypatch.setattr(f"daemon.checkup.{name}", 60.0)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "pc")
