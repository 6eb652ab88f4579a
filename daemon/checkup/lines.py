"""Which lines are on this PC, what their files say, and what their daemons answer."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import Any, Final

from daemon.checkup.finding import Unseen
from daemon.checkup.looking import AS_ROOT, begin
from daemon.config import ConfigRefused, LineConfig, folder_faults, load_config
from daemon.control.client import ControlClient
from daemon.control.protocol import ControlError

Json = Mapping[str, Any]

ANSWER_S: Final = 4.0
STATUS: Final = "line.status"
_OPERATIONS: Final = (STATUS, "sync.status", "sync.conflicts", "usb.list", "device.list", "rule.list")
_OTHER_VERSION: Final = Unseen("its daemon is of another version", "Restart the line.")


class Running(Enum):
    """Whether a line's daemon runs, by its control socket."""

    YES = auto()
    NO = auto()
    SILENT = auto()
    FORBIDDEN = auto()
    UNKNOWN = auto()

    @property
    def answers(self) -> bool:
        """Whether somebody listens there."""
        return self in {Running.YES, Running.FORBIDDEN}


@dataclass(frozen=True, slots=True, kw_only=True)
class LineHere:
    """One line of this PC: its file, `faults` in it, and what its daemon answered, by operation."""

    name: str
    file: Path | None
    config: LineConfig | Unseen
    faults: tuple[str, ...] = ()
    running: Running
    answers: Mapping[str, Any]

    @property
    def number(self) -> int | None:
        """The line's number; None where nothing tells it."""
        if isinstance(self.config, LineConfig):
            return self.config.line
        digits = re.findall(r"[0-9]+", self.name)
        return int(digits[-1]) if digits else None

    def answer(self, operation: str) -> Json | Unseen:
        """Give what the daemon answered."""
        told = self.answers.get(operation, _OTHER_VERSION)
        return told if isinstance(told, Unseen | Mapping) else _OTHER_VERSION

    def rows(self, operation: str) -> list[Json] | Unseen:
        """Give the list that the daemon answered."""
        told = self.answers.get(operation, _OTHER_VERSION)
        is_list = isinstance(told, list) and all(isinstance(row, Mapping) for row in told)
        return told if is_list or isinstance(told, Unseen) else _OTHER_VERSION

    @property
    def status(self) -> Json:
        """What the daemon says of itself; empty where it said nothing."""
        told = self.answer(STATUS)
        return {} if isinstance(told, Unseen) else told


def names_here(run: Path, etc: Path) -> tuple[str, ...]:
    """Name the lines of this PC: each control socket, each configuration."""
    found = (*_stems(run, "*.sock"), *_stems(etc, "line*.toml"))
    return tuple(dict.fromkeys(sorted(found)))


def look_at_line(name: str, file: Path | None, socket: Path | None) -> LineHere:
    """Read a line's file and ask its daemon everything at once; the file names the socket where none is given."""
    config, faults = _read(file)
    named = config.control.socket if isinstance(config, LineConfig) else None
    asked = {one: begin(_asking(socket or named, one), ANSWER_S) for one in _OPERATIONS}
    told = {one: answer() for one, answer in asked.items()}
    running = _running(told[STATUS])
    answers = {one: _unseen(answer) for one, answer in told.items()}
    return LineHere(name=name, file=file, config=config, faults=faults, running=running, answers=answers)


def _read(file: Path | None) -> tuple[LineConfig | Unseen, tuple[str, ...]]:
    if file is None or not file.exists():
        return Unseen("its configuration is not below /etc/sunline", "Name it: sunline doctor --config FILE"), ()
    try:
        config = load_config(file)
    except ConfigRefused as refused:
        if isinstance(refused.__cause__, PermissionError):
            return Unseen(f"only root may read {file}", AS_ROOT), ()
        return Unseen(f"{file} cannot be used", f"See: sunline check-config {file}"), refused.faults
    return config, folder_faults(config)


def _asking(socket: Path | None, operation: str) -> Callable[[], object]:
    """Give the question; a refusal is an answer of its own, so that its code is not lost."""

    def ask() -> object:
        if socket is None:
            return Unseen("its control socket is not known", "Name its file: sunline doctor --config FILE")
        try:
            return ControlClient(socket, ANSWER_S).call(operation)
        except ControlError as error:
            return error

    return ask


_CODES: Final = {
    "absent": (Running.NO, Unseen("its daemon does not run", "Start the line.")),
    "silent": (Running.SILENT, Unseen("its daemon does not answer", "Restart the line.")),
    "forbidden": (Running.FORBIDDEN, Unseen("only root and the group sunline may ask its daemon", AS_ROOT)),
}


def _running(told: object) -> Running:
    if isinstance(told, ControlError):
        return _CODES.get(told.code, (Running.YES,))[0]
    if isinstance(told, Unseen):
        return Running.UNKNOWN if "socket" in told.why else Running.SILENT
    return Running.YES


def _unseen(told: object) -> object:
    if not isinstance(told, ControlError):
        return told
    return _CODES[told.code][1] if told.code in _CODES else Unseen(f"its daemon says: {told}".rstrip("."), told.todo)


def _stems(folder: Path, form: str) -> list[str]:
    try:
        return [file.stem for file in folder.glob(form)]
    except OSError:
        return []
