import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console, RenderableType

from daemon.screen.layout import render, render_lost
from daemon.screen.view import StationView
from tests.daemon.screen.samples import SAMPLES

NOW = datetime(2026, 11, 23, 8, 41, 12, tzinfo=UTC)
SIZES = [(40, 15), (80, 24), (120, 40)]
CAPTURES = Path(__file__).parent / "captures"


def text_of(picture: RenderableType, width: int, height: int) -> str:
    console = Console(width=width, height=height, file=io.StringIO(), color_system=None)
    with console.capture() as capture:
        console.print(picture, end="")
    return capture.get()


def ansi_of(picture: RenderableType, width: int, height: int) -> str:
    file = io.StringIO()
    Console(width=width, height=height, file=file, color_system="truecolor", force_terminal=True).print(picture, end="")
    return file.getvalue()


@pytest.mark.usefixtures("utc")
@pytest.mark.parametrize("name", SAMPLES)
def test_the_screen_looks_as_it_was_approved(name: str) -> None:
    """A new capture is written beside the others and fails once: look at it, then keep it."""
    pictures = [text_of(render(StationView.read(SAMPLES[name]), *size, NOW), *size) for size in SIZES]
    found = "\n".join(f"{w}x{h}\n{picture}\n" for (w, h), picture in zip(SIZES, pictures, strict=True))
    found = "\n".join(row.rstrip() for row in found.splitlines()) + "\n"
    path = CAPTURES / f"{name}.txt"
    if not path.exists():
        path.write_text(found, encoding="utf-8")
        pytest.fail(f"{path.name} was recorded now: look at it and keep it")
    assert found == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("size", [*SIZES, (30, 10), (200, 60)])
def test_every_line_fills_the_screen_exactly(name: str, size: tuple[int, int]) -> None:
    rows = text_of(render(StationView.read(SAMPLES[name]), *size, NOW), *size).split("\n")
    assert [cell_len(row) for row in rows] == [size[0]] * size[1]


_TEXTS = st.text(st.characters() | st.sampled_from("\x1b\n\r\t\x00\ud800 "), max_size=60)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(sorted(SAMPLES)), texts=st.lists(_TEXTS, min_size=7, max_size=7),
    width=st.integers(12, 150), height=st.integers(3, 60),
)  # fmt: skip
def test_no_text_and_no_size_breaks_the_screen(name: str, texts: list[str], width: int, height: int) -> None:
    keys = ("headline", "detail", "todo", "warning", "note", "operator", "mo_number")
    view = StationView.read({**SAMPLES[name], **dict(zip(keys, texts, strict=True))})
    drawn = text_of(render(view, width, height, NOW), width, height)
    assert len(drawn.split("\n")) == height
    assert drawn.replace("\n", "").isprintable()
    drawn.encode()


_GROUNDS = {"green": "48;2;11;125;52", "amber": "48;2;245;171;0", "red": "48;2;196;33;26", "white": "48;2;230;234;239"}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", SAMPLES)
def test_only_a_saved_verdict_and_the_line_of_a_safe_stick_are_green(name: str, size: tuple[int, int]) -> None:
    green = _GROUNDS["green"] in ansi_of(render(StationView.read(SAMPLES[name]), *size, NOW), *size)
    assert green == (name in {"passed", "b_grade", "stick_safe"})


@pytest.mark.parametrize("name", ["passed", "opened", "warned", "fresh"])
def test_a_store_that_refuses_is_red_whatever_was_said_before(name: str) -> None:
    refusing = {"state": "refusing", "reason": "The disk is full.", "todo": "Call a technician."}
    view = StationView.read({**SAMPLES[name], "storage": refusing})
    drawn = ansi_of(render(view, 80, 24, NOW), 80, 24)
    assert _GROUNDS["red"] in drawn
    assert _GROUNDS["green"] not in drawn
    assert "The disk is full." in drawn


@pytest.mark.parametrize("size", SIZES)
def test_without_a_daemon_the_screen_says_that_nothing_is_saved(size: tuple[int, int]) -> None:
    picture = render_lost(3, "", *size, NOW)
    words = " ".join(text_of(picture, *size).split())
    assert "Line daemon is not running - nothing is being saved." in words
    assert _GROUNDS["red"] in ansi_of(picture, *size)
    assert len(text_of(picture, *size).split("\n")) == size[1]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", ["passed", "opened", "failed", "warned", "measured_fail"])
