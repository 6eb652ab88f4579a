"""A server that answers and cannot be worked with: a person is told what to do, and nothing is parked or lost."""

import asyncio
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from uuid_utils.compat import uuid7

from simulators.servers import PostgresServer
from storage.postgres.migrate import COMPATIBLE_FROM, SCHEMA_VERSION
from storage.records import Override, Panel
from storage.sync import carrier as carrier_module
from storage.sync import doubt
from storage.sync.carrier import Carrier
from tests.storage.sync.plant import Line, carrying, compare, drained, exchanged, line, until
from tests.storage.sync.shift import now


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carrier_module, "_FIRST_PAUSE_S", 0.05)
    monkeypatch.setattr(carrier_module, "_LONGEST_PAUSE_S", 0.2)


def said(dsn: str, statement: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as person:
        person.execute(statement.encode())


async def a_panel(it: Line) -> Panel:
    held = (await it.held())[Panel.KIND]
    return next(one for one in held.values() if isinstance(one, Panel))


async def overridden(it: Line, panel: Panel) -> None:
    await it.write(
        Override(
            uuid=uuid7(), panel_uuid=panel.uuid, action="retest", station_number=4, reason="r",
            decided_by=it.shift.boss.uuid, created_at=now(),
        )
    )  # fmt: skip


async def settled(carrier: Carrier) -> None:
    """Wait until everything went up or was parked, or nothing goes any more."""
    carrier.ring()
    while carrier.status.connected and (await carrier.backlog()).waiting:  # noqa: ASYNC110
        await asyncio.sleep(0.01)


async def stops_and_goes_on(
    tmp_path: Path, central: str, panels: int, wrong_and_right: tuple[str, str], words: str, todo: str
) -> None:
    """See a line stand still at a wrong server with nothing parked, and carry everything once it is right."""
    wrong, right = wrong_and_right
    async with line(tmp_path, panels=panels) as it:
        said(central, wrong)
        async with carrying(it, central) as carrier:
            await until(carrier, words)
            assert carrier.status.todo
            assert todo in carrier.status.todo
            assert await it.parked() == ()
            said(central, right)
            await drained(carrier)
        await compare(central, it)


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
    await stops_and_goes_on(tmp_path, central, 1, (wrong, right), words, "")


@pytest.mark.parametrize(
    ("wrong", "right", "words"),
    [
        pytest.param(
            "ALTER TABLE sunline.station_results ADD COLUMN shift text NOT NULL",
            "ALTER TABLE sunline.station_results DROP COLUMN shift",
            "wants a shift in station_results", id="a column this program does not know",
        ),
        pytest.param(
            "ALTER TABLE sunline.criteria_results ADD CONSTRAINT never CHECK (uuid IS NULL)",
            "ALTER TABLE sunline.criteria_results DROP CONSTRAINT never",
            "takes no criterion result any more", id="a rule no row meets",
        ),
        pytest.param(
            "ALTER TABLE sunline.scan_outcomes ALTER COLUMN code TYPE varchar(1)",
            "ALTER TABLE sunline.scan_outcomes ALTER COLUMN code TYPE text",
            "takes no scan outcome any more", id="a column too narrow for all",
        ),
    ],
)  # fmt: skip
async def test_a_server_that_takes_none_of_a_kind_parks_nothing_and_is_told(
    tmp_path: Path, central: str, wrong: str, right: str, words: str
) -> None:
    await stops_and_goes_on(tmp_path, central, 8, (wrong, right), words, "Update sunline on this line")


async def test_a_rule_that_comes_while_a_line_works_parks_few_and_they_go_when_it_is_gone(
    tmp_path: Path, central: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doubt, "ALIKE", 4)
    async with line(tmp_path, panels=1) as it:
        async with carrying(it, central) as carrier:
            await drained(carrier)
            panel = await a_panel(it)
            said(central, "ALTER TABLE sunline.overrides ADD CONSTRAINT never CHECK (uuid IS NULL) NOT VALID")
            while carrier.status.connected:
                await overridden(it, panel)
                await settled(carrier)
            assert "takes no override any more" in carrier.status.trouble
            parked = await it.parked()
            assert len(parked) == doubt.ALIKE - 1
            said(central, "ALTER TABLE sunline.overrides DROP CONSTRAINT never")
            said(central, "UPDATE sunline.central_meta SET schema_version = schema_version + 1")
            await drained(carrier)
            while await it.parked():  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        await compare(central, it, retried=True)


async def test_what_one_schema_refused_is_tried_once_under_the_next(tmp_path: Path, central: str) -> None:
    async with line(tmp_path, panels=1) as it:
        await exchanged(it, central)
        panel = await a_panel(it)
        said(central, "ALTER TABLE sunline.panels ADD CONSTRAINT short CHECK (length(notes) < 9) NOT VALID")
        await it.write(replace(panel, notes="a long note"))
        await exchanged(it, central)
        (parked,) = await it.parked()
        said(central, "ALTER TABLE sunline.panels DROP CONSTRAINT short")
        await exchanged(it, central)
        assert await it.parked() == (parked,), "nothing says that it is worth a try"
        said(central, "UPDATE sunline.central_meta SET schema_version = schema_version + 1")
        await exchanged(it, central)
        await compare(central, it, retried=True)


async def test_a_schema_changed_under_a_connection_is_noticed(
    tmp_path: Path, central: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carrier_module, "_GREET_EVERY_S", 0.0)
    monkeypatch.setattr(carrier_module, "POLL_S", 0.05)
    async with line(tmp_path, panels=1) as it:
        async with carrying(it, central) as carrier:
            await drained(carrier)
            said(central, "ALTER TABLE sunline.overrides ADD CONSTRAINT never CHECK (uuid IS NULL) NOT VALID")
            await overridden(it, await a_panel(it))
            await drained(carrier)
            assert len(await it.parked()) == 1
            said(central, "ALTER TABLE sunline.overrides DROP CONSTRAINT never")
            said(central, "UPDATE sunline.central_meta SET schema_version = schema_version + 1")
            while await it.parked():  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        await compare(central, it, retried=True)


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
