"""A stick an admin enrols on one line is welcome on the other; one that is revoked there is a stranger here."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from daemon.config import LineConfig
from daemon.control.client import ControlClient
from daemon.control.peers import Peer
from daemon.line.line import Line

BLUE = {"vendor_id": "0781", "product_id": "5581", "usb_serial": "4C530001", "volume_id": "1234-ABCD"}


@dataclass(slots=True)
class Daemon:
    """A line at work, over its control socket."""

    path: Path

    async def ask(self, op: str, **args: object) -> Any:  # noqa: ANN401 -- JSON
        return await asyncio.to_thread(ControlClient(self.path).call, op, **args)

    async def until(self, welcome: bool) -> Any:  # noqa: ANN401 -- JSON
        """Wait until the line knows the stick, or knows it no more."""
        async with asyncio.timeout(60):
            while True:
                greeted = await self.ask("usb.greet", **BLUE)
                if (greeted["stick"] is not None) == welcome:
                    return greeted
                await asyncio.sleep(0.05)

    async def until_enrolled_by(self, name: str) -> None:
        """Wait until the line knows who enrolled the stick: what comes down first, in a line's first visit, is open."""
        async with asyncio.timeout(60):
            while (await self.ask("usb.list"))["sticks"][0]["enrolled_by_name"] != name:  # noqa: ASYNC110
                await asyncio.sleep(0.05)


@asynccontextmanager
async def at_work(folder: Path, number: int, dsn: str) -> AsyncIterator[Daemon]:
    """Run the daemon of a line without devices."""
    (folder / "central.dsn").write_text(dsn)
    config = LineConfig.model_validate({
        "site": "TEST", "line": number, "store": {"path": folder / f"line{number}.db"},
        "control": {"socket": folder / f"line{number}.sock"}, "http": {"enabled": False},
        "station": [{"number": n, "screen": True} for n in (1, 2, 3, 4)],
        "central": {"dsn_file": folder / "central.dsn"},
    })  # fmt: skip
    line, stop = Line(config), asyncio.Event()
    serving = asyncio.create_task(line.serve(stop))
    try:
        async with asyncio.timeout(60):
            while line.runner is None:  # noqa: ASYNC110 -- it has no event
                await asyncio.sleep(0.02)
        yield Daemon(config.control.socket)
        assert not serving.done(), serving.exception()
    finally:
        stop.set()
        await serving


@pytest.fixture
def root(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the tests is root to the lines."""

    async def peer_of(_: object) -> Peer:
        return Peer(0, "root")

    monkeypatch.setattr("daemon.control.server.peer_of", peer_of)


@pytest.mark.usefixtures("root")
async def test_an_enrolment_and_its_end_are_known_on_every_line(tmp_path: Path, migrated_dsn: str) -> None:
    async with AsyncExitStack() as stack:
        first, second = [await stack.enter_async_context(at_work(tmp_path, n, migrated_dsn)) for n in (1, 2)]
        await first.ask("user.add", username="ada", role="admin", os_user="root")
        assert (await second.ask("usb.greet", **BLUE))["stick"] is None
        enrolled = await first.ask("usb.enrol", **BLUE, name="BLUE", takes="data")
        greeted = await second.until(welcome=True)
        assert (greeted["stick"]["uuid"], greeted["stick"]["takes"]) == (enrolled["uuid"], "data")
        await second.until_enrolled_by("ada")
        await second.ask("usb.revoke", stick="BLUE", reason="lost")
        assert "revoked" in (await first.until(welcome=False))["reason"]
