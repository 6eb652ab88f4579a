"""The disk under a line's store: where it lies, the room on it, what went wrong on it."""

from dataclasses import dataclass
from typing import Final

from daemon.checkup.drives import Drive, Kind, Stack
from daemon.checkup.finding import Area, Severity, Unseen
from daemon.checkup.mounts import Mount
from daemon.checkup.question import Question, Row, Words

NETWORK: Final = frozenset({
    "nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "virtiofs", "ceph", "afs", "lustre", "glusterfs", "fuse.glusterfs",
    "fuse.sshfs", "fuse.rclone", "fuse.s3fs", "beegfs", "ocfs2", "gfs2",
})  # fmt: skip
MEMORY: Final = frozenset({"tmpfs", "ramfs", "devtmpfs"})
LAYERED: Final = frozenset({"overlay", "aufs", "squashfs", "iso9660", "erofs"})
FOREIGN: Final = frozenset({"vfat", "msdos", "exfat", "ntfs", "ntfs3", "fuseblk", "hfs", "hfsplus", "udf"})
KNOWN: Final = frozenset({"ext4", "ext3", "xfs", "btrfs", "f2fs", "jfs", "zfs", "bcachefs"})

DAYS_LEFT: Final = 30
INODES_BAD, INODES_LOW = 100, 5_000
FAILED_COMMANDS: Final = 100
"""A drive counts commands that failed; some that it does not know are tried at each start, and are no fault."""
SLOW_MS: Final = 50.0


@dataclass(frozen=True, slots=True)
class Space:
    """Room under the store. `inodes` is None where the file system has no fixed number of them."""

    free_mb: int
    inodes: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskFacts:
    """One store's disk. `folder_there` False: not even the folder is.

    `fs_errors` are those the file system remembers, None where it counts none; `kernel_errors` those in the kernel's
    messages; `flush_ms` is measured. `days_left` is the daemon's reckoning, None where there is none.
    """

    folder: str
    folder_there: bool | Unseen
    mount: Mount | Unseen
    stack: Stack | Unseen
    space: Space | Unseen
    warn_free_mb: int = 2048
    refuse_free_mb: int = 64
    days_left: float | None = None
    fs_errors: int | Unseen | None
    kernel_errors: int | Unseen
    flush_ms: float | Unseen

    @property
    def kind(self) -> str:
        """The file system."""
        return self.mount.kind if isinstance(self.mount, Mount) else ""

    @property
    def options(self) -> frozenset[str]:
        """The mount's options."""
        return self.mount.options if isinstance(self.mount, Mount) else frozenset()

    @property
    def drives(self) -> tuple[Drive, ...]:
        """The drives, as far as seen."""
        return self.stack.drives if isinstance(self.stack, Stack) else ()

    @property
    def names(self) -> str:
        """The drives in words."""
        return " and ".join(str(one) for one in self.drives) or "no drive that is known"


def _of_kind(facts: DiskFacts, *kinds: Kind) -> Drive | None:
    return next((one for one in facts.drives if one.kind in kinds), None)


def _below(value: float | Unseen | None, limit: float) -> bool:
    return isinstance(value, int | float) and value < limit


def _free(facts: DiskFacts) -> int | None:
    return facts.space.free_mb if isinstance(facts.space, Space) else None


def _inodes(facts: DiskFacts) -> int | None:
    return facts.space.inodes if isinstance(facts.space, Space) else None


_MOVE: Final = "Move the store to a drive in this PC, on ext4 or xfs (store.path in the line's file)."


def _lies_on(what: str) -> Words:
    return what, _MOVE


