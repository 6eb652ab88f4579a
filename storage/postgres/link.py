"""Connecting to the central server, and never waiting for it longer than wanted.

Names, addresses and secrets come as a libpq connection string (key=value or postgresql:// form, several hosts
allowed); the password best from a `passfile`, or the whole string from a file.
"""

import logging
from asyncio import CancelledError
from pathlib import Path
from typing import Any, Final, TypeVar

from psycopg import AsyncConnection, ProgrammingError, waiting
from psycopg.abc import PQGen
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import TupleRow

from storage.errors import CentralUnfit
from storage.postgres.failures import our_errors

__all__ = ["Link", "abandon", "connect", "conninfo", "our_errors", "read_dsn", "redacted"]

RV = TypeVar("RV")

SCHEMA: Final = "sunline"

_DEFAULTS: Final[dict[str, str | int]] = {
    "connect_timeout": 3,
    "tcp_user_timeout": 4_000,
    "keepalives": 1,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "application_name": "sunline",
    "client_encoding": "UTF8",
    "target_session_attrs": "read-write",
}
_SETTINGS: Final[dict[str, str | int]] = {
    "search_path": SCHEMA,
    "timezone": "UTC",
    "datestyle": "ISO",
    "tcp_keepalives_idle": 5,
    "tcp_keepalives_interval": 2,
    "tcp_keepalives_count": 3,
    "client_connection_check_interval": 5_000,
    "idle_in_transaction_session_timeout": 30_000,
}
"""Settings of the session. The last five end the transaction of a line that fell silent: open, it would hold back what
every other line reads of the feed, by default for two hours."""

_SECRETS: Final = frozenset({"password", "sslpassword", "oauth_client_secret", "scram_client_key", "scram_server_key"})
_INTERVAL_S: Final = 0.1

logging.getLogger("psycopg").setLevel(logging.ERROR)  # what it warns of besides, we raise and say in our own words
_TODO_ADDRESS: Final = "Write it as `host=... dbname=... user=... passfile=...` or postgresql://user@host/dbname."


class Link(AsyncConnection[TupleRow]):
    """A connection that is cut when a wait on it is cancelled.

    psycopg would ask the server to cancel and wait up to ten seconds for the answer, which a frozen server never
    gives. The server rolls back what was not committed.
    """

    async def wait(self, gen: PQGen[RV], interval: float = _INTERVAL_S, timeout: float | None = None) -> RV:  # noqa: ASYNC109
        """Run one exchange with the server. Cancellation cuts the connection at once."""
        try:
            return await waiting.wait_async(gen, self.pgconn.socket, interval=interval, timeout=timeout)
        except CancelledError:
            abandon(self)
            raise


def abandon(conn: AsyncConnection[Any]) -> None:
    """Close a connection without a word to the server; the connection is closed and of no use afterwards."""
    conn.pgconn.finish()


def conninfo(dsn: str) -> str:
    """Give the connection string with our defaults where it says nothing: short time-outs, UTC, our schema.

    Raises CentralUnfit for a string nobody can read.
    """
    given = _parsed(dsn)
    options = str(given.get("options") or "")
    said = options.lower()
    ours = " ".join(f"-c {name}={value}" for name, value in _SETTINGS.items() if name not in said)
    return make_conninfo(**(_DEFAULTS | given | {"options": f"{options} {ours}".strip()}))


async def connect(dsn: str) -> Link:
    """Connect, in autocommit mode: transactions are written out. Tries the hosts in turn, 3 s each.

    Raises CentralAway, or CentralUnfit where name, password or database are wrong.
    """
    with our_errors():
        return await Link.connect(conninfo(dsn), autocommit=True)


def read_dsn(path: Path) -> str:
    """Read a connection string from a file that holds nothing else. Raises CentralUnfit when it cannot be read."""
    try:
        dsn = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise CentralUnfit(
            f"The file with the address of the central server cannot be read: {path}.",
            todo="Check that the file is there and that the user of the daemon may read it.",
        ) from error
    if not dsn:
        raise CentralUnfit(f"The file with the address of the central server is empty: {path}.", todo=_TODO_ADDRESS)
    return dsn


def redacted(dsn: str) -> str:
    """Say where a connection string leads, without its secrets: for logs and people."""
    try:
        given = _parsed(dsn)
    except CentralUnfit:
        return "(unreadable)"
    return make_conninfo(**{name: value for name, value in given.items() if name not in _SECRETS})


def _parsed(dsn: str) -> dict[str, Any]:
    try:
        return dict(conninfo_to_dict(dsn))
    except ProgrammingError:
        # The cause quotes the string, and so maybe its password.
        raise CentralUnfit("The address of the central server cannot be read.", todo=_TODO_ADDRESS) from None
