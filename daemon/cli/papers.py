"""Write pages to a file, as PDF or HTML."""

from pathlib import Path
from typing import TYPE_CHECKING

from daemon.cli.exits import Exit, Failed

if TYPE_CHECKING:
    from daemon.printing.shapes import Page


def write_pages(pages: "tuple[Page, ...]", title: str, pdf: Path | None, html: Path | None) -> list[str]:
    """Write the pages to each file that is asked for; give the files' names. Raises Failed."""
    from daemon.printing import to_html, to_pdf  # noqa: PLC0415 -- fpdf costs a quarter of a second

    written = []
    if pdf is not None:
        written.append(_write(pdf, to_pdf(pages, title)))
    if html is not None:
        written.append(_write(html, to_html(pages, title).encode()))
    return written


def _write(path: Path, data: bytes) -> str:
    try:
        path.touch(mode=0o600)  # a badge is a key: whoever can read it can sign in with it
        path.write_bytes(data)
    except OSError as error:
        raise Failed(Exit.REFUSED, f"{path} cannot be written: {error.strerror}.", "Choose another file.") from error
    return str(path)
