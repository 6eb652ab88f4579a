"""A line's configuration read again while the line runs."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from daemon.config import ConfigRefused, LineConfig
from daemon.service.herald import Herald

log = logging.getLogger(__name__)


async def reload_on(again: asyncio.Event, reload: Callable[[], Awaitable[None]], herald: Herald) -> None:
    """Reload whenever asked, until cancelled. After ConfigRefused the line goes on as it was, and that is said."""
    while True:
        await again.wait()
        again.clear()
        herald.reloading()
        try:
            await reload()
        except ConfigRefused as refused:
            trouble = f"The new configuration is refused, the old one stays: {' '.join(refused.faults)}"
            log.error(trouble)
            herald.reloaded(trouble)
        else:
            herald.reloaded()


def with_devices_of(old: LineConfig, new: LineConfig) -> LineConfig:
    """Take over another device configuration; site, line, store and socket stay as they are until the next start."""
    kept = old.model_copy(update={"station": new.station, "tester": new.tester})
    if kept != new:
        log.warning("Changes of site, line, store or control take effect at the next start.")
    return kept
