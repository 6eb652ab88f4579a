"""What systemd makes of the shipped units, and what is open in them."""

import configparser
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from drivers.hid.find import MAKERS

SYSTEMD = Path(__file__).parents[2] / "systemd"
RULES = SYSTEMD / "60-sunline.rules"
MOST_EXPOSED = 15
"""Of `systemd-analyze security`, times ten."""
NEWER = ("RestartSteps", "RestartMaxDelaySec")
"""What older systemd says that it ignores."""


def needs(tool: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(tool) is None, reason=f"{tool} is not on this machine")


def told(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(one) for one in command], capture_output=True, text=True, check=False)


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """The units in a folder of their own, starting a program that is there."""
    for name in ("sunline@.service", "sunline.target"):
        text = (SYSTEMD / name).read_text("utf-8").replace("/usr/bin/sunline ", "/bin/true ")
        (tmp_path / name).write_text(text, "utf-8")
    shutil.copytree(SYSTEMD / "sunline@.service.d", tmp_path / "sunline@.service.d")
    return tmp_path


@needs("systemd-analyze")
@pytest.mark.parametrize("name", ["sunline@1.service", "sunline.target"])
def test_systemd_understands_every_line(units: Path, name: str) -> None:
    said = told("systemd-analyze", "verify", "--man=no", units / name)
    ours = [line for line in said.stderr.splitlines() if str(units) in line or "sunline" in line]
    assert [line for line in ours if not any(f"'{key}'" in line for key in NEWER)] == []


@needs("systemctl")
def test_a_line_that_is_switched_off_for_good_takes_no_other_along(tmp_path: Path) -> None:
    there, wanted = (tmp_path / folder / "systemd/system" for folder in ("usr/lib", "etc"))
    there.mkdir(parents=True)
    wanted.mkdir(parents=True)
    for name in ("sunline@.service", "sunline.target"):
        shutil.copyfile(SYSTEMD / name, there / name)
    for words in (("enable", "sunline@1", "sunline@2"), ("disable", "sunline@2")):
        assert told("systemctl", f"--root={tmp_path}", *words).returncode == 0
    assert (wanted / "multi-user.target.wants" / "sunline@1.service").is_symlink()
    assert not list(wanted.rglob("sunline@2.service"))


@needs("systemd-analyze")
def test_verification_would_find_a_fault(units: Path) -> None:
    unit = units / "sunline@.service"
    unit.write_text(unit.read_text("utf-8").replace("WatchdogSec", "WatchdogSecs"), "utf-8")
    assert "WatchdogSecs" in told("systemd-analyze", "verify", "--man=no", units / "sunline@1.service").stderr


@needs("systemd-analyze")
def test_a_line_is_exposed_no_more_than_its_work_needs(units: Path) -> None:
    said = told(
        "systemd-analyze", "security", "--offline=true", "--no-pager", f"--threshold={MOST_EXPOSED}",
        units / "sunline@.service",
    )  # fmt: skip
    assert said.returncode == 0, said.stdout


@needs("systemd-analyze")
def test_every_exposure_that_stays_has_its_reason_in_the_unit(units: Path) -> None:
    said = told("systemd-analyze", "security", "--offline=true", "--no-pager", units / "sunline@.service").stdout
    open_ = {re.split(r"[=/]", line.split()[1])[0] for line in said.splitlines() if line.startswith("✗")}
    _, reasons = (SYSTEMD / "sunline@.service").read_text("utf-8").split("# --- What stays open ---")
    assert open_
    assert {name for name in open_ if f"{name}=" not in reasons} == set()


def test_the_unit_and_the_example_name_the_same_places() -> None:
    unit = (SYSTEMD / "sunline@.service").read_text("utf-8")
    example = tomllib.loads((SYSTEMD / "line1.toml").read_text("utf-8"))
    assert "ExecStart=/usr/bin/sunline run --config /etc/sunline/line%i.toml" in unit
    assert "StateDirectory=sunline/line%i\n" in unit
    assert Path(example["store"]["path"]).parent == Path("/var/lib/sunline/line1")
    assert Path(example["control"]["socket"]).parent == Path("/run/sunline")


def test_the_watchdog_is_wound_longer_than_an_orderly_stop_takes() -> None:
    unit = configparser.RawConfigParser(strict=False)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(SYSTEMD / "sunline@.service", "utf-8")
    service = unit["Service"]
    assert service["Type"] == "notify"
    assert int(service["WatchdogSec"]) > int(service["TimeoutStopSec"]) > 5
    assert service["Restart"] == "always"
    assert unit["Unit"]["StartLimitIntervalSec"] == "0"


@needs("systemd-sysusers")
def test_the_user_is_made_and_may_open_serial_ports(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "group").write_text("root:x:0:\ndialout:x:20:\n")
    (tmp_path / "etc" / "passwd").write_text("root:x:0:0:root:/root:/bin/bash\n")
    said = told("systemd-sysusers", f"--root={tmp_path}", SYSTEMD / "sysusers.d" / "sunline.conf")
    assert said.returncode == 0, said.stderr
    assert "sunline:" in (tmp_path / "etc" / "passwd").read_text()
    groups = (tmp_path / "etc" / "group").read_text()
    assert re.search(r"^dialout:x:20:sunline$", groups, re.MULTILINE)
    assert re.search(r"^sunline-hid:x:\d+:sunline$", groups, re.MULTILINE)


@needs("systemd-tmpfiles")
def test_the_folders_are_made(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "group").write_text("root:x:0:\nsunline:x:0:\n")
    (tmp_path / "etc" / "passwd").write_text("root:x:0:0:root:/root:/bin/bash\nsunline:x:0:0::/:/bin/false\n")
    said = told("systemd-tmpfiles", "--create", f"--root={tmp_path}", SYSTEMD / "tmpfiles.d" / "sunline.conf")
    assert said.returncode == 0, said.stderr
    assert (tmp_path / "run" / "sunline").stat().st_mode & 0o777 == 0o750
    assert (tmp_path / "etc" / "credstore").stat().st_mode & 0o777 == 0o700


@needs("udevadm")
def test_udev_understands_the_rules() -> None:
    rules = RULES
    if "verify" not in told("udevadm", "--help").stdout:
        pytest.skip("this udevadm cannot verify rules (systemd 254 and newer can)")
    said = told("udevadm", "verify", rules)
    assert said.returncode == 0, said.stderr


def test_the_makers_whose_scanners_may_be_read_are_those_the_program_knows() -> None:
    (makers,) = re.findall(r'ATTRS\{id/vendor\}=="([^"]*)", ENV\{SUNLINE_SCANNER\}', RULES.read_text("utf-8"))
    assert makers.split("|") == sorted(MAKERS)


_TOKEN = re.compile(r'[A-Z]+(\{[\w./]+\})?(==|!=|\+=|:=|=)"[^"]*"')


def test_every_rule_for_udev_is_well_formed() -> None:
    text = RULES.read_text("utf-8")
    rules = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert all(_TOKEN.fullmatch(token) for line in rules for token in line.split(", "))
    assert set(re.findall(r'GOTO="(\w+)"', text)) == set(re.findall(r'LABEL="(\w+)"', text))
