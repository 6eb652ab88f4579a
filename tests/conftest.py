"""A green test that leaves a task or a descriptor behind fails."""

import asyncio
import functools
import gc
import inspect
import os
import signal
import time
from collections.abc import Awaitable, Callable, Generator
from typing import Any

import pytest
from hypothesis import settings

_OPEN = "/proc/self/fd"


def _descriptors() -> dict[str, str]:
    found: dict[str, str] = {}
    for fd in os.listdir(_OPEN):  # noqa: PTH208 -- paths take twice the time, and every test asks
        try:
            found[fd] = os.readlink(f"{_OPEN}/{fd}")  # noqa: PTH115
        except OSError:
            continue
    return found


def _leaked(before: dict[str, str]) -> list[str]:
    after = _descriptors()
    return [f"{fd} -> {target}" for fd, target in after.items() if int(fd) > 2 and before.get(fd) != target]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Compare the open descriptors before and after one whole test, fixtures included."""
    item.stash[_BEFORE] = _descriptors()
    return (yield)


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None, None, None]:
    """Fail the test when something stays open. Wider-scoped fixtures may keep theirs until their scope ends."""
    yield
    if any(name in getattr(item, "fixturenames", ()) for name in _WIDE):
        return
    if _leaked(item.stash[_BEFORE]):
        gc.collect()
        kept = _kept_for_good(item.stash[_BEFORE])
        if kept:
            pytest.fail("descriptors left open: " + ", ".join(kept))


def _kept_for_good(before: dict[str, str]) -> list[str]:
    """Leave a thread that nobody waits for its time: what it opens too late it closes by itself."""
    until = time.monotonic() + _LATE_S
    while kept := [line for line in _leaked(before) if "/pytest-" not in line and "null" not in line]:
        if time.monotonic() > until:
            break
        time.sleep(0.01)
    return kept


_OF_THE_SHELL = {
    "COLUMNS", "LINES", "COLORTERM", "NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE",
    "NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC", "JOURNAL_STREAM", "SOURCE_DATE_EPOCH",
}  # fmt: skip

for _number in (signal.SIGINT, signal.SIGHUP):
    # Started in the background, a shell's jobs ignore these, and so would every process the tests start and stop.
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, signal.default_int_handler if _number == signal.SIGINT else signal.SIG_DFL)

# What the shell that starts the tests has set for itself is nobody's promise.
for _name in [*os.environ]:
    if _name in _OF_THE_SHELL or (_name.startswith("SUNLINE_") and _name != "SUNLINE_VM_FULL"):
        del os.environ[_name]
os.environ["TZ"] = "UTC"  # a test of another zone says which
time.tzset()

# Besides a busy neighbour, any example may take longer than any deadline: that says nothing of ours.
settings.register_profile("sunline", settings.default, deadline=None)
settings.load_profile("sunline")

pytest_plugins = ["tests.servers.fixtures"]

_LATE_S = 10.0
_BEFORE: pytest.StashKey[dict[str, str]] = pytest.StashKey()
_WIDE: tuple[str, ...] = ("bed", "followed")


def _watched(function: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    @functools.wraps(function)
    async def run(*args: object, **kwargs: object) -> None:
        before = asyncio.all_tasks()
        await function(*args, **kwargs)
        left = [task for task in asyncio.all_tasks() - before if not task.done()]
        for task in left:
            task.cancel()
        assert not left, "tasks left running: " + ", ".join(task.get_name() for task in left)

    return run


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Wrap every coroutine test in the task watch."""
    for item in items:
        if isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.obj):
            item.obj = _watched(item.obj)
