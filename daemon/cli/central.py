"""Setting up the central database. Needs a login of its owner; everything else the lines do by themselves."""

import asyncio
import json
import re
from pathlib import Path
from typing import Annotated, Final

from cyclopts import Parameter

from daemon.cli.app import group
from daemon.cli.exits import Exit, Failed

app = group("central", "Set up and look after the central database.")

_SITE: Final = re.compile(r"[A-Z0-9]{1,8}")
_MISSING: Final = """This login may not create the missing roles {names}. As an administrator of the server:
  {create}
then run this command again: it gives them their rights."""
_NEXT: Final = """Now a login for each line, with a password of its own, as an administrator of the server:
  CREATE ROLE line1 LOGIN PASSWORD '...' IN ROLE sunline_daemon;"""


@app.command
def migrate(
    *,
    site: Annotated[str, Parameter(help="The factory's short name, as in the lines' files.")],
    dsn_file: Annotated[Path | None, Parameter(help="A file that holds the address.")] = None,
    dsn: Annotated[str | None, Parameter(help="The address, without a password: it would show in ps.")] = None,
    as_json: Annotated[bool, Parameter(name="--json", negative="", help="Answer in JSON.")] = False,
) -> None:
    """Bring the central database to the newest schema. Safe to do twice, and from two machines at once.

    The address is one line, such as: host=db.plant dbname=sunline user=sunline_owner password=...
    """
    from storage.errors import CentralAway  # noqa: PLC0415 -- psycopg, only where it is needed
    from storage.postgres.link import read_dsn, redacted  # noqa: PLC0415
    from storage.postgres.migrate import migrate as run  # noqa: PLC0415
    from storage.postgres.roles import missing_roles  # noqa: PLC0415

    if (dsn is None) == (dsn_file is None):
        raise Failed(Exit.USAGE, "Give --dsn-file or --dsn.", "See `sunline central migrate --help`.")
    if not _SITE.fullmatch(site):
        raise Failed(Exit.USAGE, f"{site!r} is no site.", "A site is 1 to 8 capital letters or digits, like PLANT1.")
    address = dsn if dsn is not None else read_dsn(dsn_file or Path())
    try:
        done = asyncio.run(run(address, site=site))
        missing = asyncio.run(missing_roles(address))
    except CentralAway as error:
        raise Failed(
            Exit.REFUSED, str(error), "Check the address, the server and the network; then try again."
        ) from error
    if as_json:
        print(json.dumps({"done": done, "missing_roles": missing}))
    else:
        print(_told(done, missing, redacted(address)))


def _told(done: tuple[int, ...], missing: tuple[str, ...], address: str) -> str:
    state = f"is set up: {len(done)} steps done" if done else "is up to date: nothing was to be done"
    create = " ".join(f"CREATE ROLE {name} NOLOGIN;" for name in missing)
    then = _MISSING.format(names=" and ".join(missing), create=create) if missing else _NEXT if 1 in done else ""
    return "\n".join(part for part in (f"The central database {state}.", f"  {address}", then) if part)
