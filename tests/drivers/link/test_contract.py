"""What `ByteLink` promises, on every kind of link and every way to lose it."""

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from drivers.errors import DriverError, LinkClosed, LinkLost
from drivers.link import ByteLink

if TYPE_CHECKING:
    from tests.drivers.link.conftest import Rig


def open_descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


async def settled(descriptors: int) -> None:
    async with asyncio.timeout(60):
        while True:
            if open_descriptors() <= descriptors:
                return
            await asyncio.sleep(0.001)


async def everything(link: ByteLink) -> bytes:
    """All bytes up to the loss."""
    data = b""
    try:
        while True:
            chunk = await link.receive(10)
            assert chunk is not None, "an unplugged port looked like no data"
            data += chunk.data
    except LinkLost:
        return data


async def test_bytes_go_both_ways_unchanged(live: "Rig") -> None:
    every_byte = bytes(range(256))
    await live.send(every_byte)
    received = b""
    while len(received) < 256:
        chunk = await live.link.receive(10)
        assert chunk is not None
        assert chunk.wall.tzinfo is not None
        received += chunk.data
    assert received == every_byte
    await live.link.write(every_byte)
    assert not live.hears or await live.heard(256) == every_byte


async def test_chunks_carry_rising_times(live: "Rig") -> None:
    times = []
    for _ in range(5):
        await live.send(b"x")
        chunk = await live.link.receive(10)
        assert chunk is not None
        times.append(chunk.monotonic_ns)
    assert times == sorted(times)


async def test_nothing_for_the_timeout_is_none_and_the_link_goes_on(live: "Rig") -> None:
    assert await live.link.receive(0) is None
    assert await live.link.receive(0.01) is None
    await live.send(b"late")
    chunk = await live.link.receive(10)
    assert chunk is not None
    assert chunk.data == b"late"


async def test_a_cancelled_receive_loses_nothing(live: "Rig") -> None:
    waiting = asyncio.create_task(live.link.receive())
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait({waiting})
    await live.send(b"kept")
    chunk = await live.link.receive(10)
    assert chunk is not None
    assert chunk.data == b"kept"


async def test_a_second_receive_at_once_is_refused(live: "Rig") -> None:
    waiting = asyncio.create_task(live.link.receive())
    await asyncio.sleep(0)
    with pytest.raises(RuntimeError):
        await live.link.receive(0)
    waiting.cancel()
    await asyncio.wait({waiting})


async def test_lines_just_before_the_unplug_arrive_before_the_loss(live: "Rig") -> None:
    await live.send_read(b"CRS25WT60M00001\rCRS25WT60M00002\rCRS25")
    live.unplug()
    assert await everything(live.link) == b"CRS25WT60M00001\rCRS25WT60M00002\rCRS25"


async def test_a_waiting_receive_hears_of_the_unplug(live: "Rig") -> None:
    waiting = asyncio.create_task(live.link.receive())
    await asyncio.sleep(0)
    live.unplug()
    with pytest.raises(LinkLost):
        await asyncio.wait_for(waiting, 60)


async def test_a_loss_is_sticky_and_repeats_its_first_cause(live: "Rig") -> None:
    live.unplug()
    assert await everything(live.link) == b""
    with pytest.raises(LinkLost) as first:
        await live.link.receive()
    with pytest.raises(LinkLost) as second:
        await live.link.receive(0)
    with pytest.raises(LinkLost) as third:
        await live.link.write(b"x")
    assert str(first.value) == str(second.value) == str(third.value)
    assert first.value is not second.value
    assert first.value.todo


async def test_writing_after_the_hang_up_raises(live: "Rig") -> None:
    live.unplug()
    with pytest.raises(LinkLost):
        await _beep(live.link)


async def _beep(link: ByteLink) -> None:
    for _ in range(100):  # TCP takes bytes until the other side has answered
        await link.write(b"beep")
        await asyncio.sleep(0.001)


