"""A look gives what is there or why not, within its time; a drive is measured and nothing is left behind."""

import subprocess
import threading
from pathlib import Path

import psutil
import pytest

from daemon.checkup.finding import Unseen
from daemon.checkup.looking import AS_ROOT, begin, look, number_in, said_by, words_in
from daemon.checkup.probe import flush_ms


def raising(error: Exception) -> object:
    def fail() -> object:
        raise error

    return look(fail)


def test_what_is_seen_is_given_as_it_is() -> None:
    assert look(lambda: 5) == 5
    assert look(lambda: None) is None


@pytest.mark.parametrize(("error", "why"), [
    (FileNotFoundError(2, "x", "/no/file"), "there is no /no/file"), (OSError(5, "Input/output error"), "Input/output"),
    (ValueError("odd."), "ValueError: odd"), (subprocess.TimeoutExpired(["systemctl"], 1), "systemctl does not answer"),
    (subprocess.CalledProcessError(1, ["systemctl"], b"", b"Failed.\nMore."), "systemctl says: Failed"),
])  # fmt: skip
def test_what_cannot_be_seen_says_why(error: Exception, why: str) -> None:
    found = raising(error)
    assert isinstance(found, Unseen)
    assert why in found.why
    assert not found.why.endswith(".")


def test_what_only_root_may_see_is_said_to_be_so_except_to_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert raising(PermissionError(13, "Permission denied")) == Unseen("only root may", AS_ROOT)
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert raising(PermissionError(1, "Operation not permitted")) == Unseen("the system does not allow it")


def test_what_hangs_is_given_up_and_holds_up_nothing_else() -> None:
    never = threading.Event()
    try:
        hanging = [begin(never.wait, 0.05) for _ in range(20)]
        assert look(lambda: "well") == "well"
        assert {type(one()) for one in hanging} == {Unseen}
    finally:
        never.set()


def test_a_program_that_hangs_is_ended() -> None:
    assert look(lambda: said_by("sleep", "614", within_s=0.1), 30) == Unseen("sleep does not answer")
    assert [pid for pid in psutil.pids() if words_in(Path(f"/proc/{pid}/cmdline")) == "sleep\x00614\x00"] == []


def test_a_program_that_is_not_there_is_unseen() -> None:
    assert look(lambda: said_by("no-such-program")) == Unseen("there is no no-such-program")


def test_small_files_are_read_as_words_and_numbers(tmp_path: Path) -> None:
    file = tmp_path / "value"
    file.write_text(" 0x1f\n")
    assert (words_in(file), number_in(file)) == ("0x1f", 31)
    assert (words_in(tmp_path / "none"), number_in(tmp_path / "none")) == (None, None)
    file.write_text("write back\n")
    assert number_in(file) is None


def test_a_save_is_measured_in_the_folder_and_leaves_nothing(tmp_path: Path) -> None:
    assert flush_ms(tmp_path) > 0
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_fails_while_it_is_measured_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("os.fdatasync", fail)
    assert look(lambda: flush_ms(tmp_path)) == Unseen("Input/output error")
    assert list(tmp_path.iterdir()) == []


def test_a_slow_disk_is_measured_fewer_times(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(1000))
    flushed: list[int] = []
    monkeypatch.setattr("os.fdatasync", flushed.append)
    monkeypatch.setattr("daemon.checkup.probe.perf_counter", lambda: float(next(clock)))
    assert flush_ms(tmp_path) == 1000.0
    assert len(flushed) == 4
