"""Where Redis is, as it stands in a line's file."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, urlsplit

_SCHEMES: Final = ("redis", "rediss", "unix")
_ASKED: Final = {"db", "ssl_ca_certs", "ssl_certfile", "ssl_keyfile"}


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
