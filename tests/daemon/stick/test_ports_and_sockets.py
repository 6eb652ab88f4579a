"""A stick is told from the next one in its place; the lines of a computer are found, and asked with a deadline."""

import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from daemon.stick.line import LineLost, Report
from daemon.stick.plan import Plan
from daemon.stick.ports import DevicePort, FolderPort
from daemon.stick.sockets import SocketLine, lines_here
from drivers.stick.errors import StickGone, VolumeGone
from drivers.sysfs import Roots
from storage.export.durable import Written
from storage.export.layout import Format
from storage.records import StickOutcome
from tests.daemon.stick.world import DEVICE, VOLUME

PLAN = {
    "site": "P1", "line_number": 1, "exported_by": "maria", "zone": "Europe/Berlin", "first_day": "2026-03-01",
    "last_day": "2026-03-31", "since": "2026-02-28T23:00:00.000000Z", "until": "2026-03-31T22:00:00.000000Z",
    "after_seq": 5, "upto_seq": 900, "store_id": "5b0c1ad1-8a3c-4c4b-9a57-2f1e6f1c0001",
    "as_of": "2026-04-01T06:30:15.123456Z", "counts": {"panels": 3, "pallets": 2}, "takes": "everything",
    "recipient": None, "export_uuid": "e-1", "resumed": True, "interrupted": True,
    "done": {"sunline-x/csv/panels.csv": "ab"},
}  # fmt: skip


@pytest.fixture
def roots(tmp_path: Path) -> Roots:
    disk = tmp_path / "sys/devices/usb1/block/sdb"
    (disk / "sdb1").mkdir(parents=True)
    (disk / "sdb1/partition").write_text("1\n")
    (disk / "diskseq").write_text("41\n")
    (disk / "stat").write_text("  10 0 80 5  20 0 160 9  0 14 14  3 0 0 0  4 1\n")
    (tmp_path / "sys/class/block").mkdir(parents=True)
    for name, place in (("sdb", disk), ("sdb1", disk / "sdb1")):
        (tmp_path / "sys/class/block" / name).symlink_to(place)
    return Roots(sys=tmp_path / "sys", dev=tmp_path / "dev", run_udev=tmp_path / "udev")


@pytest.mark.parametrize("name", ["sdb", "sdb1"])
def test_a_stick_is_present_until_it_goes_or_another_one_takes_its_place(roots: Roots, name: str) -> None:
    port = DevicePort.of(name, Path("/run/x"), roots)
    assert (port.disk, port.mount_point, port.present()) == ("sdb", Path("/run/x/sdb"), True)
    (roots.sys / "class/block/sdb/diskseq").write_text("42\n")
    assert not port.present()
    assert DevicePort.of(name, Path("/run/x"), roots).present()
    (roots.sys / "class/block/sdb").unlink()
    assert not port.present()
    assert not DevicePort.of("sdb", Path("/run/x"), roots).present()


def test_a_stick_named_with_its_number_is_not_the_next_one_of_its_name(roots: Roots) -> None:
    assert DevicePort.of("sdb_41", Path("/run/x"), roots).present()
    late = DevicePort.of("sdb_40", Path("/run/x"), roots)
    assert (late.disk, late.present()) == ("sdb", False)
    with pytest.raises(StickGone):
        late.look()


def test_the_next_stick_in_its_place_is_neither_mounted_nor_switched_off(roots: Roots) -> None:
    port = DevicePort.of("sdb", Path("/run/x"), roots)
    volume = port.volume(replace(DEVICE, name="sdb", adapter=roots.sys / "devices/usb1"), VOLUME)
    (roots.sys / "class/block/sdb/diskseq").write_text("42\n")
    assert not volume.power_off()
    with pytest.raises(VolumeGone), volume.mounted(read_only=False):
        pass


def test_what_a_stick_completed_is_counted(roots: Roots) -> None:
    port = DevicePort.of("sdb", Path("/run/x"), roots)
    assert port.activity() == 10 + 20 + 3 + 4
    (roots.sys / "class/block/sdb/stat").unlink()
    assert port.activity() == 0


def test_a_folder_stands_for_a_stick_that_can_be_enrolled(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).mkdir()
    one, other = (FolderPort(tmp_path / name).look() for name in "ab")
    assert one.usb_serial != other.usb_serial
    assert one.volumes[0].fs_uuid


def test_the_lines_of_a_computer_are_their_sockets_and_what_is_configured(tmp_path: Path) -> None:
    run, etc = tmp_path / "run", tmp_path / "etc"
    assert lines_here(run, etc) == ()
    run.mkdir()
    etc.mkdir()
    (run / "line2.sock").touch()
    (run / "bench.sock").touch()
    (etc / "line1.toml").write_text('[control]\nsocket = "/elsewhere/one"\n')
    (etc / "line2.toml").write_text("nothing that can be read")
    (etc / "line3.toml").write_text(f'[control]\nsocket = "{run}/line3.sock"\n')
    (etc / "line1-old.toml").touch()
    (run / "line1.sock").touch()
    assert [(one.name, str(one.path)) for one in lines_here(run, etc)] == [
        ("bench", f"{run}/bench.sock"),
        ("Line 1", "/elsewhere/one"),
        ("line1.sock", f"{run}/line1.sock"),
        ("Line 2", f"{run}/line2.sock"),
        ("Line 3", f"{run}/line3.sock"),
    ]


