"""The whole examination: every area of every line and of the PC, side by side, none waiting for another for long."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, TypeVar

from daemon.checkup import clock, database, disk, pc, running, sticks, sync, units
from daemon.checkup.addressfacts import look_at_address
from daemon.checkup.clockfacts import look_at_clock, look_at_zone
from daemon.checkup.devices import look_at_devices
from daemon.checkup.diskfacts import look_at_disk
from daemon.checkup.finding import WORST_FIRST, Area, Finding, Severity, Unseen, not_seen
from daemon.checkup.flush import FLUSH
from daemon.checkup.lines import LineHere, look_at_line
from daemon.checkup.looking import begin
from daemon.checkup.question import Question
from daemon.checkup.storefacts import look_at_store
from daemon.checkup.unitfacts import has_manager, look_at_system, look_at_typing, look_at_unit
from daemon.config import LineConfig, ScannerPart

F = TypeVar("F")

Findings = tuple[Finding, ...]

AREA_S: Final = 10.0
"""An area whose every fact hangs is given up; facts have their own, shorter times."""

DISK_QUESTIONS: Final = (disk.WHERE, disk.ROOM, disk.ERRORS, FLUSH, disk.PACE)
_NO_LINE: Final = Finding(
    Area.LINE, "no-line", Severity.WARN, "No line is set up on this PC, and none runs.",
    "Copy the example to /etc/sunline/line1.toml, or name the line's file: sunline doctor --config FILE",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Named:
    """A line to be looked at: its name, its file, its control socket."""

    name: str
    file: Path | None
    socket: Path | None


def examine(named: Sequence[Named], root: Path = Path("/")) -> Findings:
    """Look at everything; the worst comes first. Never raises, and ends whatever hangs."""
    asked = [begin(lambda one=one: look_at_line(one.name, one.file, one.socket), AREA_S) for one in named]  # type: ignore[misc]
    of_pc = [(area, begin(look, AREA_S)) for area, look in _of_pc(root)]
    lines: list[LineHere] = []
    found: list[Finding] = [] if named else [_NO_LINE]
    for one, told in zip(named, (wait() for wait in asked), strict=True):
        if isinstance(told, Unseen):
            found.append(not_seen(Area.LINE, "line", f"the line {one.name}", told))
        else:
            lines.append(told)
    pending = [*of_pc, *((area, begin(look, AREA_S)) for area, look in _of_lines(lines, root))]
    for area, wait in pending:
        answers = wait()
        found += [not_seen(area, "area", f"the area {area.value}", answers)] if isinstance(answers, Unseen) else answers
    return ordered(merged(found))


def ordered(findings: Iterable[Finding]) -> Findings:
    """Give the worst first, then by area."""
    areas = list(Area)
    return tuple(sorted(findings, key=lambda one: (WORST_FIRST.index(one.severity), areas.index(one.area), one.lines)))


def merged(findings: Iterable[Finding]) -> Findings:
    """Say once what is the same of several lines."""
    once: dict[Finding, tuple[int, ...]] = {}
    for one in findings:
        alike = replace(one, lines=())
        once[alike] = tuple(sorted({*once.get(alike, ()), *one.lines}))
    return tuple(replace(one, lines=lines) for one, lines in once.items())


def answers_to(questions: Iterable[Question[F]], facts: F, lines: tuple[int, ...] = ()) -> Findings:
    """Ask everything of the same facts."""
    return tuple(one.answer(facts, lines) for one in questions)


Look = tuple[Area, Callable[[], Findings]]


def _of_pc(root: Path) -> tuple[Look, ...]:
    return (
        (Area.PC, lambda: answers_to(pc.QUESTIONS, pc.look_at_pc(root))),
        (Area.UNITS, lambda: answers_to(units.SYSTEM_QUESTIONS, look_at_system(root))),
        (Area.STICKS, lambda: (sticks.SERVING.answer(sticks.look_at_serving(root)),)),
    )


def _of_lines(lines: Sequence[LineHere], root: Path) -> list[Look]:
    stores = tuple(one.config.store.path for one in lines if isinstance(one.config, LineConfig))
    clock_look: Look = (Area.CLOCK, lambda: answers_to(clock.QUESTIONS, look_at_clock(stores, root)))
    return [clock_look, *(look for line in lines for look in _of_line(line, root))]


def _of_line(line: LineHere, root: Path) -> tuple[Look, ...]:
    lines = (line.number,) if line.number else ()
    exchange = sync.sync_facts(line)
    return (
        (Area.LINE, lambda: answers_to(running.QUESTIONS, running.run_facts(line), lines)),
        (Area.DISK, lambda: _disk(line, lines, root)),
        (Area.DATABASE, lambda: _store(line, lines, root)),
        (Area.CLOCK, lambda: answers_to(clock.LINE_QUESTIONS, _zone(line, exchange, root), lines)),
        (Area.SYNC, lambda: (*answers_to(sync.questions(exchange), exchange, lines), *_address(line, lines, root))),
        (Area.STICKS, lambda: (sticks.VISITS.answer(sticks.stick_facts(line), lines),)),
        (Area.UNITS, lambda: _unit(line, lines, root)),
        (Area.DEVICES, lambda: look_at_devices(line)),
    )


def _disk(line: LineHere, lines: tuple[int, ...], root: Path) -> Findings:
    if isinstance(line.config, Unseen):
        return (not_seen(Area.DISK, "disk", "the disk of the store", line.config, lines),)
    return answers_to(DISK_QUESTIONS, look_at_disk(line.config, _days_left(line), root), lines)


def _store(line: LineHere, lines: tuple[int, ...], root: Path) -> Findings:
    if isinstance(line.config, Unseen):
        return (not_seen(Area.DATABASE, "store", "the store", line.config, lines),)
    return answers_to(database.QUESTIONS, look_at_store(line.config, line, as_service=_is_service(line, root)), lines)


def _address(line: LineHere, lines: tuple[int, ...], root: Path) -> Findings:
    if isinstance(line.config, Unseen):
        return ()
    address = look_at_address(line.config, as_service=_is_service(line, root))
    return () if address is None else (sync.ADDRESS.answer(address, lines),)


def _unit(line: LineHere, lines: tuple[int, ...], root: Path) -> Findings:
    if line.number is None or not _is_service(line, root):
        return ()
    unit = units.LineUnit(unit=look_at_unit(line.number, root), runs=line.running.answers)
    found = answers_to(units.LINE_QUESTIONS, unit, lines)
    return (*found, units.TYPING.answer(look_at_typing(), lines)) if _types(line) else found


def _types(line: LineHere) -> bool:
    """Tell whether some scanner of a line types like a keyboard."""
    devices = line.config.devices() if isinstance(line.config, LineConfig) else ()
    return any(isinstance(one, ScannerPart) and one.types for one in devices)


def _is_service(line: LineHere, root: Path) -> bool:
    """Tell whether a line is one of this PC's services: those take their files from there; a bench line does not."""
    return has_manager(root) and line.file is not None and line.file.parent == root / "etc/sunline"


def _zone(line: LineHere, exchange: sync.SyncFacts, root: Path) -> clock.LineClock:
    offset = exchange.told if exchange.has_central is True and isinstance(exchange.told, Unseen) else _offset(exchange)
    return look_at_zone(line.rows("rule.list"), offset, root)


def _offset(exchange: sync.SyncFacts) -> float | None:
    value = exchange.get("clock_offset_s")
    return float(value) if isinstance(value, int | float) else None


def _days_left(line: LineHere) -> float | None:
    for told in (line.status.get("store"), line.answers.get("sync.status")):
        days = told.get("days_left") if isinstance(told, dict) else None
        if isinstance(days, int | float):
            return float(days)
    return None
