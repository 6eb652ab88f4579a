"""Keyboards that go away with the test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.drivers.hid.desk import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path / "event7")
    yield made
    made.unplug()
