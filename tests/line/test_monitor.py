"""`sunline device monitor` at a real line, on real pseudo-terminals."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.line.cable import Cable, Told
from tests.line.house import at_work
from tests.line.premises import BADGES, Premises, premises, serial
from tests.line.tools import hire, terminal


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Premises]:
    with premises(tmp_path) as made:
        hire(made)
        yield made


async def test_bytes_and_readings_are_shown_as_they_pass_and_no_badge(at: Premises) -> None:
    async with at_work(at) as house:
        await house.ready()
        socket = str(house.line.config.control.socket)
        async with terminal("device", "monitor", "scanner-1", "--json", "--socket", socket) as seen:
            assert await seen.beside() == "Listening to scanner-1. Ctrl-C ends."
            assert await house.scan(2, BADGES[2]) == [Told.GOOD]
            assert await house.scan(1, BADGES[1], serial(1)) == [Told.GOOD, Told.GOOD]
            await house.cables["scanner-1"].send(b"\xff\x00\r")
            items = [await seen.item() for _ in range(6)]
            assert [(one["way"], one["bytes"]) for one in items] == [
                ("heard", "SL-U-***<CR>"), ("sent", "<ESC>7,"), ("heard", f"{serial(1)}<CR>"), ("sent", "<ESC>7,"),
                ("heard", "<xFF><NUL><CR>"), ("sent", "<ESC>8,<ESC>8,"),
            ]  # fmt: skip
            assert [one["said"] for one in items[:3:2]] == [["a badge"], [serial(1)]]
            assert items[4]["fault"] == "The frame holds bytes that are no printable text."
            assert {one["device"] for one in items} == {"scanner-1"}
            assert await seen.ended(signal.SIGINT) == (0, "", "")
        await house.until(lambda: not house.line.tap.is_heard)


async def test_while_the_daemon_does_not_run_the_port_is_opened_by_the_command_itself(at: Premises) -> None:
    cable = Cable(at.port("scanner-1"))
    cable.plug()
    try:
        async with terminal("device", "monitor", "scanner-1", "--config", str(at.config)) as seen:
            assert "does not run" in await seen.beside()
            assert await seen.beside() == "Listening to scanner-1. Ctrl-C ends."
            while "online" not in await seen.beside():
                pass
            await cable.send(serial(1).encode() + b"\r")
            assert (await seen.said()).endswith(f"scanner-1 ← {serial(1)}<CR>   = {serial(1)}")
            assert (await seen.said()).endswith("scanner-1 → <ESC>1,")
            await cable.send(BADGES[1].encode() + b"\r")
            assert (await seen.said()).endswith("scanner-1 ← SL-U-***<CR>   = a badge")
            status, _, err = await seen.ended(signal.SIGINT)
            assert (status, err) == (0, "")
    finally:
        cable.pull()
