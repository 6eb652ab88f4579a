"""A medium is read in a process of its own: what hangs there is left behind, what is open here stays here."""

import errno
import os
import signal
import threading
import time
from pathlib import Path

import pytest

from drivers.stick import aside as module
from drivers.stick.aside import aside
from drivers.stick.errors import StickGone, VolumeForbidden, VolumeStuck, VolumeUnreadable
from drivers.stick.probe import probe_device
from tests.drivers.stick.recording import recorded


def image(folder: Path, name: str = "ext4") -> Path:
    file = folder / "sdb1"
    file.write_bytes(next(seen.head for seen in recorded() if seen.name == name))
    return file


def test_the_file_system_on_a_device_is_read(tmp_path: Path) -> None:
    system = probe_device(image(tmp_path))
    assert system is not None
    assert (system.type, system.label) == ("ext4", "plant")


def test_a_device_shorter_than_a_superblock_has_no_file_system(tmp_path: Path) -> None:
    file = tmp_path / "sdb"
    file.write_bytes(b"\x55\xaa")
    assert probe_device(file) is None


def test_a_pulled_stick_is_gone(tmp_path: Path) -> None:
    with pytest.raises(StickGone):
        probe_device(tmp_path / "sdb1")


def test_a_folder_in_place_of_a_device_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(VolumeUnreadable, match="cannot be read"):
        probe_device(tmp_path)


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.EIO, VolumeUnreadable),
        (errno.ENXIO, StickGone),
        (errno.ENOMEDIUM, StickGone),
        (errno.EPERM, VolumeForbidden),
        (errno.EACCES, VolumeForbidden),
    ],
)
def test_what_the_kernel_refuses_is_said_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, kind: type[Exception]
) -> None:
    def fail(*_: object) -> bytes:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "pread", fail)
    with pytest.raises(kind):
        probe_device(image(tmp_path))


def test_a_stick_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "pread", lambda *_: time.sleep(1000))
    with pytest.raises(VolumeStuck, match="no answer"):
        probe_device(image(tmp_path), deadline_s=0.05)
    assert_all_collected()


def test_an_answer_of_any_size_comes_whole() -> None:
    assert aside(lambda: b"x" * 300_000, deadline_s=20) == b"x" * 300_000
    assert aside(lambda: None, deadline_s=20) == b""


def test_the_child_has_open_what_it_was_given_only() -> None:
    ours, _theirs = pair = os.pipe()
    try:
        told = aside(lambda: ",".join(open_files()).encode(), deadline_s=20, keep=(ours,)).decode().split(",")
    finally:
        for descriptor in pair:
            os.close(descriptor)
    assert str(ours) in told
    assert len(told) == 3, "the kept one, the answer's and the listing's own"


def test_a_child_may_have_a_child_of_its_own() -> None:
    def within() -> bytes:
        kept = os.open("/", os.O_RDONLY)
        return b"%d" % kept + aside(lambda: b" %d" % os.fstat(kept).st_ino, deadline_s=20, keep=(kept,))

    assert aside(within, deadline_s=20) == b"0 %d" % Path("/").stat().st_ino


def open_files() -> list[str]:
    return os.listdir("/proc/self/fd")  # noqa: PTH208


def test_a_child_that_dies_without_a_word_is_an_error() -> None:
    with pytest.raises(OSError, match="Input/output error"):
        aside(lambda: os.kill(os.getpid(), signal.SIGKILL), deadline_s=20)


def test_a_fault_in_the_work_does_not_live_on_in_the_child() -> None:
    def fault() -> bytes:
        raise ZeroDivisionError

    with pytest.raises(OSError, match="Input/output error"):
        aside(fault, deadline_s=20)


def test_it_works_beside_other_threads_and_in_them() -> None:
    answers: list[bytes] = []
    threads = [threading.Thread(target=lambda: answers.append(aside(lambda: b"here", deadline_s=20))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [b"here"] * 4


def assert_all_collected() -> None:
    """The child that was given up is killed, and no zombie stays."""
    until = time.monotonic() + 60
    while module._left and time.monotonic() < until:
        aside(lambda: None, deadline_s=20)
    assert module._left == []
