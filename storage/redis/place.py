"""Where Redis is, and how this program proves itself to it."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit, urlunsplit

from redis.asyncio import ConnectionPool, Redis, SSLConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.credentials import CredentialProvider
from redis.exceptions import AuthenticationError

_SCHEMES: Final = ("redis", "rediss", "unix")
_ASKED: Final = {"db", "ssl_ca_certs", "ssl_certfile", "ssl_keyfile"}


class PasswordUnreadable(AuthenticationError):
    """The file with the password cannot be read. A redis-py error, so that redis-py closes the half-made connection."""


@dataclass(frozen=True, slots=True)
class Place:
    """A Redis server: `redis://`, `rediss://` (TLS) or `unix://` URL, and the file that holds the password.

    A user name may stand in the URL, a password may not. `?db=1` and `?ssl_ca_certs=`, `ssl_certfile=`,
    `ssl_keyfile=` with paths are understood; those files are read when a client is made.
    Raises ValueError, one plain sentence, for any other URL.
    """

    url: str
    password_file: Path | None = None

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in _SCHEMES:
            raise ValueError("a Redis URL begins with redis://, rediss:// or unix://")
        if parts.password is not None:
            raise ValueError("a Redis URL holds no password: put it into a file and name the file")
        if unknown := parse_qs(parts.query, keep_blank_values=True).keys() - _ASKED:
            raise ValueError(f"a Redis URL does not take {', '.join(sorted(unknown))}")

    def client(self, connect_within_s: float) -> Redis:
        """Make a client without time-outs or repetitions of its own: whoever calls it sets the limit.

        redis-py's `socket_timeout` stays off because it uses `asyncio.wait_for`, which loses a cancellation in
        Python 3.11 when the write ends at the same moment.
        """
        parts = urlsplit(self.url)
        made: Redis = Redis.from_url(
            urlunsplit(parts._replace(netloc=_without_user(parts))),
            credential_provider=self._credentials(parts),
            retry=Retry(NoBackoff(), 0),
            socket_timeout=None,
            socket_connect_timeout=connect_within_s,
            protocol=2,
            driver_info=None,
        )
        if parts.scheme == "rediss":
            _share_context(made.connection_pool)
        return made

    def _credentials(self, parts: SplitResult) -> "_PasswordFile | None":
        if self.password_file is None:
            return None
        return _PasswordFile(self.password_file, unquote(parts.username) if parts.username else None)


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
