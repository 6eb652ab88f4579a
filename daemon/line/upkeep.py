"""Calendar work: what is done once a day, at a quiet hour."""

import logging
from collections.abc import Awaitable, Callable

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from stations.runner import LineRunner
from storage.sqlite.view import View

log = logging.getLogger(__name__)

QUIET_HOUR = 3
_CLOCK_JUMP_S = 30


class Upkeep:
    """Runs daily work in the running loop. A run that was missed while the PC slept is made up for once."""

    def __init__(self, work: Callable[[], Awaitable[None]], *, hour: int = QUIET_HOUR) -> None:
        logging.getLogger("apscheduler").setLevel(logging.WARNING)
        self._work = work
        self._scheduler = AsyncIOScheduler(job_defaults={"misfire_grace_time": None, "coalesce": True})
        self._scheduler.add_job(self._safely, "cron", hour=hour, minute=17, id="daily")
        # After a jump of the wall clock the scheduler would sleep until the old time.
        self._scheduler.add_job(self._scheduler.wakeup, "interval", seconds=_CLOCK_JUMP_S, id="clock")

    def start(self) -> None:
        """Begin; call in the running loop."""
        self._scheduler.start()

    def stop(self) -> None:
        """End; work under way is left to its own cancellation."""
        self._scheduler.shutdown(wait=False)

    async def _safely(self) -> None:
        try:
            await self._work()
        except Exception:  # daily work must never stop a line
            log.exception("The daily upkeep failed; it runs again tomorrow.")


async def check_store(runner: LineRunner) -> None:
    """Read the whole store, so that a dying disk is known before a start needs it. Raises StorageError."""
    damage = await runner.read(View.damage)
    if damage:
        log.error("The store is damaged: %s", "; ".join(damage))
        runner.tell("The store on this PC is damaged. Call a technician today.")
    else:
        log.info("The daily check found the store whole.")
