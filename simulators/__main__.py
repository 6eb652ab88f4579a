"""`python -m simulators run --plan plan.json`: one line of stand-ins, JSON lines on standard output."""

import argparse
import asyncio
import os
import signal
import sys
from pathlib import Path

from simulators.faults import UnknownFaultError
from simulators.line import Line
from simulators.plan import Plan, PlanError, load


def main() -> int:
    """Run a plan; 0 when it ended or was asked to end, 1 when nobody listens any more, 2 when the plan is wrong."""
    parser = argparse.ArgumentParser(prog="simulators", description=__doc__)
    commands = parser.add_subparsers(required=True)
    run = commands.add_parser("run", help="plug everything in and let people work")
    run.add_argument("--plan", type=Path, required=True, help="a JSON file")
    arguments = parser.parse_args()
    try:
        plan = load(arguments.plan)
    except (PlanError, UnknownFaultError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    try:
        asyncio.run(_run(plan))
    except* BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    return 0


async def _run(plan: Plan) -> None:
    """Run until the line is done or a termination signal comes."""
    loop = asyncio.get_running_loop()
    running = asyncio.create_task(Line(plan, sys.stdout).run())
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, running.cancel)
    await asyncio.wait([running])
    if not running.cancelled():
        running.result()


if __name__ == "__main__":
    sys.exit(main())
