"""What leaves the factory on a stick or in a folder: which lists, which rows, in which form.

Rows come as pieces of text that a database has built; nothing here knows which database it was.
"""

from storage.export.lists import ExportList
from storage.export.pieces import Piece, Rows
from storage.export.scope import PlantDates, Scope

__all__ = ["ExportList", "Piece", "PlantDates", "Rows", "Scope"]
