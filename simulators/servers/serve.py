"""`python -m simulators servers`: both servers for a demo, their addresses as one JSON line."""

import json
import os
import select
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from simulators.servers.child import ServerError
from simulators.servers.postgres import PostgresServer
from simulators.servers.valkey import ValkeyServer


def serve(folder: Path | None) -> int:
    """Start both, say where they are, serve until SIGTERM, SIGINT or the end of standard input, stop both.

    Without a folder they live in a temporary one that is deleted afterwards. Return 0, or 1 when one could not start.
    """
    with ExitStack() as after:
        asked = _stop_asked(after.callback)
        try:
            place = folder or _temporary(after.callback)
            postgres = PostgresServer.create(place / "postgres", fsync=False)
            valkey = ValkeyServer.create(place / "valkey")
            for server in (postgres, valkey):
                after.callback(server.stop)
                server.start()
        except ServerError as error:
            sys.stderr.write(f"{error}\n")
            return 1
        sys.stdout.write(json.dumps({"postgres": postgres.dsn(), "redis": valkey.url()}) + "\n")
        sys.stdout.flush()
        _wait(asked)
    return 0


def _temporary(after: Callable[..., object]) -> Path:
    """Make a short folder that the servers' user may enter."""
    place = Path(tempfile.mkdtemp(prefix="sunline-"))
    after(shutil.rmtree, place, ignore_errors=True)
    place.chmod(0o711)
    return place


def _stop_asked(after: Callable[..., object]) -> int:
    """Return a descriptor that is readable once a termination signal came, also while the servers start."""
    heard, told = os.pipe()
    after(os.close, heard)
    after(os.close, told)
    for number in (signal.SIGTERM, signal.SIGINT):
        after(signal.signal, number, signal.signal(number, lambda *_: os.write(told, b"!") and None))
    return heard


def _wait(asked: int) -> None:
    """Return at the end of standard input or when asked to stop; what comes in is thrown away."""
    while True:
        ready, _, _ = select.select([asked, 0], [], [])
        if asked in ready or not os.read(0, 4096):
            return
