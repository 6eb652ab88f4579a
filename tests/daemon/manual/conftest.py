from collections.abc import Mapping
from pathlib import Path

import pytest

from daemon.manual.__main__ import files

VERSION, DATE = "1.2.3", "2026-03-01"


@pytest.fixture(scope="session")
def written() -> Mapping[str, str]:
    return files(VERSION, DATE)


@pytest.fixture(scope="session")
def folder(written: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("manual")
    for name, text in written.items():
        (place / name).write_text(text, encoding="utf-8")
    return place
