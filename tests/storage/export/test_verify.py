"""What `verify` finds, and that it follows, opens and believes nothing that lies in a folder."""

import base64
import json
import os
import shutil
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.export import ExportList
from storage.export.durable import Folder
from storage.export.job import Source
from storage.export.manifest import Manifest, ManifestUnreadable
from storage.export.run import run_export
from storage.export.verify import FaultKind, Report, verify
from tests.storage.export import samples as s

PUBLIC = s.SIGNER.public_key


@pytest.fixture
def exported(target: Path) -> Path:
    with Folder.at(str(target)) as folder:
        run_export(s.JOB, s.source(), folder)
    return target


def checked(where: Path, public_key: bytes | None = PUBLIC) -> Report:
    with Folder.at(str(where)) as folder:
        return verify(folder, public_key)


def faults(where: Path, public_key: bytes | None = PUBLIC) -> set[tuple[str, str]]:
    return {(one.kind.value, one.name) for one in checked(where, public_key).faults}


def test_what_was_exported_is_good(exported: Path) -> None:
    assert checked(exported).good
    assert checked(exported, None).good


def test_a_missing_a_changed_and_an_extra_file_are_told_each(exported: Path) -> None:
    (exported / "csv/panels.csv").unlink()
    (exported / "export.json").write_bytes((exported / "export.json").read_bytes().replace(b"maria", b"mario"))
    (exported / "README.txt").write_bytes(b"short")
    (exported / "notes.txt").write_bytes(b"")
    (exported / "csv/more.csv").write_bytes(b"")
    (exported / "csv/orders.csv.part").write_bytes(b"")
    (exported / "photos").mkdir()
    assert faults(exported) == {
        ("missing", "csv/panels.csv"),
        ("changed", "export.json"),
        ("changed", "README.txt"),
        ("extra", "notes.txt"),
        ("extra", "csv/more.csv"),
        ("extra", "csv/orders.csv.part"),
        ("extra", "photos"),
    }


def test_any_changed_bit_is_found(exported: Path) -> None:
    for path in sorted(one for one in exported.rglob("*") if one.is_file()):
        data = path.read_bytes()
        for at in range(0, len(data), max(1, len(data) // 7)):
            path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
            assert not checked(exported).good
        path.write_bytes(data)
    assert checked(exported).good


def test_without_its_manifest_an_export_is_incomplete(exported: Path) -> None:
    (exported / "manifest.json").unlink()
    assert faults(exported) == {("incomplete", "manifest.json")}


def test_another_key_and_a_missing_signature_are_told(exported: Path) -> None:
    assert faults(exported, s.OTHER_SIGNER.public_key) == {("bad_signature", "manifest.sig")}
    (exported / "manifest.sig").unlink()
    assert faults(exported) == faults(exported, None) == {("unsigned", "manifest.sig")}


def test_a_forger_with_a_key_of_his_own_is_found_by_who_has_the_lines_key(exported: Path) -> None:
    manifest = Manifest.read((exported / "manifest.json").read_bytes())
    forged = Manifest({**manifest.about, "exported_by": "mallory"}, manifest.files, _text(s.OTHER_SIGNER.public_key))
    (exported / "manifest.json").write_bytes(forged.to_bytes())
    (exported / "manifest.sig").write_bytes(s.OTHER_SIGNER.sign(forged.to_bytes()))
    assert faults(exported, None) == set()
    assert faults(exported) == {("bad_signature", "manifest.sig")}


def test_an_unsigned_export_passes_only_where_no_key_was_asked_for(target: Path) -> None:
    with Folder.at(str(target)) as folder:
        run_export(s.JOB, Source(s.FakeRows(s.rows()), [], None), folder)
    assert checked(target, None).good
    assert faults(target) == {("unsigned", "manifest.sig")}


PLANTED: dict[str, Callable[[Path], object]] = {
    "a link to a file": lambda path: path.symlink_to("/etc/passwd"),
    "a link to something endless": lambda path: path.symlink_to("/dev/zero"),
    "a link to itself": lambda path: path.symlink_to(path.name),
    "a link to nothing": lambda path: path.symlink_to("nowhere"),
    "a pipe nobody writes to": os.mkfifo,
    "a socket": lambda path: socket.socket(socket.AF_UNIX).bind(str(path)),
    "a folder": lambda path: path.mkdir(),
}


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("name", ["export.json", "csv/panels.csv", "manifest.sig"])
@pytest.mark.parametrize("plant", PLANTED.values(), ids=PLANTED)
def test_what_is_no_plain_file_is_neither_followed_nor_waited_for(
    exported: Path, name: str, plant: Callable[[Path], object]
) -> None:
    (exported / name).unlink()
    plant(exported / name)
    kind = "unsigned" if name == "manifest.sig" else "changed"
    assert (kind, name) in faults(exported)


@pytest.mark.parametrize("plant", PLANTED.values(), ids=PLANTED)
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_manifest_that_is_no_plain_file_is_told(exported: Path, plant: Callable[[Path], object]) -> None:
    (exported / "manifest.json").unlink()
    plant(exported / "manifest.json")
    assert faults(exported) == {("changed", "manifest.json")}


def test_a_folder_that_became_a_link_is_not_followed(exported: Path, tmp_path: Path) -> None:
    shutil.move(exported / "csv", tmp_path / "csv")
    (exported / "csv").symlink_to(tmp_path / "csv")
    found = faults(exported)
    assert ("extra", "csv") in found
    assert {name for kind, name in found if kind == "changed"} == {f"csv/{of.value}.csv" for of in ExportList}


def test_names_that_break_lines_and_a_huge_folder_stay_readable_and_few(exported: Path) -> None:
    (exported / "a\nb\x1b[2J").write_bytes(b"")
    os.close(os.open(os.fsencode(exported) + b"/\xff\xfe", os.O_CREAT))
    assert {name for _, name in faults(exported)} == {"a?b?[2J", "??"}
    for number in range(2_000):
        (exported / f"csv/x{number}").touch()
    assert len(checked(exported).faults) == 1_000


HOSTILE_NAMES = ["../x", "/etc/passwd", "csv/../../x", "a/b/c", "", ".", "a\nb", "csv/", "x" * 5000, None, 7]


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_a_manifest_that_names_what_is_not_ours_is_refused(name: object) -> None:
    body = json.loads(Manifest({}, (), None).to_bytes()) | {"files": [{"name": name, "bytes": 1, "sha256": "0"}]}
    with pytest.raises(ManifestUnreadable):
        Manifest.read(json.dumps(body).encode())


@settings(max_examples=60, deadline=None)
@given(st.one_of(st.binary(max_size=60), st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(["form", "files", "public_key", "name", "bytes", "sha256"]), inner, max_size=6),
).map(lambda body: json.dumps(body).encode())))  # fmt: skip
def test_nothing_else_passes_for_a_manifest(data: bytes) -> None:
    with pytest.raises(ManifestUnreadable):
        Manifest.read(data)


def test_a_manifest_nested_without_end_is_refused() -> None:
    with pytest.raises(ManifestUnreadable):
        Manifest.read(b"[" * 1_000_000)


def test_every_kind_of_fault_has_a_test() -> None:
    assert {one.value for one in FaultKind} - {"unreadable"} == {
        "incomplete", "missing", "changed", "extra", "unsigned", "bad_signature",
    }  # fmt: skip


def _text(key: bytes) -> str:
    return base64.b64encode(key).decode()
