"""A faulty configuration file: every fault in one run, a line each, in plain words."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.config import ConfigRefused, LineConfig, load_config
from tests.line.premises import premises

EXAMPLE = Path(__file__).parents[3] / "systemd" / "line1.toml"
GOOD = EXAMPLE.read_text("utf-8")


def faults_of(path: Path, text: str | bytes) -> tuple[str, ...]:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    try:
        load_config(path, environment={})
    except ConfigRefused as refused:
        return refused.faults
    return ()


def test_the_shipped_example_is_good(tmp_path: Path) -> None:
    assert faults_of(tmp_path / "line1.toml", GOOD) == ()


@pytest.mark.parametrize("module", ["daemon.config", "daemon.wiring.known", "daemon.checkup.examine"])
def test_a_file_is_read_without_loading_what_speaks_to_servers(module: str) -> None:
    heavy = ("redis", "psycopg", "apsw")
    code = f"import sys, {module}; sys.exit(', '.join(name for name in {heavy!r} if name in sys.modules) or 0)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_faults_of_every_kind_are_told_in_one_run(tmp_path: Path) -> None:
    """A mistyped key, wrong types, a pattern, a rule between settings and a missing folder do not hide each other."""
    text = (
        GOOD.replace('site = "1" ', 'site = "plant one" ').replace("line = 1\n", 'line = "one"\n')
        .replace("warn_free_mb = 2048", "warn_fre_mb = 2048").replace("ballast_mb = 64", 'ballast_mb = "much"')
        .replace('"/run/sunline/line1.sock"', '"/nowhere/line1.sock"').replace('kind = "ssi"', 'kind = "sssi"')
        .replace('"192.168.10.40:4001"', '"192.168.10.40"').replace('name = "scan-3"', 'name = "scan-1"')
    )  # fmt: skip
    assert faults_of(tmp_path / "line1.toml", text) == (
        "site: must be 1 to 8 capital letters or digits, like PLANT1, not 'plant one'.",
        "line: must be a whole number, not 'one'.",
        "store.ballast_mb: must be a whole number, not 'much'.",
        "store.warn_fre_mb is no setting; did you mean warn_free_mb?",
        (
            "station.2.scanner.1.kind: must be one of 'plain', 'honeywell-host-ack', 'honeywell-ack-nak', 'ssi' or "
            "'hid', not 'sssi'."
        ),
        "station.4.scanner.1.port.tcp: must be a host and a port, like 192.168.10.40:4001, not '192.168.10.40'.",
        "Two devices are named scan-1: give each its own name.",
        "control.socket: There is no folder /nowhere. Make it: mkdir -p /nowhere (or mount its disk).",
    )


@pytest.mark.parametrize("port", [0, 65536, 99999])
def test_a_serial_servers_port_must_be_one_that_can_be(tmp_path: Path, port: int) -> None:
    text = GOOD.replace('port = { chip_serial = "A9XYZ123" }', f'port = {{ tcp = "192.168.10.40:{port}" }}')
    (fault,) = faults_of(tmp_path / "line1.toml", text)
    assert fault.endswith("port.tcp: a port is a number from 1 to 65535.")


TYPES = GOOD.replace(
    'ending = "crlf"\nport = { chip_serial = "A9XYZ123" }\nserial = { baud = 9600 }\n', "{}\n"
).replace('kind = "plain"', 'kind = "hid"')
PLACE = 'port = { path = "pci-0000:00:14.0-usb-0:9:1.0" }\n'


@pytest.mark.parametrize("more", ["", 'ending = "line"', 'ending = "gap"', 'ending = "gap"\ngap_ms = 50'])
def test_a_scanner_that_types_needs_no_more_than_its_place(tmp_path: Path, more: str) -> None:
    assert faults_of(tmp_path / "line1.toml", TYPES.replace("{}", PLACE + more)) == ()


@pytest.mark.parametrize(("given", "said"), [
    (PLACE + "serial = { baud = 9600 }", "take serial out"),
    (PLACE + "stx_etx = true", "take stx_etx out"),
    (PLACE + 'ending = "crlf"', "its codes end with Enter"),
    (PLACE + "gap_ms = 60", 'gap_ms, which goes with ending = "gap" alone'),
    (PLACE + 'ending = "gap"\ngap_ms = 500', "gap_ms: must be 100 or less, not 500"),
    ('port = { tcp = "10.0.0.1:4001" }', "not on a serial server"),
    ('port = { file = "/dev/input/event5" }', "name it by its path"),
])  # fmt: skip
def test_what_makes_no_sense_for_a_scanner_that_types_is_said(tmp_path: Path, given: str, said: str) -> None:
    (fault,) = faults_of(tmp_path / "line1.toml", TYPES.replace("{}", given))
    assert said in fault
    assert fault.startswith(("scan-3 ", "station.3.scanner.1.gap_ms"))


def test_a_scanner_that_types_cannot_answer_so_its_station_needs_a_screen(tmp_path: Path) -> None:
    text = TYPES.replace("{}", PLACE).replace("number = 3\nscreen = true", "number = 3")
    (fault,) = faults_of(tmp_path / "line1.toml", text)
    assert fault.startswith("Station 3 cannot answer its operator")


@pytest.mark.parametrize("kind", ['"asci"', "7", '"ascii"'])
def test_a_wrong_section_hides_no_fault_elsewhere(tmp_path: Path, kind: str) -> None:
    text = GOOD.replace('kind = "files"', f"kind = {kind}").replace('name = "scan-3"', 'name = "scan-1"')
    faults = faults_of(tmp_path / "line1.toml", text)
    assert len(faults) == 2
    assert faults[0].startswith("tester")
    assert faults[1] == "Two devices are named scan-1: give each its own name."


@pytest.mark.parametrize(("old", "new", "said"), [
    ("number = 2", "number = 9", "station.2.number: must be 4 or less, not 9."),
    ("number = 2\n", "", "station.2.number is missing: add it."),
    ('name = "scan-2"\n', "", "station.2.scanner.1.name is missing: add it."),
    ('screen = true\n[[station.scanner]]\nname = "scan-3"', 'screen = 3\n[[station.scanner]]\nname = "scan-3"',
     "station.3.screen: must be true or false, not 3."),
    ("[store]\n", "[stor]\n", "stor is no setting; did you mean store?"),
    ("line = 1\n", "line = 12\n", "line: must be 9 or less, not 12."),
    ("line = 1\n", "line = 1979-05-27\n", "line: must be a whole number, not 1979-05-27."),
    ("[control]\nsocket", "[control]\nsocket.x", "control.socket: must be a path in quotes, not a section."),
    ('folder = "/srv/tester/exports"', "", 'tester: a tester of kind "files" needs a folder and no port.'),
])  # fmt: skip
def test_one_fault_raises_no_others(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in GOOD
    faults = faults_of(tmp_path / "line1.toml", GOOD.replace(old, new, 1))
    assert set(faults) - {"store is missing: add it."} == {said}


@pytest.mark.parametrize(("text", "said"), [
    (b"\x7fELF\xff\xfe\x00", "this is no text file (UTF-8). Name the line's TOML file."),
    ("{}", "this is not valid TOML: "),
    ("line = " + "9" * 5000, "this is not valid TOML: "),
    ("x = " + "[" * 50_000, "this is not valid TOML: "),
])  # fmt: skip
def test_a_file_that_is_none_of_ours_is_one_line(tmp_path: Path, text: str | bytes, said: str) -> None:
    path = tmp_path / "line1.toml"
    (fault,) = faults_of(path, text)
    assert fault.startswith(f"{path}: {said}")
    assert "\n" not in fault


def test_a_file_that_is_not_there_and_a_folder_are_said_so(tmp_path: Path) -> None:
    for path, said in ((tmp_path / "none", "there is no such file. Check the path."), (tmp_path, "this is a folder.")):
        with pytest.raises(ConfigRefused, match=said):
            load_config(path, environment={})


def test_the_environment_is_checked_in_the_same_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigRefused) as refused:
        load_config(tmp_path / "none", environment={"SUNLINE_LIEN": "1"})
    assert [fault.split(" ")[0] for fault in refused.value.faults] == ["The", f"{tmp_path / 'none'}:"]
    monkeypatch.setenv("SUNLINE_STATION", "{")
    assert "An environment variable cannot be read" in faults_of(tmp_path / "line1.toml", GOOD)[0]


VALUES = st.none() | st.sampled_from(['"x"', "1", "-1", "1.5", "true", "[]", "{}", "[{}]", '["x"]', "[1]", "nan"])


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from(list(LineConfig.model_fields)), VALUES))
def test_whatever_the_file_says_is_taken_or_refused_in_lines(
    tmp_path_factory: pytest.TempPathFactory, said: dict[str, str | None]
) -> None:
    path = tmp_path_factory.mktemp("config") / "line.toml"
    faults = faults_of(path, "".join(f"{key} = {value}\n" for key, value in said.items() if value is not None))
    assert faults
    assert all("\n" not in fault and fault.endswith((".", "?")) for fault in faults)
    assert not any("pydantic" in fault or "Errno" in fault for fault in faults)


def test_a_missing_folder_is_named_by_the_check_and_by_the_daemon_alike(tmp_path: Path) -> None:
    from daemon.config import folder_faults

    with premises(tmp_path) as at:
        text = (
            at.config.read_text("utf-8").replace("/line.sock", "/none/line.sock").replace("/line.db", "/gone/line.db")
        )
        at.config.write_text(text, "utf-8")
        said = folder_faults(load_config(at.config, environment={}))
    assert [one.split(".")[0] for one in said] == ["store", "control"]
    assert all("Make it: mkdir -p" in one and "Errno" not in one for one in said)
