"""Small files the line writes for itself beside its store: replaced whole, durably, readable by eye."""

import json
import os
from pathlib import Path


def replace_durably(path: Path, text: str) -> None:
    """Replace a file; after a power cut it is the old one or the new one. Raises OSError, and keeps the old then."""
    draft = path.with_name(f"{path.name}.new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(descriptor)
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def quoted(text: str) -> str:
    """Write a TOML string; JSON's differ only in DEL, which it leaves as it is."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
