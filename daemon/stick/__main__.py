"""`sunline-usb serve sda`, started by udev's unit for each stick."""

import signal
import sys
import threading


def main() -> int:
    """Run the command and give its exit code. Asked to end, it still says what came of the stick."""
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    from daemon.stick.command import run  # noqa: PLC0415 -- it takes a while, and a stick may be pulled at once

    return run(stopped)


if __name__ == "__main__":
    sys.exit(main())
