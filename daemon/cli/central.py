"""Setting up the central database. Needs a login of its owner; everything else the lines do by themselves."""

import asyncio
import json
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from daemon.cli.app import group
from daemon.cli.exits import Exit, Failed

app = group("central", "Set up and look after the central database.")


@app.command
def migrate(
    *,
    site: Annotated[str, Parameter(help="The factory's short name, as in the lines' files.")],
    dsn: Annotated[str | None, Parameter(help="Its address, as `host=... dbname=... user=...`.")] = None,
    dsn_file: Annotated[Path | None, Parameter(help="A file that holds the address.")] = None,
    as_json: Annotated[bool, Parameter(name="--json", negative="", help="Answer in JSON.")] = False,
) -> None:
    """Bring the central database to the newest schema. Safe to do twice, and from two machines at once."""
    from storage.postgres.link import read_dsn, redacted  # noqa: PLC0415 -- psycopg, only where it is needed
    from storage.postgres.migrate import migrate as run  # noqa: PLC0415

    if (dsn is None) == (dsn_file is None):
        raise Failed(Exit.USAGE, "Give --dsn or --dsn-file.", "See `sunline central migrate --help`.")
    address = dsn if dsn is not None else read_dsn(dsn_file or Path())
    done = asyncio.run(run(address, site=site))
    told = f"The central database is up to date ({len(done)} steps done): {redacted(address)}"
    print(json.dumps({"done": done}) if as_json else told)
