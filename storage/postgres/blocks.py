"""Statements by name, from the `.sql` files beside this module."""

import re
from pathlib import Path
from typing import Final

_FOLDER: Final = Path(__file__).parent / "queries"


def blocks(name: str) -> dict[str, str]:
    """Read the `-- name:` blocks of a file in order; `{other}` stands for an earlier block."""
    found: dict[str, str] = {}
    for block in (_FOLDER / name).read_text(encoding="utf-8").split("-- name: ")[1:]:
        title, _, statement = block.partition("\n")
        found[title] = re.sub(r"\{(\w+)\}", lambda match: found[match[1]], statement.strip())
    return found
