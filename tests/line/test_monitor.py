"""`sunline device monitor` at a real line, on real pseudo-terminals."""

import asyncio
import re
import signal
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from pathlib import Path

import pytest

from daemon.control.overhearing import items_of
from daemon.control.views.plain import Json
from daemon.wiring.alone import listening_alone
from tests.line.cable import Cable, Told
from tests.line.house import PATIENCE_S, at_work
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
    notes: list[str] = []
    cable = Cable(at.port("scanner-1"))
    cable.plug()
    try:
        part = next(one for one in at.load().devices() if one.name == "scanner-1")
        async with (
            listening_alone([part], notes.append) as ear,
            aclosing(items_of(ear)) as items,
            asyncio.timeout(PATIENCE_S),
        ):
            while not any("online" in note for note in notes):  # noqa: ASYNC110 -- what is noted has no event
                await asyncio.sleep(0.001)
            for text in (serial(1), BADGES[1]):
                await cable.send(text.encode() + b"\r")
                assert await cable.next_word(re.compile(b"\x1b1,")), "it is let go, without a sound"
            lines = [item async for item in _first(items, 4)]
        assert [(one["way"], one["bytes"]) for one in lines] == [
            ("heard", f"{serial(1)}<CR>"), ("sent", "<ESC>1,"), ("heard", "SL-U-***<CR>"), ("sent", "<ESC>1,"),
        ]  # fmt: skip
        assert lines[2]["said"] == ["a badge"]
    finally:
        cable.pull()


async def _first(items: AsyncGenerator[Json, None], count: int) -> AsyncGenerator[Json, None]:
    while count:
        if item := await anext(items):
            yield item
            count -= 1
