"""A simulated factory in one command: real daemons, stand-ins in processes of their own, a live view."""

from daemon.demo.run import run_demo

__all__ = ["run_demo"]
