"""Public keys that files are sealed to: age's X25519 recipients, checked for typing errors.

Source: the age specification, C2SP/age: a recipient is the Bech32 text (BIP 173) of 32 bytes with the prefix `age`.
"""

import re
from typing import Final

_PREFIX: Final = "age"
_FORM: Final = re.compile(r"age1[ac-hj-np-z02-9]{58}")
_LETTERS: Final = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR: Final = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def is_recipient(text: str) -> bool:
    """Tell whether a text is a recipient as age prints them, its check sum right."""
    return _FORM.fullmatch(text) is not None and _checksum(text.removeprefix(f"{_PREFIX}1")) == 1


def _checksum(letters: str) -> int:
    """Compute BIP 173's polynomial over the prefix and the letters; 1 where nothing was mistyped."""
    prefix = [*(ord(one) >> 5 for one in _PREFIX), 0, *(ord(one) & 31 for one in _PREFIX)]
    sum_ = 1
    for value in (*prefix, *map(_LETTERS.index, letters)):
        top = sum_ >> 25
        sum_ = (sum_ & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(_GENERATOR):
            sum_ ^= generator if top >> bit & 1 else 0
    return sum_
