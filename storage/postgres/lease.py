"""Which daemon holds a line: one at a time, for as long as it keeps saying so by the server's clock."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from storage.postgres.link import Link, our_errors

LEASE_S: Final = 60.0
"""A daemon that said nothing for so long holds its line no more."""

_TAKE: Final = """
INSERT INTO line_leases (line_number, holder, host, renewed_at, expires_at)
VALUES (%(line)s, %(holder)s, %(host)s, clock_timestamp(), clock_timestamp() + make_interval(secs => %(term)s))
ON CONFLICT (line_number) DO UPDATE SET
    holder = excluded.holder, host = excluded.host,
    renewed_at = excluded.renewed_at, expires_at = excluded.expires_at
WHERE line_leases.holder = excluded.holder OR line_leases.expires_at < clock_timestamp()
RETURNING holder
"""
_HOLDER: Final = "SELECT host FROM line_leases WHERE line_number = %s AND expires_at >= clock_timestamp()"
_GIVE_UP: Final = "UPDATE line_leases SET expires_at = '-infinity' WHERE line_number = %s AND holder = %s"


@dataclass(frozen=True, slots=True)
class Holder:
    """An installation of the daemon: one machine, one store file. `version` is the program's."""

    line_number: int
    holder: UUID
    host: str
    version: str = ""


async def take_lease(connection: Link, mine: Holder) -> str | None:
    """Take or renew a line's lease; None: it is ours. Else the name of the host whose daemon holds it."""
    with our_errors():
        values = {"line": mine.line_number, "holder": mine.holder, "host": mine.host, "term": LEASE_S}
        taken = await connection.execute(_TAKE, values)
        if await taken.fetchone():
            return None
        held = await (await connection.execute(_HOLDER, (mine.line_number,))).fetchone()
        return held[0] if held else await take_lease(connection, mine)


async def give_up_lease(connection: Link, mine: Holder) -> None:
    """Let the next daemon take the line at once."""
    with our_errors():
        await connection.execute(_GIVE_UP, (mine.line_number, mine.holder))
