"""Views of one station as they change, over the control socket; comes back by itself when the daemon does."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from daemon.control.client import DaemonAbsent
from daemon.control.protocol import Code, ControlError
from daemon.control.watching import watch
from daemon.screen.view import StationView

_FINAL: Final = frozenset({Code.NOT_FOUND, Code.FORBIDDEN, Code.INVALID, Code.UNKNOWN_OP})


@dataclass(frozen=True, slots=True)
class Lost:
    """The daemon does not answer; `reason` says more, or is empty."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait: between attempts, and in silence (a living daemon speaks every two seconds)."""

    retry_s: float = 1.0
    silence_s: float = 6.0


class NoSuchStation(ControlError):
    """The daemon will not show this station, however often it is asked."""


async def views(path: Path, station: int, patience: Patience | None = None) -> AsyncGenerator[StationView | Lost, None]:
    """Yield the station's view now and at each change, and Lost whenever the daemon is gone; never ends by itself.

    Raises NoSuchStation when a running daemon refuses.
    """
    wait = patience or Patience()
    while True:
        try:
            async with aclosing(watch(path, station, silence_s=wait.silence_s)) as found:
                async for view in found:
                    yield StationView.read(view)
        except ControlError as error:
            yield _lost(error)
        except (ValueError, LookupError, TypeError, AttributeError):
            yield Lost("This screen and the daemon are of different versions.")
        await asyncio.sleep(wait.retry_s)


def _lost(error: ControlError) -> Lost:
    if not isinstance(error, DaemonAbsent):
        if error.code in _FINAL:
            raise NoSuchStation(error.code, str(error), error.todo) from error
        return Lost(str(error))
    words = {"silent": "It hangs.", "forbidden": f"{error} {error.todo}"}
    return Lost(words.get(error.code, ""))
