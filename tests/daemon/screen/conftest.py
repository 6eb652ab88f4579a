"""Fixtures: the clock in UTC, and a stand-in for the control server."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.daemon.cli.fake import FakeLine


@pytest.fixture
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()


@pytest.fixture
def line() -> Iterator[FakeLine]:
    with tempfile.TemporaryDirectory() as folder:
        fake = FakeLine(Path(folder) / "line.sock")
        yield fake
        fake.stop()
