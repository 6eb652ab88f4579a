"""Both sides, filled with the same factory; and each empty, for tests that write."""

from collections.abc import Generator
from pathlib import Path

import pytest

from simulators.servers import PostgresServer
from tests.servers.fixtures import database
from tests.storage.reads.factory import Factory, Model, factory
from tests.storage.reads.sides import CentralSide, LineSide, Side

SIDES = ("line", "central")


@pytest.fixture(scope="session")
def made() -> Factory:
    return factory()


@pytest.fixture(scope="session")
def model(made: Factory) -> Model:
    return Model(made)


@pytest.fixture(scope="session")
def _filled(
    made: Factory, tmp_path_factory: pytest.TempPathFactory, postgres: PostgresServer, migrated: str
) -> Generator[tuple[Path, str], None, None]:
    """A store and a database that know the whole factory."""
    folder = tmp_path_factory.mktemp("reads")
    with database(postgres, migrated) as name:
        side = CentralSide(folder, postgres.dsn(dbname=name))
        side.write(*made.records)
        side.close()
        yield folder, postgres.dsn(dbname=name)


@pytest.fixture(params=(*SIDES, "central, every word frequent"))
def side(
    request: pytest.FixtureRequest, _filled: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> Generator[Side, None, None]:
    """Whoever answers, knowing the whole factory."""
    folder, dsn = _filled
    if "frequent" in request.param:
        monkeypatch.setattr("storage.postgres.reads._SELDOM", 2)
    side: Side = LineSide(folder) if request.param == "line" else CentralSide(folder, dsn)
    yield side
    side.close()


@pytest.fixture(params=SIDES)
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[Side, None, None]:
    """Whoever answers, knowing nothing yet."""
    central = request.param == "central"
    side = CentralSide(tmp_path, request.getfixturevalue("migrated_dsn")) if central else LineSide(tmp_path)
    yield side
    side.close()
