"""One step of a change of version, done by that version's own program, as the lines' own user, on one line.

`python -m daemon.upgrade.step WHAT CONFIG [NAME]`; newer and older versions call each other, so these words stay.
"""

import sys
from collections.abc import Callable, Sequence
from enum import IntEnum
from pathlib import Path
from typing import Final

from daemon.central import central_faults
from daemon.config import ConfigRefused, LineConfig, folder_faults, load_config
from daemon.control.client import ControlClient
from daemon.control.protocol import ControlError
from storage.changes import SystemClock
from storage.errors import StorageError
from storage.sqlite.handover import assert_opens, give_back, is_as_kept, take_over
from storage.sqlite.start import Place


class Ended(IntEnum):
    """How a step ended; sentences are on stdout."""

    YES = 0
    NO = 10
    REFUSED = 20


def faults(config: LineConfig, _: str) -> bool:
    """Refuse with what keeps the line from starting."""
    found = (*folder_faults(config), *central_faults(config.central))
    if found:
        raise ConfigRefused(found)
    return opens(config, _)


def opens(config: LineConfig, _: str) -> bool:
    """Refuse a store that this program may not work with."""
    assert_opens(config.store.path)
    return True


def takes_scans(config: LineConfig, _: str) -> bool:
    """Ask the line's daemon whether it takes scans. Raises ControlError where it does not say."""
    return bool(ControlClient(config.control.socket).call("line.status")["store"]["state"] != "refusing")


def _take_over(config: LineConfig, name: str) -> bool:
    take_over(_place(config), name)
    return True


_STEPS: Final[dict[str, Callable[[LineConfig, str], bool]]] = {
    "faults": faults,
    "opens": opens,
    "takes-scans": takes_scans,
    "take-over": _take_over,
    "is-as-kept": lambda config, name: is_as_kept(config.store.path, name),
    "give-back": lambda config, name: give_back(_place(config), name),
}


def _place(config: LineConfig) -> Place:
    return Place(config.store.path, config.site, config.line, SystemClock())


def main(words: Sequence[str]) -> Ended:
    """Do a step and say how it ended."""
    what, config, name = (*words, "")[:3]
    try:
        return Ended.YES if _STEPS[what](load_config(Path(config)).in_force(), name) else Ended.NO
    except ConfigRefused as refused:
        sys.stdout.write("".join(f"{fault}\n" for fault in refused.faults))
    except (StorageError, ControlError) as error:
        sys.stdout.write(f"{error} {error.todo}\n")
    return Ended.REFUSED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
