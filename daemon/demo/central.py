"""The demonstration's central server: two real servers as one process, and whether everything arrived there."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from rich import box
from rich.table import Table

from daemon.control.client import ControlClient
from daemon.demo.processes import process
from daemon.demo.setting import SITE, DemoLine
from storage.errors import StorageError
from storage.postgres.listening import connected
from storage.postgres.migrate import migrate
from storage.postgres.tables import OF_KIND
from storage.sqlite.store import Store

_PAGE = 5_000
_DRAIN_S = 60.0


@dataclass(frozen=True, slots=True)
class Servers:
    """Where the servers are."""

    postgres: str
    redis: str

    def section(self, folder: Path) -> str:
        """Write the section of a line's file that names them; what holds a password gets a file of its own."""
        redis = urlsplit(self.redis)
        address = _kept(folder / "central.dsn", self.postgres)
        password = _kept(folder / "redis.password", redis.password or "")
        url = redis._replace(netloc=redis.netloc.rpartition("@")[2]).geturl()
        return f'\n[central]\ndsn_file = "{address}"\nredis = "{url}"\n' + (
            f'redis_password_file = "{password}"\n' if redis.password else ""
        )


def _kept(path: Path, secret: str) -> Path:
    path.touch(mode=0o600)
    path.write_text(secret, encoding="utf-8")
    return path


@dataclass(frozen=True, slots=True)
class Arrived:
    """What the lines recorded, and how much of it the server does not hold."""

    recorded: int
    missing: int
    conflicts: int


@asynccontextmanager
async def servers(log: int) -> AsyncIterator[Servers]:
    """Start both servers and set up the database; afterwards they are gone."""
    async with process("simulators", "servers", log=log, piped=True) as started:
        assert started.stdout is not None  # noqa: S101 -- asked for with piped=True
        said = json.loads(await started.stdout.readline() or b"{}")
        if "postgres" not in said:
            raise StorageError(
                "No PostgreSQL and Valkey could be started.", todo="Run `make setup`, which installs both."
            )
        await migrate(said["postgres"], site=SITE)
        yield Servers(said["postgres"], said["redis"])


async def drained(line: DemoLine) -> None:
    """Have a line carry everything up."""
    await asyncio.to_thread(ControlClient(line.socket, timeout_s=_DRAIN_S).call, "sync.now")


async def arrived(dsn: str, lines: Sequence[DemoLine]) -> Arrived:
    """Put the stopped lines' logs beside the server's tables, uuid by uuid."""
    recorded = await asyncio.to_thread(_recorded, lines)
    missing = 0
    async with connected(dsn) as connection:
        for kind, uuids in recorded.items():
            query = f"SELECT count(*) FROM {OF_KIND[kind].name} WHERE uuid = ANY(%s::uuid[])"  # noqa: S608 -- our names
            row = await (await connection.execute(query, (sorted(uuids),))).fetchone()
            missing += len(uuids) - (row[0] if row else 0)
        row = await (await connection.execute("SELECT count(*) FROM sync_conflicts")).fetchone()
    return Arrived(sum(map(len, recorded.values())), missing, row[0] if row else 0)


def _recorded(lines: Sequence[DemoLine]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for line in lines:
        store = Store.open(line.store, site=SITE, line_number=line.number)
        try:
            seq = 0
            while changes := store.view.changes_after(seq, _PAGE):
                seq = changes[-1].seq
                for change in changes:
                    found.setdefault(change.kind, set()).add(str(change.uuid))
        finally:
            store.close()
    return found


def central_table(found: Arrived) -> Table:
    """Draw for people what arrived."""
    table = Table(title="Central server", box=box.ROUNDED, show_header=False, title_style="bold", min_width=60)
    table.add_column(style="cyan", no_wrap=True)
    table.add_column()
    table.add_row("Recorded", f"{found.recorded} things on the lines")
    missing = f"[red]{found.missing} are not there[/]"
    table.add_row("Arrived", missing if found.missing else "[green]all of them, each once[/]")
    table.add_row("Conflicts", str(found.conflicts) if found.conflicts else "none")
    return table
