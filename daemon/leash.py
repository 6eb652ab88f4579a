"""Run a module that ends with whoever started it: `python -m daemon.leash MODULE ARGUMENT ...`.

The starter holds the other end of this process's standard input and never writes. However it ends, killed too, that
end closes; then this process is asked to end in order, and ended if it does not.
"""

import os
import runpy
import signal
import sys
import threading
import time
from typing import Final

GRACE_S: Final = 10.0
_STDIN: Final = 0


def main() -> None:
    """Run the module named first on the command line as `__main__`, with the arguments behind it."""
    threading.Thread(target=_end_with_stdin, name="leash", daemon=True).start()
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


def _end_with_stdin() -> None:
    while os.read(_STDIN, 4096):
        continue
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_S)
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main()