_WHERE: Final[tuple[Row[DiskFacts], ...]] = (
    Row("no-folder", Severity.BAD, lambda f: f.folder_there is False,
        lambda f: (f"There is no folder {f.folder} for the store.",
                   "Mount its disk, or start the service once: it makes the folder.")),
    Row("in-memory", Severity.BAD,
        lambda f: f.kind in MEMORY or _of_kind(f, Kind.MEMORY) is not None,
        lambda f: _lies_on(f"The store lies in memory ({f.kind}): a power cut takes all of it.")),
    Row("on-network", Severity.BAD, lambda f: f.kind in NETWORK,
        lambda f: _lies_on(f"The store lies on another computer ({f.kind}): what is saved there cannot be relied on.")),
    Row("on-layers", Severity.BAD, lambda f: f.kind in LAYERED,
        lambda f: _lies_on(f"The store lies on {f.kind}, as in a live system or a container: it may not last.")),
    Row("foreign-file-system", Severity.BAD, lambda f: f.kind in FOREIGN,
        lambda f: _lies_on(f"The store lies on {f.kind}, which a power cut can damage and which knows no owners.")),
    Row("read-only", Severity.BAD, lambda f: "ro" in f.options,
        lambda f: (f"The disk of the store is mounted read-only ({_point(f)}).",
                   f"See why: journalctl -k -b | grep -i -e error -e remount; then: mount -o remount,rw {_point(f)}")),
    Row("no-journal", Severity.WARN, lambda f: f.kind == "ext2",
        lambda _: _lies_on("The store lies on ext2, which has no journal: after a power cut it needs a long repair.")),
    Row("data-writeback", Severity.WARN, lambda f: "data=writeback" in f.options,
        lambda f: ("The store's disk is mounted data=writeback: after a power cut old rubbish can stand in new files.",
                   f"Take data=writeback out of /etc/fstab for {_point(f)}, then reboot.")),
    Row("sd-card", Severity.WARN, lambda f: _of_kind(f, Kind.SD) is not None,
        lambda _: _lies_on("The store lies on an SD card: they wear out, and a power cut can take more than was new.")),
    Row("usb-drive", Severity.WARN, lambda f: _of_kind(f, Kind.USB) is not None,
        lambda f: _lies_on(f"The store lies on {f.names}: it can be pulled out, and USB adapters often drop a flush.")),
    Row("removable", Severity.WARN, lambda f: any(one.removable for one in f.drives),
        lambda f: _lies_on(f"The store lies on {f.names}, which can be taken out.")),
    Row("unknown-file-system", Severity.WARN, lambda f: bool(f.kind) and f.kind not in KNOWN,
        lambda f: _lies_on(f"The store lies on {f.kind}: nobody has tried this program on it.")),
)  # fmt: skip


def _point(facts: DiskFacts) -> str:
    return facts.mount.point if isinstance(facts.mount, Mount) else facts.folder


_FREE_SOME: Final = "Free some: delete what is not the line's, or move the store to a larger disk."

_ROOM: Final[tuple[Row[DiskFacts], ...]] = (
    Row("full", Severity.BAD, lambda f: _below(_free(f), f.refuse_free_mb),
        lambda f: (f"The store's disk is full ({_free(f)} MB left): the line refuses scans.",
                   f"Delete {f.folder}/ballast to finish the shift, then free more.")),
    Row("no-inodes", Severity.BAD, lambda f: _below(_inodes(f), INODES_BAD),
        lambda f: (f"The store's disk can hold only {_inodes(f)} files more.", _MANY_FILES)),
    Row("low", Severity.WARN, lambda f: _below(_free(f), f.warn_free_mb),
        lambda f: (f"The store's disk has {_free(f)} MB left; the line stops at {f.refuse_free_mb} MB.", _FREE_SOME)),
    Row("few-days", Severity.WARN, lambda f: _below(f.days_left, DAYS_LEFT),
        lambda f: (f"At this week's pace the store's disk is full in {f.days_left:.0f} days.", _FREE_SOME)),
    Row("few-inodes", Severity.WARN, lambda f: _below(_inodes(f), INODES_LOW),
        lambda f: (f"The store's disk can hold only {_inodes(f)} files more.", _MANY_FILES)),
)  # fmt: skip

_MANY_FILES: Final = "Find the folder with the many small files: du --inodes -xd3 / | sort -n | tail"
_REPLACE: Final = "Export the line's data now (sunline export), then replace the drive."


def _offline(facts: DiskFacts) -> Drive | None:
    return next((one for one in facts.drives if one.state not in (None, "running", "live")), None)


