"""Tell a damaged write-ahead log from one that a power cut ended: the format is https://sqlite.org/fileformat2.html, 4.

Reading stops at the first bad frame. After a power cut that frame belongs to the last commit, which nobody relied on.
Where whole commits follow it, the log was damaged later, and they were acknowledged.
"""

from pathlib import Path
from typing import Final

_HEADER_BYTES: Final = 32
_FRAME_BYTES: Final = 24
_SALTS_IN_HEADER: Final = slice(16, 24)
_SALTS_IN_FRAME: Final = slice(8, 16)
_COMMIT_IN_FRAME: Final = slice(4, 8)
_NO_COMMIT: Final = bytes(4)


def stranded_commits(log: Path, read_frames: int) -> int:
    """Count the acknowledged commits behind the first bad frame, given how many frames could be read."""
    if not log.exists():
        return 0
    with log.open("rb") as file:
        header = file.read(_HEADER_BYTES)
        size = _FRAME_BYTES + int.from_bytes(header[8:12], "big")
        file.seek(_HEADER_BYTES + read_frames * size)
        commits = 0
        followed = False
        while len(frame := file.read(_FRAME_BYTES)) == _FRAME_BYTES:
            if frame[_SALTS_IN_FRAME] == header[_SALTS_IN_HEADER]:
                followed = frame[_COMMIT_IN_FRAME] == _NO_COMMIT
                commits += not followed
            file.seek(size - _FRAME_BYTES, 1)
    return commits if followed else max(0, commits - 1)
