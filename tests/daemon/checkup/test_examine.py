"""A whole examination: of lines that run, that do not, that cannot be read, of no line at all."""

import asyncio
import contextlib
import fcntl
import json
import shutil
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from daemon.checkup import examine as module
from daemon.checkup.addressfacts import look_at_address
from daemon.checkup.database import Head
from daemon.checkup.devices import device_findings
from daemon.checkup.examine import Named, examine
from daemon.checkup.finding import Area, Finding, Severity, Unseen
from daemon.checkup.lines import LineHere, Running, look_at_line, names_here
from daemon.checkup.storefacts import head_of, look_at_store
from daemon.checkup.units import TypingFacts
from daemon.wiring import doctor
from daemon.wiring.doctor import Trouble
from daemon.wiring.inventory import Device
from storage.sqlite import Store
from tests.daemon.checkup.machine import SATA, Machine
from tests.line.house import at_work
from tests.line.premises import LINE, SITE, Premises, premises


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Premises]:
    with premises(tmp_path) as made:
        yield made


@pytest.fixture
def sockets() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="sl-"))
    yield folder
    shutil.rmtree(folder)


def of(found: tuple[Finding, ...], area: Area) -> dict[str, Finding]:
    return {one.check: one for one in found if one.area is area}


async def test_a_line_that_runs_is_looked_at_and_its_store_is_left_alone(tmp_path: Path) -> None:
    with premises(tmp_path) as at:
        async with at_work(at) as house:
            await house.ready()
            files = sorted(one.name for one in at.store.parent.iterdir())
            found = await asyncio.to_thread(examine, (Named("line", at.config, None),))
            assert sorted(one.name for one in at.store.parent.iterdir()) == files
    line, store = of(found, Area.LINE), of(found, Area.DATABASE)
    assert (line["runs"].severity, line["file"].severity) == (Severity.OK, Severity.OK)
    assert "found whole" in store["store"].message
    assert of(found, Area.SYNC)["exchange"].message == "no central server, that is fine"
    assert "none enrolled" in of(found, Area.STICKS)["visits"].message
    assert of(found, Area.DEVICES)["devices"].severity is Severity.OK
    assert {one.area for one in found} == set(Area)
    assert [one.message for one in found if "Error" in one.message] == []


def test_a_line_that_does_not_run_is_bad_and_what_only_it_knows_is_not_seen(at: Premises) -> None:
    found = examine((Named("line", at.config, None),))
    assert of(found, Area.LINE)["not-running"].lines == (LINE,)
    assert "checked at the next start" in of(found, Area.DATABASE)["store"].message
    assert of(found, Area.STICKS)["visits"].severity is Severity.UNSEEN
    assert of(found, Area.CLOCK)["zone"].severity is Severity.UNSEEN
    assert found[0].severity is Severity.BAD


def test_a_file_with_a_fault_is_told_and_the_pc_is_looked_at_all_the_same(at: Premises) -> None:
    at.config.write_text(at.config.read_text().replace("warn_free_mb", "warn_fre_mb"))
    found = examine((Named("line", at.config, None),))
    assert "warn_fre_mb" in of(found, Area.LINE)["config-fault"].message
    assert of(found, Area.DISK)["disk"].severity is Severity.UNSEEN
    assert of(found, Area.PC)


def test_without_a_line_the_pc_is_looked_at() -> None:
    found = examine(())
    assert of(found, Area.LINE)["no-line"].severity is Severity.WARN
    assert {Area.PC, Area.CLOCK, Area.UNITS} <= {one.area for one in found}


def test_an_area_that_falls_over_hides_no_other(at: Premises, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "look_at_disk", lambda *_: 1 / 0)
    found = examine((Named("line", at.config, None),))
    assert "ZeroDivisionError" in of(found, Area.DISK)["area"].message
    assert of(found, Area.DATABASE)["store"].severity is Severity.OK
    assert "not-running" in of(found, Area.LINE)


