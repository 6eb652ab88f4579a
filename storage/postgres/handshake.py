"""Whom a line talks to: site, identity and schema of the central database, before anything is sent."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from psycopg import AsyncConnection

from storage.errors import CentralAway, CentralUnfit
from storage.postgres.link import SCHEMA, our_errors

SCHEMA_VERSION: Final = 8
"""What this program brings the central database to."""

COMPATIBLE_FROM: Final = 8
"""The oldest schema this program works with, and the oldest program that works with this schema."""

_TODO_MIGRATE: Final = "Run `sunline central migrate` once, on any line or on the server."

_READY: Final = "SELECT pg_is_in_recovery(), to_regclass(%s) IS NOT NULL"
_META: Final = """
SELECT site, central_id, schema_version, compatible_from,
    concat_ws('-', epoch, (SELECT system_identifier FROM pg_control_system()),
              left(pg_walfile_name(pg_current_wal_lsn()), 8))
FROM central_meta
"""


@dataclass(frozen=True, slots=True)
class Central:
    """A central database this program can work with.

    `epoch` changes by itself when the server is restored from a backup, rebuilt from a dump or fails over: it names
    the cluster, its timeline and a number of the database's own. Positions and acknowledgements count within one epoch.
    """

    site: str
    central_id: UUID
    epoch: str
    schema_version: int
    compatible_from: int


async def handshake(conn: AsyncConnection[Any], site: str) -> Central:
    """Look at who answers. Raises CentralUnfit for a foreign site or schema, CentralAway for a standby."""
    with our_errors():
        standby, migrated = await _one(conn, _READY, (f"{SCHEMA}.central_meta",))
        if standby:
            raise CentralAway("The central server is a standby and takes nothing yet.")
        if not migrated:
            raise CentralUnfit("The central database is empty.", todo=_TODO_MIGRATE)
        there, central_id, version, compatible_from, epoch = await _one(conn, _META)
    refuse_foreign(there, site)
    check_versions(version, compatible_from)
    return Central(there, central_id, epoch, version, compatible_from)


async def schema_version_of(conn: AsyncConnection[Any]) -> int:
    """Ask which schema the server has by now."""
    with our_errors():
        (version,) = await _one(conn, "SELECT schema_version FROM central_meta")
    return int(version)


def refuse_foreign(there: str, site: str) -> None:
    """Raise CentralUnfit for the database of another site."""
    if there != site:
        raise CentralUnfit(
            f"The central database belongs to the site {there}, this program to {site}.",
            todo="Correct the site or the address of the central server in the configuration.",
        )


def check_versions(version: int, compatible_from: int) -> None:
    """Raise CentralUnfit when schema and program do not understand each other, saying which of the two is older."""
    if version < COMPATIBLE_FROM:
        raise CentralUnfit(
            f"The central database has schema version {version}; this program needs {COMPATIBLE_FROM} or newer.",
            todo=_TODO_MIGRATE,
        )
    if compatible_from > SCHEMA_VERSION:
        raise CentralUnfit(
            f"The central database wants programs that know schema version {compatible_from}; "
            f"this one knows {SCHEMA_VERSION}.",
            todo="Update sunline on this line.",
        )


async def _one(conn: AsyncConnection[Any], statement: str, values: tuple[object, ...] = ()) -> tuple[Any, ...]:
    row: tuple[Any, ...] | None = await (await conn.execute(statement, values or None)).fetchone()
    if row is None:
        raise CentralUnfit("The central database was only half set up.", todo=_TODO_MIGRATE)
    return row
