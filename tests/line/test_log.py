"""What a line's log says of its work can be searched by station, device, panel and action."""

import logging
from pathlib import Path

import pytest

from tests.line.cable import Told, result_line
from tests.line.house import at_work
from tests.line.premises import BADGES, premises, serial


async def test_decisions_and_devices_are_logged_with_their_fields(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with premises(tmp_path) as at:
        async with at_work(at) as house:
            await house.ready()
            await house.sign_in()
            await house.passed(1, 1, 2, 3, 4)
            assert await house.scan(2, serial(1)) == [Told.BAD]
            assert result_line(1)
    told = [vars(one) for one in caplog.records]
    said = [(one["action"], one["device"], one["station"], one["panel"]) for one in told if "panel" in one]
    assert ("signed_in", "scanner-1", 1, None) in said
    assert ("flash_attached", "tester", 4, serial(1)) in said
    panel = [one[:3] for one in said if one[3] == serial(1)]
    assert [device for _, device, _ in panel[:2]] == ["scanner-1", "scanner-1"]
    assert panel[-1][1:] == ("scanner-2", 2)
    devices = {one["device"] for one in told if one.get("action") == "online"}
    assert devices == {"scanner-1", "scanner-2", "scanner-3", "scanner-4", "tester"}
    assert not any(token in one.getMessage() for token in BADGES.values() for one in caplog.records)