def test_lines_are_found_by_their_sockets_and_their_files(tmp_path: Path) -> None:
    for name in ("etc/line1.toml", "etc/stick.toml", "run/line2.sock", "run/line1.sock"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert names_here(tmp_path / "run", tmp_path / "etc") == ("line1", "line2")
    assert names_here(tmp_path / "no", tmp_path / "none") == ()


@pytest.fixture
def daemon(sockets: Path) -> Iterator[Callable[[bytes], Path]]:
    """A daemon that says the same to whoever asks; nothing: it never says anything."""
    path = sockets / "line1.sock"
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen(20)
    open_: list[socket.socket] = []

    def serve(words: bytes) -> Path:
        def answer() -> None:
            with contextlib.suppress(OSError):
                while True:
                    peer, _ = listener.accept()
                    open_.append(peer)
                    if words:
                        peer.recv(4096)
                        peer.sendall(words)

        threading.Thread(target=answer, daemon=True).start()
        return path

    yield serve
    listener.shutdown(socket.SHUT_RDWR)
    for one in (*open_, listener):
        one.close()


def said(**answer: object) -> bytes:
    return json.dumps({"id": 1, **answer}).encode() + b"\n"


def test_a_daemon_of_another_version_is_no_reason_to_fall_over(daemon: Callable[[bytes], Path]) -> None:
    path = daemon(said(ok=True, result=["strange"]))
    line = look_at_line("line1", None, path)
    assert (line.running, line.number) == (Running.YES, 1)
    assert isinstance(line.answer("line.status"), Unseen)
    found = examine((Named("line1", None, path),))
    assert [one for one in found if "Error" in one.message] == []


def test_a_refusal_is_an_answer_of_a_daemon_that_runs(daemon: Callable[[bytes], Path]) -> None:
    refusal = {"code": "not_durable", "message": "The store is not open yet.", "todo": "Wait."}
    line = look_at_line("line1", None, daemon(said(ok=False, error=refusal)))
    assert line.running is Running.YES
    assert line.answer("usb.list") == Unseen("its daemon says: The store is not open yet", "Wait.")


def test_a_daemon_that_does_not_answer_is_bad(daemon: Callable[[bytes], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("daemon.checkup.lines.ANSWER_S", 0.2)
    found = examine((Named("line1", None, daemon(b"")),))
    assert of(found, Area.LINE)["silent"].severity is Severity.BAD


def resting(at: Premises) -> LineHere:
    return look_at_line("line", at.config, None)


def test_a_store_that_nobody_has_open_is_judged_by_its_head(at: Premises, tmp_path: Path) -> None:
    assert look_at_store(at.load(), resting(at), as_service=False).head is Head.OURS
    with at.store.open("r+b") as file:
        file.seek(60)
        file.write((900).to_bytes(4, "big"))
    assert head_of(at.store) is Head.NEWER
    with at.store.open("r+b") as file:
        file.seek(68)
        file.write(b"\0\0\0\0")
    assert head_of(at.store) is Head.FOREIGN
    at.store.write_bytes(b"letter to Santa")
    assert head_of(at.store) is Head.UNREADABLE
    assert head_of(tmp_path / "none.db") is Head.OURS


def test_a_store_that_somebody_has_open_is_not_touched_and_its_holder_is_named(at: Premises) -> None:
    store = Store.open(at.store, site=SITE, line_number=LINE)
    facts = look_at_store(at.load(), resting(at), as_service=False)
    store.close()
    assert facts.head is Head.UNASKED
    assert isinstance(facts.holder, str)
    assert look_at_store(at.load(), resting(at), as_service=False).holder is None


def test_looking_takes_no_lock_from_a_line_that_starts_meanwhile(at: Premises, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[int] = []
    monkeypatch.setattr(fcntl, "flock", lambda *args: taken.append(args[1]))
    look_at_store(at.load(), resting(at), as_service=False)
    assert taken == []


def test_leftovers_beside_the_store_are_told(at: Premises) -> None:
    for name in ("line.db.damaged-20261101T000000000000", "line.db.before-7", "ballast"):
        (at.store.parent / name).touch()
    at.store.chmod(0o600)
    facts = look_at_store(at.load(), resting(at), as_service=False)
    assert facts.damaged == ("line.db.damaged-20261101T000000000000",)
    assert facts.kept == ("line.db.before-7",)
    assert facts.open_to_all is False


def with_address(at: Premises, file: Path) -> Premises:
    at.config.write_text(at.config.read_text().replace("[store]", f'[central]\ndsn_file = "{file}"\n\n[store]', 1))
    return at


def test_a_file_with_the_servers_address_that_is_not_there_is_told_and_one_that_is_is_well(at: Premises) -> None:
    file = at.folder / "central.dsn"
    with_address(at, file)
    assert str(file) in of(examine((Named("line", at.config, None),)), Area.SYNC)["no-address"].message
    file.write_text("host=db")
    assert of(examine((Named("line", at.config, None),)), Area.SYNC)["address"].severity is Severity.OK


def test_an_address_that_the_services_user_may_not_read_is_told_and_a_credential_is_not_looked_at(
    at: Premises, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = with_address(at, at.folder / "central.dsn").folder / "central.dsn"
    file.write_text("host=db")
    monkeypatch.setattr("daemon.checkup.addressfacts.refused", lambda *_: ("sunline", "root"))
    closed = look_at_address(at.load(), as_service=True)
    assert closed is not None
    assert (closed.there, closed.readable, closed.user) == (True, False, "sunline")
    at.config.write_text(at.config.read_text().replace(str(file), "%d/central.dsn"))
    assert look_at_address(at.load(), as_service=True) is None


def test_the_group_of_scanners_that_type_is_asked_after_only_where_a_service_has_such(
    at: Premises, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_is_service", lambda *_: True)
    monkeypatch.setattr(module, "look_at_typing", lambda: TypingFacts(group=False, groups=None))
    assert "no-hid-group" not in of(examine((Named("line", at.config, None),)), Area.UNITS)
    at.config.write_text(at.config.read_text().replace('kind = "honeywell-host-ack"', 'kind = "hid"', 1))
    assert of(examine((Named("line", at.config, None),)), Area.UNITS)["no-hid-group"].lines == (LINE,)


def device(name: str) -> Device:
    return Device(name=name, kind="scanner", line=1, station=1, binding={})


def test_each_bad_device_has_a_line_and_those_that_are_well_share_one() -> None:
    found = device_findings([
        doctor.Finding(device("scan-1"), Trouble.SILENT, "Nothing heard.", "Check its cable."),
        doctor.Finding(device("scan-2"), Trouble.FINE), doctor.Finding(device("scan-3"), Trouble.UNASKED, "x", "y"),
        doctor.Finding(device("tester"), Trouble.FINE),
    ], (1,))  # fmt: skip
    assert [(one.severity, one.message) for one in found] == [
        (Severity.BAD, "scan-1: Nothing heard."),
        (Severity.UNSEEN, "What scan-3 said last could not be looked at: its daemon does not run."),
        (Severity.OK, "scan-2, tester well"),
    ]
    assert device_findings((), (1,))[0].message == "none configured"


def test_the_disk_of_a_recorded_pc_is_found_dishonest(
    at: Premises, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = machine.block(
        SATA, "sda", "8:0", queue__rotational=1, device__model="WDC", device__state="running"
    )  # fmt: skip
    machine.partition(disk, "sda1", "8:1")
    machine.write("proc/self/mountinfo", "27 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw")
    machine.write("sys/fs/ext4/sda1/errors_count", 0)
    machine.write("dev/kmsg", "6,1,1,-;sd 0:0:0:0: [sda] Attached SCSI disk")
    monkeypatch.setattr("daemon.checkup.diskfacts.flush_ms", lambda _: 0.3)
    found = of(examine((Named("line", at.config, None),), machine.root), Area.DISK)
    assert found["flush-before-a-turn"].severity is Severity.BAD
    assert found["where"].message == "store on ext4, /dev/sda (SATA, WDC)"
    assert found["errors"].severity is Severity.OK
