"""Bring a file to the newest schema: numbered `.sql` files, one transaction each, counted in `user_version`.

A migration after which older programs may go on working with the file says from which on, in a line of its own:
`-- compatible_from: 1`. It may add what a program that does not know it can leave out (tables, indexes, columns with
a default), and nothing else. Without that line, older programs refuse the file.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import apsw

from storage.errors import StoreForeign

APPLICATION_ID: Final = 0x53554E4C  # "SUNL"
FOLDER: Final = Path(__file__).parent / "migrations"

_LIMIT: Final = 1 << 16
_COMPATIBLE: Final = re.compile(r"^-- compatible_from: (\d+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Schema:
    """Which schema a file has, and that of the oldest program which may work with it all the same."""

    version: int
    compatible_from: int

    @classmethod
    def of(cls, user_version: int) -> "Schema":
        """Read it from the number that SQLite keeps in a file's head: the two, 16 bits each."""
        oldest, version = divmod(user_version, _LIMIT)
        return cls(version, oldest or version)

    @property
    def user_version(self) -> int:
        """The number that SQLite keeps."""
        return self.version + (self.compatible_from * _LIMIT if self.compatible_from < self.version else 0)

    def opens_with(self, known: int) -> bool:
        """Say whether a program that knows this many migrations may work with the file."""
        return self.version <= known or self.compatible_from <= known

    def assert_opens_with(self, known: int) -> None:
        """Raise StoreForeign where that program may not."""
        if not self.opens_with(known):
            raise StoreForeign(
                f"The store has schema version {self.version}; this program knows {known}.",
                todo="Install the newer program again; nothing was changed in the store.",
            )


def steps(folder: Path = FOLDER) -> list[Path]:
    """List the migrations in order. Their numbers run from 1 without gaps."""
    found = sorted(folder.glob("[0-9][0-9][0-9][0-9]_*.sql"))
    if [int(path.name[:4]) for path in found] != list(range(1, len(found) + 1)):
        raise ValueError(f"the migrations in {folder} are not numbered 1, 2, 3 ...")
    return found


def schema_of(connection: apsw.Connection) -> Schema:
    """Say which schema the file has."""
    return Schema.of(int(str(connection.pragma("user_version"))))


def version_of(connection: apsw.Connection) -> int:
    """Say which schema version the file has."""
    return schema_of(connection).version


def migrate(connection: apsw.Connection, folder: Path = FOLDER) -> None:
    """Run what is missing; each step commits whole or not at all.

    Raises StoreForeign for a file that only a newer program may work with; nothing is changed then, nor in one that a
    newer program made and this one may work with.
    """
    known = steps(folder)
    schema = schema_of(connection)
    schema.assert_opens_with(len(known))
    oldest = schema.compatible_from
    for number, path in enumerate(known[schema.version :], schema.version + 1):
        text = path.read_text(encoding="utf-8")
        oldest = max(oldest, _compatible_from(text, number))
        with connection:
            connection.execute(text)
            connection.pragma("application_id", APPLICATION_ID)
            connection.pragma("user_version", Schema(number, oldest).user_version)


def _compatible_from(text: str, number: int) -> int:
    """Read from a migration which programs may work with the file after it."""
    told = _COMPATIBLE.search(text)
    return int(told[1]) if told else number
