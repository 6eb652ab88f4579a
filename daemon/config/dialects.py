"""Find the dialect a tester's configuration names."""

from pathlib import Path

from drivers.tester import Dialect, DialectRefused, load_dialect, shipped_dialect


def find_dialect(name: str) -> Dialect:
    """Load a dialect by its shipped name or from a TOML file. Raises DialectRefused."""
    if not name.endswith(".toml"):
        return shipped_dialect(name)
    try:
        text = Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DialectRefused(f"The dialect file {name} cannot be read: {error}.") from error
    return load_dialect(text, name)
