r"""What a word is when people search notes: one notion for every place that answers.

The central server has the same rules in SQL (`words` in `storage/postgres/migrations`), the line's store calls these.
"""

import re
import unicodedata
from typing import Final

READ_MARKS: Final = 4096
"""How much of a note is searched."""

WORD_MARKS: Final = 64
"""How much of a word counts."""

SEPARATORS: Final = (
    r"\u0001-/:-@\[-`{-\u00A9\u00AB-\u00B1\u00B4\u00B6-\u00B8\u00BB\u00BF\u00D7\u00F7"
    r"\u02C2-\u02C5\u02D2-\u02DF\u037E\u0387\u055A-\u055F\u0589\u058A\u05BE\u05C0\u05C3\u05F3\u05F4"
    r"\u0606-\u060F\u061B-\u061F\u066A-\u066D\u06D4\u0964\u0965\u0E3F\u0E4F\u104A-\u104F\u1361-\u1368\u17D4-\u17DB"
    r"\u2000-\u206F\u20A0-\u20CF\u2190-\u2BFF\u2E00-\u2FFF\u3000-\u3004\u3008-\u3020\u3030\u303D-\u303F\u30A0\u30FB"
    r"\uA4FE\uA4FF\uE000-\uF8FF\uFD3E\uFD3F\uFDFC-\uFDFF\uFE10-\uFE1F\uFE30-\uFE6F\uFEFF-\uFF0F\uFFE0-\uFFFF"
    r"\U0001F000-\U0001FAFF"
)
"""Everything that parts words, as a character class both regex engines read alike: marks, signs, blanks, pictures."""

_APART: Final = re.compile(rf"[\0\uD800-\uDFFF{SEPARATORS}]+")  # neither stands in any database
_ALIKE: Final = str.maketrans("İΣς", "iσσ")


def words(text: str) -> tuple[str, ...]:
    """Take a text apart into its distinct words, as they come: runs of letters and digits of any script, in small.

    Letters that only look or are composed differently are one letter; accents and umlauts count.
    """
    small = unicodedata.normalize("NFKC", text[:READ_MARKS]).translate(_ALIKE).lower()
    plain = unicodedata.normalize("NFKC", small)  # again: J with a caron is two letters, j with one is one
    return tuple(dict.fromkeys(word[:WORD_MARKS] for word in _APART.split(plain) if word))
