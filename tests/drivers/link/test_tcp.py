"""What only a network can get wrong."""

import asyncio
import socket
import struct

import pytest

from drivers.errors import LinkLost, NeedsPerson, PortAbsent
from drivers.link import TcpSettings, tcp_link


async def test_nobody_listening_is_absent_and_names_the_address() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        free = listener.getsockname()[1]
    with pytest.raises(PortAbsent, match=f"127.0.0.1:{free} refuses"):
        await tcp_link("127.0.0.1", free).open()


async def test_a_server_that_does_not_answer_is_absent() -> None:
    full = socket.create_server(("127.0.0.1", 0), backlog=0)
    address = full.getsockname()
    crowd = [socket.socket() for _ in range(4)]
    for one in crowd:  # fills the queue of connections, after which the kernel answers nobody
        one.setblocking(False)
        one.connect_ex(address)
    with pytest.raises(PortAbsent, match="does not answer"):
        await tcp_link("127.0.0.1", address[1], TcpSettings(connect_timeout_s=0.1)).open()
    for one in (*crowd, full):
        one.close()


async def test_a_name_that_does_not_resolve_is_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    async def unknown(*args: object, **kwargs: object) -> object:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", unknown)
    with pytest.raises(PortAbsent, match="no such name"):
        await tcp_link("no-such-host.invalid", 4001).open()


async def test_a_dead_network_is_noticed_by_keepalives_and_a_limit_on_unanswered_bytes() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    link = tcp_link("127.0.0.1", listener.getsockname()[1], TcpSettings(keepalive_s=7, unanswered_s=9))
    await link.open()
    wire = link._wire
    assert wire is not None
    mine = wire.transport.get_extra_info("socket")
    assert mine.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
    assert mine.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 7
    assert mine.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL) == 7
    assert mine.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 9000
    assert mine.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1
    await link.close()
    listener.close()


async def test_lines_that_arrived_are_delivered_even_when_a_write_finds_the_loss_first() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    link = tcp_link("127.0.0.1", listener.getsockname()[1])
    await link.open()
    server, _ = listener.accept()
    server.send(b"CRS25WT60M00001\r")
    server.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    server.close()
    listener.close()
    with pytest.raises(LinkLost):
        await link.write(b"beep")
    chunk = await link.receive(10)
    assert chunk is not None
    assert chunk.data == b"CRS25WT60M00001\r"
    with pytest.raises(LinkLost):
        await link.receive(10)
    await link.close()


@pytest.mark.parametrize(("host", "port"), [("a..b", 4001), ("x" * 70, 4001), ("127.0.0.1", 99999)])
async def test_an_address_that_cannot_be_one_needs_a_person(host: str, port: int) -> None:
    with pytest.raises(NeedsPerson, match="is no address") as refused:
        await tcp_link(host, port).open()
    assert refused.value.todo
