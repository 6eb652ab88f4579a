"""Everything that can go wrong with hardware, as types. Facts are attributes; retry or not is a type."""


class DriverError(Exception):
    """Root of this package's errors. `str()` is one plain sentence; `todo` says what to do next."""

    todo: str = ""

    def __init__(self, message: str, *, todo: str = "") -> None:
        super().__init__(message)
        if todo:
            self.todo = todo


class RetryLater(DriverError):
    """The device may come back by itself: keep trying."""


class NeedsPerson(DriverError):
    """Nothing will change until somebody does something; still retried, slowly."""


class PortAbsent(RetryLater):
    """No port with the configured identity is plugged in."""

    todo = "Check the cable and the power of the device."


class PortBusy(NeedsPerson):
    """Another program holds the port."""

    todo = "Close the other program that uses this port."


class PortForbidden(NeedsPerson):
    """This user may not open the port."""

    todo = "Add the service's user to the group that owns the port (usually dialout)."


class PortAmbiguous(NeedsPerson):
    """Several ports carry the configured identity."""

    todo = "Bind the device by its port path: two adapters carry the same chip serial."


class LinkLost(RetryLater):
    """The link broke: unplugged, hung up or refused a write. Sticks to the link until it is opened again.

    `at_ns` is when it was noticed, on the monotonic clock; None when that says nothing about the bytes before it.
    """

    todo = "Check the cable; the device is reconnected by itself."
    at_ns: int | None = None


class LinkClosed(DriverError):
    """The link was closed by this program."""


class Unreadable(DriverError):
    """A file or frame cannot be read as what it claims to be. Names the place."""
