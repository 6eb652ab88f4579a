"""A conflict settled with the command line on one line's PC: everybody holds what the supervisor kept."""

import asyncio
import getpass
import json
import os
import sys
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from storage.changes import Moment, SystemClock
from storage.postgres.link import connect
from storage.records import ConfigEntry, Role, User, thing_uuid
from tests.line.premises import premises
from tests.line.process import ROOT, daemon
from tests.line.test_kill_catch_up import tie
from tests.storage.sync.plant import Line, exchanged, line
from tests.storage.sync.shift import SITE, now

KEY = "session_h"
_CLOCK = SystemClock()


@dataclass
class Clock:
    """The clocks of this machine as they stood a while ago."""

    ago_s: int

    def __call__(self) -> Moment:
        """Look at the clocks."""
        now = _CLOCK()
        wall, monotonic_ns = now.wall - timedelta(seconds=self.ago_s), now.monotonic_ns - self.ago_s * 10**9
        return replace(now, wall=wall, monotonic_ns=monotonic_ns)


async def sunline(socket: Path, *words: str) -> tuple[int, str, str]:
    """Run a command as a person would; exit code, what it said, and what it complained of."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "daemon", *words, "--socket", str(socket), cwd=ROOT, env={**os.environ, "COLUMNS": "200"},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    said, complained = await process.communicate()
    return process.returncode or 0, said.decode(), complained.decode()


async def asked(socket: Path, *words: str) -> Any:  # noqa: ANN401 -- JSON
    status, said, complained = await sunline(socket, *words, "--json")
    assert status == 0, complained
    return json.loads(said)


async def rule(it: Line, value: str) -> None:
    entry = ConfigEntry(uuid=thing_uuid(SITE, "config", KEY), config_key=KEY, config_value=value, updated_at=now())
    await it.write(entry)


async def stands(it: Line) -> str:
    return (await it.books.readers.read(lambda view: view.config()))[KEY]


async def test_the_version_a_supervisor_brings_back_stands_on_both_lines(tmp_path: Path, migrated_dsn: str) -> None:
    admin = User(
        uuid=thing_uuid(SITE, "user", "tech"), username="tech", role=Role.ADMIN, os_user=getpass.getuser(),
        created_at=now(),
    )  # fmt: skip
    clock = Clock(ago_s=60)  # which of two edits is later is known as exactly as a round trip to the server is short
    async with line(tmp_path, clock=clock) as one, line(tmp_path, 2) as two:
        await one.write(admin)
        await exchanged(one, migrated_dsn)
        await exchanged(two, migrated_dsn)
        await rule(one, "8")
        clock.ago_s = 0
        await rule(two, "12")
        for it in (one, two, one):
            await exchanged(it, migrated_dsn)
        assert await stands(one) == await stands(two) == "12"
    async with await connect(migrated_dsn) as link:
        await link.execute("DELETE FROM line_leases")  # those two have stopped
    with premises(tmp_path) as at:
        tie(at, migrated_dsn, tmp_path / "line1.db")
        socket = at.socket_folder / "line.sock"
        async with daemon(at.config) as running:
            await running.online("store")
            (found,) = await asked(socket, "sync", "conflicts", "list")
            assert (found["kind"], found["key"], found["winner_from"], found["loser_from"]) == (
                "config", KEY, "line 2", "line 1",
            )  # fmt: skip
            status, said, _ = await sunline(socket, "sync", "conflicts", "show", found["id"][:8])
            assert status == 0
            assert "12" in said
            assert "8" in said
            await asked(socket, "sync", "conflicts", "resolve", found["id"][:8], "--keep", "local", "--reason", "so")
            up = await asked(socket, "sync", "now")
            assert (up["connected"], up["waiting"]) == (True, 0)
            assert await asked(socket, "sync", "conflicts", "list") == []
            (settled,) = await asked(socket, "sync", "conflicts", "list", "--all")
            assert settled["ruling"] == "local"
    async with line(tmp_path) as one, line(tmp_path, 2) as two:
        await exchanged(two, migrated_dsn)
        assert await stands(one) == await stands(two) == "8"


async def test_a_second_daemon_of_the_line_ends_at_once_in_plain_words(tmp_path: Path, migrated_dsn: str) -> None:
    async with line(tmp_path):
        pass
    with premises(tmp_path) as at:
        tie(at, migrated_dsn, tmp_path / "line1.db")
        async with daemon(at.config) as running:
            await running.online("store")
            tie(at, migrated_dsn, tmp_path / "other.db")
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "daemon", "run", "--config", str(at.config), cwd=ROOT,
                stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            )  # fmt: skip
            _, complained = await process.communicate()
            assert process.returncode == 1
            (*_, last) = complained.decode().strip().splitlines()
            words = " ".join(complained.decode().split())
            assert "Line 1 is already run by the daemon on" in words, last
            assert "Stop the daemon on" in words
            assert "Traceback" not in words
