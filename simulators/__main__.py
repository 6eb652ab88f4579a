"""`python -m simulators run --plan plan.json`: one line of stand-ins, JSON lines on standard output.

`python -m simulators servers`: a real PostgreSQL and a real Valkey, their addresses as one JSON line.
"""

import argparse
import asyncio
import os
import signal
import sys
from pathlib import Path

from simulators.faults import UnknownFaultError
from simulators.line import Line
from simulators.plan import Plan, PlanError, load
from simulators.servers.serve import serve


def main() -> int:
    """Do what the command line asks for and return the exit code."""
    parser = argparse.ArgumentParser(prog="simulators", description=__doc__)
    commands = parser.add_subparsers(required=True)
    run = commands.add_parser("run", help="plug everything in and let people work")
    run.add_argument("--plan", type=Path, required=True, help="a JSON file")
    run.set_defaults(act=_run_plan)
    servers = commands.add_parser("servers", help="start a real PostgreSQL and a real Valkey, say where, and serve")
    servers.add_argument("--folder", type=Path, help="a new folder for their data; without it nothing is kept")
    servers.set_defaults(act=lambda arguments: serve(arguments.folder))
    arguments = parser.parse_args()
    return int(arguments.act(arguments))


def _run_plan(arguments: argparse.Namespace) -> int:
    """Run a plan; 0 when it ended or was asked to end, 1 when nobody listens any more, 2 when the plan is wrong."""
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
