"""Which rows a line fetches: everything it works with when its store is new, and of the feed what concerns it."""

from typing import Final

from storage.postgres.blocks import blocks


def _working_set() -> tuple[tuple[str, str], ...]:
    queries = blocks("working_set.sql")
    shared = queries.pop("with")
    return tuple((kind, f"{shared}\n{query}") for kind, query in queries.items())


WORKING_SET: Final = _working_set()
"""Kind, and the query for the uuids; parameters `line` and `kin`, the ids of the line's stores."""

NEWS: Final = tuple((kind, query) for kind, query in blocks("news.sql").items() if kind != "foreign")
"""Kind, and the query for the uuids among some; parameters `uuids`, `line` and `kin`."""
