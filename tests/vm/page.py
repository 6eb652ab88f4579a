"""The page "From an empty PC to a running line", read as a person does: section by section, what is in its frames."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tests.vm.hand import Hand
from tests.vm.machine import Machine, Plugged
from tests.vm.sticks import make_stick
from tests.vm.wire import Cables

PAGE = Path(__file__).parents[2] / "docs" / "from-an-empty-pc.md"
STEP_S = 600.0
_HEADING = re.compile(r"^#{1,2} (.*)$", re.MULTILINE)
_FRAME = re.compile(r"^```(sh|scan)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_BADGE = re.compile(r"SL-U-[A-Z2-7]{26}")


@dataclass(frozen=True, slots=True)
class Section:
    """What stands below a heading, and the frames in it: what is typed (`sh`), or done with scanners (`scan`)."""

    title: str
    text: str

    @property
    def frames(self) -> list[tuple[str, str]]:
        """Give each frame: its kind, its text."""
        return [(found[1], found[2]) for found in _FRAME.finditer(self.text)]


def sections() -> dict[str, Section]:
    """Read the page: its sections by title, in their order."""
    _, *parts = _HEADING.split(PAGE.read_text(encoding="utf-8"))
    return {title: Section(title, text) for title, text in zip(parts[::2], parts[1::2], strict=True)}


def numbered() -> list[Section]:
    """Give the way to the first panel: the sections that have a number."""
    return [one for title, one in sections().items() if title[0].isdigit()]


@dataclass
class Followed:
    """What came of following the page: what each section's commands printed, how each scan was answered."""

    printed: dict[str, str] = field(default_factory=dict)
    answers: list[tuple[str, bytes]] = field(default_factory=list)

    def follow(self, hand: Hand, some: Iterable[Section], cables: Cables | None = None) -> None:
        """Type what the sections show, and scan what they say."""
        for section in some:
            for kind, text in section.frames:
                if kind == "sh":
                    self._type(hand, section, text)
                elif cables is not None:
                    self._scan(cables, hand, text)

    def _type(self, hand: Hand, section: Section, text: str) -> None:
        done = hand.run("bash", "-lec", text, timeout_s=STEP_S)
        assert done.code == 0, f"{section.title}: {done.code}\n{done.out}\n{done.err}"
        self.printed[section.title] = self.printed.get(section.title, "") + done.out + done.err

    def _scan(self, cables: Cables, hand: Hand, text: str) -> None:
        for line in text.splitlines():
            station, what = line.split()
            if what == "flash":
                cables.rig.flash(329.0, voc_v=41.0)
                hand.until("runuser -u ada -- sunline status --json | grep -qE '\"329(.0)? W\"'", 180)
            else:
                self.answers.append((line, cables.scanner(int(station)).scan(_code(hand, what))))


def _code(hand: Hand, what: str) -> str:
    """Give what a printed code holds."""
    if what == "badge":
        found = _BADGE.search(hand.get("/home/ada/olga.html").decode())
        assert found, "no code on the badge"
        return found[0]
    return "SL-PASS" if what == "PASS" else what


def to_the_first_panel(machine: Machine, folder: Path) -> Followed:
    """Make an empty PC a running line, by the page; take the cables and the stick out again."""
    followed, cables, sticks = Followed(), Cables(machine), list[Plugged]()
    for section in numbered():
        if "ports" in section.title:
            cables.plug()
        if "People" in section.title:
            cables.found()
        if "stick" in section.title:
            stick = make_stick(folder / "blue.img", "vfat", size_mib=40, serial="BLUE-0001")
            sticks.append(machine.plug(stick.path, stick.serial))
            machine.hand.until("journalctl -q -t sunline-usb -o cat | grep -q 'not_enrolled'", 300)
        followed.follow(machine.hand, [section], cables)
    for plugged in sticks:
        machine.pull(plugged)
    cables.pull()
    return followed
