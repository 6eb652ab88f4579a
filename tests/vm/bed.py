"""What the tests do in the virtual machine: plug a stick in, hear what came of it, read it outside."""

import filecmp
import json
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.vm.hand import Hand
from tests.vm.host import run
from tests.vm.machine import Machine, Plugged
from tests.vm.plant import Plant
from tests.vm.sticks import FILE_SYSTEMS, Stick, make_stick, read_stick

ENDING_S = 300.0
SUNLINE = Path(sys.executable).with_name("sunline")
_SAID = re.compile(r"serial ([A-Z0-9-]+)\): ([a-z_]+): (.*)")


@dataclass(frozen=True, slots=True)
class Visit:
    """A stick that is plugged in, and from where on the journal speaks of it."""

    stick: Stick
    plugged: Plugged
    cursor: str


@dataclass(frozen=True, slots=True)
class Said:
    """What the people at the line were told a visit came to."""

    outcome: str
    words: str


@dataclass
class Bed:
    """The machine with its line."""

    machine: Machine
    plant: Plant
    folder: Path
    _plugged: list[Visit] = field(default_factory=list)

    @property
    def hand(self) -> Hand:
        """The hand inside."""
        return self.machine.hand

    def plug(self, stick: Stick, *, read_only: bool = False) -> Visit:
        """Plug a stick in."""
        cursor = self.cursor()
        visit = Visit(stick, self.machine.plug(stick.path, stick.serial, read_only=read_only), cursor)
        self._plugged.append(visit)
        return visit

    def cursor(self) -> str:
        """Give the place in the journal from where on something new is told."""
        return self.hand.out("journalctl -n 0 --show-cursor -q").split("cursor: ")[1].strip()

    def told(self, cursor: str, program: str, words: str) -> None:
        """Wait until a program has said these words."""
        self.hand.until(f"{_since(cursor, program)} | grep -q '{words}'")

    def has_told(self, visit: Visit, words: str) -> bool:
        """Tell whether whoever serves a stick said these words."""
        return words in self.hand.run(_since(visit.cursor, "sunline-usb")).out

    def pull(self, *visits: Visit) -> None:
        """Pull sticks out, whatever is going on, and wait until the machine has noticed and is done with them."""
        for visit in visits:
            self.yank(visit)
        self.hand.until(" && ".join(f"! test -e {_by_id(visit.stick)}" for visit in visits))
        self.idle()

    def yank(self, visit: Visit) -> None:
        """Pull a stick out and do not wait."""
        self._plugged.remove(visit)
        self.machine.pull(visit.plugged)

    def pull_all(self) -> None:
        """Pull out what a test left in."""
        for visit in tuple(self._plugged):
            self.yank(visit)

    def device(self, visit: Visit) -> str:
        """Tell what the machine calls a stick's disk."""
        return self.hand.until(f"readlink -e {_by_id(visit.stick)}").strip().removeprefix("/dev/")

    def ending(self, visit: Visit) -> Said:
        """Wait for what a visit came to."""
        return self.ending_of(visit.stick.serial, visit.cursor)

    def ending_of(self, serial: str, cursor: str) -> Said:
        """Wait for what the visit of a stick came to, from a place in the journal on."""
        follow = f"exec timeout {ENDING_S:.0f} journalctl -q -f --no-tail -o cat --after-cursor='{cursor}'"
        text = self.hand.out(
            f"grep -m 1 -E '{serial}\\): [a-z_]+: |^Failed to start sunline-usb'"
            f" < <({follow} -t sunline-usb -t systemd 2> /dev/null)",
            timeout_s=ENDING_S,
        )
        said = _said(text, serial)
        assert said is not None, self.hand.out(f"journalctl -q --after-cursor='{cursor}'")
        return said

    def said(self, visit: Visit) -> Said | None:
        """Tell what a visit came to if it has ended, also after the stick is gone."""
        return _said(self.hand.run(_since(visit.cursor, "sunline-usb")).out, visit.stick.serial)

    def idle(self) -> None:
        """Wait until no stick is being served."""
        self.hand.until(
            "test -z \"$(systemctl list-units -q --no-legend --state=activating,deactivating 'sunline-usb@*')\""
        )

    def read(self, stick: Stick) -> Path:
        """Take what is on a stick that is out into a folder."""
        return read_stick(stick, self.folder / f"{stick.serial}-read")

    def visit(self, stick: Stick) -> Said:
        """Plug a stick in, wait for what it comes to, and pull it out."""
        visit = self.plug(stick)
        try:
            return self.ending(visit)
        finally:
            self.pull(visit)

    def enrolled(self, stick: Stick) -> None:
        """Let a stick come as a stranger and have it enrolled."""
        visit = self.plug(stick)
        assert self.ending(visit).outcome == "not_enrolled"
        self.enrol(visit)
        self.pull(visit)

    def enrol(self, visit: Visit, *options: str) -> None:
        """Have an admin enrol a plugged stick, under its serial."""
        self.sunline("usb", "enrol", visit.stick.serial, "--device", self.device(visit), *options)

    def sunline(self, *words: str) -> Any:  # noqa: ANN401 -- whatever the command answers
        """Run a command of the line and give its answer."""
        return json.loads(self.hand.out("sunline", *words, "--json", timeout_s=300))


