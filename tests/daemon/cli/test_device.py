"""`sunline device`: what is plugged in, whose it is, and what is wrong with it."""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from rich.cells import cell_len

from drivers.ports import PortInfo
from tests.daemon.cli.fake import FakeLine, Refusal

if TYPE_CHECKING:
    from tests.daemon.cli.conftest import Cli

PLACE = "pci-0000:00:14.0-usb-0:{}:1.0"
PORTS = [
    PortInfo(
        file="/dev/ttyUSB0", path=PLACE.format(2), chip_serial="A50285BI", vendor_id="0403", product_id="6001",
        interface="00", manufacturer="FTDI", product="USB UART", driver="ftdi_sio", adapter=Path("/a"),
    ),
    PortInfo(
        file="/dev/ttyACM0", path=PLACE.format("3.1"), chip_serial="S1", vendor_id="0c2e", product_id="0b6a",
        interface="00", manufacturer="Honeywell", product="Xenon 1902", driver="cdc_acm", adapter=Path("/b"),
    ),
]  # fmt: skip


def told(name: str, station: int = 1, **more: object) -> dict[str, object]:
    return {
        "name": name, "kind": "scanner", "station": station, "state": "online", "port": "/dev/ttyUSB0",
        "reason": "", "todo": "", "since": "2026-03-04T12:00:00+00:00", "binding": {"chip_serial": "A50285BI"},
        "rebound": False, "said": {"at": "2026-03-04T12:00:00+00:00", "text": "CRS25WW6000001"}, "frames": 20,
        "unreadable": 0, **more,
    }  # fmt: skip


GONE = told(
    "scanner-2", 2, state="searching", port=None, said=None, binding={"path": PLACE.format(9)},
    reason="No port with path x is plugged in.", todo="Check the cable and the power of the device.",
)  # fmt: skip


