"""Newer versions of the program, made from changed copies of its sources."""

from pathlib import Path

from systemd.package.source import copied

NEXT = "90.1.0"
"""Has a schema with one table more, with which this version may go on working."""
DEAD = "90.2.0"
"""Changes the schema too, and ends at its start."""
_TABLE = "-- compatible_from: 1\nCREATE TABLE next_version (one INTEGER PRIMARY KEY) STRICT;\n"


def newer(source: Path, folder: Path) -> Path:
    """Copy the sources and add a migration."""
    made = copied(source, folder, NEXT)
    migrations = made / "storage" / "sqlite" / "migrations"
    number = len(list(migrations.glob("*.sql"))) + 1
    (migrations / f"{number:04}_next_version.sql").write_text(_TABLE, encoding="utf-8")
    return made


def dead(source: Path, folder: Path) -> Path:
    """Copy the sources, add a migration, and have the service end before it says that it is ready."""
    made = newer(source, folder)
    service = made / "daemon" / "service" / "__init__.py"
    text = service.read_text(encoding="utf-8")
    service.write_text(f'{text}\nraise SystemExit("This version cannot start.")\n', encoding="utf-8")
    return made
