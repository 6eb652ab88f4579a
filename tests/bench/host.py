"""The daemon of the line under measurement, alone in its process; `--busy` gives it everything else to do as well."""

import asyncio
import signal
import sys
from pathlib import Path

from daemon.config import load_config
from daemon.line.line import Line
from daemon.line.run import keep_loaded
from drivers.readings import DeviceState
from tests.bench.chores import keep_busy


async def host(config: Path, *, busy: bool) -> None:
    """Run a line until SIGTERM; say `ready` when it saves and every device is there, at the end what the chores did."""
    keep_loaded()
    line, stop = Line(load_config(config)), asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with asyncio.TaskGroup() as group:
        group.create_task(line.serve(stop))
        await line.vault.saving.wait()
        while not (stop.is_set() or _all_online(line)):  # noqa: ASYNC110 -- no event says so
            await asyncio.sleep(0.05)
        _say("ready")
        if busy:
            _say(await keep_busy(line, config.parent, stop))


def _all_online(line: Line) -> bool:
    return all(entry.status.state is DeviceState.ONLINE for entry in line.fleet.board.entries())


def _say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(host(Path(sys.argv[1]), busy="--busy" in sys.argv))
