import json
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
import redis

_ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("end", ["SIGINT", "end of input"])
def test_both_servers_are_told_in_one_line_and_end_when_asked(end: str) -> None:
    command = [sys.executable, "-m", "simulators", "servers"]
    with subprocess.Popen(command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert running.stdin is not None
        told = json.loads(running.stdout.readline())
        with psycopg.connect(told["postgres"]) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        with redis.Redis.from_url(told["redis"]) as client:
            assert client.ping()
        if end == "end of input":
            running.stdin.close()
        else:
            running.send_signal(signal.Signals[end])
        assert running.wait(30) == 0
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(told["postgres"])


def test_a_folder_that_cannot_be_used_is_said(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "file").touch()
    command = [sys.executable, "-m", "simulators", "servers", "--folder", str(tmp_path)]
    ran = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    assert ran.returncode == 1
    assert "is not empty: give a new folder." in ran.stderr
