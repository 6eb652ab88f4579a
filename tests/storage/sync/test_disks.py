"""Disks run full, the server's and the line's own: nothing is lost or doubled, and it goes on when there is room."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from simulators.servers import PostgresServer
from storage.sync import carrier as carrier_module
from storage.sync import visit
from tests.servers.fixtures import short_folder
from tests.storage.sync.plant import carrying, compare, drained, line, until

SMALL = pytest.param(20, id="small")
FULL = pytest.param(800, id="full", marks=pytest.mark.faults)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carrier_module, "_FIRST_PAUSE_S", 0.05)
    monkeypatch.setattr(carrier_module, "_LONGEST_PAUSE_S", 0.2)


class Disk:
    """A small disk of its own that can be filled."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    def fill(self, left: int) -> None:
        """Fill it but for so many bytes."""
        with self._ballast.open("wb") as ballast, suppress(OSError):
            while True:
                ballast.write(b"\0" * 65_536)
                ballast.flush()
        os.truncate(self._ballast, self._ballast.stat().st_size - left)

    def free(self) -> None:
        """Give the room back."""
        self._ballast.unlink()


@contextmanager
def small_disk(mib: int) -> Iterator[Disk]:
    """Mount a disk of so many MiB; skip the test where nobody may."""
    with short_folder() as folder:
        command = ["mount", "-t", "tmpfs", "-o", f"size={mib}m", "none", str(folder)]
        if os.getuid() != 0 or subprocess.run(command, check=False, capture_output=True).returncode != 0:
            pytest.skip("only root may mount a small disk, and not in every container")
        try:
            yield Disk(folder)
        finally:
            subprocess.run(["umount", str(folder)], check=True)


@contextmanager
def database_on(disk: Disk, server: PostgresServer, template: str) -> Iterator[str]:
    """Make a database like the template whose tables lie on that disk."""
    place = disk.folder / "space"
    place.mkdir()
    disk.folder.chmod(0o711)
    if server.home.account:
        server.home.account.own(place)
    with psycopg.connect(server.dsn(), autocommit=True) as admin:
        admin.execute(f"CREATE TABLESPACE small LOCATION '{place}'".encode())
        admin.execute(f"CREATE DATABASE on_small TEMPLATE {template} TABLESPACE small".encode())
        try:
            yield server.dsn(dbname="on_small")
        finally:
            admin.execute("DROP DATABASE on_small WITH (FORCE)")
            admin.execute("DROP TABLESPACE small")


@pytest.mark.parametrize("panels", [SMALL, FULL])
async def test_a_server_whose_disk_is_full_is_asked_again_until_there_is_room(
    tmp_path: Path, postgres: PostgresServer, central: str, panels: int
) -> None:
    template = str(conninfo_to_dict(central)["dbname"])
    with small_disk(128) as disk, database_on(disk, postgres, template) as dsn:
        async with line(tmp_path, panels=panels) as it:
            disk.fill(left=300_000)
            async with carrying(it, dsn) as carrier:
                await until(carrier, "No space left on device")
                assert await it.waiting()
                assert await it.parked() == ()
                disk.free()
                await drained(carrier)
            await compare(dsn, it)


@pytest.mark.parametrize("panels", [SMALL, FULL])
async def test_a_line_whose_disk_is_full_when_the_server_acknowledges_sends_the_batch_again(
    central: str, panels: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visit, "BATCH", 100)
    with small_disk(128) as disk:
        async with line(disk.folder, panels=panels):
            pass  # closed, its log is empty: the next commit needs room
        async with line(disk.folder) as it:
            disk.fill(left=0)
            async with carrying(it, central) as carrier:
                await until(carrier, "disk is full")
                waiting = await it.waiting()
                assert waiting
                disk.free()
                await drained(carrier)
            await compare(central, it)
