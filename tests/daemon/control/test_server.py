import asyncio
import os
import pwd
import socket
import stat
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from daemon.control.face import StoreStanding
from daemon.control.operations import OPERATIONS
from daemon.control.protocol import LONGEST_LINE
from daemon.control.server import ControlServer, SocketRefused, _bound
from storage.records import Role
from tests.daemon.control.bench import Bench, Line, Wire, serving, wire
from tests.stations.office.shop import SERIAL, person

Be = Callable[[str], None]


@pytest.mark.parametrize(
    "text",
    [b"{", b"[]", b'"x"', b'{"op": 3}', b'{"id": [1], "op": "x"}', b'{"op": "x", "args": []}', b'{"op": "x", "no": 1}',
     b"\xff\xfe", b'{"id": true, "op": "x"}', b"{}"],
)  # fmt: skip
async def test_what_is_no_request_is_refused_and_the_next_one_answered(line: Bench, text: bytes) -> None:
    async with wire(line.path) as client:
        await client.raw(text + b"\n\n")
        heard = await client.hear()
        assert not heard["ok"]
        assert heard["error"]["code"] == "invalid"
        assert (await client.get("line.status"))["line"] == 1


async def test_an_unknown_operation_names_the_nearest(line: Bench) -> None:
    async with wire(line.path) as client:
        no = await client.no("order.creat")
        assert (no["code"], no["todo"]) == ("unknown_op", "Did you mean order.create?")
        assert (await client.no("x" * 1000))["todo"] == ""


async def test_wrong_arguments_are_named_plainly(line: Bench, be: Be) -> None:
    be("sam")
    async with wire(line.path) as client:
        no = await client.no("order.create", mo_numer="MO-2", panel_type=60, quantity="5")
        assert no["code"] == "invalid"
        assert "There is no argument mo_numer; did you mean mo_number?" in no["message"]
        assert "The argument mo_number is missing." in no["message"]
        assert "The argument panel_type should be a valid string." in no["message"]
        assert "The argument quantity should be a valid integer." in no["message"]
        assert no["todo"].startswith("It takes mo_number, panel_type")
        assert (await client.no("line.status", station=1))["todo"] == "It takes no arguments."
        assert "nan" not in (await client.no("flash.show", uuid="nan"))["todo"]


async def test_an_oversize_line_is_refused_and_the_next_one_answered(line: Bench) -> None:
    async with wire(line.path) as client:
        sending = asyncio.create_task(client.raw(b"x" * (3 * LONGEST_LINE) + b"\n"))
        heard = await client.hear()
        await sending
        assert heard["error"]["code"] == "invalid"
        assert str(LONGEST_LINE) in heard["error"]["message"]
        assert (await client.get("line.status"))["line"] == 1


async def test_a_line_may_come_in_pieces_and_two_at_once(line: Bench) -> None:
    request = b'{"id": 1, "op": "line.status"}\n'
    async with wire(line.path) as client:
        for piece in (request[:5], request[5:20], request[20:] + request):
            await client.raw(piece)
            await asyncio.sleep(0)
        assert [(await client.hear())["id"] for _ in range(2)] == [1, 1]


async def test_half_a_line_is_said_and_the_end(line: Bench) -> None:
    async with wire(line.path) as client:
        await client.raw(b'{"id": 1, "op"')
        client.writer.write_eof()
        assert "cut off" in (await client.hear())["error"]["message"]
        assert await client.over()


async def test_the_kernel_says_who_asks(line: Bench) -> None:
    await line.write(person("tester", Role.SUPERVISOR, os_user=pwd.getpwuid(os.getuid()).pw_name))
    async with wire(line.path) as client:
        made = await client.get("order.create", mo_number="MO-2", panel_type="60", quantity=5)
        assert made["created_by"] == str(person("tester", Role.SUPERVISOR).uuid)


_BELOW = {Role.OPERATOR: "nobody", Role.SUPERVISOR: "otto", Role.ADMIN: "sam"}


async def test_nobody_comes_to_an_operation_below_its_role(line: Bench, be: Be) -> None:
    guarded = {name: one.least for name, one in OPERATIONS.items() if one.least is not None}
    assert len(guarded) > 20
    for name, least in guarded.items():
        be(_BELOW[least])
        async with wire(line.path) as client:
            assert (await client.no(name))["code"] == "forbidden", name


async def test_everybody_with_the_role_comes_to_the_operation(line: Bench, be: Be) -> None:
    be("ada")
    for name, one in OPERATIONS.items():
        async with wire(line.path) as client:  # for each its own: what one begins to tell goes on beside the next
            heard = await client.ask(name)
        absent = name.startswith(("sync.", "shadow."))  # this line has no central server, and does real work
        code = "refused" if absent else "invalid"
        assert heard["ok"] or heard["error"]["code"] in (code, "invalid"), (name, one)


