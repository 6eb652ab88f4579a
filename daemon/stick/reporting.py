"""Who is told what of a visit: the screens while it goes on, every line when it ended."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from uuid_utils.compat import uuid7

from daemon.stick.endings import Ending
from daemon.stick.guard import Pulse
from daemon.stick.line import Line, Report
from daemon.stick.task import Minutes

log = logging.getLogger(__name__)

EVERY_S: Final = 1.0
DEAF_S: Final = 10.0


@dataclass(slots=True)
class Teller:
    """Tells the screens of every line how far a visit is. One that does not listen is left in peace for a while."""

    device: str
    lines: Sequence[Line]
    clock: Callable[[], float] = time.monotonic
    _told_at: float = field(default=float("-inf"), init=False)
    _deaf_until: dict[str, float] = field(default_factory=dict, init=False)

    def __call__(self, pulse: Pulse) -> None:
        """Tell, unless it was told just now."""
        if self.clock() - self._told_at < EVERY_S:
            return
        for line in self.lines:
            is_deaf = self.clock() < self._deaf_until.get(line.name, float("-inf"))
            if not is_deaf and not line.tell(self.device, pulse.state, pulse.share):
                self._deaf_until[line.name] = self.clock() + DEAF_S
        self._told_at = self.clock()


def report_of(line: Line, minutes: Minutes, ended: Ending, disk: str) -> Report:
    """Say what came of a visit for one line: where the visit came to its end, what came of that line."""
    task = next((one for one in minutes.tasks if one.line.name == line.name), None)
    came = minutes.came.get(line.name)
    return Report(
        visit=str(uuid7()),
        disk=disk,
        device=str(minutes.device or disk),
        outcome=came.outcome if came is not None else ended.outcome,
        message=ended.message,
        todo=ended.todo,
        stick_uuid=task.plan.stick_uuid if task else None,
        export_uuid=task.plan.export_uuid if task else None,
        files=task.files if task else (),
    )


def report_all(
    lines: Sequence[Line],
    report: Callable[[Line], Report],
    patience_s: float,
    again_look_s: float,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Tell every line; who did not listen is told again for a while. Never raises."""
    begun, left = clock(), [(line, report(line)) for line in lines]
    while left:
        left = [(line, told) for line, told in left if not line.report(told)]
        if clock() - begun > patience_s:
            break
        if left:
            sleep(again_look_s)
    for line, _ in left:
        log.warning("%s was not told what came of the stick.", line.name)
