"""The `sunline` command."""

from daemon.cli.main import main

__all__ = ["main"]
