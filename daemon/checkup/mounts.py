"""Which file system a path lies on: /proc/self/mountinfo, read as proc(5) describes it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_ESCAPE: Final = re.compile(r"\\([0-7]{3})")


@dataclass(frozen=True, slots=True)
class Mount:
    """One mounted file system; `device` is the kernel's `major:minor`, `options` those of the mount and its driver."""

    point: str
    kind: str
    source: str
    device: str
    options: frozenset[str]


def read_mounts(text: str) -> tuple[Mount, ...]:
    """Read mountinfo; lines of another form are passed over."""
    return tuple(_mounts(text))


def mount_of(path: str, mounts: tuple[Mount, ...]) -> Mount | None:
    """Find what a path without symbolic links lies on: the deepest mount point above it, mounted last."""
    above = [one for one in mounts if one.point == "/" or f"{path}/".startswith(f"{one.point}/")]
    return max(reversed(above), key=lambda one: len(one.point), default=None)


def _mounts(text: str) -> Iterator[Mount]:
    for line in text.splitlines():
        mount, _, driver = line.partition(" - ")
        words, more = mount.split(" "), driver.split(" ")
        if len(words) >= 6 and len(more) >= 3:
            options = frozenset((*words[5].split(","), *more[2].split(",")))
            yield Mount(_plain(words[4]), more[0], _plain(more[1]), words[2], options)


def _plain(word: str) -> str:
    return _ESCAPE.sub(lambda found: chr(int(found[1], 8)), word)
