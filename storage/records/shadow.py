"""A line that runs beside paper is the line of a shadow site: one that no configuration can name.

Everything it records carries that site: the store itself, the uuids of its things, the numbers of its pallets, the
folders of its exports. None of it can meet what is real, here or on the central server.
"""

from typing import Final

SHADOW_WORDS: Final = "SHADOW RUN - the paper counts"
"""What everything says that comes from such a line."""

_MARK: Final = "-SHADOW"


def shadow_of(site: str) -> str:
    """Name the shadow of a site."""
    return f"{site}{_MARK}"


def numbered_in_shadow(pallet_number: str) -> bool:
    """Tell whether a pallet got its number in a shadow run."""
    return f"{_MARK}-" in pallet_number


def is_shadow(site: str) -> bool:
    """Tell whether a site is a shadow."""
    return site.endswith(_MARK)
