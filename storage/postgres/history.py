"""Everything the central server knows of one panel."""

from typing import Any, Final

from storage.changes import OF_KIND as FORMS
from storage.postgres.blocks import blocks
from storage.postgres.failures import our_errors
from storage.postgres.link import Link
from storage.postgres.tables import OF_KIND, central_row
from storage.reads import History

_QUERIES: Final = {
    kind: f"{OF_KIND[kind].select} {which}" for kind, which in blocks("history.sql").items() if kind in OF_KIND
}


async def panel_history(link: Link, serial: str) -> History | None:
    """Give what happened to a panel, in one round trip; None: no such panel. Raises CentralAway or CentralUnfit."""
    with our_errors():
        async with link.pipeline():
            cursors = {
                kind: await link.execute(query.encode(), {"serial": serial}, prepare=True)
                for kind, query in _QUERIES.items()
            }
        found = {kind: _records(kind, await cursor.fetchall()) for kind, cursor in cursors.items()}
    if not found["panel"]:
        return None
    return History(
        panel=found["panel"][0],
        outcomes=found["scan_outcome"],
        results=found["station_result"],
        criteria=found["criterion_result"],
        rulings=found["flash_ruling"],
        holds=found["hold"],
        releases=found["hold_release"],
        overrides=found["override"],
        placements=found["pallet_panel"],
        removals=found["pallet_removal"],
    )


def _records(kind: str, rows: list[Any]) -> tuple[Any, ...]:
    from_body = FORMS[kind].from_body
    return tuple(from_body(central_row(row).body) for row in rows)
