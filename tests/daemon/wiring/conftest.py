"""Machines with plugged adapters, as the drivers' tests make them."""

from tests.drivers.conftest import FakeMachine, PtyPeer, machine, make_pty_peer

__all__ = ["FakeMachine", "PtyPeer", "machine", "make_pty_peer"]
