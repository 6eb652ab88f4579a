"""Tell a damaged write-ahead log from one that a power cut ended: the format is https://sqlite.org/fileformat2.html, 4.

Reading stops at the first bad frame. After a power cut that frame belongs to the last commit, which nobody relied on.
Where whole commits follow it, the log was damaged later, and they were acknowledged.
"""

import struct
from pathlib import Path
from typing import Final

_HEADER_BYTES: Final = 32
_FRAME_BYTES: Final = 24
_SALTS_IN_HEADER: Final = slice(16, 24)
_SALTS_IN_FRAME: Final = slice(8, 16)
_COMMIT_IN_FRAME: Final = slice(4, 8)
_CHECKED_IN_FRAME: Final = slice(0, 8)
_SUM: Final = slice(16, 24)
_NO_COMMIT: Final = bytes(4)
_BIG_ENDIAN_WORDS: Final = 0x377F0683


def stranded_commits(log: Path, read_frames: int) -> int:
    """Count the acknowledged commits behind the first bad frame, given how many frames could be read."""
    if not log.exists():
        return 0
    with log.open("rb") as file:
        header = file.read(_HEADER_BYTES)
        order = ">" if int.from_bytes(header[:4], "big") == _BIG_ENDIAN_WORDS else "<"
        page_bytes = int.from_bytes(header[8:12], "big")
        file.seek(_HEADER_BYTES + read_frames * (_FRAME_BYTES + page_bytes))
        commits = 0
        followed = False
        before = b""
        while len(frame := file.read(_FRAME_BYTES)) == _FRAME_BYTES:
            page = file.read(page_bytes)
            if frame[_SALTS_IN_FRAME] == header[_SALTS_IN_HEADER]:
                followed = frame[_COMMIT_IN_FRAME] == _NO_COMMIT or not _is_whole(frame, page, before, order)
                commits += not followed
            before = frame[_SUM]
    return commits if followed else max(0, commits - 1)


def _is_whole(frame: bytes, page: bytes, before: bytes, order: str) -> bool:
    """Tell a frame from a sector of it over what stood there before: its checksum goes on from the frame before."""
    if not before or len(page) % 8:
        return False
    one, two = struct.unpack(">2I", before)
    words = struct.unpack(f"{order}{(8 + len(page)) // 4}I", frame[_CHECKED_IN_FRAME] + page)
    for first, second in zip(words[::2], words[1::2], strict=True):
        one = (one + first + two) & 0xFFFFFFFF
        two = (two + second + one) & 0xFFFFFFFF
    return struct.pack(">2I", one, two) == frame[_SUM]