def _worn(facts: DiskFacts, least: int) -> bool:
    return any(one.wear is not None and one.wear >= least for one in facts.drives)


def _degraded(facts: DiskFacts) -> tuple[str, ...]:
    return facts.stack.degraded if isinstance(facts.stack, Stack) else ()


def _counted(facts: DiskFacts) -> int:
    return max((one.failed_commands or 0 for one in facts.drives), default=0)


_ERRORS: Final[tuple[Row[DiskFacts], ...]] = (
    Row("offline", Severity.BAD, lambda f: _offline(f) is not None,
        lambda f: (f"{_offline(f)} does not work any more: the system switched it off.", _REPLACE)),
    Row("file-system-errors", Severity.BAD,
        lambda f: isinstance(f.fs_errors, int) and f.fs_errors > 0,
        lambda f: (f"The file system of the store found {f.fs_errors} errors in itself.",
                   f"Stop the line, export its data, then repair it: fsck, as root, with {_point(f)} unmounted.")),
    Row("kernel-errors", Severity.BAD,
        lambda f: isinstance(f.kernel_errors, int) and f.kernel_errors > 0,
        lambda f: (f"{f.names} failed to read or write {f.kernel_errors} times since the PC was started.", _REPLACE)),
    Row("degraded", Severity.BAD, lambda f: bool(_degraded(f)),
        lambda f: (f"The mirror {' '.join(_degraded(f))} has lost a drive.",
                   "Replace the drive that is missing: mdadm --detail /dev/" + "".join(_degraded(f)[:1]))),
    Row("worn-out", Severity.BAD, lambda f: _worn(f, 3),
        lambda f: (f"{f.names} says that it is worn out.", _REPLACE)),
    Row("worn", Severity.WARN, lambda f: _worn(f, 2),
        lambda f: (f"{f.names} says that it is nearly worn out.", "Have another one ready, and replace it soon.")),
    Row("failed-commands", Severity.WARN, lambda f: _counted(f) >= FAILED_COMMANDS,
        lambda f: (f"{f.names} refused {_counted(f)} commands since the PC was started.",
                   "Check its cable; then let it test itself: smartctl -t long, and -a an hour later.")),
)  # fmt: skip

_PACE: Final[tuple[Row[DiskFacts], ...]] = (
    Row("slow", Severity.WARN,
        lambda f: isinstance(f.flush_ms, float) and f.flush_ms > SLOW_MS,
        lambda f: (f"{f.names} takes {f.flush_ms:.0f} ms to save: every scan waits that long.",
                   "See what else uses it (iostat -x 5), or put the store on a solid-state drive.")),
)  # fmt: skip


def _room_words(facts: DiskFacts) -> str:
    free = _free(facts) or 0
    return f"{free / 1024:.0f} GB free" if free >= 10 * 1024 else f"{free} MB free"


WHERE: Final[Question[DiskFacts]] = Question(
    "where", Area.DISK, "where the store lies", ("folder_there", "mount", "stack"), _WHERE,
    lambda f: f"store on {f.kind}, {f.names}",
)  # fmt: skip
ROOM: Final[Question[DiskFacts]] = Question(
    "room", Area.DISK, "the room on the store's disk", ("space",), _ROOM, _room_words
)
ERRORS: Final[Question[DiskFacts]] = Question(
    "errors", Area.DISK, "whether the store's drive has failed before", ("stack", "fs_errors", "kernel_errors"),
    _ERRORS, lambda _: "no errors",
)  # fmt: skip
PACE: Final[Question[DiskFacts]] = Question(
    "pace", Area.DISK, "how long a save takes", ("flush_ms",), _PACE,
    lambda f: f"a save takes {ms_words(f.flush_ms)}",
)  # fmt: skip

_STEPS_MS: Final = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


def ms_words(taken: float | Unseen) -> str:
    """Write a measured time as the step it lies below: it is another one each time."""
    if isinstance(taken, Unseen):
        return "an unknown time"
    step = next((one for one in _STEPS_MS if taken < one), None)
    return f"less than {step:g} ms" if step else "more than a second"