async def test_a_peer_that_does_not_read_breaks_the_link_instead_of_blocking_for_ever(two_way: "Rig") -> None:
    with pytest.raises(LinkLost, match="taken no bytes"):
        await asyncio.wait_for(_flood(two_way.link), 60)
    with pytest.raises(LinkLost, match="taken no bytes"):
        await two_way.link.receive()


async def test_closing_beside_a_peer_that_does_not_read_ends(two_way: "Rig") -> None:
    stuck = asyncio.create_task(_flood(two_way.link))
    for _ in range(50):
        await asyncio.sleep(0)
    await asyncio.wait_for(two_way.link.close(), 60)
    with pytest.raises(DriverError):
        await stuck


async def _flood(link: ByteLink) -> None:
    while True:
        await link.write(bytes(65536))


async def test_what_was_written_before_the_close_arrives(two_way: "Rig") -> None:
    await two_way.link.write(b"last words")
    await two_way.link.close()
    assert await two_way.heard(10) == b"last words"


async def test_after_the_close_nothing_is_delivered(live: "Rig") -> None:
    await live.send_read(b"unread")
    waiting = asyncio.create_task(live.link.receive())
    await asyncio.wait({waiting}, timeout=60)
    await live.link.close()
    with pytest.raises(LinkClosed):
        await live.link.receive()
    with pytest.raises(LinkClosed):
        await live.link.write(b"x")


async def test_what_arrives_while_it_drains_is_not_delivered(two_way: "Rig") -> None:
    stuck = asyncio.create_task(_flood(two_way.link))
    for _ in range(50):
        await asyncio.sleep(0)
    closing = asyncio.create_task(two_way.link.close())
    await asyncio.sleep(0)
    await two_way.send_read(b"too late")
    for _ in range(5):
        await asyncio.sleep(0)
    with pytest.raises(LinkClosed):
        await two_way.link.receive()
    await asyncio.wait({closing, stuck})
    assert isinstance(stuck.exception(), DriverError)


@pytest.mark.parametrize("ending", ["close", "abort"])
async def test_a_waiting_receive_hears_of_the_end(live: "Rig", ending: str) -> None:
    waiting = asyncio.create_task(live.link.receive())
    await asyncio.sleep(0)
    if ending == "close":
        await live.link.close()
    else:
        live.link.abort()
    with pytest.raises(LinkClosed):
        await asyncio.wait_for(waiting, 60)


async def test_close_and_abort_may_come_at_any_time_any_number_of_times(rig: "Rig") -> None:
    rig.link.abort()
    await rig.link.close()
    await rig.link.open()
    await rig.plugged()
    rig.link.abort()
    rig.link.abort()
    await rig.link.close()
    await rig.link.close()
    with pytest.raises(LinkClosed):
        await rig.link.receive()


async def test_two_closes_at_once_both_end(live: "Rig") -> None:
    await live.link.write(b"x")
    await asyncio.wait_for(asyncio.gather(live.link.close(), live.link.close()), 60)


async def test_a_cancelled_close_releases_the_port(two_way: "Rig") -> None:
    before = open_descriptors()
    stuck = asyncio.create_task(_flood(two_way.link))
    for _ in range(50):
        await asyncio.sleep(0)
    closing = asyncio.create_task(two_way.link.close())
    await asyncio.sleep(0)
    closing.cancel()
    await asyncio.wait({closing, stuck})
    assert closing.cancelled()
    assert isinstance(stuck.exception(), DriverError)
    await settled(before - 1)
    assert open_descriptors() < before


async def test_messages_written_at_once_stay_whole(two_way: "Rig") -> None:
    messages = [bytes([letter]) * 20_000 for letter in b"abc"]
    hearing = asyncio.create_task(two_way.heard(60_000))
    await asyncio.gather(*(two_way.link.write(message) for message in messages))
    assert await hearing == b"".join(messages)


