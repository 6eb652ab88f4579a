"""What the kernel said since the PC was started: its own ring of messages, without a journal."""

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

_RECORD_BYTES = 8192


def kernel_messages(kmsg: Path = Path("/dev/kmsg")) -> tuple[str, ...]:
    """Give the messages, oldest first. Raises PermissionError where only root may see them, OSError."""
    descriptor = os.open(kmsg, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        return tuple(_records(descriptor))
    finally:
        os.close(descriptor)


def drive_errors(messages: Iterable[str], drives: Iterable[str]) -> int:
    """Count the messages of failed reads and writes of these drives and their partitions."""
    names = "|".join(re.escape(one) for one in drives)
    failed = re.compile(rf"(?:I/O|medium|critical target) error,?(?: on)? dev (?:{names})(?:p?\d+)?\b")
    return sum(1 for one in messages if names and failed.search(one))


def _records(descriptor: int) -> Iterator[str]:
    while True:
        try:
            record = os.read(descriptor, _RECORD_BYTES)
        except BlockingIOError:
            return
        except BrokenPipeError:  # overtaken by new messages: the next read goes on with the oldest one left
            continue
        if not record:
            return
        yield record.decode(errors="replace").partition(";")[2].partition("\n")[0]