def test_serial_reason_and_next_step_are_always_readable(name: str, size: tuple[int, int]) -> None:
    view = SAMPLES[name]
    words = " ".join(text_of(render(StationView.read(view), *size, NOW), *size).split())
    for text in (view["warning"] or view["detail"], view["todo"] if size[0] < 120 else ""):
        assert text in words


def test_missing_and_null_fields_of_a_view_keep_their_defaults() -> None:
    view: dict[str, Any] = {"station": 2, "headline": None, "criteria": None, "values": None, "storage": None}
    assert StationView.read(view) == StationView(station=2)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("state", "said"), [("ok", "saved"), ("low", "saved, disk is"), ("refusing", "NOT SAVED")])
def test_the_corner_says_whether_it_is_saved(size: tuple[int, int], state: str, said: str) -> None:
    storage = {"state": state, "reason": "The disk is full.", "todo": "Call a technician."}
    view = StationView.read({**SAMPLES["passed"], "storage": storage, "devices": []})
    assert text_of(render(view, *size, NOW), *size).split("\n")[-1].strip().startswith(said)


def test_flash_is_as_large_as_a_verdict() -> None:
    tall = {}
    for headline in ("Flash", "FAIL"):
        view = StationView.read({**SAMPLES["armed"], "headline": headline})
        rows = text_of(render(view, 80, 24, NOW), 80, 24).split("\n")
        tall[headline] = sum("██" in row for row in rows)
    assert tall["Flash"] == tall["FAIL"] > 4


@pytest.mark.parametrize("size", SIZES)
def test_what_is_said_aside_is_readable_beside_the_headline(size: tuple[int, int]) -> None:
    words = " ".join(text_of(render(StationView.read(SAMPLES["aside"]), *size, NOW), *size).replace("!", "").split())
    assert SAMPLES["aside"]["aside"] in words


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", ["passed", "refused", "warned", "flash_again", "refusing"])
def test_a_stick_takes_nothing_away_from_what_the_station_says(name: str, size: tuple[int, int]) -> None:
    """The same words stand above it, and the corner still says whether it is saved."""
    sticks = [{"name": "BLUE", "state": "bad", "text": "The stick is full: the export is not complete. " * 3}]
    plain, beside = (
        text_of(render(StationView.read({**SAMPLES[name], **more}), *size, NOW), *size)
        for more in ({}, {"sticks": sticks})
    )
    words = " ".join(beside.split())
    assert "Stick BLUE: The stick is full" in words
    for key in ("warning", "detail", "todo"):
        text = SAMPLES[name][key]
        if text and text in " ".join(plain.split()):
            assert text in words
    assert beside.split("\n")[-1] == plain.split("\n")[-1]


def test_a_stick_without_a_name_is_called_what_it_is() -> None:
    view = StationView.read({**SAMPLES["fresh"], "sticks": [{"name": "", "state": "plugged", "text": "plugged in."}]})
    assert "USB stick: plugged in." in text_of(render(view, 80, 24, NOW), 80, 24)


def test_a_warning_that_is_the_detail_is_said_once() -> None:
    both = {"warning": "It is at station 2.", "detail": "It is at station 2.", "headline": "Two panels, one serial"}
    text = text_of(render(StationView.read({**SAMPLES["warned"], **both}), 80, 24, NOW), 80, 24)
    assert text.count("It is at station 2.") == 1


def test_a_panel_that_is_refused_does_not_look_as_if_it_lay_open() -> None:
    refused = {**SAMPLES["opened"], "phase": "idle", "colour": "red", "panel_type": None, "attempt": None}
    text = text_of(render(StationView.read(refused), 80, 24, NOW), 80, 24)
    assert "Glass Placement" not in text
    assert "order MO" not in text


@pytest.mark.parametrize(("until", "said"), [("2026-11-23T08:41:00+00:00", True), ("2026-11-23T08:42:25+00:00", False)])
def test_a_flash_that_would_come_too_late_is_told_before(until: str, said: bool) -> None:
    view = StationView.read({**SAMPLES["armed"], "armed_until": until})
    text = text_of(render(view, 80, 24, NOW), 80, 24)
    assert ("Waited too long: scan the panel again, then flash." in text) == said