@contextmanager
def answering(path: Path, answers: Callable[[dict[str, Any]], bytes]) -> Iterator[list[dict[str, Any]]]:
    """A daemon that answers whatever it is told to."""
    heard: list[dict[str, Any]] = []
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        listener.settimeout(0.05)
        over = threading.Event()

        def serve() -> None:
            while not over.is_set():
                try:
                    peer, _ = listener.accept()
                except TimeoutError:
                    continue
                with peer, peer.makefile("rb") as lines:
                    peer.settimeout(5)
                    heard.append(orjson.loads(lines.readline()))
                    peer.sendall(answers(heard[-1]))

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield heard
        finally:
            over.set()
            thread.join(10)


def well(result: object) -> Callable[[dict[str, Any]], bytes]:
    return lambda request: orjson.dumps({"id": request["id"], "ok": True, "result": result}) + b"\n"


def badly(code: str) -> Callable[[dict[str, Any]], bytes]:
    error = {"code": code, "message": "So it is.", "todo": ""}
    return lambda request: orjson.dumps({"id": request["id"], "ok": False, "error": error}) + b"\n"


def test_a_line_knows_a_stick_or_says_why_not(tmp_path: Path) -> None:
    line = SocketLine("Line 1", tmp_path / "s")
    assert line.greet(DEVICE, VOLUME).absent
    with answering(line.path, well({"stick": {"uuid": "u"}, "reason": ""})) as heard:
        assert line.greet(DEVICE, VOLUME).stick_uuid == "u"
    assert heard[0]["args"] == {
        "device": "sdz", "vendor_id": "0781", "product_id": "5567", "usb_serial": "4C530001", "volume_id": "ABCD-1234",
    }  # fmt: skip
    line.path.unlink()
    with answering(line.path, well({"stick": None, "reason": "It was revoked."})):
        said = line.greet(DEVICE, VOLUME)
        assert (said.stick_uuid, said.absent, said.reason) == (None, False, "It was revoked.")


STRANGE = [b"{}\n", b"x\n", b"[]\n", b'{"ok": false, "error": 7}\n', b""]


@pytest.mark.parametrize("answer", [well({}), well(7), badly("not_durable"), *STRANGE])
def test_an_answer_nobody_understands_is_none(
    tmp_path: Path, answer: bytes | Callable[[dict[str, Any]], bytes]
) -> None:
    line = SocketLine("Line 1", tmp_path / "s")
    with answering(line.path, answer if callable(answer) else lambda _: answer):
        assert line.greet(DEVICE, VOLUME).absent
        with pytest.raises(LineLost):
            line.plan("u", full=False)


@pytest.mark.parametrize("answer", STRANGE)
def test_nobody_who_is_told_of_a_visit_can_end_it(tmp_path: Path, answer: bytes) -> None:
    line = SocketLine("Line 1", tmp_path / "s")
    report = Report(visit="", disk="sdz", device="x", outcome=StickOutcome.FULL, message="m", todo="t")
    with answering(line.path, lambda _: answer):
        assert not line.tell("sdz", "writing", 0.5)
        line.report(report)


def test_a_plan_is_what_a_line_says(tmp_path: Path) -> None:
    line = SocketLine("Line 1", tmp_path / "s")
    with answering(line.path, well(PLAN)) as heard:
        plan = line.plan("u", full=True)
    assert heard[0]["args"] == {"stick_uuid": "u", "full": True}
    assert (plan.export_uuid, plan.stick_uuid, plan.resumed, plan.rows) == ("e-1", "u", True, 5)
    assert (plan.folder, dict(plan.done_within)) == ("sunline-x", {"csv/panels.csv": "ab"})
    assert plan.job.folder_name() == "sunline-P1-line1-2026-03-01_2026-03-31"
    assert (plan.job.scope.after_seq, plan.job.scope.upto_seq) == (5, 900)
    assert Plan.read("u", PLAN | {"takes": "sheets"}).rows == 2
    assert Plan.read("u", PLAN | {"takes": "data"}).job.formats == {Format.JSON, Format.CSV}


def test_a_report_says_everything_and_never_raises(tmp_path: Path) -> None:
    line = SocketLine("Line 1", tmp_path / "s")
    report = Report(
        visit="v", disk="sdz", device="SanDisk", outcome=StickOutcome.EXPORTED, message="m" * 3000, todo="t",
        stick_uuid="u", export_uuid="e", files=tuple(Written(f"f{number}", 1, "0" * 64) for number in range(3000)),
    )  # fmt: skip
    assert not line.report(report)
    with answering(line.path, well({})) as heard:
        assert line.report(report)
    args = heard[0]["args"]
    assert {key: args[key] for key in ("visit", "device", "described", "outcome", "stick_uuid", "export_uuid")} == {
        "visit": "v", "device": "sdz", "described": "SanDisk", "outcome": "exported", "stick_uuid": "u",
        "export_uuid": "e",
    }  # fmt: skip
    assert (len(args["message"]), len(args["files"])) == (1000, 2000)
    line.path.unlink()
    with answering(line.path, badly("invalid")):
        assert line.report(report), "it was told; asking again would say the same"


def test_serving_a_stick_never_loads_a_database() -> None:
    program = (
        "import sys, daemon.stick.command, daemon.stick.watch, daemon.export.source\n"
        "bad = [n for n in sys.modules if n.startswith(('storage.sqlite', 'storage.postgres', 'apsw', 'psycopg'))]\n"
        "assert not bad, bad"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).parents[3], check=False)
    assert done.returncode == 0
