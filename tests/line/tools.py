"""A technician at a terminal beside a line: the real command line, in a process of its own."""

import asyncio
import getpass
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from storage.records import Batch, Role, User, thing_uuid
from storage.sqlite import Store
from tests.line.house import PATIENCE_S
from tests.line.premises import LINE, SITE, Premises
from tests.line.process import ROOT


def hire(at: Premises) -> None:
    """Let whoever runs the tests be a supervisor of the line; before it starts."""
    store = Store.open(at.store, site=SITE, line_number=LINE)
    tech = User(
        uuid=thing_uuid(SITE, "user", "tech"), username="tech", role=Role.SUPERVISOR, os_user=getpass.getuser(),
        created_at=datetime.now(UTC),
    )  # fmt: skip
    store.write(Batch((tech,)))
    store.close()


@dataclass
class Terminal:
    """One running command."""

    process: asyncio.subprocess.Process

    async def said(self) -> str:
        """The next line on its standard output."""
        assert self.process.stdout
        async with asyncio.timeout(PATIENCE_S):
            return (await self.process.stdout.readline()).decode().rstrip("\n")

    async def item(self) -> Any:  # noqa: ANN401 -- JSON
        """The next line, read as JSON."""
        return json.loads(await self.said())

    async def beside(self) -> str:
        """The next line on its standard error."""
        assert self.process.stderr
        async with asyncio.timeout(PATIENCE_S):
            return (await self.process.stderr.readline()).decode().rstrip("\n")

    async def ended(self, number: signal.Signals | None = None) -> tuple[int, str, str]:
        """Send a signal, if any; give how it ended, and the rest of what it said."""
        if number is not None:
            self.process.send_signal(number)
        async with asyncio.timeout(PATIENCE_S):
            out, err = await self.process.communicate()
        assert self.process.returncode is not None
        return self.process.returncode, out.decode(), err.decode()


def _environment() -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("SUNLINE_")}
    return {**kept, "COLUMNS": "100", "PYTHONIOENCODING": "utf-8"}


@asynccontextmanager
async def terminal(*words: str) -> AsyncIterator[Terminal]:
    """Run one `sunline` command; afterwards it is gone."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "daemon", *words, cwd=ROOT, stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env=_environment(),
    )  # fmt: skip
    try:
        yield Terminal(process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()
