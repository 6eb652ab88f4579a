"""Everything that speaks against a stick, as types. Each says in plain words what to do."""

from drivers.errors import DriverError, NeedsPerson, RetryLater


class StickError(DriverError):
    """Root of what can be wrong with a stick."""


class StickGone(StickError, RetryLater):
    """The stick was pulled while it was looked at or worked on."""

    todo = "Plug the stick in again; the export goes on where it stopped."


class NotAStick(StickError, NeedsPerson):
    """What was plugged is no USB storage."""

    todo = "Use a USB stick."


class NoMedium(StickError, NeedsPerson):
    """A card reader without a card."""

    todo = "Put a card into the reader, or use a stick."


class AlsoAKeyboard(StickError, NeedsPerson):
    """The device is storage and an input device at once. It is never written and never read."""

    todo = "Pull it out and do not use it again; show it to whoever looks after the computers."


class SeveralPartitions(StickError, NeedsPerson):
    """More than one partition: nobody could say which one is meant."""

    todo = "Use a stick with one partition."


class VolumeUnsupported(StickError, NeedsPerson):
    """No file system that can be written here."""

    todo = "Format the stick as FAT32, exFAT, NTFS or ext4."


class VolumeUnreadable(StickError, NeedsPerson):
    """The file system is damaged, or the medium cannot be read."""

    todo = "Check the stick on a PC, or use another one."


class VolumeDirty(VolumeUnreadable):
    """The file system was not closed in order elsewhere, and its driver will not write on it as it is."""

    todo = "Check the stick on a PC (Windows: Properties, Tools, Check) and eject it there before you pull it."


class VolumeDamaged(VolumeUnreadable):
    """The file system contradicts itself."""


class VolumeStuck(VolumeUnreadable):
    """The stick has not answered in time."""

    todo = "Pull the stick out and plug it in again; if it happens twice, use another one."


class VolumeReadOnly(StickError, NeedsPerson):
    """The stick is write-protected."""

    todo = "Move the write-protect switch of the stick or card, or use another one."


class VolumeBusy(StickError, NeedsPerson):
    """Another program has the stick mounted or keeps files on it open."""

    todo = "Close the programs that use the stick, pull it out and plug it in again."


class VolumeForbidden(StickError, NeedsPerson):
    """This process may not mount."""

    todo = "Let the system's service handle the stick, or run this as root."


class VolumeGone(StickGone):
    """The stick was pulled while it was mounted."""
