"""USB sticks that take data away: who serves them, what they did last."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from daemon.checkup.finding import Area, Severity, Unseen
from daemon.checkup.lines import LineHere
from daemon.checkup.looking import look, words_in
from daemon.checkup.question import Question, Row

_GOOD: Final = frozenset({"exported", "nothing_new"})
_EVERYDAY: Final = ("vfat", "exfat")
_NTFS: Final = ("ntfs3", "ntfs-3g")


@dataclass(frozen=True, slots=True, kw_only=True)
class StickFacts:
    """One line's sticks, as its daemon tells. `failed` are those whose last visit failed, with what came of it."""

    enrolled: int | Unseen
    failed: tuple[str, ...] | Unseen
    last_good: str | Unseen | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServingFacts:
    """What this PC has to serve sticks with. `units`: it has a service manager.

    `drivers` are the file systems it can mount, of those that sticks have.
    """

    units: bool
    unit_there: bool | Unseen
    rule_there: bool | Unseen
    drivers: frozenset[str] | Unseen


def stick_facts(line: LineHere) -> StickFacts:
    """Read what a daemon tells of its sticks."""
    told = line.answer("usb.list")
    if isinstance(told, Unseen):
        return StickFacts(enrolled=told, failed=told, last_good=told)
    active = [row for row in told.get("sticks") or () if row.get("active")]
    last = [(row, visit) for row in active if isinstance(visit := row.get("last_visit"), Mapping)]
    failed = tuple(f"{row.get('name')}: {_words(visit)}" for row, visit in last if visit.get("outcome") not in _GOOD)
    good = max((str(visit.get("created_at")) for _, visit in last if visit.get("outcome") in _GOOD), default=None)
    return StickFacts(enrolled=len(active), failed=failed, last_good=good)


def look_at_serving(root: Path = Path("/")) -> ServingFacts:
    """Look at what serves sticks on this PC."""
    units = (root / folder / "systemd/system/sunline-usb@.service" for folder in ("etc", "usr/lib", "lib"))
    rules = (root / folder / "udev/rules.d/60-sunline-usb.rules" for folder in ("etc", "usr/lib", "lib"))
    return ServingFacts(
        units=(root / "run/systemd/system").is_dir(),
        unit_there=look(lambda: _any_there(units)), rule_there=look(lambda: _any_there(rules)),
        drivers=look(lambda: stick_drivers(root)),
    )  # fmt: skip


def stick_drivers(root: Path) -> frozenset[str]:
    """Find which file systems can be mounted: known to the kernel, or as a module, or by a program. Raises OSError."""
    built_in = set((words_in(root / "proc/filesystems") or "").split())
    modules = root / "lib/modules" / os.uname().release
    listed = f"{words_in(modules / 'modules.dep') or ''}\n{words_in(modules / 'modules.builtin') or ''}"
    by_module = {one for one in (*_EVERYDAY, _NTFS[0]) if f"/{one}.ko" in listed}
    programs = (root / folder / _NTFS[1] for folder in ("bin", "sbin", "usr/bin", "usr/sbin"))
    by_program = {_NTFS[1]} if _any_there(programs) else set()
    return frozenset((built_in | by_module | by_program) & {*_EVERYDAY, *_NTFS})


def _any_there(files: Iterable[Path]) -> bool:
    return any(one.exists() for one in files)


def _words(visit: Mapping[str, Any]) -> str:
    return f"{str(visit.get('outcome')).replace('_', ' ')} on {str(visit.get('created_at'))[:10]}"


def _failed(facts: StickFacts) -> tuple[str, ...]:
    return () if isinstance(facts.failed, Unseen) else facts.failed


def _missing(facts: ServingFacts) -> tuple[str, ...]:
    return () if isinstance(facts.drivers, Unseen) else tuple(one for one in _EVERYDAY if one not in facts.drivers)


def _no_ntfs(facts: ServingFacts) -> bool:
    return not isinstance(facts.drivers, Unseen) and not facts.drivers & set(_NTFS)


def _taken(facts: StickFacts) -> str:
    if not facts.enrolled:
        return "none enrolled"
    last = f", last complete export {str(facts.last_good)[:10]}" if facts.last_good else ", no export yet"
    return f"{facts.enrolled} enrolled{last}"


VISITS: Final[Question[StickFacts]] = Question(
    "visits", Area.STICKS, "which sticks are enrolled and what became of them", ("enrolled", "failed", "last_good"),
    (
        Row("visit-failed", Severity.WARN, lambda f: bool(_failed(f)),
            lambda f: (f"The last visit of a stick came to nothing ({'; '.join(_failed(f))}).",
                       "Plug it in again; if it fails again, take another stick: sunline usb visits")),
    ),
    _taken,
)  # fmt: skip
SERVING: Final[Question[ServingFacts]] = Question(
    "serving", Area.STICKS, "what serves sticks on this PC", ("unit_there", "rule_there", "drivers"),
    (
        Row("nobody-serves-sticks", Severity.WARN,
            lambda f: f.units and (f.unit_there is False or f.rule_there is False),
            lambda f: (f"A stick that is plugged in here is not served: {_what_lacks(f)} is not installed.",
                       "Install the package again: apt install --reinstall ./sunline_….deb")),
        Row("stick-file-system", Severity.WARN, lambda f: bool(_missing(f)),
            lambda f: (f"This PC has no driver for sticks with {' and '.join(_missing(f))}.",
                       "Install the system's own kernel package: linux-image-amd64")),
    ),
    lambda f: "FAT and exFAT, no NTFS (apt install ntfs-3g)" if _no_ntfs(f) else "FAT, exFAT and NTFS",
)  # fmt: skip


def _what_lacks(facts: ServingFacts) -> str:
    return "sunline-usb@.service" if facts.unit_there is False else "60-sunline-usb.rules"
