"""The same command again goes on where the last one was interrupted, however that ended."""

import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from daemon.export.journal import AlreadyRunning, Journal, journal_of
from daemon.export.write import Exported
from storage.export.durable import Folder, Written
from storage.export.verify import verify
from tests.daemon.export.fake import FakeOrigin, export
from tests.storage.export import samples as s

FULL, SMALL = 30, 2


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


def good(path: Path) -> bool:
    with Folder.at(str(path)) as folder:
        return verify(folder, s.SIGNER.public_key).good


def broken_off(out: Path, after: int = 20) -> None:
    with pytest.raises(ConnectionError):
        export(out, FakeOrigin(dies_after=after))


def journals(state: Path) -> list[Path]:
    return list((state / "sunline/exports").iterdir())


def test_an_export_lies_in_a_folder_of_its_own_named_by_what_it_is(out: Path, state: Path) -> None:
    done = export(out)
    assert done.path == out / "sunline-P1-line1-2026-03-01_2026-03-31"
    assert good(done.path)
    assert not done.resumed
    assert not journals(state)


def test_the_next_one_of_the_same_days_gets_a_folder_of_its_own(out: Path) -> None:
    names = [export(out).path.name for _ in range(3)]
    assert [name.removeprefix(names[0]) for name in names] == ["", "-2", "-3"]


def test_an_interrupted_one_is_gone_on_with_as_what_it_was(out: Path, state: Path) -> None:
    broken_off(out)
    diary = s.Diary()
    done = export(out, FakeOrigin(begun=30), diary)
    assert done.resumed
    assert done.job.as_of.second == 1
    assert diary.kept == ["csv/manufacturing_orders.csv", "csv/panels.csv"]
    assert [one.name for one in out.iterdir()] == [done.path.name]
    assert good(done.path)
    assert not journals(state)


def test_one_in_which_nothing_was_finished_is_begun_again_in_its_folder(out: Path) -> None:
    broken_off(out, 0)
    done = export(out)
    assert [one.name for one in out.iterdir()] == [done.path.name]
    assert good(done.path)


@pytest.mark.parametrize(
    "changed", [{"store_id": "another"}, {"exported_by": "paul"}, {"until": "2026-04-02T00:00:00Z"}]
)
def test_what_would_be_another_export_now_is_begun_anew(out: Path, changed: dict[str, str]) -> None:
    broken_off(out)
    done = export(out, FakeOrigin(changed))
    assert not done.resumed
    assert good(done.path)


def test_a_folder_that_is_empty_is_taken_and_one_that_is_not_is_left_alone(out: Path) -> None:
    name = "sunline-P1-line1-2026-03-01_2026-03-31"
    (out / name).mkdir()
    (out / f"{name}-2").mkdir()
    (out / f"{name}-2" / "mine").mkdir()
    assert [export(out).path.name for _ in range(2)] == [name, f"{name}-3"]


def _removed(path: Path) -> None:
    path.rename(path.parent.parent / "elsewhere")


def _linked(path: Path) -> None:
    _removed(path)
    path.symlink_to(path.parent.parent / "elsewhere")


def _a_file(path: Path) -> None:
    _removed(path)
    path.write_bytes(b"")


@pytest.mark.parametrize("replace", [_removed, _linked, _a_file])
def test_where_its_folder_is_no_more_it_is_begun_anew_and_nothing_is_written_elsewhere(
    out: Path, replace: Callable[[Path], None]
) -> None:
    broken_off(out)
    replace(out / "sunline-P1-line1-2026-03-01_2026-03-31")
    before = sorted((out.parent / "elsewhere").rglob("*"))
    done = export(out)
    assert not done.resumed
    assert good(done.path)
    assert sorted((out.parent / "elsewhere").rglob("*")) == before


@pytest.mark.parametrize(
    "damage", [b"", b"{", b"\x00\xff\n", b"[]\n", b'{"folder": 1}\n', b'{"folder": "../..", "plan": {}}\n']
)
def test_a_damaged_journal_costs_no_more_than_beginning_anew(out: Path, state: Path, damage: bytes) -> None:
    broken_off(out)
    (journal,) = journals(state)
    journal.write_bytes(damage)
    assert good(export(out).path)


def test_a_line_of_the_journal_that_was_cut_off_is_forgotten_and_the_next_one_is_not(state: Path) -> None:
    path = state / "journal"
    with Journal(path) as journal:
        journal.begin("folder", {})
        journal.finished(Written("a", 1, "1"))
    path.write_bytes(path.read_bytes() + b'{"name": "b", "sh')
    with Journal(path) as journal:
        journal.finished(Written("c", 1, "3"))
    with Journal(path) as journal:
        assert journal.begun is not None
        assert journal.begun.done == {"a": "1", "c": "3"}


def test_two_at_once_do_not_write_into_one_folder(out: Path) -> None:
    inner: list[BaseException] = []

    class Nosy(s.Diary):
        def progress(self, so_far: object) -> None:
            if not inner:
                with pytest.raises(AlreadyRunning) as told:
                    export(out)
                inner.append(told.value)

    assert good(export(out, None, Nosy()).path)


def test_without_a_place_for_a_journal_the_export_is_written_all_the_same(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/dev/null")
    assert good(export(out).path)


def test_a_journal_is_nobody_elses_business(state: Path) -> None:
    with journal_of("x") as journal:
        journal.begin("folder", {})
        assert journal.path.stat().st_mode & 0o077 == 0


@pytest.mark.timeout(900)
@pytest.mark.parametrize("kills", [pytest.param(FULL, marks=pytest.mark.faults), SMALL])
def test_killed_at_any_moment_it_is_gone_on_with_until_it_is_whole(out: Path, kills: int) -> None:
    dice = random.Random(kills)
    whole = contents(export_into(out, "whole"))
    for number in range(kills):
        where = out / str(number)
        where.mkdir()
        for _ in range(3):
            killed_after(where, dice.uniform(0.0, 0.3))
        done = export(where)
        assert all(good(one) for one in where.iterdir())  # one may have been complete before it was killed
        assert contents(done) == whole


def export_into(out: Path, name: str) -> Exported:
    (out / name).mkdir()
    return export(out / name)


def contents(done: Exported) -> dict[str, bytes]:
    found = {str(one.relative_to(done.path)): one for one in done.path.rglob("*") if one.is_file()}
    return {name: one.read_bytes() for name, one in found.items()}


def killed_after(where: Path, seconds: float) -> None:
    """Run an export in another process, kill it so long after it began; it may be faster."""
    command = [sys.executable, "-m", "tests.daemon.export.fake", str(where)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[3]) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGKILL)
