"""The package on a PC where a line is at work: upgraded, upgraded badly, gone back from, removed, installed again."""

from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from systemd.package.releases import RELEASES
from systemd.package.source import version_of
from tests.vm.bed import Bed
from tests.vm.hand import Done
from tests.vm.image import RELEASE, ROOT
from tests.vm.versions import DEAD, NEXT
from tests.vm.wire import ALL_FOUND, GREEN, Cables, cables

pytestmark = [pytest.mark.vm, pytest.mark.timeout(1800)]
INSTALL_S = 600.0
CONFIG = "/etc/sunline/line1.toml"
OPEN, AFTER, BACK = "CRS25WT7200001", "CRS25WT7200002", "CRS25WT7200003"
FIRST = RELEASES[RELEASE].package_version(version_of(ROOT))
NEWER = RELEASES[RELEASE].package_version(NEXT)


@pytest.fixture(scope="module")
def plugged(bed: Bed) -> Generator[Cables, None, None]:
    with cables(bed.machine) as made:
        token = bed.sunline("user", "add", "paul", "operator", "--badge")["badge_token"]
        bed.sunline("order", "create", "MO-PACKAGE", "72", "60")
        made.empty(1)
        assert made.scanner(1).scan(f"SL-U-{token}") == GREEN
        yield made


@pytest.fixture(scope="module", autouse=True)
def _packages(bed: Bed) -> Generator[None, None, None]:
    bed.hand.out("mountpoint -q /mnt || mount -o ro /dev/disk/by-label/SUNLINE /mnt")
    yield
    if in_use(bed) != FIRST:
        bed.hand.run(f"sunline-upgrade to {FIRST}", timeout_s=INSTALL_S)
    bed.hand.out("umount /mnt")


def apt(bed: Bed, *words: str) -> Done:
    return bed.hand.run("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-y", *words, timeout_s=INSTALL_S)


def package(version: str) -> str:
    folder = "/mnt" if version == version_of(ROOT) else "/mnt/next"
    return f"{folder}/sunline_{version}_{RELEASE}_amd64.deb"


def shown(bed: Bed, name: str) -> str:
    return bed.hand.out(f"systemctl show sunline@1 -P {name}").strip()


def in_use(bed: Bed) -> str:
    return bed.hand.out("basename $(readlink /opt/sunline/current)").strip()


def known(bed: Bed) -> tuple[Any, Any]:
    """What people ask the line for: its panels, and every verdict on them."""
    with ThreadPoolExecutor() as threads:
        panels = threads.submit(bed.sunline, "panel", "list", "--limit", "1000")
        results = threads.submit(bed.sunline, "panel", "results", "--limit", "5000")
        return panels.result(), results.result()


def at_work(bed: Bed) -> None:
    bed.hand.until(f"systemctl is-active -q sunline@1 && {ALL_FOUND}")


def test_everything_installed_is_roots_and_as_packed_and_the_records_are_the_lines_alone(bed: Bed) -> None:
    assert bed.hand.out("dpkg --verify sunline") == ""
    assert bed.hand.out("find /opt/sunline /usr/lib/sunline ! -user root -o ! -type l -perm /022") == ""
    assert bed.hand.out("find /var/lib/sunline/line1 ! -user sunline -o -perm /007") == ""
    assert bed.hand.out("systemctl --failed --no-legend") == ""
    assert in_use(bed) == FIRST


def test_a_fault_in_the_configuration_ends_an_upgrade_before_anything_is_touched(bed: Bed, plugged: Cables) -> None:
    assert plugged.scanner(1).scan(OPEN) == GREEN
    config, before, pid = bed.hand.get(CONFIG), known(bed), shown(bed, "MainPID")
    bed.hand.put(CONFIG, config + b"\nno_such_key = 1\n")
    try:
        done = apt(bed, "install", package(NEXT))
    finally:
        bed.hand.put(CONFIG, config)
    assert done.code != 0
    assert "no_such_key" in done.out + done.err
    assert (in_use(bed), shown(bed, "MainPID"), known(bed)) == (FIRST, pid, before)


def test_an_upgrade_keeps_every_record_and_the_panel_that_lay_open(bed: Bed, plugged: Cables) -> None:
    before = known(bed)
    bed.hand.out("dpkg --configure sunline", timeout_s=INSTALL_S)
    at_work(bed)
    assert in_use(bed) == NEWER
    assert bed.sunline("status")["version"] == NEXT
    assert known(bed) == before
    scans = [plugged.scanner(1).scan(code) for code in ("SL-PASS", AFTER, "SL-PASS")]
    assert scans == [GREEN, GREEN, GREEN]


def test_a_version_that_does_not_start_is_gone_back_from_by_itself_and_nothing_is_lost(
    bed: Bed, plugged: Cables
) -> None:
    before = known(bed)
    done = apt(bed, "install", package(DEAD))
    assert done.code != 0
    assert "Everything is as it was" in done.out + done.err
    at_work(bed)
    assert (in_use(bed), known(bed)) == (NEWER, before)
    assert plugged.scanner(1).scan(BACK) == GREEN


def test_a_person_goes_back_and_keeps_what_was_recorded_with_the_newer_version(bed: Bed, plugged: Cables) -> None:
    before = known(bed)
    bed.hand.out("sunline-upgrade back", timeout_s=INSTALL_S)
    at_work(bed)
    assert (in_use(bed), bed.sunline("status")["version"]) == (FIRST, version_of(ROOT))
    assert known(bed) == before
    assert plugged.scanner(1).scan("SL-PASS") == GREEN


def test_a_change_of_version_that_is_killed_leaves_a_line_that_runs(bed: Bed, plugged: Cables) -> None:
    before = known(bed)
    bed.hand.out(
        f"systemd-run -q --unit=killed sunline-upgrade to {NEWER};"
        " while systemctl is-active -q sunline@1; do sleep 0.05; done; systemctl kill -s KILL killed"
    )
    at_work(bed)
    assert (in_use(bed), known(bed)) == (FIRST, before)
    assert bed.hand.run("systemctl is-active sunline-upgrade-guard").out.strip() != "failed"
    bed.hand.out("systemctl reset-failed killed")


def test_removed_and_purged_where_nobody_answers_it_leaves_the_records_and_installed_again_it_goes_on(
    bed: Bed, plugged: Cables
) -> None:
    before = known(bed)
    for word in ("remove", "purge"):
        done = apt(bed, word, "sunline")
        assert done.code == 0, done.err
        bed.hand.out("! command -v sunline && ! test -e /opt/sunline")
        assert bed.hand.get(CONFIG)
        bed.hand.out("test -s /var/lib/sunline/line1/line.db")
    bed.hand.out("apt-get", "-y", "install", package(version_of(ROOT)), timeout_s=INSTALL_S)
    bed.hand.out("systemctl enable --now sunline@1", timeout_s=INSTALL_S)
    at_work(bed)
    assert known(bed) == before
    assert bed.hand.out("systemctl --failed --no-legend") == ""