async def test_root_makes_the_first_admin_and_no_other(empty: Bench, be: Be) -> None:
    be("ada")
    async with wire(empty.path) as client:
        assert (await client.no("user.add", username="Ada", role="admin", os_user="ada"))["code"] == "forbidden"
    be("root")
    async with wire(empty.path) as client:
        first = await client.get(
            "user.add", username="Ada", role="admin", os_user="ada", badge=True, password="12345678"
        )
        assert len(first["badge_token"]) == 26
        assert (first["has_badge"], first["has_password"]) == (True, True)
        assert not [key for key in first if "hash" in key]
        assert (await client.no("user.add", username="Eve", role="admin", os_user="eve"))["code"] == "forbidden"
    be("ada")
    async with wire(empty.path) as client:
        assert [user["username"] for user in await client.get("user.list")] == ["Ada"]
        assert (await client.no("user.add", username="Eve", role="boss"))["code"] == "invalid"


async def test_a_request_that_fails_inside_is_said_and_the_daemon_goes_on(
    line: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line.line, "standing", lambda: 1 / 0)
    async with wire(line.path) as client:
        assert (await client.no("line.status"))["code"] == "internal"
    monkeypatch.undo()
    async with wire(line.path) as client:
        assert await client.get("line.status")


async def test_without_a_store_status_and_views_answer_and_nothing_is_decided(tmp_path: Path) -> None:
    face = Line(None)
    face.store = StoreStanding(state="refusing", reason="The data disk is missing.", todo="Call a technician.")
    server = ControlServer(face, tmp_path / "s")
    await server.start()
    async with wire(server.path) as client:
        assert (await client.get("line.status"))["store"]["state"] == "refusing"
        view = await client.get("station.view", station=2)
        assert (view["colour"], view["headline"], view["todo"]) == ("red", "NOT SAVED", "Call a technician.")
        for op in ("order.list", "order.create", "panel.list"):
            no = await client.no(op)
            assert (no["code"], no["message"]) == ("not_durable", "The data disk is missing.")
    await server.stop()


async def test_a_watcher_sees_each_scan_and_two_see_the_same(line: Bench) -> None:
    async with wire(line.path) as one, wire(line.path) as two:
        for client in (one, two):
            assert (await client.get("station.watch", station=1))["phase"] == "signed_out"
        await line.line.scan(1, "SL-U-otto", SERIAL)
        for client in (one, two):
            while True:
                heard = await client.hear()
                assert heard["id"] == 7
                if heard["event"]["serial"] == SERIAL:
                    break
            assert heard["event"]["operator"] == "otto"


async def test_requests_are_answered_beside_a_stream(line: Bench) -> None:
    async with wire(line.path) as client:
        await client.get("station.watch", station=1)
        await client.send({"id": 8, "op": "line.status"})
        while (heard := await client.hear())["id"] != 8:
            assert "event" in heard
        assert heard["ok"]


