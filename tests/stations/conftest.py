from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stations.shift import Shift


@pytest.fixture
def shift(tmp_path: Path) -> Iterator[Shift]:
    """A line with an order for four panels of 60 cells, everybody signed in."""
    one = Shift(tmp_path / "line.db")
    one.order(quantity=4)
    one.badges()
    yield one
    one.store.close()
