"""The device's end of a serial port: a raw pseudo-terminal behind a stable link."""

import os
import select
import tty
from pathlib import Path
from types import TracebackType

_PATIENCE_S = 20.0


class Terminal:
    """What a device is plugged into. One slave descriptor stays open: nothing said early is lost."""

    def __init__(self, link: Path) -> None:
        self.link = link
        self.master, self._slave = os.openpty()
        tty.setraw(self.master)
        tty.setraw(self._slave)
        link.unlink(missing_ok=True)
        link.symlink_to(os.ttyname(self._slave))

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        os.close(self.master)
        os.close(self._slave)
        self.link.unlink(missing_ok=True)

    def say(self, data: bytes) -> None:
        """Write all of it to the host."""
        while data:
            data = data[os.write(self.master, data) :]

    def heard(self) -> bytes:
        """Wait for what the host says. Raises TimeoutError when it says nothing for long."""
        ready, _, _ = select.select([self.master], [], [], _PATIENCE_S)
        if not ready:
            raise TimeoutError(f"the line said nothing on {self.link.name}")
        return os.read(self.master, 64)
