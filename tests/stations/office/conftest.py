from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stations.office.shop import PEOPLE, Shop, order


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Shop]:
    """A line nobody has signed up to."""
    shop = Shop(tmp_path / "line.db")
    yield shop
    shop.store.close()


@pytest.fixture
def shop(empty: Shop) -> Shop:
    """A line with people and one order."""
    empty.write(*PEOPLE, order())
    return empty
