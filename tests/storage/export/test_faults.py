"""Whatever the target does: a file under its final name is whole, no manifest lies, and a second run completes."""

import errno
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import pytest

from storage.export.calls import Os
from storage.export.durable import PART, Folder
from storage.export.job import ExportJob, Source
from storage.export.manifest import Manifest
from storage.export.run import run_export
from storage.export.target import TargetBroken, TargetError, TargetFull, TargetGone, TargetReadOnly
from storage.export.verify import verify
from tests.storage.export import faulty
from tests.storage.export import samples as s

PUBLIC = s.SIGNER.public_key
FULL, SMALL = 1, 97

SIZES = [pytest.param(FULL, marks=pytest.mark.faults), SMALL]


def export(where: Path, calls: Os, diary: s.Diary, job: ExportJob = s.JOB, source: Source | None = None) -> Manifest:
    with Folder.at(str(where), calls) as folder:
        return run_export(job, source or small(), folder, dict(diary.done), diary)


def small() -> Source:
    return s.source(s.rows(2), sheets=2)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, bytes]:
    where = tmp_path_factory.mktemp("whole")
    export(where, Os(), s.Diary())
    return contents(where)


def contents(where: Path) -> dict[str, bytes]:
    return {str(one.relative_to(where)): one.read_bytes() for one in where.rglob("*") if one.is_file()}


def assert_sound(where: Path, whole: Mapping[str, bytes]) -> None:
    """Nothing under a final name differs from what belongs there; a manifest stands only over all of it."""
    found = {name: data for name, data in contents(where).items() if not name.endswith(PART)}
    assert all(whole[name] == data for name, data in found.items())
    if "manifest.json" in found:
        assert found == whole


def assert_second_run_completes(where: Path, diary: s.Diary, whole: Mapping[str, bytes]) -> None:
    export(where, Os(), diary)
    assert contents(where) == whole
    with Folder.at(str(where)) as folder:
        assert verify(folder, PUBLIC).good


def calls_of_a_run(where: Path) -> faulty.Counting:
    counting = faulty.Counting()
    export(where, counting, s.Diary())
    return counting


@pytest.mark.parametrize("step", SIZES)
def test_full_at_any_byte(target: Path, whole: Mapping[str, bytes], step: int) -> None:
    top = sum(map(len, whole.values()))
    for room in range(0, top, step):
        where, diary = new(target, room), s.Diary()
        with pytest.raises(TargetFull) as told:
            export(where, faulty.Full(room), diary)
        assert "no room" in str(told.value)
        assert_sound(where, whole)
        if step == SMALL or room % SMALL == 0:
            assert_second_run_completes(where, diary, whole)


@pytest.mark.parametrize(
    ("error", "kind"),
    [(errno.EIO, TargetBroken), (errno.ENOSPC, TargetFull), (errno.EROFS, TargetReadOnly), (errno.ENODEV, TargetGone)],
)
@pytest.mark.parametrize("for_good", [False, True], ids=["once", "for good"])
def test_no_call_fails_unnoticed(
    target: Path, whole: Mapping[str, bytes], error: int, kind: type[TargetError], for_good: bool
) -> None:
    top = calls_of_a_run(new(target, "counted")).calls
    for at in range(1, top + 1):
        where, diary = new(target, at), s.Diary()
        with pytest.raises(kind, match=r"\.$") as told:
            export(where, faulty.Failing(at, error, for_good=for_good), diary)
        assert told.value.todo
        assert_sound(where, whole)
        assert_second_run_completes(where, diary, whole)


def test_a_file_is_synced_before_and_again_after_it_gets_its_name_and_then_its_folder(target: Path) -> None:
    counting = faulty.Counting()
    with Folder.at(str(target), counting) as folder:
        counting.made.clear()
        folder.write("export.json", [b"data"])
    assert [one for one in counting.made if one != "unlink"] == ["create", "write", "fsync", "rename", "fsync", "fsync"]


