"""How this program comes to a Redis server, and proves itself to it."""

from contextlib import suppress
from pathlib import Path
from typing import Any, cast
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

from redis.asyncio import ConnectionPool, Redis, SSLConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.credentials import CredentialProvider
from redis.exceptions import AuthenticationError

from storage.redis.place import Place


class PasswordUnreadable(AuthenticationError):
    """The file with the password cannot be read. A redis-py error, so that redis-py closes the half-made connection."""


def client_of(place: Place, connect_within_s: float) -> Redis:
    """Make a client without time-outs or repetitions of its own: whoever calls it sets the limit.

    redis-py's `socket_timeout` stays off because it uses `asyncio.wait_for`, which loses a cancellation in
    Python 3.11 when the write ends at the same moment.
    """
    parts = urlsplit(place.url)
    made: Redis = Redis.from_url(
        urlunsplit(parts._replace(netloc=_without_user(parts))),
        credential_provider=_credentials(place, parts),
        retry=Retry(NoBackoff(), 0),
        socket_timeout=None,
        socket_connect_timeout=connect_within_s,
        protocol=2,
        driver_info=None,
    )
    if parts.scheme == "rediss":
        _share_context(made.connection_pool)
    return made


def _credentials(place: Place, parts: SplitResult) -> "_PasswordFile | None":
    if place.password_file is None:
        return None
    return _PasswordFile(place.password_file, unquote(parts.username) if parts.username else None)


class _PasswordFile(CredentialProvider):
    """Reads the password at every connect: a changed one needs no restart, a missing one stops no start."""

    def __init__(self, path: Path, username: str | None) -> None:
        self._path = path
        self._username = username

    def get_credentials(self) -> tuple[str] | tuple[str, str]:
        """Read the file. Raises PasswordUnreadable."""
        try:
            password = self._path.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise PasswordUnreadable(f"The password file {self._path} cannot be read.") from error
        return (self._username, password) if self._username else (password,)

    async def get_credentials_async(self) -> tuple[str] | tuple[str, str]:
        """Read the file. Raises PasswordUnreadable. Not in a thread: a few bytes, and no place to be cancelled at."""
        return self.get_credentials()


def _share_context(pool: ConnectionPool) -> None:
    """Make the TLS context now and once: it takes a tenth of a second, and each connection would make its own.

    Where it cannot be made, each connection tries again and says why.
    """
    context = SSLConnection(**pool.connection_kwargs).ssl_context
    with suppress(OSError):
        context.get()

    def connection(**kwargs: Any) -> SSLConnection:  # noqa: ANN401 -- redis-py's own arguments
        made = SSLConnection(**kwargs)
        made.ssl_context = context
        return made

    pool.connection_class = cast("type[SSLConnection]", connection)


def _without_user(parts: SplitResult) -> str:
    return parts.netloc.rpartition("@")[2]
