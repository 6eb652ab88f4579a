import asyncio
import io
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest
from rich.console import Console

from daemon.screen.feed import Lost, NoSuchStation, Patience, views
from daemon.screen.view import StationView
from daemon.screen.watch import watch
from tests.daemon.cli.fake import FakeLine, Refusal
from tests.daemon.screen.samples import view

SOON = Patience(retry_s=0.01, silence_s=0.1)
CALM = Patience(retry_s=0.01, silence_s=60)

Feed = AsyncGenerator[StationView | Lost, None]


def _set(line: FakeLine, answer: object) -> None:
    line.answers["station.watch"] = line.answers["station.view"] = answer


async def _until(file: io.StringIO, text: str) -> None:
    async with asyncio.timeout(60):
        while text not in file.getvalue():  # noqa: ASYNC110 -- nothing rings when a file was written to
            await asyncio.sleep(0.005)


async def _next(feed: Feed) -> StationView | Lost:
    return await asyncio.wait_for(anext(feed), 60)


async def _next_view(feed: Feed) -> StationView:
    while True:
        found = await _next(feed)
        if isinstance(found, StationView):
            return found


async def test_the_first_view_and_every_change_arrive_in_order(line: FakeLine) -> None:
    _set(line, view(headline="one"))
    line.start()
    async with aclosing(views(line.path, 1, CALM)) as feed:
        assert (await _next_view(feed)).headline == "one"
        for text in ("two", "three"):
            line.push(view(headline=text))
            assert (await _next_view(feed)).headline == text
    assert line.ops() == ["station.watch"]


async def test_a_daemon_that_goes_and_comes_back_is_lost_and_found(line: FakeLine) -> None:
    _set(line, view(headline="before"))
    async with aclosing(views(line.path, 1, CALM)) as feed:
        assert await _next(feed) == Lost()
        line.start()
        assert (await _next_view(feed)).headline == "before"
        line.stop()
        assert isinstance(await _next(feed), Lost)
        _set(line, view(headline="after"))
        line.start()
        assert (await _next_view(feed)).headline == "after"


async def test_a_daemon_that_hangs_is_lost_until_it_speaks_again(line: FakeLine) -> None:
    _set(line, view(headline="here"))
    line.start()
    async with aclosing(views(line.path, 1, SOON)) as feed:
        assert (await _next_view(feed)).headline == "here"
        line.hung = True
        assert await _next(feed) == Lost("It hangs.")
        line.hung = False
        assert (await _next_view(feed)).headline == "here"


async def test_a_station_that_is_none_ends_the_feed_with_the_daemons_words(line: FakeLine) -> None:
    _set(line, Refusal("not_found", "There is no station 9."))
    line.start()
    async with aclosing(views(line.path, 9, CALM)) as feed:
        with pytest.raises(NoSuchStation, match="no station 9"):
            await _next(feed)


async def test_a_refusal_that_may_pass_is_shown_and_asked_again(line: FakeLine) -> None:
    _set(line, Refusal("refused", "Too many programs use the control socket."))
    line.start()
    async with aclosing(views(line.path, 1, CALM)) as feed:
        assert await _next(feed) == Lost("Too many programs use the control socket.")
        _set(line, view(headline="here"))
        assert (await _next_view(feed)).headline == "here"


@pytest.mark.parametrize("answer", [{}, {"station": "x", "criteria": 7}, []])
async def test_an_unreadable_view_never_ends_the_feed(line: FakeLine, answer: object) -> None:
    _set(line, answer)
    line.start()
    async with aclosing(views(line.path, 1, CALM)) as feed:
        assert isinstance(await _next(feed), Lost)
        _set(line, view(headline="good"))
        assert (await _next_view(feed)).headline == "good"


async def test_the_full_screen_view_draws_reconnects_and_leaves_the_terminal_as_it_was(
    line: FakeLine,
) -> None:
    file = io.StringIO()
    console = Console(file=file, force_terminal=True, width=80, height=24, color_system="truecolor")
    screen = asyncio.create_task(watch(line.path, 1, console, CALM))
    await _until(file, "nothing is being saved")
    _set(line, view(headline="PASS", detail="CRS25WT6000010 saved", colour="green"))
    line.start()
    await _until(file, "CRS25WT6000010 saved")
    screen.cancel()
    await asyncio.gather(screen, return_exceptions=True)
    assert file.getvalue().count("\x1b[?1049h") == file.getvalue().count("\x1b[?1049l") == 1


async def test_the_full_screen_view_ends_when_there_is_no_such_station(line: FakeLine) -> None:
    _set(line, Refusal("not_found", "There is no station 9."))
    line.start()
    console = Console(file=io.StringIO(), force_terminal=True, width=80, height=24)
    with pytest.raises(NoSuchStation):
        await asyncio.wait_for(watch(line.path, 9, console, CALM), 60)
