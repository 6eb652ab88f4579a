"""Who holds a port is found by open descriptors and by locks."""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

from drivers.holders import Holder, holders
from drivers.link.serial import serial_link


def process(proc: Path, pid: int, name: str, *files: str) -> None:
    (proc / f"{pid}/fd").mkdir(parents=True)
    (proc / f"{pid}/comm").write_text(name + "\n")
    for number, file in enumerate(files):
        (proc / f"{pid}/fd/{number}").symlink_to(file)


def test_whoever_has_the_file_open_is_named(tmp_path: Path) -> None:
    process(tmp_path, 7, "minicom", "/dev/null", "/dev/ttyUSB9", "/dev/ttyUSB9")
    process(tmp_path, 8, "bash", "/dev/pts/0")
    assert holders(["/dev/ttyUSB9", "/dev/ttyUSB8"], tmp_path) == {
        "/dev/ttyUSB9": (Holder(7, "minicom"),),
        "/dev/ttyUSB8": (),
    }


def test_a_lock_names_the_program_whose_descriptors_are_hidden(tmp_path: Path) -> None:
    port = tmp_path / "ttyUSB0"
    port.touch()
    at = port.stat()
    where = f"{os.major(at.st_dev):02x}:{os.minor(at.st_dev):02x}:{at.st_ino}"
    proc = tmp_path / "proc"
    process(proc, 812, "sunline")
    (proc / "locks").write_text(
        f"1: POSIX  ADVISORY  WRITE 99 {where} 0 EOF\n1: -> FLOCK\n2: FLOCK  ADVISORY  WRITE 812 {where} 0 EOF\n"
    )
    (found,) = holders([str(port)], proc)[str(port)]
    assert str(found) == "sunline (812)"


def test_a_holder_that_went_or_is_nameless_is_another_program(tmp_path: Path) -> None:
    (tmp_path / "5/fd").mkdir(parents=True)
    (tmp_path / "5/fd/1").symlink_to("/dev/ttyUSB9")
    assert holders(["/dev/ttyUSB9"], tmp_path)["/dev/ttyUSB9"] == (Holder(5, "another program"),)
    assert holders(["/dev/ttyUSB9"], tmp_path / "none") == {"/dev/ttyUSB9": ()}


def test_a_name_that_leads_to_the_port_is_followed(tmp_path: Path) -> None:
    (tmp_path / "scanner").symlink_to("/dev/ttyUSB9")
    process(tmp_path / "proc", 7, "minicom", "/dev/ttyUSB9")
    assert holders([str(tmp_path / "scanner")], tmp_path / "proc")[str(tmp_path / "scanner")] == (Holder(7, "minicom"),)


async def test_a_link_of_ours_is_seen_while_it_is_open() -> None:
    master, slave = os.openpty()
    try:
        file = os.ttyname(slave)
        os.close(slave)
        link = serial_link(file)
        await link.open()
        assert os.getpid() in {one.pid for one in holders([file])[file]}
        await link.close()
        assert holders([file])[file] == ()
    finally:
        os.close(master)


def test_another_process_is_seen() -> None:
    master, slave = os.openpty()
    file = os.ttyname(slave)
    os.close(slave)
    program = f"import sys; held = open({file!r}, 'rb', 0); print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdin is not None
        assert other.stdout.readline() == b"held\n"
        assert [one.pid for one in holders([file])[file]] == [other.pid]
        other.stdin.close()
    os.close(master)


def test_locks_of_this_kernel_are_read_as_written(tmp_path: Path) -> None:
    port = tmp_path / "held"
    with port.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert os.getpid() in {one.pid for one in holders([str(port)])[str(port)]}
