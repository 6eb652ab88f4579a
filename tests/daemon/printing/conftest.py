"""Read printed codes back, as a scanner would."""

import re
from collections.abc import Callable, Iterator

import pypdfium2  # type: ignore[import-untyped]
import pytest
import zxingcpp
from PIL import Image, ImageDraw

from daemon.printing import to_html, to_pdf
from daemon.printing.shapes import Page

_DOTS_PER_MM = 10
_RUN = re.compile(r"M([\d.]+) ([\d.]+)h([\d.]+)v([\d.]+)")


Reader = Callable[[tuple[Page, ...]], list[str]]


@pytest.fixture
def codes_in_pdf() -> Reader:
    return _codes_in_pdf


@pytest.fixture
def codes_in_html() -> Reader:
    return _codes_in_html


def _codes_in_pdf(pages: tuple[Page, ...]) -> list[str]:
    return [code for image in _pdf_images(pages) for code in _read(image)]


def _codes_in_html(pages: tuple[Page, ...]) -> list[str]:
    svgs = to_html(pages, "t").split("<svg")[1:]
    return [code for svg, page in zip(svgs, pages, strict=True) for code in _read(_svg_image(svg, page))]


def _pdf_images(pages: tuple[Page, ...]) -> Iterator[Image.Image]:
    document = pypdfium2.PdfDocument(to_pdf(pages, "t"))
    try:
        for page in document:
            yield page.render(scale=3).to_pil()
            page.close()
    finally:
        document.close()


def _svg_image(svg: str, page: Page) -> Image.Image:
    image = Image.new("L", (int(page.width * _DOTS_PER_MM), int(page.height * _DOTS_PER_MM)), 255)
    draw = ImageDraw.Draw(image)
    for run in _RUN.finditer(svg):
        x, y, w, h = (float(number) * _DOTS_PER_MM for number in run.groups())
        draw.rectangle((round(x), round(y), round(x + w) - 1, round(y + h) - 1), fill=0)
    return image


def _read(image: Image.Image) -> list[str]:
    return [found.text for found in zxingcpp.read_barcodes(image)]
