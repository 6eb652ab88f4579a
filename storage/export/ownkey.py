"""The key with which a line signs its exports: made at its first use and kept beside the store."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from storage.export.signing import KeySigner, KeyUnfit

_MODE: Final = 0o600


def own_key(path: Path) -> KeySigner:
    """Give the signer with the key at a path, making it where there is none. Raises KeyUnfit.

    The key is whole and durable before it signs anything; only the owner of the file may read it.
    """
    if not path.exists():
        try:
            _make(path)
        except OSError as error:
            todo = "Check the disk and who may write there."
            raise KeyUnfit(f"The key {path} cannot be made: {error.strerror}.", todo=todo) from error
    return KeySigner.of_file(path)


def _make(path: Path) -> None:
    """Write the key under another name first; where somebody else was faster, theirs stays."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    draft.unlink(missing_ok=True)
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _MODE)
        with os.fdopen(descriptor, "wb") as file:
            file.write(Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
            file.flush()
            os.fsync(descriptor)
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    _flush_folder(path.parent)


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
