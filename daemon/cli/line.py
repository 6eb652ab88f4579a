"""The daemon itself: run it, check its configuration, see it simulated."""

import asyncio
import json
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from daemon.cli.exits import Exit


def run(*, config: Annotated[Path, Parameter(help="The line's TOML file.")]) -> None:
    """Run the daemon of one line until it is told to stop."""
    from daemon.line.run import run_line  # noqa: PLC0415 -- the whole daemon

    asyncio.run(run_line(config))


def check_config(
    file: Path, *, as_json: Annotated[bool, Parameter(name="--json", negative="", help="Answer in JSON.")] = False
) -> int:
    """Check a line's configuration file and name every fault in it. Devices and servers are not asked."""
    from daemon.central import central_faults, central_notes  # noqa: PLC0415 -- half a second, with pydantic
    from daemon.config import ConfigRefused, folder_faults, load_config, shadow_notes  # noqa: PLC0415

    notes: tuple[str, ...] = ()
    try:
        config = load_config(file)
        faults = (*folder_faults(config), *central_faults(config.central))
        notes = (*shadow_notes(config), *central_notes(config.central))
        good = f"{file} is good: line {config.line} of {config.site}, {len(config.devices())} devices."
    except ConfigRefused as error:
        faults, good = error.faults, ""
    if as_json:
        print(json.dumps({"good": not faults, "faults": faults, "notes": notes}, ensure_ascii=False))
    else:
        print("\n".join((*(faults or (good,)), *notes)))
    return Exit.USAGE if faults else Exit.OK


def demo(
    *,
    line: Annotated[int | None, Parameter(help="Only this line.")] = None,
    panels: Annotated[int, Parameter(help="Panels to build.")] = 60,
    speed: Annotated[float, Parameter(help="Times faster than a real shift.")] = 75.0,
    seed: Annotated[int, Parameter(help="The same seed gives the same shift.")] = 1,
    central: Annotated[bool, Parameter(negative="", help="With a real central server beside the lines.")] = False,
    as_json: Annotated[bool, Parameter(name="--json", negative="", help="Only the summary, as JSON.")] = False,
) -> int:
    """Run a simulated factory over pseudo-terminals, with faults, and end with a summary."""
    from daemon.demo import run_demo  # noqa: PLC0415 -- the whole daemon

    return run_demo(line=line, panels=panels, speed=speed, seed=seed, as_json=as_json, central=central)
