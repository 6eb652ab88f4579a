"""Bring a file to the newest schema: numbered `.sql` files, one transaction each, counted in `user_version`."""

from pathlib import Path
from typing import Final

import apsw

from storage.errors import StoreForeign

APPLICATION_ID: Final = 0x53554E4C  # "SUNL"
FOLDER: Final = Path(__file__).parent / "migrations"


def steps(folder: Path = FOLDER) -> list[Path]:
    """List the migrations in order. Their numbers run from 1 without gaps."""
    found = sorted(folder.glob("[0-9][0-9][0-9][0-9]_*.sql"))
    if [int(path.name[:4]) for path in found] != list(range(1, len(found) + 1)):
        raise ValueError(f"the migrations in {folder} are not numbered 1, 2, 3 ...")
    return found


def version_of(connection: apsw.Connection) -> int:
    """Say which schema version the file has."""
    return int(str(connection.pragma("user_version")))


def migrate(connection: apsw.Connection, folder: Path = FOLDER) -> None:
    """Run what is missing; each step commits whole or not at all.

    Raises StoreForeign for a file of a newer program; nothing is changed then.
    """
    known = steps(folder)
    version = version_of(connection)
    if version > len(known):
        raise StoreForeign(f"The store has schema version {version}; this program knows {len(known)}.")
    for number, path in enumerate(known[version:], version + 1):
        with connection:
            connection.execute(path.read_text(encoding="utf-8"))
            connection.pragma("application_id", APPLICATION_ID)
            connection.pragma("user_version", number)
