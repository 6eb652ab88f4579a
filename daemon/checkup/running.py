"""Whether a line runs: its file, its daemon, and whether that takes scans."""

from dataclasses import dataclass
from typing import Final

from daemon.checkup.finding import Area, Severity, Unseen
from daemon.checkup.lines import STATUS, Json, LineHere, Running
from daemon.checkup.question import Question, Row
from daemon.version import program_version


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """One line. `faults` are those in its file, `installed` is the version of this program."""

    file: str
    number: int | None
    config: object | Unseen
    faults: tuple[str, ...]
    running: Running
    status: Json | Unseen
    installed: str

    @property
    def store(self) -> Json:
        """What the daemon says of its store."""
        return (self.status.get("store") or {}) if not isinstance(self.status, Unseen) else {}

    @property
    def version(self) -> str:
        """The version that runs."""
        return str(self.status.get("version", "")) if not isinstance(self.status, Unseen) else ""

    @property
    def unit(self) -> str:
        """Its service."""
        return f"sunline@{self.number or 'N'}"


def run_facts(line: LineHere) -> RunFacts:
    """Put together what is known of a line."""
    return RunFacts(
        file=str(line.file or f"{line.name}.toml"), number=line.number, config=line.config, faults=line.faults,
        running=line.running, status=line.answer(STATUS), installed=program_version(),
    )  # fmt: skip


def _first(facts: RunFacts) -> str:
    more = len(facts.faults) - 1
    return f"{facts.faults[0].rstrip('.')}{f', and {more} more' if more else ''}."


FILE: Final[Question[RunFacts]] = Question(
    "file", Area.LINE, "the line's file", ("config",),
    (
        Row("config-fault", Severity.BAD, lambda f: bool(f.faults),
            lambda f: (f"The line's file has a fault: {_first(f)}", f"See: sunline check-config {f.file}")),
    ),
    lambda _: "file good",
)  # fmt: skip
RUNS: Final[Question[RunFacts]] = Question(
    "runs", Area.LINE, "whether the line runs", ("status",),
    (
        Row("not-running", Severity.BAD, lambda f: f.running is Running.NO,
            lambda f: ("The line does not run.",
                       f"Start it: systemctl start {f.unit}; if it ends again: journalctl -u {f.unit} -n 50")),
        Row("silent", Severity.BAD, lambda f: f.running is Running.SILENT,
            lambda f: ("The line's daemon runs but does not answer.", f"systemctl restart {f.unit}")),
        Row("refusing", Severity.BAD, lambda f: f.store.get("state") == "refusing",
            lambda f: (f"The line refuses scans: {f.store.get('reason') or 'it does not say why.'}",
                       str(f.store.get("todo") or f"journalctl -u {f.unit} -n 50"))),
        Row("other-version", Severity.WARN, lambda f: bool(f.version) and f.version != f.installed,
            lambda f: (f"The line runs version {f.version}, installed is {f.installed}.",
                       f"Between two shifts: systemctl restart {f.unit}")),
    ),
    lambda f: f"takes scans, version {f.version}",
)  # fmt: skip

QUESTIONS: Final = (FILE, RUNS)