@pytest.fixture
def plugged(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("drivers.candidates.list_candidates", lambda *_: PORTS)
    monkeypatch.setattr("daemon.cli.lookaround.ETC", tmp_path / "etc")


def says(line: FakeLine, *devices: object) -> None:
    line.answers["device.list"] = {"line": 1, "site": "T", "process": os.getpid(), "devices": list(devices)}


@pytest.mark.usefixtures("plugged")
@pytest.mark.parametrize("width", [40, 80, 100, 160])
def test_the_list_fits_and_nothing_is_cut_off(
    width: int, cli: "Cli", line: FakeLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    says(line, told("scanner-1"), GONE)
    out = cli("device", "list", socket=line.path).out
    assert max(cell_len(row) for row in out.splitlines()) <= width
    for words in ("ttyUSB0", "scanner-1", "CRS25WW6000001", "(nobody's)", "Xenon 1902", "chip serial S1", "scanner-2"):
        assert words in out or "".join(words.split()) in "".join(out.split())
    assert "…" not in out


@pytest.mark.usefixtures("plugged")
def test_in_100_columns_each_port_is_one_row(cli: "Cli", line: FakeLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    says(line, told("scanner-1"), GONE)
    rows = cli("device", "list", socket=line.path).out.splitlines()
    assert [row.split()[:2] for row in rows if not row.startswith("    ")] == [
        ["Port", "Device"], ["ttyUSB0", "scanner-1"], ["ttyACM0", "(nobody's)"], ["-", "scanner-2"],
    ]  # fmt: skip


@pytest.mark.usefixtures("plugged")
def test_programs_get_identity_holder_device_and_last_words(cli: "Cli", line: FakeLine) -> None:
    says(line, told("scanner-1"), GONE)
    ended = cli("device", "list", "--json", socket=line.path)
    first, second, third = json.loads(ended.out)["places"]
    assert (ended.status, ended.err) == (0, "")
    assert (first["device"], first["line"], first["station"], first["state"]) == ("scanner-1", 1, 1, "online")
    assert first["said"] == "CRS25WW6000001"
    assert first["identity"]["driver"] == "ftdi_sio"
    assert second["device"] is None
    assert second["identity"]["product"] == "Xenon 1902"
    assert (third["port"], third["device"]) == (None, "scanner-2")
    assert third["notes"] == ["No port with path x is plugged in."]


@pytest.mark.usefixtures("plugged")
def test_without_a_daemon_the_configuration_is_what_is_known(cli: "Cli", tmp_path: Path) -> None:
    file = config(tmp_path, 'chip_serial = "A50285BI"')
    ended = cli("device", "list", "--config", str(file))
    assert ended.status == 0
    assert "scanner-1" in ended.out
    assert "daemon of line 1 does not answer" in ended.err


@pytest.mark.usefixtures("plugged")
def test_what_is_plugged_in_is_told_to_programs_and_to_people(cli: "Cli") -> None:
    rows = json.loads(cli("device", "ports", "--json").out)
    assert [(row["file"], row["path"], row["sort"]) for row in rows] == [
        ("/dev/ttyUSB0", PLACE.format(2), "serial"), ("/dev/ttyACM0", PLACE.format("3.1"), "serial"),
    ]  # fmt: skip
    assert PLACE.format(2) in cli("device", "ports").out


@pytest.mark.usefixtures("plugged")
def test_without_line_and_configuration_the_ports_are_shown(cli: "Cli") -> None:
    ended = cli("device", "list")
    assert (ended.status, ended.err) == (0, "")
    assert ended.out.count("(nobody's)") == 2


@pytest.mark.usefixtures("plugged")
def test_a_daemon_that_refuses_is_heard(cli: "Cli", line: FakeLine) -> None:
    line.answers["device.list"] = Refusal("forbidden", "Not for you.")
    ended = cli("device", "list", socket=line.path)
    assert (ended.status, ended.err) == (5, "Not for you.\n")


@pytest.mark.usefixtures("plugged")
def test_a_broken_configuration_is_told_and_hides_no_port(cli: "Cli", tmp_path: Path) -> None:
    (tmp_path / "line1.toml").write_text("site =")
    ended = cli("device", "list", "--config", str(tmp_path / "line1.toml"))
    assert "ttyUSB0" in ended.out
    assert "cannot be used" in ended.err


def config(folder: Path, port: str) -> Path:
    stations = "".join(f"[[station]]\nnumber = {number}\nscreen = true\n" for number in (2, 3, 4))
    text = (
        f'site = "T"\nline = 1\nstore.path = "{folder}/line.db"\ncontrol.socket = "{folder}/line.sock"\n'
        f'[[station]]\nnumber = 1\nscreen = true\n[[station.scanner]]\nname = "scanner-1"\nkind = "plain"\n'
        f"port = {{ {port} }}\n{stations}"
    )
    file = folder / "line1.toml"
    file.write_text(text)
    return file


@pytest.mark.usefixtures("plugged")
def test_the_doctor_says_what_to_do_and_ends_with_1(cli: "Cli", line: FakeLine) -> None:
    says(line, GONE)
    ended = cli("device", "doctor", socket=line.path)
    assert ended.status == 1
    assert "unplugged" in ended.out
    assert "Check its cable and its power." in ended.out
    (found,) = json.loads(cli("device", "doctor", "scanner-2", "--json", socket=line.path).out)["findings"]
    assert (found["device"], found["trouble"], found["bad"]) == ("scanner-2", "unplugged", True)


def test_the_doctor_of_a_healthy_device_ends_with_0(cli: "Cli", line: FakeLine, tmp_path: Path) -> None:
    port = tmp_path / "ttyDevice"
    port.touch(mode=0o600)
    says(line, told("scanner-1", binding={"file": str(port)}))
    ended = cli("device", "doctor", socket=line.path)
    assert (ended.status, ended.err) == (0, "")
    assert "ok" in ended.out


@pytest.mark.usefixtures("plugged")
def test_the_doctor_needs_a_device_to_look_at(cli: "Cli", line: FakeLine) -> None:
    assert cli("device", "doctor").status == 3
    says(line, told("scanner-1"))
    ended = cli("device", "doctor", "scaner", socket=line.path)
    assert (ended.status, ended.err) == (2, "There is no device scaner. There are scanner-1.\n")


BOUND = {"name": "scanner-1", "binding": {"chip_serial": "S1"}}


@pytest.mark.usefixtures("plugged")
def test_bind_names_a_port_by_what_outlives_its_number(cli: "Cli", line: FakeLine) -> None:
    line.answers["device.bind"] = BOUND
    for port in ("/dev/ttyACM0", "ttyACM0"):
        ended = cli("device", "bind", "scanner-1", "--port", port, socket=line.path)
        assert (ended.status, ended.err) == (0, "")
        assert "bound to chip serial S1" in ended.out
        asked = {"name": "scanner-1", "chip_serial": "S1", "vendor_id": "0c2e", "product_id": "0b6a"}
        assert line.asked[-1] == ("device.bind", asked)
    cli("device", "bind", "scanner-1", "--chip-serial", "X9", socket=line.path)
    assert line.asked[-1] == ("device.bind", {"name": "scanner-1", "chip_serial": "X9"})


@pytest.mark.usefixtures("plugged")
def test_bind_to_a_port_that_is_not_there_asks_nobody(cli: "Cli", line: FakeLine) -> None:
    ended = cli("device", "bind", "scanner-1", "--port", "/dev/ttyNone", socket=line.path)
    assert (ended.status, ended.err) == (1, "There is no port /dev/ttyNone. See: sunline device list\n")
    assert cli("device", "bind", "scanner-1", socket=line.path).status == 2
    assert cli("device", "bind", "scanner-1", "--port", "x", "--chip-serial", "y", socket=line.path).status == 2
    assert line.asked == []


def test_unbind_says_whether_anything_changed(cli: "Cli", line: FakeLine) -> None:
    line.answers["device.unbind"] = lambda args: {"name": args["name"], "changed": args["name"] == "a"}
    assert "configuration says again." in cli("device", "unbind", "a", socket=line.path).out
    assert "configuration says already." in cli("device", "unbind", "b", socket=line.path).out


def test_the_binding_sheet_is_one_page(cli: "Cli", line: FakeLine, tmp_path: Path) -> None:
    line.answers["sheet.data"] = {"line": 1}
    file = tmp_path / "bind.pdf"
    ended = cli("sheet", "--bind", "--pdf", str(file), socket=line.path)
    assert (ended.status, ended.out) == (0, f"1 page written to {file}.\n")
    assert file.read_bytes().startswith(b"%PDF")


FOUND = {"ending": "gap", "stx_etx": False, "words": "a pause"}


@pytest.mark.usefixtures("plugged")
def test_what_a_test_found_is_shown_in_the_list_and_by_the_doctor(cli: "Cli", line: FakeLine, tmp_path: Path) -> None:
    port = tmp_path / "ttyDevice"
    port.touch(mode=0o600)
    says(line, told("scanner-1", binding={"file": str(port)}, profile=FOUND))
    listed = " ".join(cli("device", "list", socket=line.path).out.split())
    assert "By its test its codes end with a pause; the configuration says otherwise." in listed
    examined = " ".join(cli("device", "doctor", socket=line.path).out.split())
    assert "By test its codes end with" in examined
    assert "a pause" in examined


def test_a_test_is_taken_back_with_one_command(cli: "Cli", line: FakeLine) -> None:
    line.answers["device.untest"] = lambda args: {"name": args["name"], "changed": args["name"] == "a"}
    assert cli("device", "test", "a", "--undo", socket=line.path).out == "a is read as its configuration says again.\n"
    assert "says already." in cli("device", "test", "b", "--undo", socket=line.path).out


def test_the_sheet_that_tests_a_scanner_is_one_page_and_needs_no_daemon(cli: "Cli", tmp_path: Path) -> None:
    file = tmp_path / "test.pdf"
    ended = cli("sheet", "--test", "--pdf", str(file))
    assert (ended.status, ended.out) == (0, f"1 page written to {file}.\n")
    assert file.read_bytes().startswith(b"%PDF")
