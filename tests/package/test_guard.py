"""A change of version that is killed in its midst: the lines it stopped run again, without anybody's doing."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from daemon.upgrade.sites import Sites
from daemon.upgrade.units import GUARD

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(shutil.which("flock") is None, reason="flock is not on this machine")

# One file a unit, with its state; a stopped guard is one that is ended.
SYSTEMCTL = """#!/bin/sh
cd {pc}
echo "$*" >> said
word=$1; shift; [ "$1" != --no-block ] || shift
case $word in
show) case $2 in ActiveState) cat "$4";; NRestarts) echo 0;; esac;;
stop) for unit; do [ ! -e "$unit.pid" ] || kill "$(cat "$unit.pid")"; echo inactive > "$unit"; done;;
start) for unit; do echo active > "$unit"; done;;
esac
"""
SYSTEMD_RUN = """#!/bin/sh
cd {pc}
unit=none
while :; do case $1 in --unit=*) unit=${{1#*=}}; shift;; --*) shift;; *) break;; esac; done
# Services begin with signals as they are by default.
setsid env --default-signal "$@" < /dev/null > /dev/null 2>&1 &
echo $! > "$unit.pid"
"""
PYTHON = """#!/bin/sh
[ $4 != take-over ] || while [ -e {pc}/hangs ]; do sleep 0.02; done
"""

CHANGE = """
import sys
from pathlib import Path
from daemon.upgrade import __main__ as program, linepc, machine, units

pc = Path(sys.argv[1])
units._BOOTED, program.USER = pc, None
linepc.LinePc.lines = lambda _: (machine.ConfiguredLine(1, pc / "line1.toml"),)
linepc.LinePc.stayed_active = lambda *_: True
sys.exit(program.main(["to", "2.0"], pc / "opt"))
"""


@dataclass
class Pc:
    """A PC with a line that runs with 1.0, a 2.0 beside it, and stand-ins for the service manager's programs."""

    at: Path

    @property
    def state(self) -> str:
        return (self.at / "sunline@1.service").read_text().strip()

    @property
    def in_use(self) -> str | None:
        return Sites(self.at / "opt").current

    def said(self) -> list[str]:
        return (self.at / "said").read_text().splitlines()

    def guard(self) -> int:
        return int((self.at / f"{GUARD}.pid").read_text())

    def change(self) -> subprocess.Popen[bytes]:
        """Begin to change to 2.0."""
        return subprocess.Popen([sys.executable, "-c", CHANGE, self.at], cwd=ROOT)


@pytest.fixture
def pc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pc]:
    for name, text in (("systemctl", SYSTEMCTL), ("systemd-run", SYSTEMD_RUN)):
        (tmp_path / name).write_text(text.format(pc=tmp_path))
        (tmp_path / name).chmod(0o755)
    for version in ("1.0", "2.0"):
        python = tmp_path / "opt" / version / "bin" / "python"
        python.parent.mkdir(parents=True)
        python.write_text(PYTHON.format(pc=tmp_path))
        python.chmod(0o755)
        (tmp_path / "opt" / version / "pyvenv.cfg").touch()
    Sites(tmp_path / "opt").switch("1.0")
    (tmp_path / "sunline@1.service").write_text("active\n")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    made = Pc(tmp_path)
    yield made
    (tmp_path / "hangs").unlink(missing_ok=True)
    with suppress(FileNotFoundError):
        if not is_gone(made.guard()):
            os.kill(made.guard(), signal.SIGTERM)


def until(true: Callable[[], bool]) -> None:
    """Wait for something; the test's own time limit ends what never comes."""
    while not true():
        time.sleep(0.01)


def is_gone(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().split()[2] == "Z"
    except FileNotFoundError:
        return True


def test_the_lines_of_a_change_that_is_killed_run_again_by_themselves(pc: Pc) -> None:
    (pc.at / "hangs").touch()
    with pc.change() as change:
        until(lambda: (pc.state, pc.in_use) == ("inactive", "2.0"))
        assert not is_gone(pc.guard())
        change.kill()
    until(lambda: pc.state == "active")
    assert pc.said()[-1] == "start --no-block sunline@1.service"


def test_a_change_that_comes_to_its_end_leaves_nobody_who_would_start_a_line(pc: Pc) -> None:
    assert pc.change().wait() == 0
    until(lambda: is_gone(pc.guard()))
    assert (pc.state, pc.in_use) == ("active", "2.0")
    assert [one for one in pc.said() if one.startswith("start")] == ["start sunline@1.service"]


def test_where_no_guard_can_be_had_the_change_is_made_all_the_same(pc: Pc) -> None:
    (pc.at / "systemd-run").write_text("#!/bin/sh\nexit 1\n")
    assert pc.change().wait() == 0
    assert (pc.state, pc.in_use) == ("active", "2.0")
