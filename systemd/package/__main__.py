"""`python -m systemd.package`: build the packages. Says one line for each, or why not."""

import argparse
import sys
import time
from pathlib import Path
from typing import Final

from systemd.package.build import package
from systemd.package.commands import BuildFailed
from systemd.package.environment import interpreter
from systemd.package.releases import RELEASES

ROOT: Final = Path(__file__).parents[2]


def main() -> int:
    """Build what is asked for and give the exit code."""
    parser = argparse.ArgumentParser(prog="python -m systemd.package", description=__doc__)
    parser.add_argument("--release", choices=RELEASES, action="append", help="only for this Debian (default: for each)")
    parser.add_argument("--version", help="instead of the version in the sources")
    parser.add_argument("--source", type=Path, default=ROOT, help="another source tree")
    parser.add_argument("--out", type=Path, default=ROOT / "dist", help="the folder for the packages")
    parser.add_argument("--cache", type=Path, default=ROOT / "build" / "package", help="kept from one run to the next")
    given = parser.parse_args()
    for name in given.release or RELEASES:
        release, started = RELEASES[name], time.monotonic()
        try:
            file = package(given.source.absolute(), release, given.out, given.cache.absolute(), given.version)
        except BuildFailed as failed:
            sys.stderr.write(f"{failed}\n")
            return 1
        took = f"{file.stat().st_size / 1e6:.1f} MB, {time.monotonic() - started:.0f} s"
        later = "" if interpreter(release) else f"; no Python {release.python} here: each PC compiles its own"
        sys.stdout.write(f"{file} ({took}{later})\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
