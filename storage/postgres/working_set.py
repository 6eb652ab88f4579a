"""Which rows a line fetches: everything it works with when its store is new, and of the feed what concerns it."""

import re
from pathlib import Path
from typing import Final

_FOLDER: Final = Path(__file__).parent / "queries"


def _blocks(name: str) -> dict[str, str]:
    """Read the `-- name:` blocks of a file in order; `{other}` stands for an earlier block."""
    found: dict[str, str] = {}
    for block in (_FOLDER / name).read_text(encoding="utf-8").split("-- name: ")[1:]:
        title, _, statement = block.partition("\n")
        found[title] = re.sub(r"\{(\w+)\}", lambda match: found[match[1]], statement.strip())
    return found


def _working_set() -> tuple[tuple[str, str], ...]:
    blocks = _blocks("working_set.sql")
    shared = blocks.pop("with")
    return tuple((kind, f"{shared}\n{query}") for kind, query in blocks.items())


WORKING_SET: Final = _working_set()
"""Kind, and the query for the uuids; parameters `line` and `kin`, the ids of the line's stores."""

NEWS: Final = tuple((kind, query) for kind, query in _blocks("news.sql").items() if kind != "foreign")
"""Kind, and the query for the uuids among some; parameters `uuids`, `line` and `kin`."""
