"""What systemd makes of the unit that serves a stick, and what is open in it."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from daemon.stick.endings import EXIT_STATUS, SERVED_ALREADY
from storage.records import StickOutcome

SYSTEMD = Path(__file__).parents[3] / "systemd"
UNIT = "sunline-usb@.service"
RULES = (SYSTEMD / "60-sunline-usb.rules").read_text("utf-8")
MOST_EXPOSED = 17
"""Of `systemd-analyze security`, times ten."""

needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not here")


def told(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(one) for one in command], capture_output=True, text=True, check=False)


@pytest.fixture(params=["alone", "with ntfs-3g"])
def unit(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """The unit in a folder of its own, starting a program that is there."""
    text = (SYSTEMD / UNIT).read_text("utf-8").replace("/usr/bin/sunline-usb ", "/bin/true ")
    (tmp_path / UNIT).write_text(text, "utf-8")
    if request.param != "alone":
        shutil.copytree(SYSTEMD / f"{UNIT}.d", tmp_path / f"{UNIT}.d")
    return tmp_path / UNIT


@needs_systemd
def test_systemd_understands_every_line(unit: Path) -> None:
    said = told("systemd-analyze", "verify", "--man=no", unit.with_name("sunline-usb@sda_34.service"))
    assert [line for line in said.stderr.splitlines() if "sunline-usb" in line] == []
    unit.write_text(unit.read_text("utf-8").replace("PrivateMounts", "PrivateMount"), "utf-8")
    said = told("systemd-analyze", "verify", "--man=no", unit.with_name("sunline-usb@sda_34.service"))
    assert "'PrivateMount'" in said.stderr


@needs_systemd
def test_serving_a_stick_exposes_no_more_than_its_work_needs(unit: Path) -> None:
    most = MOST_EXPOSED if not unit.with_name(f"{UNIT}.d").exists() else MOST_EXPOSED + 3
    said = told("systemd-analyze", "security", "--offline=true", "--no-pager", f"--threshold={most}", unit)
    assert said.returncode == 0, said.stdout


@needs_systemd
def test_every_exposure_that_stays_has_its_reason_in_the_unit() -> None:
    said = told("systemd-analyze", "security", "--offline=true", "--no-pager", SYSTEMD / UNIT).stdout
    open_ = {line.split()[1] for line in said.splitlines() if line.startswith("✗")}
    _, reasons = (SYSTEMD / UNIT).read_text("utf-8").split("# --- What stays open ---")
    assert open_
    named = {name if name.startswith("SystemCallFilter=") else re.split(r"[=/]", name)[0] + "=" for name in open_}
    assert {name for name in named if name not in reasons} == set()


def test_an_outcome_people_were_told_of_is_no_failed_unit() -> None:
    text = (SYSTEMD / UNIT).read_text("utf-8")
    (line,) = re.findall(r"^SuccessExitStatus=(.*)$", text, re.MULTILINE)
    well = {status for outcome, status in EXIT_STATUS.items() if outcome is not StickOutcome.INTERNAL}
    *numbers, signal = line.split()
    assert {int(one) for one in numbers} | {0} == well | {SERVED_ALREADY}
    assert signal == "SIGTERM", "with the power of a stick goes its device, and systemd ends who is about to leave"


def test_the_rule_starts_the_unit_for_whole_disks_on_usb_alone() -> None:
    wants = [line for line in RULES.splitlines() if "SYSTEMD_WANTS" in line]
    assert wants
    assert all('ENV{SYSTEMD_WANTS}+="sunline-usb@%k_$env{DISKSEQ}.service"' in line for line in wants)
    before = RULES[: RULES.index(wants[0])]
    for guard in ('SUBSYSTEM!="block"', 'ENV{ID_BUS}!="usb"', 'ENV{DEVTYPE}!="disk"', 'ATTR{size}=="0"'):
        assert f'{guard}, GOTO="sunline_usb_end"' in before
    assert 'ENV{SYSTEMD_ALIAS}+="/dev/sunline/%k_$env{DISKSEQ}"' in before, "what the unit is bound to"
    assert "BindsTo=dev-sunline-%i.device" in (SYSTEMD / UNIT).read_text("utf-8")


@pytest.mark.skipif(shutil.which("udevadm") is None, reason="udevadm is not here; `make test-vm` loads the rule")
def test_udev_understands_the_rules() -> None:
    if "verify" not in told("udevadm", "--help").stdout:
        pytest.skip("this udevadm cannot verify rules")
    said = told("udevadm", "verify", SYSTEMD / "60-sunline-usb.rules")
    assert said.returncode == 0, said.stdout + said.stderr
