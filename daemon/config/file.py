"""Reads a line's file, the environment over it. What is wrong is said in plain words, everything at once."""

import itertools
import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_settings import SettingsError

from daemon.config.folders import made_at_start, why_no_folder
from daemon.config.line import PREFIX, LineConfig
from daemon.config.words import fault_of, mend, nearest
from storage.records import SHADOW_WORDS

_CLIENT_VARIABLES = frozenset({"SUNLINE_SOCKET", "SUNLINE_LINE"})


class ConfigRefused(Exception):
    """The configuration cannot be used; `faults` are plain sentences, all of them at once."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def load_config(path: Path, environment: Mapping[str, str] | None = None) -> LineConfig:
    """Read a line's file with the environment over it, as it is in force. Raises ConfigRefused with every fault."""
    strange = _strange_variables(os.environ if environment is None else environment)
    try:
        data = _read(path)
    except ConfigRefused as refused:
        raise ConfigRefused((*strange, *refused.faults)) from refused.__cause__
    config, faults = _checked(data)
    if config is None or strange or faults:
        raise ConfigRefused((*strange, *faults))
    return config.in_force()


def folder_faults(config: LineConfig) -> tuple[str, ...]:
    """Say which folders are missing on this PC, but for those that the service unit makes."""
    made = made_at_start(config.line)
    wanted = {"store.path": config.machine_path.absolute().parent, "control.socket": config.control.socket.parent}
    if config.shadow is not None:
        wanted["shadow.store"] = config.store.path.absolute().parent
    found = ((key, why_no_folder(folder)) for key, folder in wanted.items() if folder not in made)
    return tuple(f"{key}: {' '.join(why)}" for key, why in found if why is not None)


def shadow_notes(config: LineConfig) -> tuple[str, ...]:
    """Say that the line is to run beside paper, and what that means."""
    if config.shadow is None:
        return ()
    return (f"{SHADOW_WORDS}: facts go to {config.store.path}, and the central server is not connected.",)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_bytes().decode())
    except FileNotFoundError as error:
        raise ConfigRefused((f"{path}: there is no such file. Check the path.",)) from error
    except IsADirectoryError as error:
        raise ConfigRefused((f"{path}: this is a folder. Name the TOML file in it.",)) from error
    except PermissionError as error:
        raise ConfigRefused((f"{path}: you may not read it. Try again with sudo.",)) from error
    except OSError as error:
        raise ConfigRefused((f"{path}: it cannot be read ({error.strerror}). Check the disk.",)) from error
    except UnicodeDecodeError as error:
        raise ConfigRefused((f"{path}: this is no text file (UTF-8). Name the line's TOML file.",)) from error
    except (ValueError, RecursionError) as error:  # TOMLDecodeError is a ValueError; so is a number too long to read
        raise ConfigRefused((f"{path}: this is not valid TOML: {error}. Correct it there.",)) from error


def _checked(data: dict[str, Any]) -> tuple[LineConfig | None, tuple[str, ...]]:
    """Read the data; where a part is wrong, mend it in thought, so that the rest is looked at in the same run."""
    said: tuple[str, ...] = ()
    mended: set[tuple[int | str, ...]] = set()
    names = (f"stand-in {number}" for number in itertools.count(1))
    for _ in range(_MENDING):
        try:
            config = LineConfig(**data)
        except SettingsError as error:
            return None, (f"An environment variable cannot be read: {error}. Correct or unset it.",)
        except ValidationError as error:
            said = said or tuple(fault_of(one, LineConfig) for one in error.errors())
            for one in error.errors():
                if one["loc"] in mended:  # in vain: without its section, then
                    data.pop(str(one["loc"][0]), None)
                else:
                    mend(data, one, lambda name: _stand_in(data, name, names))
            mended |= {one["loc"] for one in error.errors()}
        else:
            faults = (*said, *config.faults())
            return config, (*faults, *folder_faults(config.in_force())) if faults else ()
    return None, said


_MENDING = 6
_STAND_INS: Mapping[str, object] = {
    "site": "X", "line": 1, "path": "/x", "socket": "/x", "kind": "ssi", "screen": True,
    "store": {"path": "/x"}, "control": {"socket": "/x"},
}  # fmt: skip
"""What stands for a wrong setting while the others are looked at: nothing that would be a fault itself."""


def _stand_in(data: dict[str, Any], name: str, unique: Iterator[str]) -> object:
    match name:
        case "number":
            stations = [one for one in data.get("station", ()) if isinstance(one, dict)]
            return min({1, 2, 3, 4} - {one.get("number") for one in stations}, default=1)
        case "name":
            return next(unique)
        case "port":
            return {"file": next(unique)}
        case _:
            return _STAND_INS.get(name)


def _strange_variables(environment: Mapping[str, str]) -> tuple[str, ...]:
    known = {f"{PREFIX}{name.upper()}" for name in LineConfig.model_fields} | _CLIENT_VARIABLES
    strange = [name for name in environment if name.startswith(PREFIX) and name.upper().split("__")[0] not in known]
    return tuple(
        f"The environment variable {name} means nothing{nearest(name, known) or ': unset it.'}"
        for name in sorted(strange)
    )
