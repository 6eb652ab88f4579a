import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from simulators.ports import PtyPort, TcpPort


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 - any condition, no event to wait for
            await asyncio.sleep(0.005)


def opened(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)


def lost(port: int) -> bool:
    try:
        return os.read(port, 100) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


async def test_a_pty_carries_any_byte_both_ways(tmp_path: Path) -> None:
    heard: list[bytes] = []
    port = PtyPort(tmp_path / "scanner", heard.append)
    await port.plug()
    host = opened(tmp_path / "scanner")
    every = bytes(range(256))
    assert await port.write(every)
    assert os.read(host, 1000) == every
    os.write(host, every)
    await until(lambda: b"".join(heard) == every)
    os.close(host)
    await port.unplug()


async def test_bytes_wait_until_somebody_opens_the_pty(tmp_path: Path) -> None:
    port = PtyPort(tmp_path / "scanner", lambda _data: None)
    await port.plug()
    await port.write(b"early\r")
    host = opened(tmp_path / "scanner")
    assert os.read(host, 100) == b"early\r"
    os.close(host)
    await port.unplug()


async def test_unplugging_hangs_up_and_takes_the_link_away(tmp_path: Path) -> None:
    port = PtyPort(tmp_path / "scanner", lambda _data: None)
    await port.plug()
    host = opened(tmp_path / "scanner")
    await port.unplug()
    assert lost(host)
    assert not (tmp_path / "scanner").is_symlink()
    assert not port.plugged
    assert not await port.write(b"gone")
    os.close(host)
    await port.unplug()


async def test_a_renamed_port_is_another_terminal_under_the_same_link(tmp_path: Path) -> None:
    port = PtyPort(tmp_path / "scanner", lambda _data: None)
    await port.plug()
    before = (tmp_path / "scanner").readlink()
    host = opened(tmp_path / "scanner")
    await port.rename()
    assert (tmp_path / "scanner").readlink() != before
    assert lost(host)
    os.close(host)
    await port.unplug()


async def test_a_paused_port_hears_later_what_was_said_meanwhile(tmp_path: Path) -> None:
    heard: list[bytes] = []
    port = PtyPort(tmp_path / "scanner", heard.append)
    await port.plug()
    port.pause()
    host = opened(tmp_path / "scanner")
    os.write(host, b"hello")
    await asyncio.sleep(0)
    assert heard == []
    port.resume()
    await until(lambda: heard == [b"hello"])
    os.close(host)
    await port.unplug()


async def test_a_host_that_does_not_read_holds_the_writer_until_it_does_or_the_port_goes(tmp_path: Path) -> None:
    port = PtyPort(tmp_path / "scanner", lambda _data: None)
    await port.plug()
    writing = asyncio.create_task(port.write(b"x" * 100_000))
    await asyncio.sleep(0.02)
    assert not writing.done()
    await port.unplug()
    assert await writing is False


async def test_the_rest_of_a_message_does_not_come_out_of_the_terminal_after_a_rename(tmp_path: Path) -> None:
    port = PtyPort(tmp_path / "scanner", lambda _data: None)
    await port.plug()
    writing = asyncio.create_task(port.write(b"x" * 100_000))
    await asyncio.sleep(0.02)
    assert not writing.done()
    await port.rename()
    host = opened(tmp_path / "scanner")
    done, _ = await asyncio.wait({writing}, timeout=60)
    writing.cancel()
    await asyncio.wait({writing})
    assert done, "it goes on writing into the other terminal"
    assert writing.result() is False
    with pytest.raises(BlockingIOError):
        os.read(host, 100)
    os.close(host)
    await port.unplug()


@pytest.mark.parametrize("leave", ["unplug", "rename"])
async def test_tcp_listens_carries_and_resets(leave: str) -> None:
    heard: list[bytes] = []
    port = TcpPort(0, heard.append)
    await port.plug()
    host, number = port.address.removeprefix("tcp:").split(":")
    reader, writer = await asyncio.open_connection(host, int(number))
    writer.write(b"hello")
    await until(lambda: heard == [b"hello"])
    assert await port.write(b"flash\r\n")
    assert await reader.readline() == b"flash\r\n"
    await getattr(port, leave)()
    with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
        await reader.readexactly(1)
    assert port.plugged == (leave == "rename")
    writer.close()
    await port.unplug()
    assert not await port.write(b"gone")
