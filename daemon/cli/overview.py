"""Every command in one table: for registering them lazily, and for a first page that appears at once."""

from dataclasses import dataclass

from daemon.cli.exits import MEANING


@dataclass(frozen=True, slots=True)
class Command:
    """A command or group: where it is implemented and what it is for."""

    name: str
    target: str
    about: str


GROUPS: tuple[tuple[str, tuple[Command, ...]], ...] = (
    (
        "See",
        (
            Command("status", "daemon.cli.status:status", "How the line is: stations, devices, storage, orders"),
            Command("doctor", "daemon.cli.doctor:doctor", "What is wrong with this PC and its lines, and what to do"),
            Command("station", "daemon.cli.station:station", "One station full-screen, readable from two metres"),
            Command("panel", "daemon.cli.panel:app", "Panels: find, full history, move, scrap, undo, note"),
            Command("pallet", "daemon.cli.pallet:app", "Pallets: list, sheet as PDF, close, reopen"),
            Command("flash", "daemon.cli.flash:app", "Flashes nobody could assign: list, assign, discard"),
            Command("export", "daemon.cli.export:app", "Take data out, into a folder that proves that it is whole"),
        ),
    ),
    (
        "Decide",
        (
            Command("order", "daemon.cli.order:app", "Orders: create, list, choose, resize, cancel, reopen"),
            Command("user", "daemon.cli.user:app", "People, their roles and printed badges"),
            Command("hold", "daemon.cli.hold:app", "Stop a panel or pallet, and let it go again"),
            Command("shadow", "daemon.cli.shadow:app", "A line beside paper: bring the paper, see where they differ"),
            Command("scan", "daemon.cli.scan:scan", "Type a scan for a station whose scanner is dead"),
        ),
    ),
    (
        "Rules",
        (
            Command("criterion", "daemon.cli.criterion:app", "What each station looks at"),
            Command("rule", "daemon.cli.rule:app", "The rules of the factory: sizes, patterns, times"),
            Command("waiver", "daemon.cli.waiver:app", "Let a plausibility rule be, for one type, until a date"),
            Command("sheet", "daemon.cli.sheet:sheet", "Print the command sheets of the stations"),
        ),
    ),
    (
        "Machine",
        (
            Command("sync", "daemon.cli.sync:app", "The central server: how the exchange is, conflicts, quarantine"),
            Command("central", "daemon.cli.central:app", "Set up the central database"),
            Command("usb", "daemon.cli.usb:app", "USB sticks that take data away: enrol, revoke, what became of them"),
            Command(
                "device", "daemon.cli.device:app", "Devices and ports: bind, test a scanner, watch and record a wire"
            ),
            Command("run", "daemon.cli.line:run", "Run the daemon of one line"),
            Command("check-config", "daemon.cli.line:check_config", "Check a line's configuration file"),
            Command("demo", "daemon.cli.line:demo", "Run a simulated factory"),
        ),
    ),
)

COMMANDS = tuple(command for _, commands in GROUPS for command in commands)

_WHICH = (
    ("--line N", "the line, where one computer runs several (environment: SUNLINE_LINE)"),
    ("--socket PATH", "the control socket of the line (environment: SUNLINE_SOCKET)"),
    ("--json", "machine-readable output on stdout, errors as JSON on stderr"),
    ("--help", "after any command: what it takes"),
)


def overview(*, colour: bool) -> str:
    """Give the first page: what there is, which options every command takes, the exit codes."""
    lines = [_strong("sunline", colour) + " - the line daemon of a solar-panel factory", ""]
    lines.append("Usage: sunline COMMAND ...")
    for heading, commands in GROUPS:
        lines += ["", _strong(heading, colour), *(_row(one.name, one.about) for one in commands)]
    lines += ["", _strong("Every command that talks to a line", colour), *(_row(*row) for row in _WHICH)]
    codes = (_row(str(int(status)), meaning) for status, meaning in MEANING.items())
    return "\n".join([*lines, "", _strong("Exit codes", colour), *codes, ""])


def _row(name: str, about: str) -> str:
    return f"  {name:<14} {about}"


def _strong(text: str, colour: bool) -> str:
    return f"\x1b[1m{text}\x1b[0m" if colour else text
