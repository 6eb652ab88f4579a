"""The roles that logins of lines and of reports are members of; `roles.sql` gives them their rights."""

from typing import Final

from storage.postgres.link import our_errors
from storage.postgres.listening import connected

ROLES: Final = ("sunline_daemon", "sunline_reader")


async def missing_roles(dsn: str) -> tuple[str, ...]:
    """Name the roles the server does not have: who migrated may not create any. Raises CentralAway, CentralUnfit."""
    async with connected(dsn) as connection:
        with our_errors():
            cursor = await connection.execute("SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)", (list(ROLES),))
            there = {row[0] for row in await cursor.fetchall()}
    return tuple(name for name in ROLES if name not in there)
