"""Setting up the central database: what a technician is told, and what is refused before anything is made."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

if TYPE_CHECKING:
    from tests.daemon.cli.conftest import Cli


@pytest.fixture
def address(tmp_path: Path, dsn: str) -> Path:
    file = tmp_path / "owner.dsn"
    file.write_text(f"{dsn}\n")
    return file


def test_a_database_is_set_up_once_and_a_second_time_changes_nothing(cli: "Cli", address: Path, dsn: str) -> None:
    first = cli("central", "migrate", "--site", "P1", "--dsn-file", str(address))
    assert (first.status, first.err) == (0, "")
    assert "is set up" in first.out
    assert "CREATE ROLE line1 LOGIN PASSWORD '...' IN ROLE sunline_daemon;" in first.out
    again = cli("central", "migrate", "--site", "P1", "--dsn-file", str(address))
    assert "is up to date: nothing was to be done" in again.out
    assert "CREATE ROLE" not in again.out
    as_json = cli("central", "migrate", "--site", "P1", "--dsn-file", str(address), "--json")
    assert json.loads(as_json.out) == {"done": [], "missing_roles": []}
    password = psycopg.conninfo.conninfo_to_dict(dsn)["password"]
    assert str(password) not in first.out + again.out
    foreign = cli("central", "migrate", "--site", "P2", "--dsn-file", str(address))
    assert foreign.status == 1
    assert "belongs to the site P1, this program to P2" in foreign.err


def test_an_owner_who_may_make_no_roles_is_told_which_to_have_made(
    cli: "Cli", address: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.postgres.roles.ROLES", ("sunline_daemon", "sunline_of_nobody"))
    told = cli("central", "migrate", "--site", "P1", "--dsn-file", str(address)).out
    assert "missing roles sunline_of_nobody." in told
    assert "CREATE ROLE sunline_of_nobody NOLOGIN;" in told
    assert "run this command again" in told


@pytest.mark.parametrize("site", ["plant one", "p1", "", "P123456789"])
def test_a_site_no_line_could_have_is_refused_before_anything_is_made(
    cli: "Cli", address: Path, dsn: str, site: str
) -> None:
    ended = cli("central", "migrate", "--site", site, "--dsn-file", str(address))
    assert ended.status == 2
    assert "1 to 8 capital letters or digits" in ended.err
    with psycopg.connect(dsn) as server:
        assert server.execute("SELECT to_regnamespace('sunline')").fetchone() == (None,)


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        ((), 2, "Give --dsn-file or --dsn."),
        (("--dsn", "host=127.0.0.1 port=9 dbname=x"), 1, "Check the address, the server and the network"),
        (("--dsn", "hello world"), 1, "Write it as `host=... dbname=... user=..."),
        (("--dsn-file", "/nowhere/owner.dsn"), 1, "Check that the file is there"),
    ],
)
def test_what_keeps_it_from_being_set_up_is_said_with_what_to_do(
    cli: "Cli", arguments: tuple[str, ...], status: int, said: str
) -> None:
    ended = cli("central", "migrate", "--site", "P1", *arguments)
    assert ended.status == status
    assert said in ended.err
    assert "line works on" not in ended.err


def test_a_wrong_password_names_what_to_check(cli: "Cli", tmp_path: Path, dsn: str) -> None:
    file = tmp_path / "owner.dsn"
    file.write_text(psycopg.conninfo.make_conninfo(dsn, password="wrong"))
    ended = cli("central", "migrate", "--site", "P1", "--dsn-file", str(file))
    assert ended.status == 1
    assert "does not let this user in" in ended.err
    assert "pg_hba.conf" in ended.err
    assert "wrong" not in ended.err
