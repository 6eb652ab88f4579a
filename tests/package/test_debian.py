"""The package in a bare tree of each Debian release it is made for: installed, judged, upgraded, taken away."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from systemd.package.build import package
from systemd.package.releases import RELEASES, Release
from systemd.package.source import version_of
from tests.vm.host import Unable, prepare, run

pytestmark = [pytest.mark.vm, pytest.mark.timeout(1200)]
ROOT = Path(__file__).parents[2]
NEXT = "90.1.0"
MOST_EXPOSED = {"sunline@1.service": 15, "sunline-usb@sda_34.service": 25}
"""Of `systemd-analyze security`, times ten."""


@dataclass(frozen=True)
class Tree:
    """A Debian tree with both packages in its /tmp."""

    release: Release
    root: Path

    def run(self, script: str) -> subprocess.CompletedProcess[str]:
        """Run a script in it, with a /proc that goes when it ends."""
        inner = f'mount -t proc proc "{self.root}/proc" && exec chroot "{self.root}" sh -c "$1"'
        environment = {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "LC_ALL": "C.UTF-8",
            "DEBIAN_FRONTEND": "noninteractive",
        }
        command = ["unshare", "--mount", "sh", "-c", inner, "sh", script]
        return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)

    def out(self, script: str) -> str:
        done = self.run(script)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip()

    def install(self, version: str) -> str:
        return f"dpkg -i /tmp/sunline_{version}_{self.release.name}_amd64.deb"

    def packaged(self, version: str) -> str:
        return self.release.package_version(version)


NOW = version_of(ROOT)


TREES = list(RELEASES) if os.environ.get("SUNLINE_VM_FULL") else ["trixie"]
"""The other release is that of the virtual machine."""


@pytest.fixture(scope="module", params=TREES)
def tree(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tree]:
    if os.geteuid():
        pytest.skip("Only root can build a Debian tree: run make test-vm as root.")
    try:
        prepare()
    except Unable as error:
        pytest.skip(str(error))
    release = RELEASES[request.param]
    folder = tmp_path_factory.mktemp(release.name)
    needs = ["systemd-sysv", "udev", "kmod", "procps", "debconf", "libudev1", f"python{release.python}"]
    run(
        "mmdebstrap",
        '--aptopt=Acquire::Retries "5"',
        "--variant=minbase",
        f"--include={','.join(needs)}",
        release.name,
        folder / "root",
    )
    for version in (NOW, NEXT):
        package(ROOT, release, folder / "root" / "tmp", ROOT / "build" / "package", version)
    made = Tree(release, folder / "root")
    made.out(made.install(NOW))
    yield made
    shutil.rmtree(folder)


def test_the_program_runs_with_the_releases_own_python(tree: Tree) -> None:
    assert tree.out("sunline --version") == NOW
    assert tree.out("dpkg -V sunline") == ""
    assert tree.out("readlink /opt/sunline/current") == tree.packaged(NOW)
    assert {"sunline", "dialout"} <= set(tree.out("id -nG sunline").split())
    assert tree.out("find /opt/sunline/current/ -name '*.pyc' | head -1")
    assert tree.run("/opt/sunline/current/bin/python -I -c 'import storage.sqlite, daemon.line.line'").returncode == 0


def test_this_releases_systemd_understands_every_line_of_the_units(tree: Tree) -> None:
    done = tree.run("systemd-analyze verify --man=no sunline@1.service sunline.target sunline-usb@sda_34.service")
    assert [line for line in done.stderr.splitlines() if "sunline" in line] == []
    assert tree.out("systemctl --version").startswith(f"systemd {252 if tree.release.number == 12 else 257}")


@pytest.mark.parametrize("unit", MOST_EXPOSED)
def test_a_unit_is_exposed_no_more_than_its_work_needs(tree: Tree, unit: str) -> None:
    said = tree.out(f"systemd-analyze security --offline=true --no-pager --threshold={MOST_EXPOSED[unit]} {unit}")
    sys.stdout.write(f"{tree.release.name}: {said.splitlines()[-1]}\n")


def test_an_upgrade_and_the_way_back_and_forward(tree: Tree) -> None:
    tree.out("cp /usr/share/doc/sunline/examples/line1.toml /etc/sunline/")
    tree.out(tree.install(NEXT))
    assert tree.out("sunline --version") == NEXT
    tree.out("sunline-upgrade back")
    assert tree.out("sunline --version") == NOW
    tree.out(f"sunline-upgrade to {tree.packaged(NEXT)}")
    assert tree.out("sunline --version") == NEXT
    listed = tree.out("sunline-upgrade")
    assert f"{tree.packaged(NOW)}  (before it: sunline-upgrade back)" in listed


def test_a_faulty_file_ends_an_upgrade_and_it_can_be_ended_later(tree: Tree) -> None:
    tree.out(f"{tree.install(NEXT)} && echo 'site = 1' > /etc/sunline/line2.toml")
    done = tree.run(tree.install(NOW))
    assert done.returncode != 0
    assert "line2.toml: site: must be a text" in done.stderr
    assert tree.out("sunline --version") == NEXT
    tree.out("rm /etc/sunline/line2.toml && dpkg --configure sunline")
    assert tree.out("sunline --version") == NOW


def test_what_is_taken_away_and_what_stays(tree: Tree) -> None:
    tree.out("mkdir -p /var/lib/sunline/line1 && touch /var/lib/sunline/line1/line.db")
    for word in ("--remove", "--purge"):
        tree.out(f"dpkg {word} sunline")
        assert tree.run("ls -d /opt/sunline /usr/bin/sunline /usr/lib/sunline").stdout == ""
        tree.out("ls /var/lib/sunline/line1/line.db /etc/sunline/line1.toml")
    tree.out(f"{tree.install(NOW)} && echo 'sunline sunline/purge-data boolean true' | debconf-set-selections")
    tree.out("dpkg --purge sunline")
    assert tree.run("ls -d /var/lib/sunline /etc/sunline").stdout == ""
