"""Every statement this package runs, by name, from the `.sql` files beside this module."""

import re
from pathlib import Path
from typing import Final

from storage.sqlite.tables import OF_CLASS

_COLUMNS: Final = {record.__name__: table.columns for record, table in OF_CLASS.items()}


def _load(folder: Path) -> dict[str, str]:
    """Read all `-- name:` blocks; `{Panel}` stands for the columns of a record, `{other}` for a block before."""
    found: dict[str, str] = {}

    def meant(match: re.Match[str]) -> str:
        return found.get(match[1]) or _COLUMNS[match[1]]

    for path in sorted(folder.glob("*.sql")):
        for block in path.read_text(encoding="utf-8").split("-- name: ")[1:]:
            name, _, statement = block.partition("\n")
            if name in found:
                raise ValueError(f"two statements named {name}")
            found[name] = re.sub(r"\{(\w+)\}", meant, statement.strip())
    return found


QUERIES: Final = _load(Path(__file__).parent)
