import os
import pty
import select
import subprocess
import sys
import termios
import time

import pytest
from rich.color import Color, ColorSystem
from rich.style import Style

from daemon.screen.palette import BANNER
from tests.daemon.cli.fake import FakeLine
from tests.daemon.screen.samples import view


def _read_until(master: int, text: bytes, seconds: float = 60) -> bytes:
    seen, deadline = b"", time.monotonic() + seconds
    while text not in seen and time.monotonic() < deadline:
        if select.select([master], [], [], 0.1)[0]:
            seen += os.read(master, 1 << 16)
    assert text in seen, seen[-500:]
    return seen


@pytest.mark.parametrize("key", [b"q", b"\x03"])
def test_a_real_terminal_shows_the_station_and_is_left_as_it_was(key: bytes, line: FakeLine) -> None:
    line.answers["station.watch"] = view(headline="PASS", detail="CRS25WT6000010 saved", colour="green")
    line.start()
    master, terminal = pty.openpty()
    try:
        termios.tcsetwinsize(terminal, (24, 80))
        before = termios.tcgetattr(terminal)
        command = [sys.executable, "-m", "daemon", "station", "1", "--socket", str(line.path)]
        with subprocess.Popen(
            command, stdin=terminal, stdout=terminal, stderr=terminal, start_new_session=True,
            preexec_fn=lambda: _take(terminal), env={**os.environ, "TERM": "xterm-256color"},  # noqa: PLW1509
        ) as process:  # fmt: skip
            _read_until(master, b"CRS25WT6000010 saved")
            os.write(master, key)
            left = _read_until(master, b"\x1b[?1049l")
            assert process.wait(60) == 0
        assert b"Traceback" not in left
        assert termios.tcgetattr(terminal)[:4] == before[:4]
    finally:
        os.close(master)
        os.close(terminal)


def _take(terminal: int) -> None:
    """Make the pseudo-terminal the one whose Ctrl-C reaches the process."""
    import fcntl

    fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)


@pytest.mark.parametrize("system", [ColorSystem.STANDARD, ColorSystem.EIGHT_BIT, ColorSystem.TRUECOLOR])
def test_the_four_colours_stay_four_on_the_poorest_terminal(system: ColorSystem) -> None:
    grounds = [Style.parse(style).bgcolor or Color.default() for style in BANNER.values()]
    assert len({ground.downgrade(system).get_ansi_codes(foreground=False) for ground in grounds}) == 4
