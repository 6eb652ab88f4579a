"""The lines of this computer over their control sockets."""

import logging
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from daemon.control.client import ControlClient
from daemon.control.protocol import ControlError
from daemon.stick.decide import Heard
from daemon.stick.line import GONE_CODES, LineLost, Report, lost
from daemon.stick.plan import Plan
from drivers.stick import StickDevice, StickVolume
from storage.export.durable import Written
from storage.export.job import Source

log = logging.getLogger(__name__)

RUN: Final = Path("/run/sunline")
ETC: Final = Path("/etc/sunline")

_ANSWER_S: Final = 5.0
_PLAN_S: Final = 120.0
_ROWS_S: Final = 120.0
_TELL_S: Final = 0.5
_LONGEST: Final = 1000
"""Characters of a text that a line takes."""
_MOST_FILES: Final = 2000
"""So many are remembered for going on; a request has an end."""
_STRANGE: Final = (LookupError, TypeError, ValueError, AttributeError)


@dataclass(frozen=True, slots=True)
class SocketLine:
    """A Line whose daemon answers on a control socket."""

    name: str
    path: Path

    def greet(self, device: StickDevice, volume: StickVolume) -> Heard:
        """As Line.greet."""
        try:
            said = self._asked("usb.greet", _ANSWER_S, device=device.name, **identity(device, volume))
            stick = said["stick"]
            return Heard(self.name, None if stick is None else str(stick["uuid"]), str(said.get("reason") or ""))
        except ControlError as error:
            log.log(_weight(error), "%s: %s", self.name, error)
            return Heard(self.name, absent=True, reason="" if error.code in GONE_CODES else str(error))
        except _STRANGE as error:
            log.warning("%s answers what nobody understands: %r", self.name, error)
            return Heard(self.name, absent=True)

    def plan(self, stick_uuid: str, *, full: bool) -> Plan:
        """As Line.plan."""
        try:
            return Plan.read(stick_uuid, self._asked("usb.plan", _PLAN_S, stick_uuid=stick_uuid, full=full))
        except ControlError as error:
            raise lost(self.name, error) from error
        except _STRANGE as error:
            message = f"{self.name} answers what nobody understands: is it up to date?"
            raise LineLost(message, running=True, may_return=False) from error

    def source(self, plan: Plan) -> Source:
        """As Line.source."""
        from daemon.export.source import line_source  # noqa: PLC0415 -- most sticks end before anything is written

        return line_source(ControlClient(self.path, _ROWS_S), plan.job)

    def wrote(self, plan: Plan, file: Written) -> None:
        """As Line.wrote."""
        try:
            self._asked("usb.file", _ANSWER_S, export_uuid=plan.export_uuid, **_plain(file))
        except ControlError as error:
            raise lost(self.name, error) from error

    def tell(self, device: str, state: str, share: float) -> bool:
        """As Line.tell."""
        try:
            self._asked("usb.progress", _TELL_S, device=device, state=state, share=round(share, 3))
        except ControlError as error:
            log.debug("%s did not listen: %s", self.name, error)
            return False
        return True

    def report(self, report: Report) -> bool:
        """As Line.report."""
        try:
            self._asked(
                "usb.report", _ANSWER_S,
                visit=report.visit, device=report.disk, described=report.device, outcome=report.outcome.value,
                message=report.message[:_LONGEST], todo=report.todo[:_LONGEST],
                stick_uuid=report.stick_uuid, export_uuid=report.export_uuid,
                files=[_plain(file) for file in report.files[:_MOST_FILES]],
            )  # fmt: skip
        except ControlError as error:
            log.log(_weight(error), "%s does not take the report: %s", self.name, error)
            return error.code not in GONE_CODES
        return True

    def _asked(self, op: str, timeout_s: float, **args: object) -> Any:  # noqa: ANN401 -- JSON
        return ControlClient(self.path, timeout_s).call(op, **args)


def identity(device: StickDevice, volume: StickVolume) -> dict[str, str]:
    """Give what a stick is known by."""
    return {
        "vendor_id": device.vendor_id,
        "product_id": device.product_id,
        "usb_serial": device.usb_serial,
        "volume_id": volume.fs_uuid or "",
    }


def lines_here(run: Path = RUN, etc: Path = ETC) -> tuple[SocketLine, ...]:
    """Find every line of this computer: each configured one, running or not, and whatever else has a socket."""
    found = {_socket_of(config, run): config.stem for config in _named(etc, "line[0-9].toml")}
    for path in _named(run, "*.sock"):
        name = path.stem if path.stem not in found.values() else path.name  # one that listens elsewhere by now
        found.setdefault(path, name)
    return tuple(SocketLine(_called(name), path) for path, name in sorted(found.items(), key=lambda one: one[1]))


def _socket_of(config: Path, run: Path) -> Path:
    """Give the socket a line's file names; where that cannot be read, the usual one."""
    try:
        return Path(tomllib.loads(config.read_text("utf-8"))["control"]["socket"])
    except (OSError, *_STRANGE):
        return run / f"{config.stem}.sock"


def _named(folder: Path, pattern: str) -> Iterator[Path]:
    try:
        yield from folder.glob(pattern)
    except OSError as error:
        log.warning("%s cannot be looked into: %s", folder, error)


def _called(stem: str) -> str:
    number = re.fullmatch(r"line([0-9]+)", stem)
    return f"Line {number[1]}" if number else stem


def _weight(error: ControlError) -> int:
    """Say little of a line that is away: it is asked again and again, and whoever waits for it says so once."""
    return logging.DEBUG if error.code in GONE_CODES else logging.INFO


def _plain(file: Written) -> dict[str, object]:
    return {"name": file.name, "bytes": file.bytes, "sha256": file.sha256}
