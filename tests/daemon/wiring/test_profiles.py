"""A profile is kept until its scanner's configuration changes, and survives whatever a file can hold."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.config import PortPart, ScannerPart, TesterPart
from daemon.scantest.forms import ENDINGS, Form
from daemon.wiring.profiles import Profile, profiled_part, profiles_file, read_profiles, write_profiles

AT = datetime(2026, 3, 4, 12, tzinfo=UTC)
FOUND = Profile(device="scanner-1", form=Form("gap"), instead_of=Form("line"), at=AT, by="tech")


def scanner(name: str = "scanner-1", **changes: object) -> ScannerPart:
    return ScannerPart.model_validate({"name": name, "kind": "plain", "port": PortPart(chip_serial="A"), **changes})


def test_a_profile_holds_for_its_scanner_alone_and_ends_with_a_change_of_its_configuration() -> None:
    assert profiled_part(scanner(), [FOUND]) == scanner(ending="gap")
    assert profiled_part(scanner("scanner-2"), [FOUND]) == scanner("scanner-2")
    assert profiled_part(scanner(ending="cr"), [FOUND]) == scanner(ending="cr")
    assert profiled_part(scanner(stx_etx=True), [FOUND]) == scanner(stx_etx=True)
    assert profiled_part(scanner(port=PortPart(path="p")), [FOUND]) == scanner(port=PortPart(path="p"), ending="gap")
    tester = TesterPart(name="scanner-1", kind="files", folder=Path("/x"))
    assert profiled_part(tester, [FOUND]) is tester


forms = st.builds(Form, st.sampled_from(sorted(ENDINGS)), st.booleans())
printable = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)


@settings(max_examples=15)
@given(name=printable, by=printable, form=forms, instead_of=forms)
def test_profiles_are_read_as_they_were_written(
    name: str, by: str, form: Form, instead_of: Form, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.mktemp("profiles") / "p.toml"
    profiles = (Profile(device=name, form=form, instead_of=instead_of, at=AT, by=by), FOUND)
    write_profiles(file, profiles)
    assert read_profiles(file) == profiles


def test_no_file_and_a_damaged_one_change_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = profiles_file(tmp_path / "line.db")
    assert file.name == "line.db.profiles.toml"
    assert read_profiles(file) == ()
    assert not caplog.records
    write_profiles(file, [FOUND])
    whole = file.read_bytes()
    for damage in (b"\xff\xfe", b"[[profile]", whole[:-20], whole.replace(b'"gap"', b'"no"'), b"profile = 3", b"x = 1"):
        file.write_bytes(damage)
        assert read_profiles(file) == ()
        assert "cannot be read" in caplog.text
        caplog.clear()
