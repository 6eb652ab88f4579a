"""A line's store and a central server that hold the same plant."""

from collections.abc import Generator
from pathlib import Path

import pytest

from simulators.servers import PostgresServer
from storage.sqlite.connection import open_reading
from storage.sqlite.exporting import Exports
from tests.servers.fixtures import database
from tests.storage.exporting.plant import Plant, plant
from tests.storage.reads.sides import CentralSide


@pytest.fixture(scope="session")
def made() -> Plant:
    return plant()


@pytest.fixture(scope="session")
def _filled(
    made: Plant, tmp_path_factory: pytest.TempPathFactory, postgres: PostgresServer, migrated: str
) -> Generator[tuple[Path, str], None, None]:
    folder = tmp_path_factory.mktemp("exporting")
    with database(postgres, migrated) as name:
        side = CentralSide(folder, postgres.dsn(dbname=name))
        side.write(*made.records)
        side.close()
        yield folder / "line.db", postgres.dsn(dbname=name)


@pytest.fixture
def sides(_filled: tuple[Path, str]) -> Generator[tuple[Exports, str], None, None]:
    """The store's exports, and where the server is."""
    connection = open_reading(_filled[0])
    yield Exports(connection), _filled[1]
    connection.close()
