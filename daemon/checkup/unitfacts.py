"""Gather what is to be known of the lines' services and of what the system has for them."""

import grp
import os
import pwd
import re
import subprocess
from pathlib import Path
from typing import Final

import daemon
from daemon.checkup.finding import Unseen
from daemon.checkup.looking import look, said_by, words_in
from daemon.checkup.units import DRIVERS, PORT_KINDS, RULES, TYPING_GROUP, SystemFacts, TypingFacts, UnitFacts
from daemon.wiring.looking import SERVICE_USER

_PROPERTIES: Final = (
    "Id", "LoadState", "ActiveState", "UnitFileState", "Result", "NRestarts", "WatchdogUSec", "NeedDaemonReload",
    "DropInPaths", "FragmentPath",
)  # fmt: skip
_UNIT: Final = "sunline@.service"
_FOLDERS: Final = ("etc", "usr/lib", "lib")
_NOT_KNOWN: Final = 1
_NO_MANAGER: Final = Unseen("this PC is not run by systemd")


def has_manager(root: Path = Path("/")) -> bool:
    """Tell whether systemd runs this PC, as sd_booted(3) does."""
    return (root / "run/systemd/system").is_dir()


def look_at_unit(line_number: int, root: Path = Path("/")) -> UnitFacts | Unseen:
    """Look at one line's service."""
    if not has_manager(root):
        return _NO_MANAGER
    name = f"sunline@{line_number}"
    asked = [f"--property={one}" for one in _PROPERTIES]
    return look(lambda: read_unit(name, said_by("systemctl", "show", *asked, f"{name}.service"), _shipped(root)))


def look_at_system(root: Path = Path("/")) -> SystemFacts:
    """Look at what the system has for the lines."""
    manager = has_manager(root)
    return SystemFacts(
        manager=manager,
        version=look(_version) if manager else _NO_MANAGER,
        failed=look(_failed_units) if manager else _NO_MANAGER,
        package=look(lambda: _package(root / "var/lib/dpkg")),
        port_kinds=look(lambda: _port_kinds(root)), modules=look(lambda: _modules(root)),
        rules=look(lambda: _rules(root)), udev=look((root / "run/udev/control").exists),
        groups=look(_groups), log_kept=look(lambda: _log_kept(root / "var/log/journal")),
    )  # fmt: skip


def look_at_typing() -> TypingFacts:
    """Look at what a service with scanners that type needs."""
    return TypingFacts(
        group=look(lambda: TYPING_GROUP in {one.gr_name for one in grp.getgrall()}), groups=look(_groups)
    )


def read_unit(name: str, told: str, shipped: str | None) -> UnitFacts:
    """Read what `systemctl show` says of a unit; `shipped` is the text of the one that the program brings."""
    said = dict(line.partition("=")[::2] for line in told.splitlines())
    used = words_in(Path(said.get("FragmentPath") or os.devnull))
    return UnitFacts(
        name=name, load=said["LoadState"], active=said["ActiveState"], enabled=said["UnitFileState"] or "not enabled",
        result=said["Result"], restarts=int(said["NRestarts"] or 0),
        watchdog=said["WatchdogUSec"] not in {"", "0", "infinity"}, reload_needed=said["NeedDaemonReload"] == "yes",
        drop_ins=tuple(said["DropInPaths"].split()), overridden=bool(shipped and used and used != shipped),
    )  # fmt: skip


def _package(packages: Path) -> str | None:
    """Ask how far the package was installed; dpkg alone knows after a crash. None: it has none, or is not here."""
    try:
        return said_by("dpkg-query", f"--admindir={packages}", "--show", "--showformat=${db:Status-Status}", "sunline")
    except FileNotFoundError:
        return None
    except subprocess.CalledProcessError as error:
        if error.returncode == _NOT_KNOWN:
            return None
        raise


def _shipped(root: Path) -> str | None:
    """Find the unit as it was shipped: the package's, else the one beside the program in its own folder."""
    beside = Path(daemon.__file__).parents[1] / "systemd" / _UNIT
    return words_in(root / "usr/lib/systemd/system" / _UNIT) or words_in(beside)


def _version() -> int:
    found = re.search(r"systemd (\d+)", said_by("systemctl", "--version"))
    return int(found[1]) if found else 0


def _failed_units() -> tuple[str, ...]:
    told = said_by("systemctl", "list-units", "--state=failed", "--plain", "--no-legend", "--full", "sunline*")
    return tuple(line.split()[0] for line in told.splitlines() if line.split())


def _port_kinds(root: Path) -> frozenset[str]:
    words = set((root / "proc/devices").read_text().split())
    return frozenset(words & set(PORT_KINDS))


def _modules(root: Path) -> frozenset[str]:
    """Give the drivers there are; one built into the kernel has no folder where it has no settings."""
    built_in = words_in(root / "lib/modules" / os.uname().release / "modules.builtin") or ""
    return frozenset(one for one in DRIVERS if (root / "sys/module" / one).exists() or _is_in(one, built_in))


def _is_in(module: str, built_in: str) -> bool:
    return any(f"/{name}.ko" in built_in for name in (module, module.replace("_", "-")))


def _rules(root: Path) -> frozenset[str]:
    return frozenset(name for name in RULES if any((root / at / "udev/rules.d" / name).exists() for at in _FOLDERS))


def _log_kept(journal: Path) -> bool:
    """Tell whether journald writes to the disk: it does where this folder is, unless it was told otherwise."""
    try:
        return any(journal.iterdir())
    except FileNotFoundError:
        return False


def _groups() -> frozenset[str] | None:
    try:
        user = pwd.getpwnam(SERVICE_USER)
    except KeyError:
        return None
    return frozenset(_group(one) for one in os.getgrouplist(user.pw_name, user.pw_gid))


def _group(number: int) -> str:
    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return str(number)
