"""The rows of an export over the control socket of a line."""

from collections.abc import Iterator
from dataclasses import dataclass

from daemon.control.client import ControlClient
from storage.export.lists import ExportList
from storage.export.pieces import Piece
from storage.export.scope import Scope


@dataclass(frozen=True, slots=True)
class LineRows:
    """The store of a running line, as an export sees it; its scope has to be bounded by `upto_seq`."""

    client: ControlClient

    def pieces(self, of: ExportList, scope: Scope, after: str = "") -> Iterator[Piece]:
        """Give a list in pieces as they are taken. Raises ControlError where the line does not answer (any more)."""
        items = self.client.stream(
            "export.rows", list=of, since=scope.since, until=scope.until, after_seq=scope.after_seq,
            upto_seq=scope.upto_seq, after=after,
        )  # fmt: skip
        for item in items:
            yield Piece(item["json"], item["csv"], item["count"], item["after"])
