"""The same rows, days, user and time give the same bytes; another time shows only where it is written."""

import json
import threading
from datetime import timedelta
from pathlib import Path

import pyrage
import pytest

from storage.export import Scope
from storage.export.durable import Folder
from storage.export.job import Progress
from storage.export.manifest import Manifest
from storage.export.room import least_bytes
from storage.export.run import run_export
from storage.export.sealing import RecipientUnfit, assert_recipient, sealed
from storage.export.signing import KeySigner, KeyUnfit, fingerprint, pem_of, read_public_key
from storage.export.target import TargetFull
from tests.storage.export import samples as s
from tests.storage.export.faulty import Counting

IDENTITY = pyrage.x25519.Identity.generate()
RECIPIENT = str(IDENTITY.to_public())


def exported(where: Path, name: str, **changed: object) -> dict[str, bytes]:
    (where / name).mkdir()
    with Folder.at(str(where / name)) as folder:
        run_export(s.job(**changed), s.source(), folder)
    return {str(one.relative_to(where / name)): one.read_bytes() for one in (where / name).rglob("*") if one.is_file()}


def test_two_runs_are_the_same_to_the_byte(target: Path) -> None:
    assert exported(target, "a") == exported(target, "b")


def test_another_time_shows_in_the_document_the_readme_and_the_manifest_alone(target: Path) -> None:
    first, second = exported(target, "a"), exported(target, "b", as_of=s.JOB.as_of + timedelta(hours=1))
    assert {name for name in first if first[name] != second[name]} == {
        "export.json", "README.txt", "manifest.json", "manifest.sig",
    }  # fmt: skip
    one, two = json.loads(first["export.json"]), json.loads(second["export.json"])
    assert one.pop("export_metadata") != two.pop("export_metadata")
    assert one == two


def test_how_far_the_log_had_come_does_not_show_in_an_export_of_days(target: Path) -> None:
    later = Scope(since=s.SINCE, until=s.UNTIL, upto_seq=999_999)
    assert exported(target, "a") == exported(target, "b", scope=later)


def test_what_is_sealed_opens_with_the_recipients_key_alone_and_is_what_it_would_have_been(target: Path) -> None:
    plain, closed = exported(target, "a"), exported(target, "b", recipient=RECIPIENT)
    sealed = {name.removesuffix(".age"): data for name, data in closed.items() if name.endswith(".age")}
    assert set(plain) - set(sealed) == {"README.txt", "manifest.json", "manifest.sig"}
    assert all(pyrage.decrypt(data, [IDENTITY]) == plain[name] for name, data in sealed.items())
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(closed["export.json.age"], [pyrage.x25519.Identity.generate()])
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(closed["export.json.age"][:-30], [IDENTITY])


@pytest.mark.parametrize("pieces", [1, 20])
def test_a_cipher_that_fails_in_whatever_way_is_heard_of_and_holds_nobody_up(
    pieces: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("storage.export.sealing.pyrage.encrypt_io", fails)
    heard: list[BaseException] = []

    def seal() -> None:
        try:
            with sealed(Sink("export.json.age"), RECIPIENT) as file:
                for _ in range(pieces):
                    file.write(b"x")
        except MemoryError as error:
            heard.append(error)

    thread = threading.Thread(target=seal, daemon=True)
    thread.start()
    thread.join(10)
    assert heard


class Sink:
    def __init__(self, name: str) -> None:
        self.name, self.size_bytes = name, 0

    def write(self, data: bytes) -> None:
        """Take it."""


def test_an_interruption_while_sealing_ends_the_cipher_before_the_file_is_closed(target: Path) -> None:
    class Interrupting(s.Diary):
        def progress(self, so_far: Progress) -> None:
            if so_far.rows > 20:
                raise KeyboardInterrupt

    with Folder.at(str(target)) as folder, pytest.raises(KeyboardInterrupt):
        run_export(s.job(recipient=RECIPIENT), s.source(), folder, {}, Interrupting())
    assert not [thread for thread in threading.enumerate() if thread.name == "sealing"]
    assert not list(target.rglob("*.part"))


@pytest.mark.parametrize(
    "text",
    ["", "age1", "age1xyz", str(IDENTITY), RECIPIENT[:-1], "ssh-ed25519 AAAA"],
    ids=["nothing", "its beginning", "a short one", "a secret key", "one cut off", "another kind of key"],
)
def test_what_is_no_recipient_is_refused(text: str) -> None:
    with pytest.raises(RecipientUnfit) as told:
        assert_recipient(text)
    assert "SECRET" not in str(told.value)


def test_a_target_too_small_for_the_export_is_refused_before_anything_is_written(target: Path) -> None:
    class Small(Counting):
        def room_bytes(self, fd: int) -> int:
            del fd
            return least_bytes(s.JOB) - 1

    with Folder.at(str(target), Small()) as folder, pytest.raises(TargetFull, match="There is room for"):
        run_export(s.JOB, s.source(), folder)
    assert not [one for one in target.rglob("*") if one.is_file()]


def test_keys_are_read_from_files_and_text_and_others_refused(tmp_path: Path) -> None:
    key = s.SIGNER.public_key
    (tmp_path / "key.pem").write_text(pem_of(key))
    assert read_public_key(str(tmp_path / "key.pem")) == key
    assert len(fingerprint(key)) == 19
    for wrong in ("", "x", "AAAA", str(tmp_path)):
        with pytest.raises(KeyUnfit):
            read_public_key(wrong)
    (tmp_path / "other.pem").write_text("nonsense")
    for path in (tmp_path / "other.pem", tmp_path / "key.pem", tmp_path / "none.pem"):
        with pytest.raises(KeyUnfit):
            KeySigner.of_file(path)


def test_a_manifest_is_read_as_it_was_written(target: Path) -> None:
    data = exported(target, "a")["manifest.json"]
    manifest = Manifest.read(data)
    assert manifest.to_bytes() == data
    assert [file.name for file in manifest.files] == sorted(file.name for file in manifest.files)
    assert {file.name for file in manifest.files} == set(exported(target, "b")) - {"manifest.json", "manifest.sig"}
