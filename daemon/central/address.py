"""Where the central server is."""

from pathlib import Path

from daemon.config import CentralPart
from storage.postgres.link import conninfo, read_dsn


def dsn_of(part: CentralPart) -> str:
    """Give the connection string. Raises CentralUnfit where its file, or the string itself, cannot be read."""
    dsn = part.dsn if part.dsn is not None else read_dsn(part.dsn_file or Path())
    conninfo(dsn)
    return dsn