def test_a_large_file_does_not_wait_in_memory_for_a_slow_target(
    target: Path, whole: Mapping[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.export.durable._SETTLE_BYTES", 1_000)
    settled = calls_of_a_run(new(target, "counted")).made.count("settle")
    assert settled >= sum(len(data) // 2_000 for data in whole.values())
    with pytest.raises(TargetBroken):
        export(new(target, "broken"), Unsettled(), s.Diary())
    assert_sound(target / "broken", whole)


class Unsettled(Os):
    def settle(self, fd: int) -> None:
        del fd
        raise OSError(errno.EIO, "broken")


def test_a_call_that_fails_while_a_file_is_read_back_only_costs_that_file(
    target: Path, whole: Mapping[str, bytes]
) -> None:
    diary, where = s.Diary(), new(target, "once")
    export(where, Os(), diary)
    before = dict(diary.done)
    top = calls_of_a_run(new(target, "counted")).calls
    for at in range(1, top + 1, 3):
        again = s.Diary(dict(before))
        with_error = faulty.Failing(at, errno.EIO)
        try:
            export(where, with_error, again)
        except TargetError:
            assert_second_run_completes(where, again, whole)
        assert contents(where) == whole


def test_a_slow_target_that_takes_a_few_bytes_at_a_time_gets_the_same_files(
    target: Path, whole: Mapping[str, bytes]
) -> None:
    export(target, faulty.Slow(), s.Diary())
    assert contents(target) == whole
    with Folder.at(str(target), faulty.Slow()) as folder:
        assert verify(folder, PUBLIC).good


@pytest.mark.parametrize("recipient", [None, "age1n7s6s5y89cdacx2a7hkjr5kqd0hl8ekap4fp86njuk33pvea8vsssag973"])
def test_a_source_that_dies_at_any_piece_leaves_only_whole_files(target: Path, recipient: str | None) -> None:
    job = s.job(recipient=recipient)
    for at in range(0, 42, 2):
        where, diary = new(target, at), s.Diary()
        dying = Source(s.FakeRows(s.rows(), 2, ConnectionError("gone"), at), s.papers(), s.SIGNER)
        with pytest.raises(ConnectionError):
            export(where, Os(), diary, job, dying)
        assert set(contents(where)) == set(diary.done)
        export(where, Os(), diary, job, s.source())
        with Folder.at(str(where)) as folder:
            assert verify(folder, PUBLIC).good


def test_sealed_and_full_at_some_bytes(target: Path) -> None:
    job = s.job(recipient="age1n7s6s5y89cdacx2a7hkjr5kqd0hl8ekap4fp86njuk33pvea8vsssag973")
    for room in range(0, 14_000, 700):
        where, diary = new(target, room), s.Diary()
        with pytest.raises(TargetFull):
            export(where, faulty.Full(room), diary, job, s.source())
        assert {name for name in contents(where) if not name.endswith(PART)} <= set(diary.done)
        export(where, Os(), diary, job, s.source())
        with Folder.at(str(where)) as folder:
            assert verify(folder, PUBLIC).good


def test_an_interruption_at_any_step_is_gone_on_with(target: Path, whole: Mapping[str, bytes]) -> None:
    class Interrupted(s.Diary):
        left = 0

        def progress(self, so_far: object) -> None:
            self.left -= 1
            if self.left < 0:
                raise KeyboardInterrupt

    for step in range(60):
        where, diary = new(target, step), Interrupted()
        diary.left = step
        with suppress(KeyboardInterrupt):
            export(where, Os(), diary)
        assert_sound(where, whole)
        assert not [name for name in contents(where) if name.endswith(PART)]
        again = s.Diary(dict(diary.done))
        assert_second_run_completes(where, again, whole)
        assert set(again.kept) == set(diary.done)


def new(within: Path, name: object) -> Path:
    where = within / str(name)
    where.mkdir()
    return where
