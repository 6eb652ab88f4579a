"""The service manager's side: the lines' services, their drivers, rules and user, and the log."""

from dataclasses import dataclass
from typing import Final

from daemon.checkup.finding import Area, Severity, Unseen
from daemon.checkup.question import Question, Row

DRIVERS: Final = ("usbserial", "ftdi_sio", "cp210x", "ch341", "pl2303", "cdc_acm")
PORT_KINDS: Final = ("ttyUSB", "ttyACM")
RULES: Final = ("60-sunline.rules", "60-sunline-usb.rules")
TYPING_GROUP: Final = "sunline-hid"
"""Whose scanners that type are, by 60-sunline.rules."""
SHIPPED_DROP_IN: Final = "10-growing-delays.conf"
UNFINISHED: Final = {
    "unpacked": "dpkg --configure sunline", "half-configured": "dpkg --configure sunline",
    "half-installed": "apt install --reinstall ./sunline_….deb",
}  # fmt: skip
"""States of a package between the old one and the new, and what ends them."""
GROWING_SINCE: Final = 254
"""The first systemd that knows RestartSteps=."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitFacts:
    """The service of one line, by the properties of `systemctl show`. `overridden`: it is not the shipped one."""

    name: str
    load: str
    active: str
    enabled: str
    result: str
    restarts: int
    watchdog: bool
    reload_needed: bool
    drop_ins: tuple[str, ...]
    overridden: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LineUnit:
    """One line's service, and whether the line answers on its socket all the same."""

    unit: UnitFacts | Unseen
    runs: bool

    @property
    def name(self) -> str:
        """The service."""
        return self.unit.name if isinstance(self.unit, UnitFacts) else "its service"


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemFacts:
    """The PC. `manager`: systemd runs it. `groups` are the user's, None: there is no such user.

    `package` is how dpkg calls the state of the package, None: it has none. `port_kinds` are those the kernel knows at
    all, `modules` those that are loaded.
    """

    manager: bool
    version: int | Unseen
    failed: tuple[str, ...] | Unseen
    package: str | Unseen | None
    port_kinds: frozenset[str] | Unseen
    modules: frozenset[str] | Unseen
    rules: frozenset[str] | Unseen
    udev: bool | Unseen
    groups: frozenset[str] | Unseen | None
    log_kept: bool | Unseen


@dataclass(frozen=True, slots=True, kw_only=True)
class TypingFacts:
    """What a service with scanners that type needs: a `group` that may read them, and it among its user's `groups`."""

    group: bool | Unseen
    groups: frozenset[str] | Unseen | None


def _is(facts: LineUnit, **wanted: object) -> bool:
    return isinstance(facts.unit, UnitFacts) and all(getattr(facts.unit, key) == value for key, value in wanted.items())


def _restarts(facts: LineUnit) -> int:
    return facts.unit.restarts if isinstance(facts.unit, UnitFacts) else 0


def _result(facts: LineUnit) -> str:
    return facts.unit.result.replace("-", " ") if isinstance(facts.unit, UnitFacts) else ""


def _unit_words(facts: LineUnit) -> str:
    if not isinstance(facts.unit, UnitFacts):
        return ""
    own = [one.rpartition("/")[2] for one in facts.unit.drop_ins if not one.endswith(SHIPPED_DROP_IN)]
    return f"{facts.name} {facts.unit.active}, {facts.unit.enabled}{f', with {chr(32).join(own)}' if own else ''}"


def _not_enabled(facts: LineUnit) -> bool:
    """Tell whether it has to be enabled; `enabled-runtime` ends with the next start of the PC."""
    return _is(facts, load="loaded") and not _is(facts, enabled="enabled")


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"


