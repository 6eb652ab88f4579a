"""How scanners frame their codes where a test found it otherwise than configured: kept beside the store, durable.

The configuration stays the administrator's: nothing here writes it, and a profile ends when its scanner's own settings
are changed there.
"""

import logging
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from daemon.config import ScannerPart, TesterPart
from daemon.scantest.forms import ENDINGS, Form
from daemon.wiring.keeping import quoted, replace_durably

log = logging.getLogger(__name__)

_HEAD = "# Written by the line: how tested scanners frame their codes. sunline device test NAME --undo\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """How a scanner was found to frame its codes; `instead_of` is what its configuration said then."""

    device: str
    form: Form
    instead_of: Form
    at: datetime
    by: str


def profiles_file(store: Path) -> Path:
    """Name the file of a line's profiles."""
    return store.with_name(f"{store.name}.profiles.toml")


def configured_form(part: ScannerPart) -> Form:
    """Give how a scanner is set to frame its codes."""
    return Form(part.ending, part.stx_etx)


def profiled_part(part: ScannerPart | TesterPart, profiles: Iterable[Profile]) -> ScannerPart | TesterPart:
    """Give a device as its profile says, if it has one in force."""
    if isinstance(part, TesterPart):
        return part
    for one in profiles:
        if one.device == part.name and one.instead_of == configured_form(part):
            return part.model_copy(update={"ending": one.form.ending, "stx_etx": one.form.stx_etx})
    return part


def read_profiles(path: Path) -> tuple[Profile, ...]:
    """Read the profiles of a line; none where there is no file. What cannot be read is told in the log and left out."""
    try:
        return tuple(_read(row) for row in tomllib.loads(path.read_text("utf-8"))["profile"])
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, LookupError, TypeError) as error:
        log.error("%s cannot be read (%s): the scanners are read as the configuration says.", path, error)
        return ()


def write_profiles(path: Path, profiles: Iterable[Profile]) -> None:
    """Replace the profiles of a line, durably. Raises OSError, and keeps the old then."""
    replace_durably(path, _HEAD + "".join(_written(one) for one in profiles))


def _read(row: dict[str, Any]) -> Profile:
    return Profile(
        device=str(row["device"]), form=_form(row["form"]), instead_of=_form(row["instead_of"]),
        at=datetime.fromisoformat(row["at"]), by=str(row["by"]),
    )  # fmt: skip


def _form(row: dict[str, Any]) -> Form:
    """Read a form; ValueError for an ending there is not."""
    ending = str(row["ending"])
    if ending not in ENDINGS:
        raise ValueError(f"{ending!r} is no ending")
    return Form(ending, bool(row["stx_etx"]))


def _written(one: Profile) -> str:
    facts = {"device": one.device, "at": one.at.isoformat(), "by": one.by}
    forms = {"form": one.form, "instead_of": one.instead_of}
    lines = [f"{key} = {quoted(value)}" for key, value in facts.items()]
    return "\n".join(("\n[[profile]]", *lines, *(f"{key} = {_table(form)}" for key, form in forms.items()), ""))


def _table(form: Form) -> str:
    return f"{{ ending = {quoted(form.ending)}, stx_etx = {str(form.stx_etx).lower()} }}"
