"""A stick that claims more than it stores: what is written beyond its real size is taken gladly and is gone.

A network block device as QEMU reads it: https://github.com/NetworkBlockDevice/nbd/blob/master/doc/proto.md
"""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

_IHAVEOPT = 0x49484156454F5054
_OPTION = struct.Struct(">QII")
_ANSWER = struct.Struct(">QIII")
_REQUEST = struct.Struct(">IHHQQI")
_REPLY = struct.Struct(">IIQ")
_GO, _READ, _WRITE, _DISCONNECT = 7, 0, 1, 2
_ACK, _INFO, _UNSUPPORTED = 1, 3, 0x80000001
_FLAGS = 0b101  # flags are there; flushes are understood


@contextmanager
def lying(image: Path, real_bytes: int) -> Iterator[Path]:
    """Give a socket on which the image is served, of which only the first bytes are really stored."""
    path = image.with_suffix(".sock")
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(path))
        door.listen()
        serving = threading.Thread(target=_serve, args=(door, image, real_bytes), name="liar", daemon=True)
        serving.start()
        try:
            yield path
        finally:
            door.shutdown(socket.SHUT_RDWR)
            serving.join(30)
            path.unlink()


def _serve(door: socket.socket, image: Path, real_bytes: int) -> None:
    while True:
        try:
            client, _ = door.accept()
        except OSError:
            return
        with client, client.makefile("rb") as asked, image.open("r+b", buffering=0) as stored:
            try:
                _greet(client, asked, image.stat().st_size)
                _answer(client, asked, stored, real_bytes)
            except (OSError, struct.error):
                continue


def _greet(client: socket.socket, asked: BinaryIO, size: int) -> None:
    client.sendall(b"NBDMAGIC" + struct.pack(">QH", _IHAVEOPT, 0b11))
    asked.read(4)
    while True:
        _, option, length = _OPTION.unpack(asked.read(_OPTION.size))
        asked.read(length)
        if option == _GO:
            client.sendall(_told(option, _INFO, struct.pack(">HQH", 0, size, _FLAGS)) + _told(option, _ACK))
            return
        client.sendall(_told(option, _UNSUPPORTED))


def _told(option: int, kind: int, data: bytes = b"") -> bytes:
    return _ANSWER.pack(0x3E889045565A9, option, kind, len(data)) + data


def _answer(client: socket.socket, asked: BinaryIO, stored: "BinaryIO", real_bytes: int) -> None:
    while True:
        _, _, command, handle, offset, length = _REQUEST.unpack(asked.read(_REQUEST.size))
        if command == _DISCONNECT:
            return
        data = asked.read(length) if command == _WRITE else b""
        kept = max(0, min(length, real_bytes - offset))
        stored.seek(offset)
        if command == _WRITE:
            stored.write(data[:kept])
        found = stored.read(kept).ljust(length, b"\0") if command == _READ else b""
        client.sendall(_REPLY.pack(0x67446698, 0, handle) + found)