@dataclass
class First:
    """A stick's first visits: as a stranger, and enrolled.

    `untouched`: no byte of it changed while it was a stranger. `visit_bytes` went over its plug in the whole export.
    `known`: how many whole exports are on it; `spoiled`: how many were left as a pull made them, of no use any more.
    """

    stick: Stick
    stranger: Said
    untouched: bool
    exported: Said
    visit_bytes: int
    known: int = 1
    spoiled: int = 0


def first_visits(bed: Bed) -> list[First]:
    """Let a stick of each file system come twice, all of them at once."""
    sticks = [
        make_stick(bed.folder / f"{kind}-0001.img", kind, size_mib=192, partitioned=kind != "exfat")
        for kind in FILE_SYSTEMS
    ]
    before = [stick.path.with_suffix(".before") for stick in sticks]
    for stick, copy in zip(sticks, before, strict=True):
        run("cp", "--sparse=always", stick.path, copy)
    visits = [bed.plug(stick) for stick in sticks]
    strangers = [bed.ending(visit) for visit in visits]
    for visit in visits:
        bed.enrol(visit, "--full")
    bed.pull(*visits)
    untouched = [filecmp.cmp(stick.path, copy, shallow=False) for stick, copy in zip(sticks, before, strict=True)]
    visits = [bed.plug(stick) for stick in sticks]
    exported = [bed.ending(visit) for visit in visits]
    moved = [bed.machine.moved(visit.plugged) for visit in visits]
    bed.pull(*visits)
    return [First(*facts) for facts in zip(sticks, strangers, untouched, exported, moved, strict=True)]


def _by_id(stick: Stick) -> str:
    return f"/dev/disk/by-id/usb-QEMU_QEMU_HARDDISK_{stick.serial}-0:0"


def _since(cursor: str, program: str) -> str:
    """Give what lists the words of a program; journalctl's own filters hide a single entry behind a cursor."""
    return f"journalctl -q --after-cursor='{cursor}' | grep ' {program}\\['"


def _said(journal: str, serial: str) -> Said | None:
    return next((Said(outcome, words) for name, outcome, words in _SAID.findall(journal) if name == serial), None)


def exports(folder: Path) -> list[Path]:
    """Give every folder of an export, complete or not."""
    return sorted(
        (path for path in folder.glob("sunline-*") if path.is_dir()), key=lambda path: (len(path.name), path.name)
    )


def is_whole(export: Path) -> bool:
    """Tell whether an export says that it is complete: whoever finds the manifest trusts what it names."""
    return (export / "manifest.json").exists()


def check(export: Path, key: Path) -> None:
    """Check a complete export twice: by the product's own command with the line's key, and by plain digests."""
    run(SUNLINE, "export", "verify", export, "--public-key", key)
    check_digests(export)


def check_digests(export: Path) -> None:
    """Check every file of a complete export against its manifest, by plain digests."""
    manifest = json.loads((export / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["files"], "an export of nothing"
    for file in manifest["files"]:
        data = (export / file["name"]).read_bytes()
        assert (len(data), sha256(data).hexdigest()) == (file["bytes"], file["sha256"]), file["name"]


def rows(export: Path) -> dict[str, list[dict[str, Any]]]:
    """Give the six lists of an export."""
    whole: dict[str, list[dict[str, Any]]] = json.loads((export / "export.json").read_text(encoding="utf-8"))
    return {name: found for name, found in whole.items() if name != "export_metadata"}


def ids(found: Sequence[dict[str, Any]]) -> list[str]:
    """Give the sorted ids of rows."""
    return sorted(row["id"] for row in found)