async def test_a_quiet_watcher_hears_that_the_daemon_lives(line: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("daemon.control.stations.HEARTBEAT_S", 0.01)
    async with wire(line.path) as client:
        first = await client.get("station.watch", station=3)
        assert (await client.hear())["event"]["at"] > first["at"]


async def test_a_watcher_that_vanishes_leaves_nothing(line: Bench) -> None:
    before = asyncio.all_tasks()
    for _ in range(20):
        async with wire(line.path) as client:
            await client.get("station.watch", station=1)
            line.line.runner.changed()  # type: ignore[union-attr]
    assert asyncio.all_tasks() <= before
    assert not line.line.runner._watchers  # type: ignore[union-attr]


async def test_a_watcher_that_does_not_read_holds_nobody_up(line: Bench) -> None:
    runner = line.line.runner
    assert runner is not None
    async with wire(line.path) as slow, wire(line.path) as quick:
        slow.reader._transport.pause_reading()  # type: ignore[attr-defined]
        await slow.send({"id": 1, "op": "station.watch", "args": {"station": 1}})
        for _ in range(1500):
            runner.changed()
            await quick.get("station.view", station=1)
        await line.line.scan(1, "SL-U-otto", SERIAL)
        assert (await quick.get("station.view", station=1))["serial"] == SERIAL
        slow.reader._transport.resume_reading()  # type: ignore[attr-defined]
        while (await slow.hear()).get("event", {}).get("serial") != SERIAL:
            pass


async def test_a_stop_ends_streams_and_takes_the_socket_away(line: Bench) -> None:
    async with wire(line.path) as client:
        await client.get("station.watch", station=1)
        await line.server.stop()
        await line.server.stop()
        assert (await client.reader.read()).count(b"\n") <= 2
        assert not line.path.exists()


async def test_more_clients_than_allowed_are_told(line: Bench) -> None:
    line.server.most_clients = 1
    async with wire(line.path) as one:
        assert await one.get("line.status")
        two = Wire(*await asyncio.open_unix_connection(line.path))
        assert "Too many" in (await two.hear())["error"]["message"]
        assert await two.over()
        two.writer.close()
        await two.writer.wait_closed()
        assert await one.get("line.status")


async def test_one_client_watches_a_bounded_number_of_times(line: Bench) -> None:
    async with wire(line.path) as client:
        for number in range(9):
            await client.send({"id": number, "op": "station.watch", "args": {"station": 1}})
        while "error" not in (heard := await client.hear()):
            pass
        assert (heard["id"], heard["error"]["code"]) == (8, "refused")


async def test_the_socket_is_for_user_and_group_alone(line: Bench) -> None:
    assert stat.S_IMODE(line.path.stat().st_mode) == 0o660


async def test_a_socket_nobody_listens_on_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    server = ControlServer(Line(None), path)
    await server.start()
    async with wire(path) as client:
        assert await client.get("line.status")
    await server.stop()


async def test_a_living_daemon_keeps_its_socket(line: Bench) -> None:
    with pytest.raises(SocketRefused, match="Another daemon"):
        await ControlServer(Line(None), line.path).start()
    async with wire(line.path) as client:
        assert await client.get("line.status")


async def test_of_daemons_started_at_once_one_is_reached_and_the_others_are_told(tmp_path: Path) -> None:
    for number in range(200):
        path = tmp_path / f"{number}"
        together = threading.Barrier(2)

        def begun(path: Path = path, together: threading.Barrier = together) -> socket.socket | None:
            together.wait()
            try:
                return _bound(path, None)
            except SocketRefused:
                return None

        both = await asyncio.gather(asyncio.to_thread(begun), asyncio.to_thread(begun))
        (listener,) = (one for one in both if one is not None)
        with listener, socket.socket(socket.AF_UNIX) as client:
            client.connect(str(path))


async def test_a_file_that_is_no_socket_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "s"
    path.write_text("mine")
    with pytest.raises(SocketRefused, match="left alone"):
        await ControlServer(Line(None), path).start()
    assert path.read_text() == "mine"


@pytest.mark.parametrize("path", ["x" * 120, "no/such/folder/s"])
async def test_an_impossible_path_is_said_plainly(tmp_path: Path, path: str) -> None:
    with pytest.raises(SocketRefused) as caught:
        await ControlServer(Line(None), tmp_path / path).start()
    assert caught.value.todo


async def test_a_group_the_daemon_may_not_give_is_said_with_what_its_service_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "chown", denied)
    with pytest.raises(SocketRefused, match="may not give its socket to the group root") as caught:
        await ControlServer(Line(None), tmp_path / "s", group="root").start()
    assert "SystemCallFilter=chown" in caught.value.todo


async def test_an_unknown_group_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(SocketRefused, match="no group"):
        await ControlServer(Line(None), tmp_path / "s", group="no-such-group").start()
    assert not (tmp_path / "s").exists()


async def test_a_socket_replaced_by_another_is_not_removed(tmp_path: Path) -> None:
    server = ControlServer(Line(None), tmp_path / "s")
    await server.start()
    (tmp_path / "s").unlink()
    (tmp_path / "s").write_text("another's")
    await server.stop()
    assert (tmp_path / "s").exists()


async def test_device_and_store_stand_in_every_view(line: Bench) -> None:
    line.line.device = replace(line.line.device, reason="gone", todo="plug it in")
    async with wire(line.path) as client:
        view = await client.get("station.view", station=1)
        assert view["devices"] == [{"name": "scan-1", "state": "online", "reason": "gone", "todo": "plug it in"}]
        assert (await client.get("station.view", station=2))["devices"] == []
        assert view["storage"]["state"] == "ok"


async def test_a_station_there_is_not_is_refused_in_the_same_words_everywhere(line: Bench, be: Be) -> None:
    be("ada")
    asked: tuple[tuple[str, dict[str, object]], ...] = (
        ("station.view", {}), ("sheet.data", {}), ("criterion.list", {}), ("panel.list", {}),
        ("scan.send", {"text": "SL-PASS"}), ("panel.move", {"serial": SERIAL, "reason": "x"}),
        ("criterion.add", {"code": "c", "name": "n", "order_index": 9}), ("user.set", {"username": "otto"}),
    )  # fmt: skip
    said = ("invalid", "There is no station 5.", "Stations are 1 to 4.")
    async with wire(line.path) as client:
        for op, more in asked:
            error = await client.no(op, station=5, **more)
            assert (error["code"], error["message"], error["todo"]) == said, op


@pytest.mark.parametrize("steps", range(8))
async def test_whoever_comes_as_the_server_stops_is_hung_up_on(tmp_path: Path, steps: int) -> None:
    server = ControlServer(Line(None), tmp_path / "line.sock")
    await server.start()
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(server.path))
        for _ in range(steps):
            await asyncio.sleep(0)
        await server.stop()
        client.settimeout(60)
        with suppress(ConnectionResetError):
            assert await asyncio.to_thread(client.recv, 1) == b""
        assert serving() == 0
