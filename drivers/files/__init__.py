"""The late tester source: result files that the tester PC exports, read and watched, never changed.

`ResultFolder` watches a folder as a device. `take`, `open_table` and `batches` read one file without a loop.
"""

from drivers.files.batches import batches
from drivers.files.resultfile import ResultFile, open_table, take
from drivers.files.watcher import FolderSettings, ResultFolder

__all__ = ["FolderSettings", "ResultFile", "ResultFolder", "batches", "open_table", "take"]