SERVICE: Final[Question[LineUnit]] = Question(
    "service", Area.UNITS, "the line's service", ("unit",),
    (
        Row("unit-missing", Severity.BAD, lambda f: _is(f, load="not-found"),
            lambda f: (f"There is no service {f.name}: the line is not started by itself.",
                       "Install the package: apt install ./sunline_….deb")),
        Row("unit-broken", Severity.BAD, lambda f: _is(f, load="bad-setting") or _is(f, load="error"),
            lambda f: (f"systemd cannot read the unit of {f.name}.", f"See why: systemctl status {f.name}")),
        Row("unit-failed", Severity.BAD, lambda f: _is(f, active="failed"),
            lambda f: (f"{f.name} failed ({_result(f)}).", f"See why: journalctl -u {f.name} -n 50")),
        Row("by-hand", Severity.WARN, lambda f: f.runs and _is(f, active="inactive"),
            lambda f: (f"The line was started by hand: nothing starts it again when it ends ({f.name} is inactive).",
                       f"Between two shifts: end it, then: systemctl start {f.name}")),
    ),
    _unit_words,
)  # fmt: skip
ENABLED: Final[Question[LineUnit]] = Question(
    "enabled", Area.UNITS, "whether the line starts with the PC", ("unit",),
    (
        Row("not-enabled", Severity.WARN, _not_enabled,
            lambda f: (f"{f.name} is not enabled: after the next start of the PC the line does not run.",
                       f"systemctl enable {f.name}")),
    ),
    lambda _: "",
)  # fmt: skip
RESTARTS: Final[Question[LineUnit]] = Question(
    "restarts", Area.UNITS, "how often the line ended by itself", ("unit",),
    (
        Row("restarted", Severity.WARN, lambda f: _restarts(f) > 0,
            lambda f: (f"{f.name} ended by itself and was started again, {_times(_restarts(f))}.",
                       f"See what ended it: journalctl -u {f.name} -p warning")),
    ),
    lambda _: "",
)  # fmt: skip
UNIT_FILE: Final[Question[LineUnit]] = Question(
    "unit-file", Area.UNITS, "the file of the line's service", ("unit",),
    (
        Row("no-watchdog", Severity.WARN, lambda f: _is(f, load="loaded", watchdog=False),
            lambda f: (f"Nobody restarts {f.name} when it stands still: its watchdog is switched off.",
                       f"See which file does that: systemctl cat {f.name}")),
        Row("unit-changed", Severity.WARN, lambda f: _is(f, overridden=True),
            lambda f: (f"{f.name} does not run by the shipped unit: /etc/systemd/system/sunline@.service hides it.",
                       "Keep your changes as a drop-in (systemctl edit), then delete that file.")),
        Row("reload-units", Severity.WARN, lambda f: _is(f, reload_needed=True),
            lambda f: (f"The unit of {f.name} was changed, and systemd has not read it.", "systemctl daemon-reload")),
    ),
    lambda _: "",
)  # fmt: skip

LINE_QUESTIONS: Final = (SERVICE, ENABLED, RESTARTS, UNIT_FILE)


def _lacking(wanted: tuple[str, ...], found: frozenset[str] | Unseen | None) -> tuple[str, ...]:
    return tuple(one for one in wanted if one not in found) if isinstance(found, frozenset) else ()


def _failed(facts: SystemFacts) -> tuple[str, ...]:
    return () if isinstance(facts.failed, Unseen) else facts.failed


MANAGER: Final[Question[SystemFacts]] = Question(
    "manager", Area.UNITS, "the failed services", ("version", "failed"),
    (
        Row("no-systemd", Severity.WARN, lambda f: not f.manager,
            lambda _: ("This PC is not run by systemd: nothing starts the line again when it ends.",
                       "Have whatever runs the services of this PC start: sunline run --config FILE")),
        Row("failed-units", Severity.WARN, lambda f: bool(_failed(f)),
            lambda f: (f"Failed before: {', '.join(_failed(f))}.",
                       f"See why: journalctl -u {_failed(f)[0]} -n 50; then: systemctl reset-failed")),
    ),
    lambda f: f"systemd {f.version}{'' if _grows(f) else ' (tries again every 2 s, never less often)'}",
)  # fmt: skip


def _grows(facts: SystemFacts) -> bool:
    return isinstance(facts.version, int) and facts.version >= GROWING_SINCE


