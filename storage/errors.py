"""Everything that can go wrong with keeping facts, as types. Retry or not is a type."""


class StorageError(Exception):
    """Root of this package's errors. `str()` is one plain sentence; `todo` says what to do next."""

    todo: str = ""

    def __init__(self, message: str, *, todo: str = "") -> None:
        super().__init__(message)
        if todo:
            self.todo = todo


class NotDurable(StorageError):
    """Nothing was acknowledged: the write did not reach the disk. The station must stop, loudly."""

    todo = "Do not continue on this station. Call a technician."


class DiskFull(NotDurable):
    """The disk has no room for the next fact."""

    todo = "Free space on the data disk, then scan again."


class DiskReadOnly(NotDurable):
    """The disk cannot be written."""

    todo = "Check the data disk: it is missing or write-protected."


class FlushFailed(NotDurable):
    """The disk refused to make a write durable; the file is being rebuilt."""

    todo = "Replace the data disk soon; results already green are safe."


class StoreClosed(StorageError):
    """The store was closed by this program."""


class StoreForeign(StorageError):
    """The file is not a store of this program, of this line, or of a version this program knows."""

    todo = "Name the right file in the configuration; nothing was changed in this one."


class StoreDamaged(StorageError):
    """The file is damaged. It was set aside and what could be read was carried over."""


class DecisionFailed(StorageError):
    """Deciding raised inside this program. The raw row is stored, with the error; nothing else is."""

    todo = "Scan again; if it happens again, call a technician."


class RecordRefused(StorageError):
    """A record breaks a rule of the store (an unknown panel, a word outside its list); nothing was stored."""

    todo = "Call a technician: this program wrote what it may not."


class StoreBusy(StorageError):
    """Another process has the store open."""

    todo = "Stop the other daemon of this line first."


class CentralAway(StorageError):
    """The central server cannot be reached or is busy with itself. Retry; nothing is lost meanwhile."""

    todo = "Nothing to do at the line: it works on and sends everything later. If it lasts, check server and network."


class CentralUnfit(StorageError):
    """The central server answers but cannot be worked with until a person changes something there or here."""

    todo = "Call a technician; the line works on and sends everything later."


class RowsRefused(StorageError):
    """The central server takes some row of the statement never, however often it is sent.

    `sqlstate` is None where the row could not even be sent; `table`, `constraint` and `detail` as the server names
    them, or None.
    """

    todo = "See `sunline sync quarantine list`."

    def __init__(
        self,
        message: str,
        *,
        sqlstate: str | None = None,
        table: str | None = None,
        constraint: str | None = None,
        detail: str | None = None,
    ) -> None:
        super().__init__(message)
        self.sqlstate = sqlstate
        self.table = table
        self.constraint = constraint
        self.detail = detail
