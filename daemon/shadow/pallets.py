"""Pallets of both sides. Their numbers differ in a shadow run: what is compared is which panels lie together."""

from collections import Counter
from collections.abc import Mapping

from daemon.shadow.sides import LinePanel


def misplaced(panels: Mapping[str, LinePanel], written: Mapping[str, str]) -> dict[str, str]:
    """Find the panels that lie elsewhere than the others of their paper pallet: serial → where those lie.

    `written` is the pallet of each panel on the paper. A pallet of the paper is the one of the line with most of its
    panels, and the other way round.
    """
    both = {serial: (label, panels[serial].pallet) for serial, label in written.items() if label}
    pairs = Counter((label, pallet) for label, pallet in both.values() if pallet)
    of_label = _mostly(pairs, 0)
    of_pallet = _mostly(pairs, 1)
    return {
        serial: of_label.get(label, "")
        for serial, (label, pallet) in both.items()
        if not pallet or of_label[label] != pallet or of_pallet[pallet] != label
    }


def _mostly(pairs: Counter[tuple[str, str]], of: int) -> dict[str, str]:
    """Give for each pallet of one side that of the other with which it shares most panels."""
    found: dict[str, str] = {}
    for pair, _ in sorted(pairs.items(), key=lambda item: (-item[1], item[0])):
        found.setdefault(pair[of], pair[1 - of])
    return found