PACKAGE: Final[Question[SystemFacts]] = Question(
    "package", Area.UNITS, "the package", ("package",),
    (
        Row("upgrade-broken-off", Severity.WARN, lambda f: f.package in UNFINISHED,
            lambda f: (f"The package was not installed to the end ({f.package}): it was broken off, or refused.",
                       f"Between two shifts: {UNFINISHED[str(f.package)]}")),
    ),
    lambda _: "",
)  # fmt: skip
PORTS: Final[Question[SystemFacts]] = Question(
    "drivers", Area.UNITS, "the drivers of serial adapters", ("port_kinds", "modules", "rules", "udev"),
    (
        Row("no-port-drivers", Severity.BAD, lambda f: f.manager and bool(_lacking(PORT_KINDS, f.port_kinds)),
            lambda f: (f"Adapters are refused: the kernel lacks {' and '.join(_lacking(PORT_KINDS, f.port_kinds))}.",
                       _LOAD)),
        Row("no-udev", Severity.WARN, lambda f: f.udev is False,
            lambda _: ("udev does not run: what is plugged in is noticed seconds later, and a stick is not served.",
                       "systemctl start systemd-udevd")),
        Row("drivers-not-loaded", Severity.WARN, lambda f: f.manager and bool(_lacking(DRIVERS, f.modules)),
            lambda f: (f"Not loaded: {', '.join(_lacking(DRIVERS, f.modules))}.", _LOAD)),
        Row("no-rules", Severity.WARN, lambda f: bool(_lacking(RULES, f.rules)),
            lambda f: (f"Not installed: {', '.join(_lacking(RULES, f.rules))}.",
                       "Install the package again: apt install --reinstall ./sunline_….deb")),
    ),
    lambda _: "drivers loaded, rules installed",
)  # fmt: skip
_LOAD: Final = "Install modules-load.d/sunline.conf, then: systemctl restart systemd-modules-load sunline@N"
USER: Final[Question[SystemFacts]] = Question(
    "user", Area.UNITS, "the user of the service", ("groups",),
    (
        Row("no-user", Severity.BAD, lambda f: f.manager and f.groups is None,
            lambda _: ("There is no user sunline: the service cannot start.",
                       "Install sysusers.d/sunline.conf, then: systemd-sysusers")),
        Row("not-in-dialout", Severity.BAD, lambda f: bool(_lacking(("dialout",), f.groups)),
            lambda _: ("The user sunline is not in the group dialout: no serial port opens.",
                       "usermod -aG dialout sunline, then restart the line")),
    ),
    lambda _: "",
)  # fmt: skip
TYPING: Final[Question[TypingFacts]] = Question(
    "typing", Area.UNITS, "who may read scanners that type", ("group", "groups"),
    (
        Row("no-hid-group", Severity.BAD, lambda f: f.group is False,
            lambda _: (f"There is no group {TYPING_GROUP}: the service may read no scanner that types.",
                       "Install sysusers.d/sunline.conf, then: systemd-sysusers, and plug the scanners in again")),
        Row("not-in-hid-group", Severity.BAD, lambda f: bool(_lacking((TYPING_GROUP,), f.groups)),
            lambda _: (f"The user sunline is not in the group {TYPING_GROUP}: it may read no scanner that types.",
                       f"usermod -aG {TYPING_GROUP} sunline, then restart the line")),
    ),
    lambda _: "",
)  # fmt: skip
LOG: Final[Question[SystemFacts]] = Question(
    "log", Area.UNITS, "whether the log is kept", ("log_kept",),
    (
        Row("log-not-kept", Severity.WARN, lambda f: f.manager and f.log_kept is False,
            lambda _: ("The log is lost whenever the PC is started anew.",
                       "mkdir -p /var/log/journal && systemctl restart systemd-journald")),
    ),
    lambda f: "the log is kept" if f.log_kept is True else "",
)  # fmt: skip

SYSTEM_QUESTIONS: Final = (MANAGER, PACKAGE, PORTS, USER, LOG)
