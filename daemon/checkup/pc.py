"""The PC itself: its processor, its memory, what it was short of, what it runs on."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from daemon.checkup.finding import Area, Severity, Unseen
from daemon.checkup.looking import look, number_in, words_in
from daemon.checkup.question import Question, Row

NEEDED_FLAGS: Final = ("sse4_1", "sse4_2")
"""What the compiled libraries were built for; Intel has it since Nehalem (2008), AMD since Bulldozer (2011)."""
LEAST_MB: Final = 900
LEAST_FREE_MB: Final = 150


@dataclass(frozen=True, slots=True)
class Memory:
    """Memory in megabytes; `free` with what the kernel would give back."""

    total_mb: int
    free_mb: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PcFacts:
    """`flags` are the processor's, None where it is no x86; `on_battery` None: no battery or UPS is to be seen."""

    flags: frozenset[str] | Unseen | None
    memory: Memory | Unseen
    killed: int | Unseen | None
    on_battery: bool | Unseen | None


def look_at_pc(root: Path = Path("/")) -> PcFacts:
    """Look at the PC."""
    return PcFacts(
        flags=look(lambda: _flags((root / "proc/cpuinfo").read_text())),
        memory=look(lambda: _memory((root / "proc/meminfo").read_text())),
        killed=look(lambda: _killed((root / "proc/vmstat").read_text())),
        on_battery=look(lambda: _on_battery(root / "sys/class/power_supply")),
    )


def _flags(cpuinfo: str) -> frozenset[str] | None:
    line = next((one for one in cpuinfo.splitlines() if one.startswith("flags")), None)
    return None if line is None else frozenset(line.partition(":")[2].split())


def _memory(meminfo: str) -> Memory:
    kib = {words[0]: int(words[1]) for line in meminfo.splitlines() if len(words := line.split()) > 1}
    return Memory(kib["MemTotal:"] // 1024, kib["MemAvailable:"] // 1024)


def _killed(vmstat: str) -> int | None:
    found = dict(line.split() for line in vmstat.splitlines())
    return int(found["oom_kill"]) if "oom_kill" in found else None


def _on_battery(supplies: Path) -> bool | None:
    """Tell by the mains where there is one, else by a battery that drains; one of a mouse or scanner says nothing."""
    here = [one for one in sorted(supplies.glob("*")) if words_in(one / "scope") != "Device"]
    mains = [
        one for one in here if words_in(one / "type") in {"Mains", "USB"} and number_in(one / "online") is not None
    ]
    stores = [one for one in here if words_in(one / "type") in {"Battery", "UPS"}]
    if not stores:
        return None
    if mains:
        return not any(number_in(one / "online") for one in mains)
    return any(words_in(one / "status") == "Discharging" for one in stores)


def lacking_flags(facts: PcFacts) -> tuple[str, ...]:
    """Give what the processor lacks: a program that needs it is killed at its first step."""
    return tuple(one for one in NEEDED_FLAGS if isinstance(facts.flags, frozenset) and one not in facts.flags)


def _memory_below(facts: PcFacts, total_mb: int, free_mb: int) -> bool:
    memory = facts.memory
    return isinstance(memory, Memory) and (memory.total_mb < total_mb or memory.free_mb < free_mb)


def _total(facts: PcFacts) -> int:
    return facts.memory.total_mb if isinstance(facts.memory, Memory) else 0


def _free(facts: PcFacts) -> int:
    return facts.memory.free_mb if isinstance(facts.memory, Memory) else 0


def _memory_words(facts: PcFacts) -> str:
    return f"{_total(facts)} MB memory, {_free(facts)} MB free"


PROCESSOR: Final[Question[PcFacts]] = Question(
    "processor", Area.PC, "the processor", ("flags",),
    (
        Row("processor", Severity.BAD, lambda f: bool(lacking_flags(f)),
            lambda f: (f"The processor is too old for the line: it lacks {' and '.join(lacking_flags(f))}.",
                       "Take a PC built after 2011.")),
    ),
    lambda _: "processor new enough",
)  # fmt: skip
MEMORY: Final[Question[PcFacts]] = Question(
    "memory", Area.PC, "the memory", ("memory", "killed"),
    (
        Row("killed-for-memory", Severity.WARN, lambda f: isinstance(f.killed, int) and f.killed > 0,
            lambda f: (f"The PC ran out of memory and killed programs {f.killed} times since it was started.",
                       "See which: journalctl -k -b -g 'Out of memory'; then end it or add memory.")),
        Row("little-memory", Severity.WARN, lambda f: _memory_below(f, LEAST_MB, 0),
            lambda f: (f"The PC has {_total(f)} MB of memory: too little for a line and a system.",
                       "Add memory: 2 GB for one line, 4 GB for two.")),
        Row("memory-used-up", Severity.WARN, lambda f: _memory_below(f, 0, LEAST_FREE_MB),
            lambda f: (f"Only {_free(f)} MB of memory are free.", "See what takes it: top, then Shift-M.")),
    ),
    _memory_words,
)  # fmt: skip
POWER: Final[Question[PcFacts]] = Question(
    "power", Area.PC, "the power", ("on_battery",),
    (
        Row("on-battery", Severity.WARN, lambda f: f.on_battery is True,
            lambda _: ("The PC runs on its battery.", "Look at the mains before it is empty.")),
    ),
    lambda f: "on mains" if f.on_battery is False else "no battery or UPS is to be seen",
)  # fmt: skip

QUESTIONS: Final = (PROCESSOR, MEMORY, POWER)
