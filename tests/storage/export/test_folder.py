"""A hostile target: what lies under our names already is replaced or named, never followed."""

import os
from pathlib import Path

import pytest

from storage.export.durable import Folder
from storage.export.job import Progress
from storage.export.run import run_export
from storage.export.target import TargetForeign, TargetGone
from storage.export.verify import verify
from tests.storage.export import samples as s


def run(where: Path, diary: s.Diary | None = None) -> None:
    with Folder.at(str(where)) as folder:
        run_export(s.JOB, s.source(), folder, dict(diary.done) if diary else {}, diary)


def good(where: Path) -> bool:
    with Folder.at(str(where)) as folder:
        return verify(folder, s.SIGNER.public_key).good


@pytest.mark.parametrize(
    "name", ["export.json", "export.json.part", "README.txt", "manifest.json", "manifest.sig.part"]
)
def test_a_link_planted_under_a_name_of_ours_is_replaced_and_what_it_points_to_stays(
    target: Path, tmp_path: Path, name: str
) -> None:
    treasure = tmp_path / "treasure"
    treasure.write_bytes(b"gold")
    (target / name).symlink_to(treasure)
    run(target)
    assert treasure.read_bytes() == b"gold"
    assert not any(one.is_symlink() for one in target.rglob("*"))
    assert good(target)


def test_a_pipe_under_a_name_of_ours_is_replaced(target: Path) -> None:
    os.mkfifo(target / "export.json")
    run(target, s.Diary({"export.json": "0" * 64}))
    assert good(target)


@pytest.mark.parametrize("name", ["csv", "pallet_sheets"])
@pytest.mark.parametrize("is_link", [True, False])
def test_a_folder_of_ours_that_is_none_is_told_and_nothing_is_written_through_it(
    target: Path, tmp_path: Path, name: str, is_link: bool
) -> None:
    if is_link:
        (target / name).symlink_to(tmp_path)
    else:
        (target / name).write_bytes(b"")
    with pytest.raises(TargetForeign, match=name):
        run(target)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["export.json", "csv/panels.csv", "manifest.json", "export.json.part", "README.txt"])
def test_a_folder_under_the_name_of_a_file_is_told_and_left_alone(target: Path, name: str) -> None:
    (target / name).mkdir(parents=True)
    (target / name / "mine").write_bytes(b"dear")
    with pytest.raises(TargetForeign, match=name.removesuffix(".part")):
        run(target)
    assert (target / name / "mine").read_bytes() == b"dear"
    assert not (target / "manifest.json").is_file()


def test_what_an_interrupted_run_left_is_swept_and_what_is_not_ours_stays(target: Path) -> None:
    (target / "csv").mkdir()
    for name in ("export-2.json.part", "csv/panels.csv.part", "holiday.jpg"):
        (target / name).write_bytes(b"x")
    (target / "x.part").mkdir()
    run(target)
    assert not (target / "export-2.json.part").exists()
    assert not (target / "csv/panels.csv.part").exists()
    assert (target / "holiday.jpg").exists()
    assert (target / "x.part").is_dir()


def test_what_the_journal_claims_is_believed_only_if_the_file_reads_back(target: Path) -> None:
    diary = s.Diary()
    run(target, diary)
    (target / "csv/panels.csv").write_bytes(b"changed meanwhile")
    again = s.Diary(diary.done | {"../../etc/passwd": "0", "csv/gone.csv": "0"})
    run(target, again)
    assert "csv/panels.csv" not in again.kept
    assert "export.json" in again.kept
    assert good(target)


def test_a_file_of_an_earlier_run_that_this_one_has_no_more_is_removed(target: Path) -> None:
    diary = s.Diary()
    with Folder.at(str(target)) as folder:
        run_export(s.JOB, s.source(sheets=5), folder, {}, diary)
        run_export(s.JOB, s.source(sheets=3), folder, dict(diary.done), diary)
    assert len(list((target / "pallet_sheets").iterdir())) == 3
    assert good(target)


def test_parts_of_an_interrupted_run_are_written_anew_with_their_list(target: Path) -> None:
    class Stops(s.Diary):
        def progress(self, so_far: Progress) -> None:
            if so_far.doing == "failed_panels":
                raise KeyboardInterrupt

    stopped = Stops()
    with Folder.at(str(target)) as folder:
        with pytest.raises(KeyboardInterrupt):
            run_export(s.JOB, s.source(), folder, {}, stopped, most_bytes=2_000)
        diary = s.Diary(dict(stopped.done))
        assert any(name.startswith("export-") for name in diary.done)
        run_export(s.JOB, s.source(), folder, dict(diary.done), diary, most_bytes=2_000)
        fresh = s.Diary()
        assert not any(name.startswith("export-") for name in diary.kept)
        assert any(name.startswith("csv/") for name in diary.kept)
        run_export(s.JOB, s.source(), folder, dict(diary.done), fresh, most_bytes=2_000)
        assert any(name.startswith("export-") for name in fresh.kept)
    assert good(target)


def test_names_that_are_not_ours_are_never_used(target: Path) -> None:
    with Folder.at(str(target)) as folder:
        for name in ("../x", "/x", "a/b/c", "", ".", "..", "a\n", ".hidden"):
            for use in (lambda name: folder.write(name, []), folder.open, folder.make, folder.measure, folder.remove):
                with pytest.raises(ValueError, match="no name of ours"):
                    use(name)


def test_a_folder_that_is_not_there_is_told(target: Path) -> None:
    with pytest.raises(TargetGone):
        Folder.at(str(target / "nowhere"))


def test_a_taken_folder_name_is_told(target: Path) -> None:
    with Folder.at(str(target)) as folder:
        folder.make("mine").close()
        with pytest.raises(TargetForeign):
            folder.make("mine")
