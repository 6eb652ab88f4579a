"""`sync now` waits for what goes up, but not for a server that is away."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from storage.sync.status import Backlog, SyncStatus
from tests.daemon.control.bench import bench, wire
from tests.daemon.control.test_sources import Server
from tests.stations.office.shop import PEOPLE

SINCE = datetime(2026, 3, 1, 6, tzinfo=UTC)


class Slow(Server):
    """A server's tie that tells for how long it was asked to wait."""

    waited: tuple[float, ...] = ()

    async def backlog(self) -> Backlog:
        return Backlog(3, SINCE, 0)

    async def drained(self, within_s: float) -> bool:
        self.waited += (within_s,)
        return False


@pytest.mark.parametrize(("connected", "at_most_s"), [(True, 20.0), (False, 2.0)])
async def test_sync_now_answers_soon_and_in_words_when_the_server_is_away(
    tmp_path: Path, connected: bool, at_most_s: float
) -> None:
    async with bench(tmp_path) as made, wire(made.path) as client:
        await made.write(*PEOPLE)
        made.line.central = central = Slow("")
        central.status = SyncStatus(connected, SINCE, "" if connected else "No route.", "" if connected else "Wait.")
        told = await client.get("sync.now")
    assert central.waited == (at_most_s,)
    assert (told["connected"], told["trouble"], told["waiting"]) == (connected, central.status.trouble, 3)
