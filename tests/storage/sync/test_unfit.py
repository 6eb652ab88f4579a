"""A server that answers and cannot be worked with: a person is told what to do, and nothing is parked or lost."""

from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from simulators.servers import PostgresServer
from storage.postgres.migrate import COMPATIBLE_FROM, SCHEMA_VERSION
from storage.sync import carrier as carrier_module
from tests.storage.sync.plant import carrying, compare, drained, line, until


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carrier_module, "_FIRST_PAUSE_S", 0.05)
    monkeypatch.setattr(carrier_module, "_LONGEST_PAUSE_S", 0.2)


def said(dsn: str, statement: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as person:
        person.execute(statement.encode())


@pytest.mark.parametrize(
    ("wrong", "right", "words"),
    [
        pytest.param(
            f"UPDATE sunline.central_meta SET schema_version = {COMPATIBLE_FROM - 1}",
            f"UPDATE sunline.central_meta SET schema_version = {SCHEMA_VERSION}",
            "needs", id="schema too old",
        ),
        pytest.param(
            f"UPDATE sunline.central_meta SET compatible_from = {SCHEMA_VERSION + 1}",
            f"UPDATE sunline.central_meta SET compatible_from = {COMPATIBLE_FROM}",
            "wants programs that know", id="schema too new",
        ),
        pytest.param(
            "UPDATE sunline.central_meta SET site = 'ELSEWHERE'",
            "UPDATE sunline.central_meta SET site = 'TEST'",
            "belongs to the site ELSEWHERE", id="another site",
        ),
        pytest.param(
            "ALTER TABLE sunline.panels RENAME COLUMN notes TO remarks",
            "ALTER TABLE sunline.panels RENAME COLUMN remarks TO notes",
            "does not do what this program asks", id="a column is missing",
        ),
        pytest.param(
            "ALTER TABLE sunline.criteria_results RENAME TO gone",
            "ALTER TABLE sunline.gone RENAME TO criteria_results",
            "does not do what this program asks", id="a table is missing",
        ),
    ],
)  # fmt: skip
async def test_a_schema_that_does_not_fit_parks_nothing_and_is_told(
    tmp_path: Path, central: str, wrong: str, right: str, words: str
) -> None:
    async with line(tmp_path, panels=1) as it:
        said(central, wrong)
        async with carrying(it, central) as carrier:
            await until(carrier, words)
            assert carrier.status.todo
            assert await it.parked() == ()
            said(central, right)
            await drained(carrier)
        await compare(central, it)


async def test_a_missing_right_parks_nothing_and_is_told(
    tmp_path: Path, central: str, postgres: PostgresServer
) -> None:
    said(central, "DROP ROLE IF EXISTS line_pc; CREATE ROLE line_pc LOGIN PASSWORD 'x' IN ROLE sunline_daemon")
    try:
        async with line(tmp_path, panels=1) as it:
            said(central, "REVOKE INSERT ON sunline.criteria_results FROM sunline_daemon")
            async with carrying(it, make_conninfo(central, user="line_pc", password="x")) as carrier:
                await until(carrier, "does not allow")
                assert "sunline_daemon" in carrier.status.todo
                assert await it.parked() == ()
                said(central, "GRANT INSERT ON sunline.criteria_results TO sunline_daemon")
                await drained(carrier)
            await compare(central, it)
    finally:
        said(central, "DROP ROLE line_pc")


@pytest.mark.parametrize(
    ("change", "todo"),
    [
        pytest.param({"password": "wrong"}, "password", id="wrong password"),
        pytest.param({"dbname": "nowhere"}, "database", id="no such database"),
        pytest.param({"user": "nobody"}, "user", id="no such user"),
        pytest.param({"dbname": "postgres"}, "migrate", id="a database never migrated"),
    ],
)
async def test_a_wrong_address_is_told_and_loses_nothing(
    tmp_path: Path, central: str, change: dict[str, str], todo: str
) -> None:
    async with line(tmp_path, panels=1) as it:
        waiting = await it.waiting()
        async with carrying(it, make_conninfo(central, **change)) as carrier:
            await until(carrier, "central")
            assert todo in carrier.status.todo
            assert not carrier.status.connected
        assert await it.parked() == ()
        assert await it.waiting() == waiting
