"""Bring the central database to the newest schema: numbered files, one transaction each, safe twice and at once."""

from pathlib import Path
from typing import Final, NamedTuple

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from storage.errors import CentralUnfit
from storage.postgres.handshake import COMPATIBLE_FROM, SCHEMA_VERSION, Central, handshake, refuse_foreign
from storage.postgres.link import SCHEMA, connect, our_errors
from storage.postgres.seed import plant_seeds

__all__ = ["COMPATIBLE_FROM", "SCHEMA_VERSION", "Central", "handshake", "migrate", "steps"]

FOLDER: Final = Path(__file__).parent / "migrations"
ROLES: Final = Path(__file__).parent / "roles.sql"

_LOCK: Final = 0x53554E4C  # "SUNL"

_BOOKS: Final = f"""
CREATE SCHEMA IF NOT EXISTS {SCHEMA};
CREATE TABLE IF NOT EXISTS {SCHEMA}.schema_migrations (
    version integer PRIMARY KEY,
    name text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);
"""


class Step(NamedTuple):
    """One migration."""

    version: int
    path: Path


def steps(folder: Path = FOLDER) -> list[Step]:
    """List the migrations in order. Their numbers run from 1 without gaps."""
    found = [Step(int(path.name[:4]), path) for path in sorted(folder.glob("[0-9][0-9][0-9][0-9]_*.sql"))]
    if [step.version for step in found] != list(range(1, len(found) + 1)):
        raise ValueError(f"the migrations in {folder} are not numbered 1, 2, 3 ...")
    return found


async def migrate(dsn: str, *, site: str, folder: Path = FOLDER) -> tuple[int, ...]:
    """Run what is missing, plant the sample rows and give the roles their rights; give the versions that were run.

    Each migration commits whole or not at all. A second caller waits for the first and finds nothing to do.
    Raises CentralAway, or CentralUnfit for a database of another site, of a newer program, or not in UTF-8.
    """
    conn = await connect(dsn)
    async with conn:
        with our_errors():
            await conn.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
            return await _run_missing(conn, site, steps(folder))


async def _run_missing(conn: AsyncConnection[TupleRow], site: str, known: list[Step]) -> tuple[int, ...]:
    done = await _versions(conn)
    _refuse_newer(max(done, default=0), len(known))
    run = [step for step in known if step.version not in done]
    for step in run:
        async with conn.transaction():
            await conn.execute(step.path.read_text(encoding="utf-8").encode())
            await conn.execute(
                "INSERT INTO schema_migrations (version, name) VALUES (%s, %s)", (step.version, step.path.stem)
            )
    async with conn.transaction():
        await _sign(conn, site, len(known))
        await plant_seeds(conn, site)
        await conn.execute(ROLES.read_text(encoding="utf-8").encode())
    return tuple(step.version for step in run)


async def _versions(conn: AsyncConnection[TupleRow]) -> set[int]:
    encoding = conn.pgconn.parameter_status(b"server_encoding")
    if encoding != b"UTF8":
        raise CentralUnfit(
            "The central database does not store UTF-8.",
            todo="Create the database again with ENCODING 'UTF8'.",
        )
    async with conn.transaction():
        await conn.execute(_BOOKS.encode())
    return {int(row[0]) for row in await (await conn.execute("SELECT version FROM schema_migrations")).fetchall()}


def _refuse_newer(there: int, known: int) -> None:
    if there > known:
        raise CentralUnfit(
            f"The central database has schema version {there}; this program knows {known}.",
            todo="Update sunline on this machine, or migrate from the machine with the newer one.",
        )


async def _sign(conn: AsyncConnection[TupleRow], site: str, version: int) -> None:
    await conn.execute(
        "INSERT INTO central_meta (site, schema_version, compatible_from) VALUES (%s, %s, %s) "
        "ON CONFLICT (one) DO UPDATE SET schema_version = excluded.schema_version, "
        "compatible_from = excluded.compatible_from WHERE central_meta.site = excluded.site",
        (site, version, min(version, COMPATIBLE_FROM)),
    )
    row = await (await conn.execute("SELECT site FROM central_meta")).fetchone()
    refuse_foreign(str(row[0]) if row else "", site)
