"""What a shadow run leaves to real work, read out of its store: people, rules, criteria, and nothing else."""

from pathlib import Path

from daemon.shadow.desk import DeskRefused
from stations.office.carrying import CarryOver
from stations.workflow.turn import Place
from storage.records import shadow_of
from storage.sqlite.files import Kind, kind_of
from storage.sqlite.readers import Readers
from storage.sqlite.view import View


async def legacy_of(path: Path, place: Place) -> CarryOver:
    """Read the store of this line's shadow. Raises DeskRefused where it is none, StorageError, OSError."""
    if kind_of(path) is not Kind.OURS:
        raise DeskRefused(f"There is no store {path}.", "Name the store that stood in [shadow].")
    readers = Readers(path)
    try:
        return await readers.read(lambda view: _legacy(view, place))
    finally:
        await readers.close()


def _legacy(view: View, place: Place) -> CarryOver:
    if view.owner() != (shadow_of(place.site), place.line_number):
        raise DeskRefused("This is no store of a shadow of this line.", "Name the store that stood in [shadow].")
    return CarryOver(users=view.users(), rules=view.config_entries(), criteria=view.criteria())
