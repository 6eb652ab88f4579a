"""Signatures over manifests: Ed25519, so that an export says which line it came from."""

import base64
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol, Self

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from storage.errors import StorageError

KEY_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64

_STATEMENT: Final = re.compile(r"sunline export manifest\n[0-9a-f]{64}\n")


class KeyUnfit(StorageError):
    """A key cannot be read, or is of another kind."""

    todo = "Give an Ed25519 key: a PEM file, or the text that `sunline export key` shows."


class Signer(Protocol):
    """Signs manifests with one key."""

    @property
    def public_key(self) -> bytes:
        """The 32 bytes with which others check the signature."""

    def sign(self, manifest: bytes) -> bytes:
        """Give the signature, 64 bytes."""


@dataclass(frozen=True, slots=True)
class KeySigner:
    """Signs with a key that is at hand."""

    key: Ed25519PrivateKey

    @classmethod
    def of_file(cls, path: Path) -> Self:
        """Read a private key (PEM, no password). Raises KeyUnfit."""
        try:
            key = load_pem_private_key(path.read_bytes(), None)
        except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise KeyUnfit(f"The key {path} cannot be read.") from error
        if not isinstance(key, Ed25519PrivateKey):
            raise KeyUnfit(f"The key {path} is no Ed25519 key.", todo="Make one: openssl genpkey -algorithm ed25519")
        return cls(key)

    @property
    def public_key(self) -> bytes:
        """The public half."""
        return self.key.public_key().public_bytes_raw()

    def sign(self, manifest: bytes) -> bytes:
        """Sign."""
        return self.key.sign(statement(manifest))


def statement(manifest: bytes) -> bytes:
    """Give what is signed of a manifest: a short text with its digest, however many files it names."""
    return f"sunline export manifest\n{hashlib.sha256(manifest).hexdigest()}\n".encode("ascii")


def is_statement(text: str) -> bool:
    """Say whether a text is such a statement: nothing else is ever signed with a line's key."""
    return _STATEMENT.fullmatch(text) is not None


def fits(signature: bytes, manifest: bytes, public_key: bytes) -> bool:
    """Say whether a manifest was signed by the owner of a key."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, statement(manifest))
    except (InvalidSignature, ValueError):
        return False
    return True


def read_public_key(given: str) -> bytes:
    """Read a public key: the path of a PEM file, or base64 of its 32 bytes. Raises KeyUnfit."""
    path = Path(given)
    try:
        if path.is_file():
            key = load_pem_public_key(path.read_bytes())
            if isinstance(key, Ed25519PublicKey):
                return key.public_bytes_raw()
        else:
            raw = base64.b64decode(given, validate=True)
            if len(raw) == KEY_BYTES:
                return raw
    except (OSError, ValueError, UnsupportedAlgorithm) as error:
        raise KeyUnfit(f"{given} is neither a public key nor a file with one.") from error
    raise KeyUnfit(f"{given} is no Ed25519 public key.")


def pem_of(public_key: bytes) -> str:
    """Write a public key as other programs read it (PEM)."""
    key = Ed25519PublicKey.from_public_bytes(public_key)
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode("ascii")


def fingerprint(public_key: bytes) -> str:
    """Give the short form that people compare: 16 hex digits of its SHA-256, in fours."""
    digits = hashlib.sha256(public_key).hexdigest()[:16]
    return " ".join(digits[at : at + 4] for at in range(0, 16, 4))
