"""A stick at the central server's computer gets every line, as a reader of PostgreSQL, and no SQLite is loaded."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from daemon.stick.central import central_line
from daemon.stick.endings import Ending
from daemon.stick.ports import FolderPort
from daemon.stick.service import Service
from storage.export.durable import Folder
from storage.export.verify import verify
from storage.records import Stick, StickOutcome, stick_key, thing_uuid
from storage.records.seeds import seed_records
from tests.daemon.export.plant import OTTO, START, days
from tests.daemon.stick.world import HASTY
from tests.storage.reads.sides import CentralSide


@pytest.fixture
def port(tmp_path: Path) -> FolderPort:
    (tmp_path / "stick").mkdir()
    return FolderPort(tmp_path / "stick")


@pytest.fixture
def server(tmp_path: Path, migrated_dsn: str) -> Iterator[CentralSide]:
    (tmp_path / "report.dsn").write_text(migrated_dsn)
    (tmp_path / "stick.toml").write_text(f'dsn_file = "{tmp_path / "report.dsn"}"\n')
    (tmp_path / "line").mkdir()
    side = CentralSide(tmp_path / "line", migrated_dsn)
    side._line.write(*seed_records("TEST", START))  # the server has them already
    side._seen = side._line.store.view.last_seq()
    side.write(*days(site="TEST"))
    yield side
    side.close()


def known(port: FolderPort) -> Stick:
    device = port.look()
    volume_id = device.volumes[0].fs_uuid or ""
    key = stick_key(device.vendor_id, device.product_id, device.usb_serial, volume_id)
    return Stick(
        uuid=thing_uuid("TEST", "stick", key), name="BLUE", usb_serial=device.usb_serial, vendor_id=device.vendor_id,
        product_id=device.product_id, volume_id=volume_id, enrolled_by=OTTO, created_at=START,
    )  # fmt: skip


def insert(tmp_path: Path, port: FolderPort) -> Ending:
    line = central_line(tmp_path / "stick.toml")
    assert line is not None
    return Service(port.disk, port, (line,), patience=HASTY).run()


def test_a_stick_the_server_knows_gets_every_line_each_time(
    tmp_path: Path, port: FolderPort, server: CentralSide
) -> None:
    assert insert(tmp_path, port).outcome is StickOutcome.NOT_ENROLLED
    assert list(port.folder.iterdir()) == []
    stick = known(port)
    server.write(stick)
    for visit in (1, 2):
        ended = insert(tmp_path, port)
        assert ended.outcome is StickOutcome.EXPORTED
        folders = sorted(port.folder.iterdir())
        assert len(folders) == visit
        for one in folders:
            with Folder.at(str(one)) as folder:
                assert verify(folder).faults == ()
    assert folders[0].name.startswith("sunline-TEST-all-lines-2026-03-02_")
    assert b'"exported_by": "otto"' in (folders[0] / "manifest.json").read_bytes()
    server.write(replace(stick, active=False))
    ended = insert(tmp_path, port)
    assert (ended.outcome, "was revoked" in ended.message) == (StickOutcome.NOT_ENROLLED, True)
    assert len(list(port.folder.iterdir())) == 2


def test_a_server_that_is_away_is_told(tmp_path: Path, port: FolderPort) -> None:
    (tmp_path / "report.dsn").write_text(f"host={tmp_path} dbname=none connect_timeout=1")
    (tmp_path / "stick.toml").write_text(f'dsn_file = "{tmp_path / "report.dsn"}"\n')
    ended = insert(tmp_path, port)
    assert ended.outcome is StickOutcome.LINE_NOT_RUNNING
    assert "The central server: " in ended.message


def test_a_file_that_says_something_else_is_none(tmp_path: Path) -> None:
    assert central_line(tmp_path / "stick.toml") is None
    for text in ("", "dsn_file = 7", 'dsn_file = "/x"\ndsn = "y"', "dsn_file =", 'dsn_file = "/x"\nsign_key = "/none"'):
        (tmp_path / "stick.toml").write_text(text)
        assert central_line(tmp_path / "stick.toml") is None


def test_the_example_can_be_read() -> None:
    assert central_line(Path(__file__).parents[3] / "systemd" / "stick.toml") is not None


def test_nothing_of_a_lines_store_is_loaded_for_it() -> None:
    program = (
        "import sys, daemon.stick.central, daemon.export.central, storage.postgres.sticks\n"
        "bad = [n for n in sys.modules if n.startswith(('storage.sqlite', 'apsw'))]\n"
        "assert not bad, bad"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).parents[3], check=False)
    assert done.returncode == 0
