"""One station full-screen."""

import asyncio

from daemon.cli.exits import OF_CODE, Exit, Failed
from daemon.cli.parameters import Station
from daemon.cli.showing import console
from daemon.cli.where import HERE, To, socket_of


def station(number: Station, *, to: To = HERE) -> None:
    """Show one station full-screen until q or Ctrl-C; it comes back by itself when the daemon restarts."""
    if to.json:
        from daemon.cli.asking import ask  # noqa: PLC0415 -- only here
        from daemon.cli.showing import said  # noqa: PLC0415 -- only here

        said(to, ask(to, "station.view", station=number), "")
        return
    from daemon.screen.feed import NoSuchStation  # noqa: PLC0415 -- as rich is: only where somebody looks
    from daemon.screen.watch import watch  # noqa: PLC0415 -- as above

    screen = console()
    if not screen.is_terminal:
        raise Failed(Exit.USAGE, "This is not a terminal.", "Use --json to read the station from a program.")
    try:
        asyncio.run(watch(socket_of(to), number, screen))
    except NoSuchStation as error:
        raise Failed(OF_CODE[error.code], str(error), error.todo, error.code) from error
    except KeyboardInterrupt:
        return
