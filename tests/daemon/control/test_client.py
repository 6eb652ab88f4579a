import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.control.client import ControlClient, DaemonAbsent
from daemon.control.protocol import ControlError
from daemon.control.watching import watch
from tests.daemon.control.bench import Bench, serving, until
from tests.stations.office.shop import SERIAL


@contextlib.contextmanager
def saying(path: Path, text: bytes | None) -> Iterator[None]:
    """Somebody else's server: says a text to whoever comes, or nothing at all."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()

        def serve() -> None:
            with listener.accept()[0] as peer:
                peer.recv(1000)
                if text is not None:
                    peer.sendall(text)
                else:
                    peer.recv(1000)

        thread = threading.Thread(target=serve)
        thread.start()
        yield
        thread.join(10)


async def test_a_call_gives_the_result_or_says_why_not(line: Bench) -> None:
    asked = ControlClient(line.path)
    assert (await asyncio.to_thread(asked.call, "line.status"))["line"] == 1
    with pytest.raises(ControlError, match="There is no panel") as caught:
        await asyncio.to_thread(asked.call, "panel.show", serial=SERIAL)
    assert (caught.value.code, bool(caught.value.todo)) == ("not_found", True)
    await until(lambda: serving() == 0)


def test_a_daemon_that_is_not_there_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(DaemonAbsent, match="not running") as caught:
        ControlClient(tmp_path / "s").call("line.status")
    assert caught.value.todo.startswith("Start it")
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(tmp_path / "s"))
    with pytest.raises(DaemonAbsent, match="not running"):
        ControlClient(tmp_path / "s").call("line.status")


@pytest.mark.parametrize(
    ("text", "word"),
    [(b"", "ended"), (b'{"id": 1, "ok": tr', "ended"), (b"HTTP/1.1 400\r\n", "not the daemon"), (None, "not answer")],
)
def test_a_daemon_that_ends_hangs_or_is_none_is_said_plainly(tmp_path: Path, text: bytes | None, word: str) -> None:
    with saying(tmp_path / "s", text), pytest.raises(DaemonAbsent, match=word):
        ControlClient(tmp_path / "s", timeout_s=0.2).call("line.status")


def test_what_cannot_be_sent_is_said_before_it_is_sent(tmp_path: Path) -> None:
    with pytest.raises(ControlError, match="cannot be sent"):
        ControlClient(tmp_path / "s").call("panel.show", serial="\ud800")


_ITEM = b'{"id":1,"ok":true,"result":{"n":1}}\n'


def test_a_stream_gives_its_items_up_to_its_end(tmp_path: Path) -> None:
    text = _ITEM + b'{"id":1,"event":{"n":2}}\n{"id":1,"end":true}\nnever read'
    with saying(tmp_path / "s", text):
        assert list(ControlClient(tmp_path / "s").stream("export.rows")) == [{"n": 1}, {"n": 2}]
    with saying(tmp_path / "t", b'{"id":1,"end":true}\n'):
        assert list(ControlClient(tmp_path / "t").stream("export.rows")) == []


@pytest.mark.parametrize(
    ("text", "word"),
    [(_ITEM, "ended"), (_ITEM + b'{"id": 1, "ev', "ended"), (_ITEM + b"garbage\n", "not the daemon"),
     (_ITEM + b'{"id":1,"ok":false,"error":{"code":"internal","message":"It broke.","todo":"Look."}}\n', "It broke")],
)  # fmt: skip
def test_a_stream_that_breaks_off_is_said_plainly(tmp_path: Path, text: bytes, word: str) -> None:
    with saying(tmp_path / "s", text):
        items = ControlClient(tmp_path / "s").stream("export.rows")
        assert next(items) == {"n": 1}
        with pytest.raises(ControlError, match=word):
            next(items)


async def test_a_stream_left_early_hangs_up(line: Bench) -> None:
    def look() -> object:
        with contextlib.closing(ControlClient(line.path).stream("station.watch", station=1)) as views:
            return next(views)["serial"]

    assert await asyncio.to_thread(look) is None
    await until(lambda: serving() == 0)


async def test_a_watch_gives_views_until_the_daemon_ends(line: Bench) -> None:
    async with contextlib.aclosing(watch(line.path, 1)) as views:
        assert (await anext(views))["serial"] is None
        await line.line.scan(1, "SL-U-otto", SERIAL)
        while (await anext(views))["serial"] != SERIAL:
            pass
        await line.server.stop()
        with pytest.raises(DaemonAbsent, match="ended"):
            [view async for view in views]


async def test_a_watch_without_a_daemon_or_station_is_refused(line: Bench, tmp_path: Path) -> None:
    with pytest.raises(DaemonAbsent, match="not running"):
        await anext(watch(tmp_path / "none", 1))
    with pytest.raises(ControlError, match="no station 9"):
        await anext(watch(line.path, 9))
    await until(lambda: serving() == 0)
