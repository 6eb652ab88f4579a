"""Badges and passwords. Their texts are secrets: given once, kept only as hashes."""

import hashlib
import hmac
import secrets
from base64 import b32encode, b64decode, b64encode

from stations.office.outcome import invalid
from stations.rules.commands import BADGE_PREFIX

_N, _R, _P = 2**14, 8, 1  # 16 MiB and some 50 ms, https://www.rfc-editor.org/rfc/rfc7914
_MOST_MEMORY = 128 * 2**20
_DERIVED_BYTES = 32
_SHORTEST, _LONGEST = 8, 200


def new_badge_token() -> str:
    """Make a badge token: 128 random bits as 26 letters and digits (base32)."""
    return b32encode(secrets.token_bytes(16)).decode().rstrip("=")


def badge_text(token: str) -> str:
    """Give the text of a badge's barcode."""
    return BADGE_PREFIX + token


def hash_password(password: str) -> str:
    """Hash a password with scrypt, its parameters and salt in the string; slow on purpose, not for the event loop.

    Raises Refused (invalid) for a password too short, too long or not storable.
    """
    if not _SHORTEST <= len(password) <= _LONGEST:
        raise invalid(f"A password has {_SHORTEST} to {_LONGEST} characters.", "Choose another.")
    salt = secrets.token_bytes(16)
    return _written(salt, _derive(_bytes(password), salt, _N, _R, _P))


def hash_of_nobody() -> str:
    """Make a hash that no password fits, and that takes as long to verify as any."""
    return _written(secrets.token_bytes(16), secrets.token_bytes(_DERIVED_BYTES))


def verify_password(password: str, password_hash: str) -> bool:
    """Tell whether a password is the one that was hashed, in constant time; False for any hash not ours."""
    try:
        scheme, n, r, p, salt, derived = password_hash.split("$")
        found = _derive(password.encode(), b64decode(salt), int(n), int(r), int(p))
        return scheme == "scrypt" and hmac.compare_digest(found, b64decode(derived))
    except (ValueError, TypeError, OverflowError):
        return False


def _written(salt: bytes, derived: bytes) -> str:
    return f"scrypt${_N}${_R}${_P}${b64encode(salt).decode()}${b64encode(derived).decode()}"


def _bytes(password: str) -> bytes:
    try:
        return password.encode()
    except UnicodeEncodeError as error:
        raise invalid("The password holds characters that cannot be stored.", "Choose another.") from error


def _derive(password: bytes, salt: bytes, n: int, r: int, p: int) -> bytes:
    return hashlib.scrypt(password, salt=salt, n=n, r=r, p=p, maxmem=_MOST_MEMORY, dklen=_DERIVED_BYTES)
