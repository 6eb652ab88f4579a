"""A stick at a real line: enrolled, exported to, pulled out, the daemon killed meanwhile, gone on with."""

import asyncio
import base64
import errno
import getpass
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from daemon.control.client import ControlClient
from daemon.stick.endings import Ending
from daemon.stick.patience import USUAL
from daemon.stick.ports import FolderPort
from daemon.stick.service import Service
from daemon.stick.sockets import SocketLine
from storage.export.calls import Os
from storage.export.durable import Folder
from storage.export.verify import verify
from storage.records import Batch, Role, StickOutcome, User, thing_uuid
from storage.sqlite import Store
from tests.daemon.export.plant import days
from tests.line.premises import LINE, SITE, Premises, premises
from tests.line.process import ROOT, Daemon, daemon
from tests.storage.export.faulty import Counting

HASTY = replace(USUAL, some_s=0.5, all_s=0.5, again_look_s=0.05)


@dataclass
class Desk:
    """A line that worked for some days, and a folder that stands for a stick."""

    at: Premises
    stick: FolderPort
    client: ControlClient

    async def ask(self, op: str, **args: object) -> Any:  # noqa: ANN401 -- JSON
        return await asyncio.to_thread(self.client.call, op, **args)

    async def enrol(self) -> None:
        """Let the stick take everything."""
        device = self.stick.look()
        await self.ask(
            "usb.enrol", name="BLUE", vendor_id=device.vendor_id, product_id=device.product_id,
            usb_serial=device.usb_serial, volume_id=device.volumes[0].fs_uuid,
        )  # fmt: skip

    async def insert(self, calls: Os | None = None) -> Ending:
        """Plug the stick in."""
        line = SocketLine("Line 1", self.client.path)
        service = Service(self.stick.disk, self.stick, (line,), patience=HASTY, calls=calls or Os())
        return await asyncio.to_thread(service.run)

    async def exports(self) -> list[str]:
        """Give the folders that say they are complete; each of them is."""
        key = base64.b64decode((await self.ask("export.key"))["public_key"])
        found = sorted(one.parent for one in self.stick.folder.glob("*/manifest.json"))
        for one in found:
            with Folder.at(str(one)) as folder:
                assert verify(folder, key).faults == ()
        return [one.name for one in found]

    async def visits(self) -> list[str]:
        """Give what came of the visits, the newest first."""
        return [one["outcome"] for one in await self.ask("usb.visits")]

    @property
    def only(self) -> str:
        """The one folder on the stick."""
        (name,) = [one.name for one in self.stick.folder.iterdir() if one.is_dir()]
        return name


def furnish(at: Premises) -> None:
    """Give the line some days of work, and let whoever runs the tests be an admin."""
    admin = User(
        uuid=thing_uuid(SITE, "user", "tech"), username="tech", role=Role.ADMIN, os_user=getpass.getuser(),
        created_at=datetime.now(UTC),
    )  # fmt: skip
    store = Store.open(at.store, site=SITE, line_number=LINE)
    store.write(Batch((admin, *days(6, SITE))))
    store.close()


@asynccontextmanager
async def desk(tmp_path: Path) -> AsyncIterator[tuple[Desk, Daemon]]:
    with premises(tmp_path) as at:
        furnish(at)
        folder = tmp_path / "stick"
        folder.mkdir()
        (folder / "holiday.jpg").write_bytes(b"sea")
        async with daemon(at.config) as running:
            await running.online("store")
            yield Desk(at, FolderPort(folder), ControlClient(at.socket_folder / "line.sock", 60.0)), running


async def test_a_stick_is_refused_then_enrolled_then_exported_to_and_then_has_everything(tmp_path: Path) -> None:
    async with desk(tmp_path) as (it, _):
        assert (await it.insert()).outcome is StickOutcome.NOT_ENROLLED
        assert [one.name for one in it.stick.folder.iterdir()] == ["holiday.jpg"]
        await it.enrol()
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "daemon.stick", "serve", "--folder", str(it.stick.folder), "--socket",
            str(it.client.path), cwd=ROOT, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        _, said = await process.communicate()
        assert process.returncode == 0, said.decode()
        assert ": exported: Safe to remove" in said.decode()
        assert it.only.startswith(f"sunline-{SITE}-line{LINE}-")
        assert await it.exports() == [it.only]
        assert (await it.insert()).outcome is StickOutcome.NOTHING_NEW
        assert await it.exports() == [it.only]
        assert await it.visits() == ["nothing_new", "exported", "not_enrolled"]


class Acting(Counting):
    """Does something before a call with a number; where that pulls the stick out, no call works from then on."""

    def __init__(self, at: int, act: Callable[[], object], *, pulls: bool = False) -> None:
        super().__init__()
        self.at, self.act, self.pulls = at, act, pulls

    def before(self, name: str) -> None:
        if self.calls == self.at:
            self.act()
        if self.calls >= self.at and self.pulls:
            raise OSError(errno.EIO, name)


async def test_a_stick_that_is_pulled_out_again_and_again_is_gone_on_with(tmp_path: Path) -> None:
    async with desk(tmp_path) as (it, _):
        await it.enrol()
        away = it.stick.folder.with_name("pulled")
        for at in (30, 100, 60):
            calls = Acting(at, lambda: it.stick.folder.rename(away), pulls=True)
            ended = await it.insert(calls)
            assert calls.calls >= at
            assert ended.outcome is StickOutcome.PULLED_EARLY
            away.rename(it.stick.folder)
            assert await it.exports() == []
        assert (await it.insert()).outcome is StickOutcome.EXPORTED
        assert await it.exports() == [it.only]
        assert await it.visits() == ["exported", *["pulled_early"] * 3]


async def test_a_daemon_that_is_killed_in_the_middle_and_comes_back_is_waited_for(tmp_path: Path) -> None:
    async with desk(tmp_path) as (it, running):
        await it.enrol()
        calls = Acting(60, lambda: os.kill(running.process.pid, signal.SIGKILL))
        inserted = asyncio.create_task(it.insert(calls), name="visit")
        await running.process.wait()
        async with daemon(it.at.config) as second:
            await second.online("store")
            assert (await inserted).outcome is StickOutcome.EXPORTED
            assert await it.exports() == [it.only]
            assert (await it.visits())[0] == "exported"


async def test_without_a_service_manager_a_watch_serves_what_is_plugged_in(tmp_path: Path) -> None:
    async with desk(tmp_path) as (it, _):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "daemon", "usb", "watch", "--folder", str(it.stick.folder), "--socket",
            str(it.client.path), cwd=ROOT, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert process.stderr
        try:
            await heard(process.stderr, "not_enrolled: ")
            await it.enrol()
            again = it.stick.folder.with_name("again")  # another folder in its place is a stick plugged in anew
            shutil.copytree(it.stick.folder, again)
            it.stick.folder.rename(it.stick.folder.with_name("pulled"))
            again.rename(it.stick.folder)
            await heard(process.stderr, "exported: Safe to remove")
        finally:
            process.send_signal(signal.SIGINT)
            await process.communicate()
        assert process.returncode == 0
        assert await it.exports() == [it.only]


async def heard(said: asyncio.StreamReader, words: str) -> None:
    async with asyncio.timeout(60):
        while words not in (line := (await said.readline()).decode()):
            assert line, "it ended"