@pytest.mark.parametrize("call", ["receive", "write", "close"])
async def test_a_call_cancelled_at_any_moment_leaves_a_link_that_ends_and_opens_again(rig: "Rig", call: str) -> None:
    before = open_descriptors()
    for rounds in range(12):
        await rig.link.open()
        await rig.plugged()
        started = asyncio.create_task(_call(rig.link, call))
        for _ in range(rounds):
            await asyncio.sleep(0)
        started.cancel()
        await asyncio.wait({started})
        if call != "close":
            rig.link.abort()
        elif not started.cancelled() or rounds == 0:
            await rig.link.close()
        with pytest.raises(LinkClosed):
            await rig.link.receive()
    await settled(before + rig.held)


async def _call(link: ByteLink, call: str) -> None:
    match call:
        case "receive":
            await link.receive(1)
        case "write":
            await link.write(bytes(1 << 20))
        case _:
            await link.close()


async def test_opening_an_open_link_is_refused(live: "Rig") -> None:
    with pytest.raises(RuntimeError):
        await live.link.open()


@pytest.mark.parametrize("ending", ["close", "abort"])
async def test_it_opens_again_after_every_end(rig: "Rig", ending: str) -> None:
    for number in range(3):
        await rig.link.open()
        await rig.plugged()
        word = f"round {number}".encode()
        await rig.send(word)
        chunk = await rig.link.receive(10)
        assert chunk is not None
        assert chunk.data == word
        if ending == "close":
            await rig.link.close()
        else:
            rig.link.abort()


async def test_it_opens_again_after_a_loss_and_forgets_it(live: "Rig") -> None:
    await live.send_read(b"before")
    live.unplug()
    await everything(live.link)
    live.replug()
    await live.link.open()
    await live.plugged()
    await live.send(b"after")
    chunk = await live.link.receive(10)
    assert chunk is not None
    assert chunk.data == b"after"


async def test_a_failed_open_leaves_nothing_and_may_be_tried_again(rig: "Rig") -> None:
    rig.unplug()
    before = open_descriptors()
    for _ in range(3):
        with pytest.raises(DriverError) as failed:
            await rig.link.open()
        assert failed.value.todo
    await settled(before)
    rig.replug()
    await rig.link.open()
    await rig.plugged()


async def test_an_open_cancelled_at_any_moment_leaves_nothing(rig: "Rig") -> None:
    before = open_descriptors()
    for rounds in range(40):
        opening = asyncio.create_task(rig.link.open())
        for _ in range(rounds):
            await asyncio.sleep(0)
        opening.cancel()
        await asyncio.wait({opening})
        if not opening.cancelled():
            rig.link.abort()
        await settled(before)
    await rig.link.open()


@pytest.mark.parametrize("ending", ["close", "abort"])
async def test_an_open_ended_from_elsewhere_at_any_moment_leaves_nothing(rig: "Rig", ending: str) -> None:
    before = open_descriptors()
    for rounds in range(1, 40):
        opening = asyncio.create_task(rig.link.open())
        for _ in range(rounds):
            await asyncio.sleep(0)
        if ending == "close":
            await rig.link.close()
        else:
            rig.link.abort()
        await asyncio.wait({opening})
        assert opening.exception() is None or isinstance(opening.exception(), LinkClosed)
        await settled(before)
    await rig.link.open()


async def test_a_megabyte_nobody_takes_is_held_back_and_then_arrives_whole(live: "Rig") -> None:
    flood = os.urandom(1 << 20)
    sending = asyncio.create_task(live.send(flood))
    await asyncio.sleep(0.05)
    received = bytearray()
    while len(received) < len(flood):
        chunk = await live.link.receive(10)
        assert chunk is not None
        received += chunk.data
    await sending
    assert bytes(received) == flood


async def test_while_nobody_takes_the_memory_is_bounded(live: "Rig") -> None:
    sending = asyncio.create_task(live.send(bytes(32 << 20)))
    done, _ = await asyncio.wait({sending}, timeout=0.5)
    assert not done, "32 MB went into a queue that nobody empties"
    sending.cancel()
    await asyncio.wait({sending})


async def test_the_port_is_named_for_people(rig: "Rig") -> None:
    assert rig.link.port
