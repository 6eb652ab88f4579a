"""How wide a text is, and how it is made to fit. Measured with the metrics of Helvetica, for PDF and HTML alike."""

from dataclasses import replace

from fpdf.fonts import CORE_FONTS_CHARWIDTHS

from daemon.printing.shapes import MM_PER_PT, Words

ENCODING = "windows-1252"
FALLBACK_SCALE = 0.86  # the fixed-width font for other letters looks larger and runs wider than Helvetica
_FIXED, _FULL = 602 * FALLBACK_SCALE, 1000.0  # widths of its letters and of Chinese ones, in thousandths
_FIRST_FULL = 0x2E80


def is_western(text: str) -> bool:
    """Tell whether Helvetica has every letter of a text."""
    try:
        text.encode(ENCODING)
    except UnicodeEncodeError:
        return False
    return True


def width_mm(text: str, size_pt: float, *, bold: bool = False) -> float:
    """Measure a text."""
    if is_western(text):
        widths = CORE_FONTS_CHARWIDTHS["helveticaB" if bold else "helvetica"]
        units = float(sum(widths[letter] for letter in text.encode(ENCODING).decode("latin-1")))
    else:
        units = sum(_FULL if ord(letter) >= _FIRST_FULL else _FIXED for letter in text)
    return units * size_pt / 1000 * MM_PER_PT


def fitted(words: Words, room_mm: float, least_pt: float = 7.0) -> Words:
    """Shrink a text until it fits, down to `least_pt`; then cut it, with an ellipsis for what is gone."""
    wide = width_mm(words.text, words.size_pt, bold=words.bold)
    if wide <= room_mm:
        return words
    size_pt = max(least_pt, words.size_pt * room_mm / wide)
    text = words.text
    while len(text) > 1 and width_mm(text, size_pt, bold=words.bold) > room_mm + 0.01:
        text = text.rstrip("…")[:-1].rstrip() + "…"
    return replace(words, text=text, size_pt=size_pt)
