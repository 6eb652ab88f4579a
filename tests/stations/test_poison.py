"""What no decision can be made on, and what no station can go on from: it is kept, shown, and blocks nobody."""

from datetime import UTC, datetime

import pytest

import stations.decide
from drivers.readings import Answer, Flash, FlashSource
from stations.statecodec import UNREADABLE, StateCodec
from stations.workflow.state import StationState
from tests.stations.shift import Shift, values
from tests.stations.test_arms import Rig, started


async def test_a_live_flash_that_no_decision_can_be_made_on_lies_in_the_tray_at_once(
    shift: Shift, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise KeyError("a fault of this program")

    monkeypatch.setattr(stations.decide, "live_flash", broken)
    flash = Flash(
        device="tester", raw=b"one", wall=datetime.now(UTC), monotonic_ns=1, source=FlashSource.LIVE, values=values(),
        origin="rig",
    )  # fmt: skip
    async with started(shift, Rig()) as runner:
        assert await runner.take(4, flash) is Answer.BAD
        assert runner.state(4).banner.headline == "NOT SAVED"
        assert len(await runner.read(lambda view: view.tray(5))) == 1
        assert not await runner.read(lambda view: view.undecided_flashes(5))


@pytest.mark.parametrize("body", ["{}", "null", "[" * 9999, '{"station_number":3}', '{"station_number":1,"open":5}'])
def test_a_state_that_is_of_no_use_is_a_fresh_station_that_says_so(body: str) -> None:
    assert StateCodec().decode(1, body) == StationState(1, banner=UNREADABLE)
