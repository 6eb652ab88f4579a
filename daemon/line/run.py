"""Run a line as this process: from its configuration file to the signal that ends it."""

import asyncio
import faulthandler
import gc
import logging
import os
import signal
from pathlib import Path

from daemon.central import refuse_second_daemon
from daemon.config import load_config
from daemon.line.line import Line
from daemon.logs import configure_logs
from daemon.service.notify import ServiceManager
from daemon.wiring.patchbay import neighbour_ports
from storage.records import SHADOW_WORDS

log = logging.getLogger(__name__)


def keep_loaded() -> None:
    """Leave what is loaded by now out of every later garbage collection: each would hold the scans for 40 ms."""
    gc.collect()
    gc.freeze()


async def run_line(path: Path) -> None:
    """Run a line from its configuration file until SIGTERM or SIGINT; SIGHUP reads it again.

    Raises ConfigRefused, and LineTaken where another machine's daemon runs this line.
    """
    config = load_config(path)
    configure_logs(config.line)
    if config.shadow is not None:
        log.warning("%s. Facts go to %s, nothing to the central server.", SHADOW_WORDS, config.store.path)
    await refuse_second_daemon(config)
    keep_loaded()
    faulthandler.enable()  # the watchdog's SIGABRT shows where every thread was
    line = Line(
        config,
        load=lambda: load_config(path),
        manager=ServiceManager.from_environment(os.environ),
        neighbours=lambda: neighbour_ports(path),
    )
    stop, again = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    loop.add_signal_handler(signal.SIGINT, stop.set)
    loop.add_signal_handler(signal.SIGHUP, again.set)
    await line.serve(stop, again)
